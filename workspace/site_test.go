package workspace_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/server"
	"cordboard/sim/scenario"
	simwebex "cordboard/sim/webex"
)

// limit guards tests against hanging; nothing else depends on it.
const limit = 2 * time.Minute

// site is a simulated Webex organization and a real server that is connected to it.
type site struct {
	t      *testing.T
	org    *simwebex.Server
	agents []string
	dir    string

	url  string
	stop func() // ends the server; it may be opened again
}

func newSite(t *testing.T, agents int) *site {
	t.Helper()
	s := &site{t: t, org: simwebex.New(simwebex.Config{Agents: agents, Whole: true}), dir: t.TempDir()}
	if err := s.org.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.org.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { leave(); running.Wait() })
	s.configure()
	s.open()
	return s
}

// configure writes the server's configuration.
func (s *site) configure() {
	s.t.Helper()
	ready := s.org.Ready()
	list := "# id,refresh token\n"
	for _, a := range ready["agents"].([]simwebex.AgentToken) {
		s.agents = append(s.agents, a.ID)
		list += a.ID + "," + a.RefreshToken + "\n"
	}
	for name, text := range map[string]string{
		"agents.csv": list,
		"secret":     fmt.Sprint(ready["client_secret"]),
		"cordboard.yaml": fmt.Sprintf(`listen: 127.0.0.1:0
desk: { open_tickets: true, origins: ["https://pages.example"] }
connections:
  - name: wx
    platform: webex
    settings:
      url: %v
      token_url: %v
      client_id: %v
      client_secret_file: secret
      agents_file: agents.csv
      campaigns: { AutumnOffers: progressive, WinterSurvey: predictive }
`, ready["url"], ready["token_url"], ready["client_id"]),
	} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
}

// open runs the server until stop, or until the test ends.
func (s *site) open() {
	s.t.Helper()
	cfg, problems := server.LoadConfig(filepath.Join(s.dir, "cordboard.yaml"))
	if err := problems.Err(); err != nil {
		s.t.Fatal(err)
	}
	srv, err := server.New(s.t.Context(), cfg, server.Options{Version: "test"})
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- srv.Run(ctx) }()
	s.url = srv.URL()
	s.stop = sync.OnceFunc(func() {
		http.DefaultClient.CloseIdleConnections()
		cancel()
		if err := <-ended; err != nil {
			s.t.Errorf("the server ended with %v", err)
		}
	})
	s.t.Cleanup(s.stop)
	within, done := context.WithTimeout(s.t.Context(), limit)
	defer done()
	if err := s.org.AwaitSockets(within, len(s.agents)); err != nil {
		s.t.Fatal(err)
	}
}

// play plays a script as fast as it goes and returns the ids of the call.
func (s *site) play(script scenario.Script, c simwebex.Call) simwebex.Result {
	s.t.Helper()
	within, done := context.WithTimeout(s.t.Context(), limit)
	defer done()
	r, err := s.org.Play(within, script, c)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// begin plays a script beside the test, which gives the agents' orders.
func (s *site) begin(script scenario.Script, c simwebex.Call) (end func()) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), limit)
	done := make(chan error, 1)
	go func() {
		_, err := s.org.Play(ctx, script, c)
		done <- err
	}()
	return func() {
		s.t.Helper()
		if err := <-done; err != nil {
			s.t.Error(err)
		}
		cancel()
	}
}

func script(t *testing.T, name string) scenario.Script {
	t.Helper()
	s, ok := simwebex.Script(name)
	if !ok {
		t.Fatalf("no script is called %s", name)
	}
	return s
}

// ticket asks the ticket office, as the page around an agent would.
func (s *site) ticket(agent string) string {
	s.t.Helper()
	status, body := s.request(http.MethodPost, "/desk/ticket", `{"agent":"`+agent+`"}`, "Content-Type", "application/json")
	var got struct{ Ticket string }
	if err := json.Unmarshal(body, &got); err != nil || status != http.StatusOK {
		s.t.Fatalf("no ticket: %d %s", status, body)
	}
	return got.Ticket
}

func (s *site) request(method, path, body string, header ...string) (int, []byte) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, b
}

// metric is the value of a line of the server's metrics; "" when there is none.
func (s *site) metric(line string) string {
	s.t.Helper()
	_, body := s.request(http.MethodGet, "/metrics", "")
	for l := range bytes.Lines(body) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(string(l)), line+" "); ok {
			return value
		}
	}
	return ""
}
