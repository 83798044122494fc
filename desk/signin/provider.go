package signin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"cordboard/platform"
)

// provider is who knows the people. Its discovery document is read when it is first needed: a provider that is away keeps
// nobody from starting the server.
type provider struct {
	cfg    Config
	client *http.Client

	mu    sync.Mutex
	found *oidc.Provider
}

// answerIn is how long the provider may take for one answer.
const answerIn = 15 * time.Second

func newProvider(cfg Config) (*provider, error) {
	base := http.DefaultTransport.(*http.Transport).Clone()
	var err error
	if base.TLSClientConfig, err = platform.TLSConfig(cfg.CAFile); err != nil {
		return nil, err
	}
	return &provider{cfg: cfg, client: &http.Client{Transport: base, Timeout: answerIn}}, nil
}

// find returns the provider's addresses and keys.
func (p *provider) find() (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	// The provider keeps the context to fetch its keys with for as long as it is used.
	found, err := oidc.NewProvider(oidc.ClientContext(context.Background(), p.client), p.cfg.Issuer)
	if err != nil {
		return nil, fmt.Errorf("signin: the provider cannot be read: %w", err)
	}
	p.found = found
	return found, nil
}

func (p *provider) app(found *oidc.Provider, home string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.cfg.ClientID, ClientSecret: p.cfg.ClientSecret.Reveal(), Endpoint: found.Endpoint(), RedirectURL: home + donePath,
		Scopes: append([]string{oidc.ScopeOpenID}, p.cfg.Scopes...),
	}
}

// there is where somebody signs in who comes back to home.
func (p *provider) there(v visit, home string) (string, error) {
	found, err := p.find()
	if err != nil {
		return "", err
	}
	return p.app(found, home).AuthCodeURL(v.State, oidc.Nonce(v.Nonce), oauth2.S256ChallengeOption(v.Verifier)), nil
}

// who returns what the claim says of the person who came back home with a code.
func (p *provider) who(ctx context.Context, v visit, home, code string) (string, error) {
	found, err := p.find()
	if err != nil {
		return "", err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	tokens, err := p.app(found, home).Exchange(ctx, code, oauth2.VerifierOption(v.Verifier))
	if err != nil {
		return "", fmt.Errorf("signin: the provider does not take the code: %w", plain(err))
	}
	raw, _ := tokens.Extra("id_token").(string)
	id, err := found.Verifier(&oidc.Config{ClientID: p.cfg.ClientID}).Verify(ctx, raw)
	if err != nil {
		return "", fmt.Errorf("signin: the id token: %w", err)
	}
	if id.Nonce != v.Nonce {
		return "", errors.New("signin: the id token belongs to another visit")
	}
	told := map[string]any{}
	if err := id.Claims(&told); err != nil {
		return "", fmt.Errorf("signin: the id token: %w", err)
	}
	if text(told[p.cfg.Claim]) == "" { // Salesforce tells it of the person only, not in the token
		person, err := found.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
		if err != nil {
			return "", fmt.Errorf("signin: ask for the person: %w", err)
		}
		if person.Subject != id.Subject {
			return "", errors.New("signin: the provider told of another person")
		}
		if err := person.Claims(&told); err != nil {
			return "", fmt.Errorf("signin: what is told of the person: %w", err)
		}
	}
	who := text(told[p.cfg.Claim])
	if who == "" {
		return "", fmt.Errorf("signin: the provider tells no %s", p.cfg.Claim)
	}
	return who, nil
}

func text(claim any) string {
	s, _ := claim.(string)
	return strings.TrimSpace(s)
}

// plain is a provider's refusal without the answer that it came in, which may hold what nobody should read in a log.
func plain(err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.ErrorCode != "" {
		return errors.New(refused.ErrorCode)
	}
	return err
}
