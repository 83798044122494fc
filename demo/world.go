// Package demo is a whole contact centre on one machine: a simulated Finesse site, a simulated Salesforce org, agents'
// browsers, and a real Cordboard server between them, all on loopback. `cordboard demo` shows it to people; with --exit
// it plays a fixed set of calls and judges every effect from the outside.
package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"cordboard/server"
	"cordboard/sim/browser"
	simfinesse "cordboard/sim/finesse"
	simsalesforce "cordboard/sim/salesforce"
)

// Options say how large the world is.
type Options struct {
	Agents int // 0 means 16
	People int // contacts and leads of the org; 0 means 200
	// Listen is the server's address; "" means a free port.
	Listen string
	// Dir holds the server's configuration and journal; "" means a folder that goes when the world ends.
	Dir string
	// Window is how long records wait for company; 0 means 200 ms, so that people see them soon.
	Window time.Duration
	// Visitor is the agent whose desk is left to a person with a real browser; "" when every desk is simulated.
	Visitor string
	Log     *slog.Logger
	Version string
}

// World is the running demo. Make it with Open; Run runs it once.
type World struct {
	Site     *simfinesse.Server
	Org      *simsalesforce.Server
	Server   *server.Server
	Browsers map[string]*browser.Browser // by agent
	People   []simsalesforce.Person
	Agents   []Agent

	opts Options
	host *hostPage
	tidy func()
}

// Agent is one agent of the simulated site.
type Agent struct {
	ID        string `json:"id"`
	Extension string `json:"extension"`
	Password  string `json:"password"`
}

// Open prepares everything and binds every port; nothing runs before Run.
func Open(ctx context.Context, o Options) (w *World, err error) {
	o = o.withDefaults()
	w = &World{opts: o, Browsers: map[string]*browser.Browser{}, tidy: func() {}}
	if o.Dir == "" {
		dir, err := os.MkdirTemp("", "cordboard-demo-")
		if err != nil {
			return nil, err
		}
		w.opts.Dir, w.tidy = dir, func() { os.RemoveAll(dir) }
	}
	opened := w // returning nil, err below takes w away
	defer func() {
		if err != nil {
			opened.tidy()
		}
	}()
	w.Site = simfinesse.New(simfinesse.Config{Agents: o.Agents})
	w.Org = simsalesforce.New(simsalesforce.Config{})
	w.People = w.Org.Seed(o.People)
	if err := errors.Join(w.Site.Listen(), w.Org.Listen()); err != nil {
		return nil, err
	}
	w.Agents = agentsOf(w.Site.Ready(), o.Agents)
	if w.host, err = listenHost(); err != nil {
		return nil, err
	}
	file, err := w.writeConfig()
	if err != nil {
		return nil, err
	}
	cfg, problems := server.LoadConfig(file)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if w.Server, err = server.New(ctx, cfg, server.Options{Log: o.Log, Version: o.Version}); err != nil {
		return nil, err
	}
	w.host.open(w)
	w.openBrowsers()
	return w, nil
}

func (o Options) withDefaults() Options {
	if o.Agents == 0 {
		o.Agents = 16
	}
	if o.People == 0 {
		o.People = 200
	}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Window == 0 {
		o.Window = 200 * time.Millisecond
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// agentsOf reads the agents from the site's readiness line, as any client would.
func agentsOf(ready map[string]any, n int) []Agent {
	raw, err := json.Marshal(ready)
	if err != nil {
		panic(err) // plain data
	}
	var line struct {
		Agents struct {
			FirstID        string `json:"first_id"`
			FirstExtension string `json:"first_extension"`
			Password       string `json:"password"`
		} `json:"agents"`
	}
	if err := json.Unmarshal(raw, &line); err != nil {
		panic(err)
	}
	agents := make([]Agent, n)
	id, ext := number(line.Agents.FirstID), number(line.Agents.FirstExtension)
	for i := range agents {
		agents[i] = Agent{fmt.Sprint(id + i), fmt.Sprint(ext + i), line.Agents.Password}
	}
	return agents
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err) // the simulator's ids are numbers
	}
	return n
}

// writeConfig writes the configuration that an engineer would write for this site.
func (w *World) writeConfig() (string, error) {
	site, org := w.Site.Ready(), w.Org.Ready()
	var b strings.Builder
	fmt.Fprintf(&b, "# The demo's configuration. Yours looks the same, with your addresses and with secrets in files.\n")
	fmt.Fprintf(&b, "listen: %s\ndata: data\nworkflows: [recommended]\n", w.opts.Listen)
	fmt.Fprintf(&b, "desk:\n  open_tickets: true\n  origins: [%q]\n  host_url: %s\n", w.host.origin(), w.host.origin())
	fmt.Fprintf(&b, "salesforce:\n  url: %v\n  client_id: %v\n  client_secret_file: org.secret\n  window: %s\n", org["url"], org["client_id"], w.opts.Window)
	fmt.Fprintf(&b, "connections:\n  - name: finesse\n    platform: cisco\n    settings:\n      url: %v\n      xmpp: %v\n      agents_file: agents.csv\n", site["url"], site["ws_url"])
	var agents strings.Builder
	agents.WriteString("# id,password,extension\n")
	for _, a := range w.Agents {
		fmt.Fprintf(&agents, "%s,%s,%s\n", a.ID, a.Password, a.Extension)
	}
	for name, text := range map[string]string{
		"cordboard.yaml": b.String(), "org.secret": fmt.Sprint(org["client_secret"]), "agents.csv": agents.String(),
	} {
		if err := os.WriteFile(filepath.Join(w.opts.Dir, name), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	return filepath.Join(w.opts.Dir, "cordboard.yaml"), nil
}

func (w *World) openBrowsers() {
	socket := "ws" + strings.TrimPrefix(w.Server.URL(), "http") + "/desk/socket"
	ticket := func(_ context.Context, agent string) (string, error) { return w.Server.Tickets().Issue(agent), nil }
	for _, a := range w.Agents {
		if a.ID != w.opts.Visitor {
			w.Browsers[a.ID] = browser.New(browser.Config{Socket: socket, Agent: a.ID, Ticket: ticket})
		}
	}
}

// Run runs the world until ctx ends or a part of it fails.
func (w *World) Run(ctx context.Context) error {
	defer w.tidy()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	// The world outside outlives the server, so that a stopping server can still finish what it began.
	outside, leave := context.WithCancel(context.WithoutCancel(ctx))
	defer wg.Wait()
	defer leave()
	errs := make(chan error, 4+len(w.Browsers))
	start := func(ctx context.Context, name string, run func(context.Context) error) {
		wg.Go(func() {
			if err := run(ctx); err != nil && !errors.Is(err, context.Canceled) {
				errs <- fmt.Errorf("%s: %w", name, err)
				cancel()
			}
		})
	}
	start(outside, "simulated Finesse", w.Site.Run)
	start(outside, "simulated Salesforce", w.Org.Run)
	start(outside, "host page", w.host.run)
	for id, b := range w.Browsers {
		start(outside, "browser "+id, b.Run)
	}
	err := w.Server.Run(ctx)
	select {
	case first := <-errs:
		return first
	default:
		return err
	}
}

// Await blocks until the site's agents are signed in at the server and every simulated desk is open.
func (w *World) Await(ctx context.Context) error {
	if err := w.Site.AwaitSessions(ctx, len(w.Agents)); err != nil {
		return err
	}
	for _, b := range w.Browsers {
		select {
		case <-b.Welcome():
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// HostURL is the address of the simulated console in which a visitor works as an agent.
func (w *World) HostURL() string { return w.host.origin() }

// ConfigFile is the configuration that the server runs with.
func (w *World) ConfigFile() string { return filepath.Join(w.opts.Dir, "cordboard.yaml") }
