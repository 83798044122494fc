// Package demo is a whole company on one machine: a simulated contact centre of each platform, a simulated Salesforce org,
// agents' browsers, and a real Cordboard server between them, all on loopback. `cordboard demo` shows it to people; with --exit
// it plays a fixed set of calls and judges every effect from the outside.
package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cordboard/platform"
	"cordboard/server"
	"cordboard/sim/browser"
	simsalesforce "cordboard/sim/salesforce"
)

// Options say how large the world is.
type Options struct {
	Agents int // of each site; 0 means 16
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
	Org      *simsalesforce.Server
	Server   *server.Server
	Browsers map[string]*browser.Browser // by agent
	People   []simsalesforce.Person

	opts  Options
	sites []*site
	host  *hostPage
	tidy  func()
	next  atomic.Int64 // person
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
	if w.sites, err = openSites(o); err != nil {
		return nil, err
	}
	w.Org = simsalesforce.New(simsalesforce.Config{})
	w.People = w.Org.Seed(o.People)
	if err := w.Org.Listen(); err != nil {
		return nil, err
	}
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
	for _, s := range w.sites {
		if s.meet != nil {
			s.meet(w.Server.URL())
		}
	}
	w.host.open(w)
	w.openBrowsers()
	for _, s := range w.sites {
		if s.watch != nil {
			s.watch(w.show)
		}
	}
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

// nextPerson hands out the people of the org in turn.
func (w *World) nextPerson() simsalesforce.Person { return w.People[int(w.next.Add(1))%len(w.People)] }

func (w *World) openBrowsers() {
	socket := "ws" + strings.TrimPrefix(w.Server.URL(), "http") + "/desk/socket"
	ticket := w.Server.Tickets().Issue
	for _, s := range w.sites {
		for _, a := range s.agents {
			if a != w.opts.Visitor {
				w.Browsers[a] = browser.New(browser.Config{Socket: socket, Agent: a, Ticket: ticket})
			}
		}
	}
}

// show shows a picture of the platform's own client in the agent's browser.
func (w *World) show(agent string, picture []byte) {
	if b := w.Browsers[agent]; b != nil {
		b.Show(picture)
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
	errs := make(chan error, 4+len(w.sites)+len(w.Browsers))
	start := func(ctx context.Context, name string, run func(context.Context) error) {
		wg.Go(func() {
			if err := run(ctx); err != nil && !errors.Is(err, context.Canceled) {
				errs <- fmt.Errorf("%s: %w", name, err)
				cancel()
			}
		})
	}
	for _, s := range w.sites {
		start(outside, "simulated site "+s.name, s.run)
	}
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

// Await blocks until the server hears every site and every simulated desk is open.
func (w *World) Await(ctx context.Context) error {
	for _, s := range w.sites {
		hears := s.await
		if hears == nil {
			hears = func(ctx context.Context) error { return w.awaitUp(ctx, s.name) }
		}
		if err := hears(ctx); err != nil {
			return err
		}
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

// awaitUp blocks until the server says that a connection is up.
func (w *World) awaitUp(ctx context.Context, name string) error {
	for {
		all, err := w.states(ctx)
		if err != nil {
			return err
		}
		if all[name] == platform.Up {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("demo: connection %s is %s: %w", name, all[name], ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// states are the connections' states, as the console tells them.
func (w *World) states(ctx context.Context) (map[string]platform.State, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.Server.URL()+"/api/v1/connections", nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var body struct {
		Connections []platform.Status
	}
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		return nil, fmt.Errorf("demo: the states of the connections: %w", err)
	}
	all := map[string]platform.State{}
	for _, s := range body.Connections {
		all[s.Connection] = s.State
	}
	return all, nil
}

// HostURL is the address of the simulated console in which a visitor works as an agent.
func (w *World) HostURL() string { return w.host.origin() }

// ConfigFile is the configuration that the server runs with.
func (w *World) ConfigFile() string { return filepath.Join(w.opts.Dir, "cordboard.yaml") }
