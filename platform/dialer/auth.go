package dialer

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"cordboard/config"
	"cordboard/webhook"
)

// doors are who may send.
type doors struct {
	tokens []config.Secret
	keys   []webhook.Key
}

// bearer reports whether the request presents one of the tokens.
func (d *doors) bearer(r *http.Request) bool {
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || given == "" {
		return false
	}
	got, ok := sha256.Sum256([]byte(given)), 0
	for _, token := range d.tokens {
		if !token.IsZero() {
			want := sha256.Sum256([]byte(token.Reveal()))
			ok |= subtle.ConstantTimeCompare(want[:], got[:])
		}
	}
	return ok == 1
}

// signs reports whether the request claims to be signed: then its body has to be read before it is known.
func (d *doors) signs(r *http.Request) bool {
	return len(d.keys) > 0 && r.Header.Get(webhook.HeaderSignature) != ""
}

// signed reports whether the request is signed with one of the keys.
func (d *doors) signed(r *http.Request, body []byte) bool {
	return webhook.Verify(r.Header, time.Now(), body, d.keys...) == nil
}
