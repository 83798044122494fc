package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cordboard/sim/browser"
	simfinesse "cordboard/sim/finesse"
	simsalesforce "cordboard/sim/salesforce"
)

// world is what is around the server: a simulated site, an org, agents' browsers, and a folder with the server's
// configuration. The server itself is a child process, or several one after the other.
type world struct {
	t        *testing.T
	dir      string
	address  string // of the server
	site     *simfinesse.Server
	org      *simsalesforce.Server
	people   []simsalesforce.Person
	agents   []string
	links    map[string]string // the connection of each agent; "finesse" where none is named
	browsers map[string]*browser.Browser
	client   *http.Client

	mu      sync.Mutex
	arrived map[string]time.Time // the first pop of each call, at its browser
}

// arrive notes when a pop came.
func (w *world) arrive(p browser.Pop, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.arrived[p.Call]; !ok {
		w.arrived[p.Call] = at
	}
}

// worldOptions vary a world.
type worldOptions struct {
	agents int // 0 means 4
	org    simsalesforce.Config
	site   simfinesse.Config
	// passwords replaces agents' passwords in the server's configuration.
	passwords map[string]string
	// config changes the configuration before it is written.
	config func(string) string
	// noBrowsers leaves the desks closed.
	noBrowsers bool
	// noSite leaves the simulated site out, for a configuration that does not need it.
	noSite bool
}

// newWorld starts everything but the server. It ends with the test.
func newWorld(t *testing.T, o worldOptions) *world {
	t.Helper()
	if o.agents == 0 {
		o.agents = 4
	}
	o.site.Agents = o.agents
	w := &world{t: t, dir: t.TempDir(), address: freeAddress(t), browsers: map[string]*browser.Browser{}, arrived: map[string]time.Time{}, client: &http.Client{Timeout: 2 * time.Minute}}
	t.Cleanup(w.client.CloseIdleConnections)
	w.site, w.org = simfinesse.New(o.site), simsalesforce.New(o.org)
	w.people = w.org.Seed(100)
	if err := w.org.Listen(); err != nil {
		t.Fatal(err)
	}
	if !o.noSite {
		if err := w.site.Listen(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range o.agents {
		w.agents = append(w.agents, fmt.Sprint(1001001+i))
	}
	w.configure(o)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	t.Cleanup(func() { cancel(); running.Wait() })
	if !o.noSite {
		running.Go(func() { w.site.Run(ctx) })
	}
	running.Go(func() { w.org.Run(ctx) })
	for _, agent := range w.agents {
		if o.noBrowsers {
			break
		}
		b := browser.New(browser.Config{Socket: "ws://" + w.address + "/desk/socket", Agent: agent, Ticket: w.ticket, OnPop: w.arrive})
		w.browsers[agent] = b
		running.Go(func() {
			for ctx.Err() == nil { // a ticket that the next server does not know ends a session for good: the page loads anew
				b.Run(ctx)
			}
		})
	}
	return w
}

// configure writes the configuration that an engineer would write.
func (w *world) configure(o worldOptions) {
	site, org := w.site.Ready(), w.org.Ready()
	text := fmt.Sprintf(`listen: %s
data: data
workflows: [recommended]
desk:
  open_tickets: true
salesforce:
  url: %v
  client_id: %v
  client_secret_file: org.secret
  window: 50ms
connections:
  - name: finesse
    platform: cisco
    settings:
      url: %v
      xmpp: %v
      agents_file: agents.csv
`, w.address, org["url"], org["client_id"], site["url"], site["ws_url"])
	if o.config != nil {
		text = o.config(text)
	}
	var agents strings.Builder
	for i, id := range w.agents {
		password := "finesse"
		if p, ok := o.passwords[id]; ok {
			password = p
		}
		fmt.Fprintf(&agents, "%s,%s,%d\n", id, password, 2001+i)
	}
	w.write("cordboard.yaml", text)
	w.write("org.secret", fmt.Sprint(org["client_secret"]))
	w.write("agents.csv", agents.String())
}

func (w *world) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) configFile() string { return filepath.Join(w.dir, "cordboard.yaml") }

// asked counts the addresses that were given away, so that no two tests get the same.
var asked atomic.Int64

// freeAddress is a port that nothing listens on, below those that the system gives to outgoing connections: while the
// server is down nobody else takes it.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 1000 {
		port := 21000 + (os.Getpid()+int(asked.Add(1)))%10000
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			l.Close()
			return l.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}

// errBusy is a server without room.
var errBusy = errors.New("the server is busy")

// ticket asks the server for a desk's ticket, as a page does.
func (w *world) ticket(ctx context.Context, agent string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+w.address+"/desk/ticket", strings.NewReader(`{"agent":"`+agent+`"}`))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := w.client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusServiceUnavailable {
		return "", errBusy
	}
	var answer struct{ Ticket string }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return "", err
	}
	if answer.Ticket == "" {
		return "", errors.New("no ticket: " + resp.Status)
	}
	return answer.Ticket, nil
}

// connectionOf is the name of the connection that has an agent.
func (w *world) connectionOf(agent string) string { return cmp.Or(w.links[agent], "finesse") }

// get asks the server's API.
func (w *world) get(path string, into any) error { return w.getBy(w.client, w.address, path, into) }

// getBy asks the API of the server at an address.
func (w *world) getBy(client *http.Client, address, path string, into any) error {
	resp, err := client.Get("http://" + address + path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %s", path, resp.Status, raw)
	}
	if s, ok := into.(*string); ok {
		*s = string(raw)
		return nil
	}
	return json.Unmarshal(raw, into)
}

// await waits until is holds; it fails the test when that takes longer than a loaded machine can explain.
func (w *world) await(what string, is func() bool) {
	w.t.Helper()
	for end := time.Now().Add(5 * time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("not within five minutes: %s\n%s", what, w.log())
		}
	}
}

// log is what the servers have logged, its end.
func (w *world) log() string {
	raw, _ := os.ReadFile(filepath.Join(w.dir, "server.log"))
	if len(raw) > 6000 {
		raw = raw[len(raw)-6000:]
	}
	return string(raw)
}

// connections is what the server says of its links and desks.
type connections struct {
	Connections []struct {
		Connection  string `json:"connection"`
		State       string `json:"state"`
		Detail      string `json:"detail"`
		SessionsUp  int    `json:"sessions_up"`
		SessionsAll int    `json:"sessions_all"`
	} `json:"connections"`
	Desks []struct {
		Agent string `json:"agent"`
	} `json:"desks"`
}

// counts are the journal's totals.
type counts struct {
	Events int64            `json:"events"`
	Calls  int64            `json:"calls"`
	Open   int64            `json:"open"`
	Runs   int64            `json:"runs"`
	Steps  map[string]int64 `json:"steps"`
	Kept   int64            `json:"kept"`
}

// up reports whether n agents' sessions are up and every desk is open.
func (w *world) up(n int) bool {
	var c connections
	return w.get("/api/v1/connections", &c) == nil && len(c.Connections) == 1 &&
		c.Connections[0].SessionsUp == n && len(c.Desks) == len(w.browsers)
}

// settled waits until nothing is left to do.
func (w *world) settled() counts {
	w.t.Helper()
	quiet, last, began, told := 0, counts{}, time.Now(), false
	w.await("the journal is quiet", func() bool {
		var c counts
		if w.get("/api/v1/counts", &c) != nil {
			return false
		}
		open := c.Open + c.Steps["pending"] + c.Steps["retrying"] + c.Steps["parked"]
		if quiet++; open > 0 || c.Events != last.Events {
			quiet = 0
		}
		last = c
		if !told && time.Since(began) > 2*time.Minute {
			told = true
			w.tellUnfinished(c)
		}
		return quiet > 5
	})
	return last
}

// tellUnfinished says what is not over yet, for people who look for the cause.
func (w *world) tellUnfinished(c counts) {
	w.t.Logf("after two minutes not quiet: %+v", c)
	for _, state := range []string{"open", "waiting"} {
		var list struct {
			Calls []struct {
				State struct {
					ID string `json:"id"`
				} `json:"state"`
			} `json:"calls"`
		}
		if err := w.get("/api/v1/calls?limit=3&state="+state, &list); err != nil {
			w.t.Log(err)
		}
		for _, one := range list.Calls {
			s, _ := w.storyOf(one.State.ID)
			w.t.Logf("%s is %s%s", one.State.ID, state, s.told())
		}
	}
}
