package http_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	nethttp "net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"cordboard/action/http"
	"cordboard/config"
	"cordboard/engine"
	"cordboard/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const signingKey = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// far is a server that the administrator has listed, with what it was asked last.
type far struct {
	*httptest.Server
	handle nethttp.HandlerFunc
	times  atomic.Int64

	mu    sync.Mutex
	asked *nethttp.Request
	body  string
}

func newFar(t *testing.T) *far {
	f := &far{handle: func(nethttp.ResponseWriter, *nethttp.Request) {}}
	f.Server = httptest.NewServer(nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
		f.times.Add(1)
		b, _ := io.ReadAll(r.Body)
		f.mu.Lock()
		f.asked, f.body = r, string(b)
		f.mu.Unlock()
		f.handle(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

func open(t *testing.T, cfg http.Config) *http.Action {
	t.Helper()
	a, err := http.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

func do(t *testing.T, a *http.Action, args map[string]any) engine.Outcome {
	t.Helper()
	raw, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	return a.Do(t.Context(), engine.Input{Key: "cb0123", Args: raw})
}

func TestRequest(t *testing.T) {
	f := newFar(t)
	f.handle = func(w nethttp.ResponseWriter, _ *nethttp.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Set-Cookie", "a=b")
		w.WriteHeader(201)
		io.WriteString(w, ` {"tier":"gold","score":0.5} `)
	}
	a := open(t, http.Config{InternalOrigins: []string{f.URL}})
	out := do(t, a, map[string]any{"url": f.URL + "/calls/7?customer=+12025550143#x", "headers": map[string]any{"X-Tenant": "acme", "X-N": 7}, "body": map[string]any{"a": []int{1}}, "as": "score"})
	if out.State != engine.Done || out.Request != "POST "+f.URL+"/calls/7?…, 9 bytes" || out.Answer != "201, 29 bytes" {
		t.Errorf("%+v", out)
	}
	var got struct {
		Status  int
		Headers map[string]string
		Body    json.RawMessage
	}
	if err := json.Unmarshal(out.Result, &got); err != nil || got.Status != 201 || string(got.Body) != `{"tier":"gold","score":0.5}` {
		t.Errorf("result %s, %v", out.Result, err)
	}
	delete(got.Headers, "date")
	if diff := cmp.Diff(map[string]string{"content-type": "application/json"}, got.Headers); diff != "" {
		t.Error(diff)
	}
	sent := map[string]string{}
	for _, name := range []string{"X-Tenant", "X-N", "Content-Type", "Idempotency-Key", "User-Agent"} {
		sent[name] = f.asked.Header.Get(name)
	}
	want := map[string]string{"X-Tenant": "acme", "X-N": "7", "Content-Type": "application/json", "Idempotency-Key": "cb0123", "User-Agent": "Cordboard"}
	if diff := cmp.Diff(want, sent); diff != "" || f.body != `{"a":[1]}` || f.asked.Method != "POST" {
		t.Errorf("%s %s\n%s", f.asked.Method, f.body, diff)
	}
	do(t, a, map[string]any{"url": f.URL, "method": "PUT", "body": "plain text"})
	if f.body != "plain text" || !strings.HasPrefix(f.asked.Header.Get("Content-Type"), "text/plain") || f.asked.Method != "PUT" {
		t.Errorf("%s %q as %s", f.asked.Method, f.body, f.asked.Header.Get("Content-Type"))
	}
	do(t, a, map[string]any{"url": f.URL, "method": "GET"})
	if f.body != "" || f.asked.Header.Get("Content-Type") != "" {
		t.Errorf("a GET with %q as %q", f.body, f.asked.Header.Get("Content-Type"))
	}
}

// Ensure that every kind of answer is classified, and that the server's word about when to come back counts.
func TestAnswers(t *testing.T) {
	f := newFar(t)
	a := open(t, http.Config{InternalOrigins: []string{f.URL}})
	for _, c := range []struct {
		status     int
		retryAfter string
		ok         []string
		want       engine.StepState
		reason     string
		until      time.Duration
	}{
		{status: 200, want: engine.Done}, {status: 204, want: engine.Done}, {status: 404, ok: []string{"404"}, want: engine.Done},
		{status: 302, want: engine.Dead, reason: "http-refused"}, {status: 400, want: engine.Dead, reason: "http-refused"},
		{status: 404, ok: []string{"409"}, want: engine.Dead, reason: "http-refused"},
		{status: 401, want: engine.Parked, reason: "http-denied"},
		{status: 408, want: engine.Retrying, reason: "http-failed"}, {status: 500, want: engine.Retrying, reason: "http-failed"},
		{status: 503, retryAfter: "120", want: engine.Retrying, reason: "http-failed", until: 2 * time.Minute},
		{status: 503, retryAfter: "99999999", want: engine.Retrying, reason: "http-failed", until: 24 * time.Hour},
		{status: 503, retryAfter: "-1", want: engine.Retrying, reason: "http-failed"},
		{status: 429, want: engine.Parked, reason: "parked-limit"},
		{status: 429, retryAfter: time.Now().Add(time.Hour).UTC().Format(nethttp.TimeFormat), want: engine.Parked, reason: "parked-limit", until: time.Hour},
	} {
		f.handle = func(w nethttp.ResponseWriter, _ *nethttp.Request) {
			if c.retryAfter != "" {
				w.Header().Set("Retry-After", c.retryAfter)
			}
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(c.status)
		}
		before := time.Now()
		out := do(t, a, map[string]any{"url": f.URL, "ok": c.ok})
		if out.State != c.want || out.Reason != c.reason || out.Until.IsZero() != (c.until == 0) {
			t.Errorf("%d %q: %+v", c.status, c.retryAfter, out)
		}
		if wait := out.Until.Sub(before); c.until > 0 && (wait < c.until-2*time.Second || wait > c.until+time.Minute) {
			t.Errorf("%d %q: again in %s, want %s", c.status, c.retryAfter, wait, c.until)
		}
	}
	if n := f.times.Load(); n != 14 {
		t.Errorf("%d requests for 14 steps", n)
	}
}

// Ensure that nothing is kept of an answer that nobody could refer to, that is no JSON or too large.
func TestWhatIsKept(t *testing.T) {
	f := newFar(t)
	a := open(t, http.Config{InternalOrigins: []string{f.URL}})
	for body, want := range map[string]string{"<html>": "no JSON", `"` + strings.Repeat("x", 20<<10) + `"`: "larger than"} {
		f.handle = func(w nethttp.ResponseWriter, _ *nethttp.Request) { io.WriteString(w, body) }
		out := do(t, a, map[string]any{"url": f.URL, "as": "x"})
		if out.State != engine.Done || !strings.Contains(out.Detail, want) || strings.Contains(string(out.Result), "body") {
			t.Errorf("%+v", out)
		}
		if out = do(t, a, map[string]any{"url": f.URL}); out.Detail != "" || string(out.Result) != `{"status":200}` {
			t.Errorf("without a name: %+v", out)
		}
	}
}

// Ensure that requests go where they may, and nowhere else, whatever a call's data makes of the address.
func TestWhereRequestsMayGo(t *testing.T) {
	f, other := newFar(t), newFar(t)
	a := open(t, http.Config{InternalOrigins: []string{f.URL}, Origins: []string{"https://localhost", "https://api.example.com"}})
	host := strings.TrimPrefix(f.URL, "http://")
	for address, reason := range map[string]string{
		other.URL:                          "bad-url", // a port of this machine that is not listed
		"https://" + host:                  "bad-url", // another scheme
		"http://user@" + host:              "bad-url",
		"http://" + host + "@example.com":  "bad-url",
		"//" + host:                        "bad-url",
		"/path":                            "bad-url",
		"":                                 "bad-url",
		"javascript:alert(1)":              "bad-url",
		"https://api.example.com.evil.com": "bad-url",
		"https://localhost/":               "bad-url", // listed, but its name resolves to an address inside
	} {
		if out := do(t, a, map[string]any{"url": address}); out.State != engine.Dead || out.Reason != reason {
			t.Errorf("%q: %+v", address, out)
		}
	}
	if n := f.times.Load() + other.times.Load(); n != 0 {
		t.Errorf("%d requests were made", n)
	}
	if out := do(t, a, map[string]any{"url": strings.ToUpper(f.URL[:4]) + f.URL[4:]}); out.State != engine.Done {
		t.Errorf("another spelling of the origin: %+v", out)
	}
}

func TestCredentials(t *testing.T) {
	f, other := newFar(t), newFar(t)
	secret := func(text string) config.Secret { return config.NewSecret(text) }
	a := open(t, http.Config{InternalOrigins: []string{f.URL, other.URL}, Credentials: []http.Credential{
		{Name: "bearer", Origin: f.URL, Token: secret("t0ken")}, {Name: "key", Origin: f.URL, Token: secret("k3y"), Header: "X-Api-Key"},
		{Name: "basic", Origin: f.URL, User: "u", Password: secret("p4ss")}, {Name: "signed", Origin: f.URL, SigningKey: secret(signingKey)},
	}})
	key, err := webhook.ParseKey(secret(signingKey))
	if err != nil {
		t.Fatal(err)
	}
	for name, check := range map[string]func(h nethttp.Header) bool{
		"bearer": func(h nethttp.Header) bool { return h.Get("Authorization") == "Bearer t0ken" },
		"key":    func(h nethttp.Header) bool { return h.Get("X-Api-Key") == "k3y" },
		"basic":  func(h nethttp.Header) bool { return h.Get("Authorization") == "Basic dTpwNHNz" },
		"signed": func(h nethttp.Header) bool {
			return h.Get("webhook-id") == "cb0123" && webhook.Verify(h, time.Now(), []byte(`{"a":1}`), key) == nil
		},
	} {
		out := do(t, a, map[string]any{"url": f.URL, "auth": name, "body": map[string]any{"a": 1}})
		if out.State != engine.Done || !check(f.asked.Header) {
			t.Errorf("%s: %+v, sent %v", name, out, f.asked.Header)
		}
		if out := do(t, a, map[string]any{"url": other.URL, "auth": name}); out.State != engine.Dead || out.Reason != "bad-arguments" {
			t.Errorf("%s to another origin: %+v", name, out)
		}
		if shown := fmt.Sprintf("%+v", out); strings.Contains(shown, "t0ken") || strings.Contains(shown, "p4ss") {
			t.Errorf("%s shows its secret", name)
		}
	}
	if other.times.Load() != 0 {
		t.Error("a credential was sent to another origin")
	}
	if out := do(t, a, map[string]any{"url": f.URL, "auth": "nobody"}); out.State != engine.Dead {
		t.Errorf("an unknown credential: %+v", out)
	}
	for _, header := range []string{"authorization", "Cookie", "idempotency-key", "Proxy-Authorization", "webhook-signature", "Host"} {
		if out := do(t, a, map[string]any{"url": f.URL, "headers": map[string]any{header: "x"}}); out.State != engine.Dead || out.Reason != "bad-arguments" {
			t.Errorf("%s: %+v", header, out)
		}
	}
	if out := do(t, a, map[string]any{"url": f.URL, "headers": map[string]any{"X-A": "a\r\nX-B: b"}}); out.State == engine.Done {
		t.Errorf("a header with a line in it: %+v", out)
	}
}

// Ensure that what fails for a moment is tried again.
func TestNoAnswer(t *testing.T) {
	f := newFar(t)
	a := open(t, http.Config{InternalOrigins: []string{f.URL, "http://127.0.0.1:1"}})
	wait := make(chan struct{})
	t.Cleanup(func() { close(wait) })
	f.handle = func(w nethttp.ResponseWriter, r *nethttp.Request) {
		switch r.URL.Path {
		case "/slow":
			<-wait
		case "/broken":
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "half")
		case "/cut":
			panic(nethttp.ErrAbortHandler)
		}
	}
	for address, detail := range map[string]string{
		"http://127.0.0.1:1/": "could not be reached", f.URL + "/slow": "no answer within 50ms", f.URL + "/broken": "broke off", f.URL + "/cut": "connection broke",
	} {
		timeout := "50ms"
		if !strings.HasSuffix(address, "/slow") {
			timeout = "" // the usual one
		}
		out := do(t, a, map[string]any{"url": address, "timeout": timeout})
		if out.State != engine.Retrying || out.Reason != "http-unreachable" || !strings.Contains(out.Detail, detail) {
			t.Errorf("%s: %+v", address, out)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	raw, _ := json.Marshal(map[string]string{"url": f.URL + "/slow"})
	if out := a.Do(ctx, engine.Input{Args: raw}); out.State != engine.Retrying || out.Reason != "stopped" && out.Reason != "http-busy" {
		t.Errorf("stopped: %+v", out)
	}
}

// Ensure that a certificate that nobody trusts is not taken.
func TestUntrustedCertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(nethttp.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of us
	s.StartTLS()
	defer s.Close()
	a := open(t, http.Config{InternalOrigins: []string{s.URL}})
	if out := do(t, a, map[string]any{"url": s.URL}); out.State != engine.Retrying || !strings.Contains(out.Detail, "certificate") {
		t.Errorf("%+v", out)
	}
}

// Ensure that a host which does not answer holds up no other.
func TestSlowHost(t *testing.T) {
	slow, quick := newFar(t), newFar(t)
	wait := make(chan struct{})
	slow.handle = func(nethttp.ResponseWriter, *nethttp.Request) { <-wait }
	a := open(t, http.Config{InternalOrigins: []string{slow.URL, quick.URL}, PerHost: 2})
	outcomes := make(chan engine.Outcome)
	raw, _ := json.Marshal(map[string]string{"url": slow.URL})
	ctx := t.Context()
	for range 5 {
		go func() { outcomes <- a.Do(ctx, engine.Input{Args: raw}) }()
	}
	for range 3 { // two are under way, the others are sent away
		if out := <-outcomes; out.State != engine.Retrying || out.Reason != "http-busy" {
			t.Errorf("%+v", out)
		}
	}
	if out := do(t, a, map[string]any{"url": quick.URL}); out.State != engine.Done {
		t.Errorf("%+v", out)
	}
	close(wait)
	for range 2 {
		if out := <-outcomes; out.State != engine.Done {
			t.Errorf("%+v", out)
		}
	}
}
