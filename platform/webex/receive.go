package webex

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"time"

	"github.com/tidwall/gjson"

	"cordboard/platform"
)

const (
	// maxHook bounds a webhook's body.
	maxHook = 256 << 10
	// fresh is how old a webhook may be, and how far ahead of our clock ("Webhooks": accept five minutes).
	fresh = 5 * time.Minute
	// hookTime is how long a webhook is answered within: the vendor waits five seconds.
	hookTime = 4 * time.Second
)

// Receive implements [platform.Receiver]: webhooks are POSTed to the connection's own address. The body must be signed with
// one of the secrets, and the time within it must be close to ours. It is answered once what it tells is durable.
func (c *Connector) Receive(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != "/" {
		platform.Problem(w, http.StatusNotFound, "No such address", "Webhooks are POSTed to /in/NAME/.")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxHook))
	if err != nil {
		platform.Problem(w, http.StatusRequestEntityTooLarge, "Too large", "A webhook has at most 256 KiB.")
		return
	}
	if !c.signed(r.Header.Get("X-WebexCC-Signature"), body) {
		platform.Problem(w, http.StatusUnauthorized, "Not signed", "The webhook is not signed by who may send it.")
		return
	}
	if age := time.Since(time.UnixMilli(gjson.GetBytes(body, "comciscotimestamp").Int())); age > fresh || age < -fresh {
		platform.Problem(w, http.StatusUnauthorized, "Not signed", "The webhook's own time is too far from ours.")
		return
	}
	run, leave := c.current.Enter()
	defer leave()
	if run == nil {
		platform.Problem(w, http.StatusServiceUnavailable, "Not connected", "The connection does not run on this node now.")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), hookTime)
	defer cancel()
	m := platform.Message{At: time.Now().UTC(), Connection: c.cfg.Name, Source: SourceWebhook}
	if err := run.pump.Settle(ctx, platform.Heard{Message: m, Raw: body}); err != nil {
		platform.Problem(w, http.StatusServiceUnavailable, "Not stored", "What the webhook tells could not be stored yet.")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// signed reports whether the hexadecimal HMAC-SHA256 of the body was made with one of the secrets.
func (c *Connector) signed(signature string, body []byte) bool {
	given, err := hex.DecodeString(signature)
	if err != nil || len(given) == 0 {
		return false
	}
	ok := false
	for _, secret := range c.cfg.WebhookSecrets {
		mac := hmac.New(sha256.New, []byte(secret.Reveal()))
		mac.Write(body)
		ok = hmac.Equal(mac.Sum(nil), given) && !secret.IsZero() || ok
	}
	return ok
}
