package http_test

import (
	"fmt"
	"io"
	nethttp "net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cordboard/action/http"
	"cordboard/config"
	"cordboard/engine"
)

// signedIn is an action with the credential "genesys", whose tokens come from login and belong to api.
func signedIn(t *testing.T, login, api *far) *http.Action {
	return open(t, http.Config{
		InternalOrigins: []string{login.URL, api.URL},
		Credentials: []http.Credential{{Name: "genesys", Origin: api.URL, TokenURL: login.URL + "/oauth/token", ClientID: "id",
			ClientSecret: config.NewSecret("hush-hush"), Scopes: []string{"outbound"}}},
	})
}

// tokenServer gives out tokens t1, t2, … that live for some seconds; api takes the newest only.
func tokenServer(t *testing.T, seconds int) (login, api *far, given *atomic.Int64) {
	login, api, given = newFar(t), newFar(t), &atomic.Int64{}
	login.handle = func(w nethttp.ResponseWriter, r *nethttp.Request) {
		if id, secret, _ := r.BasicAuth(); id != "id" || secret != "hush-hush" {
			w.WriteHeader(nethttp.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token":"t%d","token_type":"bearer","expires_in":%d}`, given.Add(1), seconds)
	}
	api.handle = func(w nethttp.ResponseWriter, r *nethttp.Request) {
		if r.Header.Get("Authorization") != fmt.Sprint("Bearer t", given.Load()) {
			w.WriteHeader(nethttp.StatusUnauthorized)
		}
	}
	return login, api, given
}

// Ensure that many steps that begin together share one token.
func TestOneTokenForAll(t *testing.T) {
	login, api, given := tokenServer(t, 3600)
	a := signedIn(t, login, api)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if out := do(t, a, map[string]any{"url": api.URL, "auth": "genesys", "body": map[string]any{"n": 1}}); out.State != engine.Done {
				t.Errorf("%+v", out)
			}
		})
	}
	all.Wait()
	if given.Load() != 1 || !strings.Contains(login.body, "grant_type=client_credentials") || !strings.Contains(login.body, "scope=outbound") {
		t.Errorf("%d tokens, asked for with %s", given.Load(), login.body)
	}
}

// Ensure that a token that runs out is fetched anew before it is used, and one that was withdrawn after it was refused, with the
// whole body sent again.
func TestTokensEnd(t *testing.T) {
	login, api, given := tokenServer(t, 1) // so short that it counts as run out at once
	a := signedIn(t, login, api)
	for range 2 {
		if out := do(t, a, map[string]any{"url": api.URL, "auth": "genesys"}); out.State != engine.Done {
			t.Errorf("%+v", out)
		}
	}
	if given.Load() != 2 {
		t.Errorf("%d tokens for two requests", given.Load())
	}
	login, api, given = tokenServer(t, 3600)
	a = signedIn(t, login, api)
	do(t, a, map[string]any{"url": api.URL, "auth": "genesys"})
	given.Add(1) // the server wants another one from now on
	out := do(t, a, map[string]any{"url": api.URL, "auth": "genesys", "body": map[string]any{"n": 1}})
	if out.State != engine.Done || api.body != `{"n":1}` || given.Load() != 3 {
		t.Errorf("after it was withdrawn: %+v, body %q, %d tokens", out, api.body, given.Load())
	}
	api.handle = func(w nethttp.ResponseWriter, _ *nethttp.Request) { w.WriteHeader(nethttp.StatusUnauthorized) }
	before := api.times.Load()
	if out := do(t, a, map[string]any{"url": api.URL, "auth": "genesys"}); out.Reason != "http-denied" || api.times.Load() != before+2 {
		t.Errorf("refused again: %+v after %d requests", out, api.times.Load()-before)
	}
}

func TestNoToken(t *testing.T) {
	for status, want := range map[int]string{401: "http-denied", 400: "http-denied", 429: "parked-limit", 503: "http-failed", 200: "http-"} {
		login, api, _ := tokenServer(t, 3600)
		login.handle = func(w nethttp.ResponseWriter, _ *nethttp.Request) {
			w.Header().Set("Retry-After", "120")
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			io.WriteString(w, `{"error":"invalid_client","error_description":"hush-hush is wrong"}`)
		}
		out := do(t, signedIn(t, login, api), map[string]any{"url": api.URL, "auth": "genesys"})
		if !strings.HasPrefix(out.Reason, want) || strings.Contains(fmt.Sprintf("%+v", out), "hush") || api.times.Load() != 0 {
			t.Errorf("%d: %+v, want %s", status, out, want)
		}
		if left := time.Until(out.Until); status == 429 && (left < time.Minute || left > 3*time.Minute) {
			t.Errorf("429: tried again in %s", left)
		}
	}
	login, api, _ := tokenServer(t, 3600)
	a := signedIn(t, login, api)
	login.Close()
	if out := do(t, a, map[string]any{"url": api.URL, "auth": "genesys"}); out.Reason != "http-unreachable" {
		t.Errorf("no server: %+v", out)
	}
}

// Ensure that an origin that asked for a pause is left alone by everybody, and others are not.
func TestAnOriginIsLeftAlone(t *testing.T) {
	f, other := newFar(t), newFar(t)
	f.handle = func(w nethttp.ResponseWriter, _ *nethttp.Request) {
		w.Header().Set("Retry-After", "300")
		w.WriteHeader(nethttp.StatusTooManyRequests)
	}
	a := open(t, http.Config{InternalOrigins: []string{f.URL, other.URL}})
	first := do(t, a, map[string]any{"url": f.URL})
	second := do(t, a, map[string]any{"url": f.URL + "/more"})
	if first.Reason != "parked-limit" || second.Reason != "parked-limit" || !second.Until.Equal(first.Until) || f.times.Load() != 1 {
		t.Errorf("%+v\n%+v\n%d requests", first, second, f.times.Load())
	}
	if out := do(t, a, map[string]any{"url": other.URL}); out.State != engine.Done {
		t.Errorf("another origin: %+v", out)
	}
}

// Ensure that a rate is kept.
func TestRate(t *testing.T) {
	f := newFar(t)
	a := open(t, http.Config{InternalOrigins: []string{f.URL}, Rates: []http.Rate{{Origin: f.URL, PerMinute: 1}}})
	if out := do(t, a, map[string]any{"url": f.URL}); out.State != engine.Done {
		t.Errorf("the first: %+v", out)
	}
	out := do(t, a, map[string]any{"url": f.URL})
	if left := time.Until(out.Until); out.Reason != "parked-limit" || left > time.Minute || f.times.Load() != 1 {
		t.Errorf("the second: %+v in %s", out, left)
	}
}
