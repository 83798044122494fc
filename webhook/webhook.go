// Package webhook signs and checks messages over HTTP in the way of "Standard Webhooks" 1.0.0 (the page "Standard
// Webhooks Specification"): the headers webhook-id, webhook-timestamp and webhook-signature, of which the last is an
// HMAC-SHA256 over "id.timestamp.body".
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cordboard/config"
)

// The names of the headers.
const (
	HeaderID        = "Webhook-Id"
	HeaderTimestamp = "Webhook-Timestamp"
	HeaderSignature = "Webhook-Signature"
)

// Tolerance is how far the time of a message may be from the clock of its receiver, so that nobody can send an old one
// again for long.
const Tolerance = 5 * time.Minute

// ErrSignature means that a message is not signed with one of the keys, or that its time is too far off.
var ErrSignature = errors.New("webhook: the message is not signed by who may send it")

// Key signs messages. The zero Key signs and accepts nothing.
type Key struct{ bytes config.Secret }

// ParseKey reads a key as the specification writes it: base64 of 24 to 64 random bytes, with or without whsec_ before it.
// The error does not hold the key.
func ParseKey(s config.Secret) (Key, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s.Reveal(), "whsec_"))
	if err != nil {
		return Key{}, errors.New("a signing key is base64, such as openssl rand -base64 32 prints, with or without whsec_ before it")
	}
	if len(raw) < 24 || len(raw) > 64 {
		return Key{}, fmt.Errorf("a signing key has 24 to 64 bytes, not %d", len(raw))
	}
	return Key{config.NewSecret(string(raw))}, nil
}

// IsZero reports whether there is no key.
func (k Key) IsZero() bool { return k.bytes.IsZero() }

// Sign sets the three headers for a body. The id stays the same when the same message is sent again.
func (k Key) Sign(h http.Header, id string, now time.Time, body []byte) {
	at := strconv.FormatInt(now.Unix(), 10)
	h.Set(HeaderID, id)
	h.Set(HeaderTimestamp, at)
	h.Set(HeaderSignature, "v1,"+base64.StdEncoding.EncodeToString(k.sum(id, at, body)))
}

// Verify checks the headers against a body: one of the signatures has to be by one of the keys, and the time close to
// now. It fails with ErrSignature, whatever is wrong.
func Verify(h http.Header, now time.Time, body []byte, keys ...Key) error {
	id, at := h.Get(HeaderID), h.Get(HeaderTimestamp)
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || id == "" || now.Sub(time.Unix(seconds, 0)).Abs() > Tolerance {
		return ErrSignature
	}
	for _, key := range keys {
		if key.IsZero() {
			continue
		}
		want := key.sum(id, at, body)
		for given := range strings.FieldsSeq(h.Get(HeaderSignature)) {
			encoded, ok := strings.CutPrefix(given, "v1,")
			got, err := base64.StdEncoding.DecodeString(encoded)
			if ok && err == nil && hmac.Equal(want, got) {
				return nil
			}
		}
	}
	return ErrSignature
}

func (k Key) sum(id, at string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(k.bytes.Reveal()))
	mac.Write([]byte(id + "." + at + "."))
	mac.Write(body)
	return mac.Sum(nil)
}
