package server_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"cordboard/server"
)

// serve runs a server with more configuration and returns its address. It stops with the test.
func serve(t *testing.T, config string) string {
	t.Helper()
	url, _ := begin(t, config)
	return url
}

// begin is serve for a test that stops the server itself.
func begin(t *testing.T, config string) (url string, stop func()) {
	t.Helper()
	s, err := server.New(t.Context(), load(t, config), server.Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		http.DefaultClient.CloseIdleConnections()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	t.Cleanup(stop)
	return s.URL(), stop
}

// load reads a configuration in a folder of its own.
func load(t *testing.T, config string) server.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cordboard.yaml")
	if err := os.WriteFile(file, []byte("listen: 127.0.0.1:0\n"+config), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, problems := server.LoadConfig(file)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return cfg
}

// request is one request and what must come of it.
type request struct {
	method, path, body string
	header             map[string]string // "Host" is the request's host
	status             int
	kind               string // of the answer
	holds              string
}

func (q request) do(t *testing.T, url string) *http.Response {
	t.Helper()
	resp, _ := q.answer(t, url)
	return resp
}

// text is the body of the answer.
func (q request) text(t *testing.T, url string) string {
	t.Helper()
	_, body := q.answer(t, url)
	return string(body)
}

func (q request) answer(t *testing.T, url string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), q.method, url+q.path, strings.NewReader(q.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range q.header {
		if name == "Host" {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	client := &http.Client{Transport: http.DefaultTransport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != q.status {
		t.Errorf("%s %s %v: status %d, want %d: %.200s", q.method, q.path, q.header, resp.StatusCode, q.status, body)
	}
	if kind := resp.Header.Get("Content-Type"); !strings.HasPrefix(kind, q.kind) {
		t.Errorf("%s %s: %s, want %s", q.method, q.path, kind, q.kind)
	}
	if !strings.Contains(string(body), q.holds) {
		t.Errorf("%s %s: the answer does not hold %q: %.300s", q.method, q.path, q.holds, body)
	}
	if q.kind == "application/problem+json" {
		var p struct {
			Type, Title, Detail string
			Status              int
		}
		if err := json.Unmarshal(body, &p); err != nil || p.Status != q.status || p.Type == "" || p.Title == "" || p.Detail == "" {
			t.Errorf("%s %s: no problem as in RFC 9457 (%v): %s", q.method, q.path, err, body)
		}
	}
	return resp, body
}

// Ensure that every page answers with the headers that keep foreign code out, and that what is not there says so in the
// asker's own language.
func TestPages(t *testing.T) {
	url := serve(t, "")
	for _, q := range []request{
		{path: "/calls", status: 200, kind: "text/html"},
		{path: "/calls?state=failed&q=1001001", status: 200, kind: "text/html"},
		{path: "/workflows", status: 200, kind: "text/html", holds: "Cisco predictive calls"},
		{path: "/workflows/Cisco%20predictive%20calls", status: 200, kind: "text/html", holds: "PREDICTIVE_OUTBOUND"},
		{path: "/attention", status: 200, kind: "text/html"},
		{path: "/connections", status: 200, kind: "text/html"},
		{path: "/static/console.css", status: 200, kind: "text/css"},
		{path: "/static/console.js", status: 200, kind: "text/javascript"},
		{path: "/", status: 302, kind: "text/html"},
		{path: "/nothing-here", status: 404, kind: "text/html"},
		{path: "/calls/none", status: 404, kind: "text/html"},
		{path: "/workflows/none", status: 404, kind: "text/html"},
		{path: "/calls?state=odd", status: 400, kind: "text/html"},
		{path: "/api/v1/counts", status: 200, kind: "application/json", holds: `"events":0`},
		{path: "/api/v1/calls", status: 200, kind: "application/json"},
		{path: "/api/v1/connections", status: 200, kind: "application/json"},
		{path: "/api/v1/calls/none", status: 404, kind: "application/problem+json"},
		{path: "/api/v1/nothing", status: 404, kind: "application/problem+json"},
		{path: "/api/v1/calls?limit=many", status: 400, kind: "application/problem+json", holds: "limit"},
		{path: "/api/v1/calls?before=noon", status: 400, kind: "application/problem+json", holds: "RFC 3339"},
	} {
		q.method = http.MethodGet
		resp := q.do(t, url)
		csp := resp.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(csp, part) {
				t.Errorf("%s: the policy %q lacks %s", q.path, csp, part)
			}
		}
		if strings.Contains(csp, "unsafe") || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", q.path, resp.Header)
		}
	}
	for _, q := range []request{
		{method: "GET", path: "/livez", status: 200, kind: "text/plain", holds: "ok"},
		{method: "GET", path: "/readyz", status: 200, kind: "application/json", holds: `"journal":"ok"`},
		{method: "GET", path: "/metrics", status: 200, kind: "text/plain", holds: "cordboard_events_total 0"},
		{method: "GET", path: "/debug/pprof/", status: 404, kind: "text/html"},
		{method: "POST", path: "/livez", status: 405},
		{method: "DELETE", path: "/calls", status: 405},
	} {
		q.do(t, url)
	}
}

// Ensure that a console without a password answers this machine only, also when a page elsewhere gives our address its
// own name, and that foreign pages cannot press its buttons.
func TestConsoleWithoutPassword(t *testing.T) {
	url := serve(t, "")
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	with := func(name, value string) map[string]string {
		return map[string]string{"Content-Type": form["Content-Type"], name: value}
	}
	for _, q := range []request{
		{method: "GET", path: "/calls", header: map[string]string{"Host": "evil.example"}, status: 403, kind: "application/problem+json"},
		{method: "GET", path: "/api/v1/calls", header: map[string]string{"Host": "evil.example:8484"}, status: 403, kind: "application/problem+json"},
		{method: "GET", path: "/metrics", header: map[string]string{"Host": "127.0.0.1.evil.example"}, status: 403, kind: "application/problem+json"},
		{method: "GET", path: "/calls", header: map[string]string{"Host": "localhost:8484"}, status: 200},
		{method: "GET", path: "/calls", header: map[string]string{"Host": "[::1]:8484"}, status: 200},
		{method: "POST", path: "/attention/redrive", body: "step=x", header: with("Origin", "https://evil.example"), status: 403},
		{method: "POST", path: "/attention/redrive", body: "step=x", header: with("Origin", "null"), status: 403},
		{method: "POST", path: "/attention/redrive", body: "step=x", header: with("Sec-Fetch-Site", "cross-site"), status: 403},
		{method: "POST", path: "/attention/redrive", body: "step=x", header: with("Origin", url), status: 404},
		{method: "POST", path: "/attention/redrive", body: "step=", header: form, status: 400},
		{method: "POST", path: "/attention/redrive", body: "step=x&args=" + strings.Repeat("1", 100<<10), header: form, status: 400},
	} {
		q.do(t, url)
	}
}

// Ensure that a password protects the console and the metrics, and nothing that probes and desks need.
func TestConsoleWithPassword(t *testing.T) {
	url := serve(t, "console:\n  password: open sesame\n")
	right := map[string]string{"Authorization": "Basic YWRtaW46b3BlbiBzZXNhbWU="} // admin:open sesame
	wrong := map[string]string{"Authorization": "Basic YWRtaW46b3BlbiBzZXNhbQ=="} // admin:open sesam
	for _, path := range []string{"/calls", "/api/v1/calls", "/metrics", "/static/console.css", "/nothing"} {
		for _, header := range []map[string]string{nil, wrong, {"Authorization": "Bearer open sesame"}} {
			resp := request{method: "GET", path: path, header: header, status: 401, kind: "application/problem+json"}.do(t, url)
			if !strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), "Basic ") {
				t.Errorf("%s: no way to sign in: %v", path, resp.Header)
			}
		}
	}
	request{method: "GET", path: "/calls", header: right, status: 200, kind: "text/html"}.do(t, url)
	request{method: "GET", path: "/metrics", header: right, status: 200, kind: "text/plain"}.do(t, url)
	request{method: "GET", path: "/calls", header: map[string]string{"Authorization": right["Authorization"], "Host": "cordboard.acme.example"}, status: 200}.do(t, url)
	request{method: "POST", path: "/attention/redrive", header: map[string]string{"Authorization": right["Authorization"], "Origin": "https://evil.example"}, status: 403}.do(t, url)
	request{method: "GET", path: "/livez", status: 200}.do(t, url)
	request{method: "GET", path: "/readyz", status: 200}.do(t, url)
	request{method: "GET", path: "/desk/", status: 200, kind: "text/html"}.do(t, url)
}

// Ensure that tickets go to whoever has the key, and in a trial to this machine, and to nobody else.
func TestTicketRules(t *testing.T) {
	kind := "application/json"
	ask := func(header map[string]string, status int) request {
		if header == nil {
			header = map[string]string{}
		}
		if header["Content-Type"] == "" {
			header["Content-Type"] = kind
		}
		return request{method: "POST", path: "/desk/ticket", body: `{"agent":"1001001"}`, header: header, status: status}
	}
	t.Run("closed", func(t *testing.T) {
		url := serve(t, "")
		ask(nil, 403).do(t, url)
		ask(map[string]string{"Authorization": "Bearer "}, 403).do(t, url)
	})
	t.Run("key", func(t *testing.T) {
		url := serve(t, "desk:\n  ticket_key: k-123\n")
		ask(nil, 403).do(t, url)
		ask(map[string]string{"Authorization": "Bearer k-124"}, 403).do(t, url)
		ask(map[string]string{"Authorization": "k-123"}, 403).do(t, url)
		ask(map[string]string{"Authorization": "Bearer k-123"}, 200).do(t, url)
	})
	t.Run("open", func(t *testing.T) {
		url := serve(t, "desk:\n  open_tickets: true\n")
		ask(nil, 200).do(t, url)
		ask(map[string]string{"Host": "evil.example"}, 403).do(t, url)
		ask(map[string]string{"Origin": "https://evil.example"}, 403).do(t, url)
		ask(map[string]string{"Content-Type": "text/plain"}, 415).do(t, url)
		request{method: "GET", path: "/desk/ticket", status: 405}.do(t, url)
		for _, body := range []string{"", "{}", `{"agent":""}`, `{"agent":` + strings.Repeat(" ", 8<<10), `{"agent":"` + strings.Repeat("1", 200) + `"}`} {
			q := ask(nil, 400)
			q.body = body
			q.do(t, url)
		}
	})
}

// Ensure that a ticket opens one desk once, and that foreign pages open none.
func TestTicketOpensOneDesk(t *testing.T) {
	url := serve(t, "desk:\n  open_tickets: true\n")
	resp, err := http.Post(url+"/desk/ticket", "application/json", strings.NewReader(`{"agent":"1001001"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct{ Ticket string }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.Ticket == "" {
		t.Fatalf("%v: %+v", err, answer)
	}
	open := func(ticket string) error {
		conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(url, "http")+"/desk/socket", &websocket.DialOptions{Subprotocols: []string{"cordboard.desk.v1"}})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.CloseNow()
		hello, err := json.Marshal(map[string]string{"type": "hello", "ticket": ticket, "tab": "one", "host": "plain"})
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.Write(t.Context(), websocket.MessageText, hello); err != nil {
			t.Fatal(err)
		}
		_, raw, err := conn.Read(t.Context())
		if err == nil && !strings.Contains(string(raw), `"welcome"`) {
			t.Errorf("the desk says %s", raw)
		}
		return err
	}
	if err := open(answer.Ticket); err != nil {
		t.Errorf("the ticket opens nothing: %v", err)
	}
	for _, ticket := range []string{answer.Ticket, "made-up", ""} {
		if code := websocket.CloseStatus(open(ticket)); code != 4500 {
			t.Errorf("ticket %q: code %d, want 4500", ticket, code)
		}
	}
	_, refused, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(url, "http")+"/desk/socket", &websocket.DialOptions{
		Subprotocols: []string{"cordboard.desk.v1"}, HTTPHeader: http.Header{"Origin": {"https://evil.example"}}})
	if err == nil || refused == nil || refused.StatusCode != http.StatusForbidden {
		t.Errorf("a foreign page opens a desk: %v", err)
	}
}

// Ensure that what would open every desk to everybody, or an address that is none, is refused with its place.
func TestConfigRefused(t *testing.T) {
	for config, want := range map[string]string{
		"listen: 0.0.0.0:8484\ndesk:\n  open_tickets: true\n": "cordboard.yaml:3:15: open_tickets is for loopback addresses only",
		"listen: nowhere\n":                             `cordboard.yaml:1:9: "nowhere" is not an address`,
		"desk:\n  origins: [\"https://*.force.com\"]\n": "is not an origin",
		"connections:\n  - {name: \"a:b\", platform: cisco, settings: {url: \"http://x\"}}\n":                                                          `the connection "a:b" has a colon`,
		"connections:\n  - {name: a, platform: cisco, settings: {url: \"http://x\"}}\n  - {name: a, platform: cisco, settings: {url: \"http://x\"}}\n": `two connections are called "a"`,
		"connections:\n  - {name: a, platform: ciso, settings: {url: \"http://x\"}}\n":                                                                 "did you mean cisco?",
	} {
		file := filepath.Join(t.TempDir(), "cordboard.yaml")
		if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, problems := server.LoadConfig(file); problems == nil || !strings.Contains(problems.Error(), want) {
			t.Errorf("%q: problems %v, want %s", config, problems, want)
		}
	}
}

// Ensure that a server that is asked to stop says at once that it is not ready, while it still answers.
func TestNotReadyWhileItStops(t *testing.T) {
	url, stop := begin(t, "")
	await(t, "ready", func() bool { return ready(t, url) == http.StatusOK })
	// A browser that has not said who it is yet: the server waits for it for a while.
	silent, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(url, "http")+"/desk/socket", &websocket.DialOptions{Subprotocols: []string{"cordboard.desk.v1"}})
	if err != nil {
		t.Fatal(err)
	}
	stopped := make(chan struct{})
	go func() { defer close(stopped); stop() }()
	await(t, "not ready", func() bool { return ready(t, url) == http.StatusServiceUnavailable })
	silent.CloseNow()
	<-stopped
}

// ready is the status of the answer to whether the server is ready.
func ready(t *testing.T, url string) int {
	t.Helper()
	resp, err := http.Get(url + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}
