package dialer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cordboard/call"
	"cordboard/config"
	"cordboard/platform"
	"cordboard/webhook"
)

// Config is one dialer that tells of its calls.
type Config struct {
	// Name is the connection's name; it is set by the server and not part of the file's section.
	Name string `yaml:"-"`
	// Token is what the dialer presents as a bearer token, at least 16 characters. OldToken is taken as well, while the
	// token is being changed.
	Token    config.Secret `yaml:"token"`
	OldToken config.Secret `yaml:"old_token"`
	// SigningKey is the key of a dialer that signs what it posts (Standard Webhooks): base64 of 24 to 64 bytes.
	// OldSigningKey is taken as well, while the key is being changed. A WebSocket is opened with the token.
	SigningKey    config.Secret `yaml:"signing_key"`
	OldSigningKey config.Secret `yaml:"old_signing_key"`
	// Variables say where among a call's variables the dialer tells what Cordboard has a name for.
	Variables Variables `yaml:"variables"`
	// Events are words of the dialer that become events of a call, too, although no table recommends anything for them:
	// Started, Ringing, Answered, Machine, Human, Swapped.
	Events []string `yaml:"events"`

	// Tap sees every raw message before it is decoded; it must be quick and safe for concurrent use.
	Tap func(platform.Message) `yaml:"-"`
}

// shortest is how many characters a token has at least: fewer could be guessed.
const shortest = 16

// Check reports what is wrong with the configuration, with the name of the field.
func (c *Config) Check() error {
	_, err := c.doors()
	for _, w := range c.Events {
		if !slices.ContainsFunc(Words(), func(known string) bool { return call.SameWord(known, w) }) {
			err = errors.Join(err, config.At("events", fmt.Errorf("%q is no word that can be chosen: there are %s", w, strings.Join(Words(), ", "))))
		}
	}
	return err
}

// doors are the ways in that are configured.
func (c *Config) doors() (doors, error) {
	d := doors{tokens: []config.Secret{c.Token, c.OldToken}}
	if c.Token.IsZero() && c.SigningKey.IsZero() {
		return d, config.At("token", errors.New("nobody could send anything: give a token or a signing_key"))
	}
	for i, s := range d.tokens {
		if n := len(s.Reveal()); n > 0 && n < shortest {
			return d, config.At([]string{"token", "old_token"}[i], fmt.Errorf("a token of %d characters can be guessed: it takes %d", n, shortest))
		}
	}
	for i, s := range []config.Secret{c.SigningKey, c.OldSigningKey} {
		if s.IsZero() {
			continue
		}
		key, err := webhook.ParseKey(s)
		if err != nil {
			return d, config.At([]string{"signing_key", "old_signing_key"}[i], err)
		}
		d.keys = append(d.keys, key)
	}
	return d, nil
}
