package webhook_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"cordboard/config"
	"cordboard/webhook"
)

func key(t *testing.T, text string) webhook.Key {
	t.Helper()
	k, err := webhook.ParseKey(config.NewSecret(text))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Ensure that the example of the specification comes out as it stands there.
func TestExample(t *testing.T) {
	h := http.Header{}
	at := time.Unix(1614265330, 0)
	body := []byte(`{"test": 2432232314}`)
	key(t, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").Sign(h, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)
	if got := h.Get("webhook-signature"); got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("signature %s", got)
	}
}

func TestVerify(t *testing.T) {
	now := time.Unix(1772625600, 0)
	old, present := key(t, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), key(t, "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
	body := []byte(`{"a":1}`)
	signed := func(change func(h http.Header)) http.Header {
		h := http.Header{}
		present.Sign(h, "m1", now, body)
		change(h)
		return h
	}
	same := func(http.Header) {}
	for name, c := range map[string]struct {
		h    http.Header
		now  time.Time
		body string
		keys []webhook.Key
		ok   bool
	}{
		"as sent":           {signed(same), now, string(body), []webhook.Key{present}, true},
		"while keys change": {signed(same), now, string(body), []webhook.Key{old, present}, true},
		"several signatures": {signed(func(h http.Header) {
			h.Set("webhook-signature", "v1a,AAAA v1,AAAA "+h.Get("webhook-signature"))
		}), now.Add(-4 * time.Minute), string(body), []webhook.Key{present}, true},
		"another key":     {signed(same), now, string(body), []webhook.Key{old}, false},
		"no key":          {signed(same), now, string(body), []webhook.Key{{}}, false},
		"another body":    {signed(same), now, `{"a":2}`, []webhook.Key{present}, false},
		"another id":      {signed(func(h http.Header) { h.Set("webhook-id", "m2") }), now, string(body), []webhook.Key{present}, false},
		"another time":    {signed(func(h http.Header) { h.Set("webhook-timestamp", fmt.Sprint(now.Unix()+1)) }), now, string(body), []webhook.Key{present}, false},
		"too old":         {signed(same), now.Add(6 * time.Minute), string(body), []webhook.Key{present}, false},
		"from the future": {signed(same), now.Add(-6 * time.Minute), string(body), []webhook.Key{present}, false},
		"no time":         {signed(func(h http.Header) { h.Del("webhook-timestamp") }), now, string(body), []webhook.Key{present}, false},
		"no signature":    {signed(func(h http.Header) { h.Del("webhook-signature") }), now, string(body), []webhook.Key{present}, false},
		"a bare one": {signed(func(h http.Header) {
			h.Set("webhook-signature", strings.TrimPrefix(h.Get("webhook-signature"), "v1,"))
		}), now, string(body), []webhook.Key{present}, false},
	} {
		err := webhook.Verify(c.h, c.now, []byte(c.body), c.keys...)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, webhook.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseKey(t *testing.T) {
	for _, bad := range []string{"", "whsec_", "not base64!", "c2hvcnQ=", strings.Repeat("QUFB", 30)} {
		if _, err := webhook.ParseKey(config.NewSecret(bad)); err == nil || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
