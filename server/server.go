// Package server puts the house together: it is the only room that knows all others. A [Server] is one node: the
// journal, the engine, the actions, the desks, the console and the connections of one configuration, started in the
// order in which they need each other and stopped in the opposite one.
package server

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	httpstep "cordboard/action/http"
	"cordboard/action/page"
	"cordboard/action/pop"
	"cordboard/action/record"
	tablestep "cordboard/action/table"
	"cordboard/action/wait"
	"cordboard/action/when"
	"cordboard/call"
	"cordboard/calling"
	"cordboard/catalog"
	"cordboard/config"
	"cordboard/console"
	"cordboard/crm/salesforce"
	"cordboard/desk"
	"cordboard/desk/signin"
	"cordboard/engine"
	"cordboard/platform"
	"cordboard/table"
	"cordboard/workflow"
	"cordboard/workspace"
)

// Server is one node. Make one with New; Run runs it once.
type Server struct {
	cfg      Config
	opts     Options
	log      *slog.Logger
	store    journal
	nodes    shared // the other nodes; nil when the journal is this server's own
	lines    *lines // to them; nil likewise
	news     *news  // between them; nil likewise
	engine   *engine.Engine
	gate     *calling.Gate // says who may be called
	hub      *desk.Hub
	arrivals *arrivals // of desks
	panel    http.Handler
	tickets  *desk.Tickets
	signIn   *signin.Office // nil when somebody else says who the agents are
	console  *console.Console
	tables   *table.Tables
	crm      *salesforce.Client
	requests *httpstep.Action
	links    *platform.Supervisor
	// receivers are the connections that are told by HTTP, by name.
	receivers map[string]platform.Receiver
	hearers   []hearer
	workspace *workspace.Workspace
	metrics   *prometheus.Registry
	retention *retention
	rules     atomic.Pointer[workflow.Set]
	listen    net.Listener
	ready     atomic.Bool
}

// Options are what is not configuration.
type Options struct {
	Log     *slog.Logger
	Version string
	// Tap hears every raw message of every connection, for recording; nil when nobody records.
	Tap func(platform.Message)
	// Accepted is told of events the moment they are durable, before the connector hears it; for measuring. It must not
	// block; nil when nobody measures.
	Accepted func([]call.Event)
	// Journal puts something between the engine and its journal, for tests of a server that dies between two of its
	// steps; nil when nothing is between them.
	Journal func(engine.Journal) engine.Journal
}

// New opens the journal and the listening socket and prepares everything else; nothing is connected before Run. What is
// wrong with the configuration comes back as [config.Problems].
func New(ctx context.Context, cfg Config, opts Options) (*Server, error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{cfg: cfg, opts: opts, log: opts.Log}
	if err := s.open(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// open prepares the parts, each from the ones before it.
func (s *Server) open(ctx context.Context) error {
	if err := s.openRules(); err != nil {
		return err
	}
	managed, err := s.openConnections()
	if err != nil {
		return err
	}
	if err := s.openJournal(ctx); err != nil {
		return err
	}
	if err := s.openTables(ctx); err != nil {
		return err
	}
	if err := s.openDesk(); err != nil {
		return err
	}
	if err := s.openEngine(managed); err != nil {
		return err
	}
	for i := range managed {
		managed[i].Sink = s.Sink(managed[i].Name)
		if s.nodes != nil {
			managed[i].Leases = s.nodes
		}
	}
	s.links = platform.NewSupervisor(s.log, managed...)
	s.receivers, s.hearers = receiversOf(managed), hearersOf(managed)
	if err := s.openConsole(); err != nil {
		return err
	}
	s.metrics = newMetrics(s.engine.Stats, s.connections, func() int { return len(s.hub.Tabs()) })
	s.metrics.MustRegister(newDeskMetrics(s.hub))
	s.openWorkspace(managed)
	s.retention = newRetention(s.cfg.Retention, s.cfg.Calling.Decisions.Std(), s.store, s.metrics, s.log)
	if s.crm != nil {
		s.metrics.MustRegister(newBudgetMetrics(s.crm))
	}
	if s.nodes != nil {
		s.metrics.MustRegister(newNodeMetrics(s.nodes, s.engine.Stats))
	}
	if s.listen, err = net.Listen("tcp", s.cfg.Listen); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return nil
}

// openRules reads the workflows. Their mistakes are the error; what is only questionable goes into the log.
func (s *Server) openRules() error {
	set, problems, err := LoadWorkflows(s.cfg.Workflows, s.cfg.path)
	if err != nil {
		return errors.Join(err, problems.Err())
	}
	for _, p := range problems {
		s.log.Warn("workflow", "problem", p.String())
	}
	s.rules.Store(set)
	return nil
}

func (s *Server) openConnections() ([]platform.Managed, error) {
	var all []platform.Managed
	var problems config.Problems
	for _, c := range s.cfg.Connections {
		conn, found := connectors[c.Platform](c.Settings, openOptions{name: c.Name, path: s.cfg.path, log: s.log, tap: s.tap(c.Name), browser: browsers{s}})
		problems = append(problems, found...)
		all = append(all, platform.Managed{Name: c.Name, Platform: c.Platform, Connector: conn})
	}
	return all, problems.Err()
}

// tap names the connection in every recorded message.
func (s *Server) tap(connection string) func(platform.Message) {
	if s.opts.Tap == nil {
		return nil
	}
	return func(m platform.Message) {
		m.Connection = connection
		s.opts.Tap(m)
	}
}

func (s *Server) openDesk() error {
	s.arrivals = newArrivals()
	cfg := desk.Config{Origins: s.cfg.Desk.Origins, Hear: s.hear, Order: s.giveOrder, Arrived: s.arrivals.add, Pages: s.cfg.Desk.ClientEvents.pages(), Log: s.log}
	s.tickets = desk.NewTickets(nil)
	if s.nodes != nil {
		s.lines = newLines(s.nodes)
		s.tickets, cfg.Relay = desk.NewSharedTickets(s.nodes), s.lines.desks
	}
	cfg.Redeem = s.tickets.Redeem
	if s.cfg.Desk.SignIn != nil {
		known := *s.cfg.Desk.SignIn
		for _, file := range []*string{&known.AgentsFile, &known.CAFile} {
			if *file != "" {
				*file = s.cfg.path(*file)
			}
		}
		var err error
		if s.signIn, err = signin.New(known, desk.Files(), s.tickets, s.log); err != nil {
			return err
		}
		cfg.SignIn = signin.Path
	}
	s.hub = desk.NewHub(cfg)
	orgs := map[string]desk.Org{}
	if s.cfg.Desk.HostURL != "" {
		orgs["main"] = desk.Org{URL: s.cfg.Desk.HostURL}
	} else if s.cfg.Salesforce != nil {
		orgs["main"] = desk.Org{URL: s.cfg.Salesforce.URL}
	}
	s.panel = s.hub.Panel(orgs)
	return nil
}

func (s *Server) openEngine(managed []platform.Managed) error {
	requests, err := httpstep.New(s.cfg.HTTP)
	if err != nil {
		return err
	}
	s.requests = requests
	actions := map[string]engine.Action{"page": page.New(s.hub, page.Options{Origins: s.allowedPages()}), "http": requests, "when": when.Action{}, "wait": wait.New(nil)}
	if err := s.openCalling(); err != nil {
		return err
	}
	maps.Copy(actions, s.contactSteps(managed))
	maps.Copy(actions, tablestep.Actions(s.tables))
	if s.cfg.Salesforce != nil {
		cfg := *s.cfg.Salesforce
		cfg.Folder = filepath.Join(s.cfg.path(s.cfg.Data), "salesforce")
		client, err := salesforce.New(cfg, s.log)
		if err != nil {
			return fmt.Errorf("salesforce: %w", err)
		}
		s.crm = client
		pops := pop.Options{Region: s.cfg.Salesforce.Region}
		actions["pop"] = pop.New(client, s.hub, pops)
		actions["create"] = pop.Completed(record.NewCreate(client), client, pops)
		actions["update"] = pop.Completed(record.NewUpdate(client), client, pops)
	}
	var seed [8]byte
	rand.Read(seed[:])
	var journal engine.Journal = s.store
	if s.opts.Journal != nil {
		journal = s.opts.Journal(journal)
	}
	cfg := engine.Config{
		Journal: journal, Rules: s.rules.Load(), Actions: actions, Log: s.log, Seed: binary.LittleEndian.Uint64(seed[:]),
		Limits: map[string]int{"http": httpstep.AtOnce, "wait": pureAtOnce, "when": pureAtOnce},
		Calls:  s.cfg.listens(), CallLog: logObject,
	}
	if s.nodes != nil {
		cfg.Tenure = s.nodes
	}
	s.engine = engine.New(cfg)
	s.gate.OnBarred(func(ctx context.Context, numbers []string) { endRetries(ctx, s.store, s.engine, s.log, numbers) })
	if s.nodes != nil {
		s.news = newNews(s.lines.news, s.engine.Watch, s.log)
	}
	return nil
}

// pureAtOnce is how many steps that ask nobody may be under way: they wait for the journal only.
const pureAtOnce = 2048

// allowedPages are the origins that a page step may open beside relative paths of the CRM.
func (s *Server) allowedPages() []string {
	if s.cfg.Salesforce == nil {
		return nil
	}
	return []string{s.cfg.Salesforce.URL}
}

func (s *Server) openConsole() (err error) {
	s.console, err = console.New(console.Config{
		Journal: s.store, Rules: func() console.Rules { return s.rules.Load() }, Connections: s.connections, Desks: s.desks,
		Repair: s.engine, Tables: s.tables, Changes: s.watch(), RecordURL: s.recordURL, Calling: &console.Calling{Gate: s.gate, Ledger: s.store, Region: s.cfg.region()}, Catalog: catalog.Default(), Log: s.log, Version: s.opts.Version,
	})
	return err
}

// URL is the address of the server, known from New on.
func (s *Server) URL() string { return "http://" + s.listen.Addr().String() }

// Engine is the server's engine, for tools that feed it without a connection, such as replay and bench.
func (s *Server) Engine() *engine.Engine { return s.engine }

// Sink returns what takes events of a connection by that name in.
func (s *Server) Sink(connection string) platform.Sink {
	return &sink{connection: connection, engine: s.engine, journal: s.store, accepted: s.opts.Accepted}
}

// Journal is the reading side of the journal.
func (s *Server) Journal() engine.Reader { return s.store }

// Tickets hands out desk tickets without asking who wants them; for tools that are trusted.
func (s *Server) Tickets() *desk.Tickets { return s.tickets }

// Rules are the workflows in force.
func (s *Server) Rules() *workflow.Set { return s.rules.Load() }

// Reload reads the workflow files again. When they have mistakes nothing changes.
func (s *Server) Reload() error {
	set, problems, err := LoadWorkflows(s.cfg.Workflows, s.cfg.path)
	if err != nil {
		return errors.Join(err, problems.Err())
	}
	s.rules.Store(set)
	s.engine.SetRules(set)
	s.log.Info("workflows reloaded", "workflows", len(set.Workflows()))
	return nil
}

// Run serves until ctx ends and then stops in order: connections first, so that nothing new comes in, the journal last.
// It returns nil after a graceful stop, and the first failure otherwise.
func (s *Server) Run(ctx context.Context) error {
	defer s.close()
	parts := []part{
		{name: "journal", run: s.store.Run},
		{name: "retention", run: s.retention.run},
	}
	if s.nodes != nil {
		parts = append(parts, part{name: "lines to other nodes", run: s.lines.run}, part{name: "news of other nodes", run: s.news.run})
	}
	parts = append(parts, []part{
		{name: "desks", run: s.hub.Run},
		{name: "engine", run: s.engine.Run},
		{name: "calling", run: s.gate.Run},
		{name: "console", run: s.console.Run},
		{name: "panels", run: s.panels().run},
		{name: "workspace", run: s.workspace.Run},
		{name: "http", run: s.serveHTTP, stop: s.drain},
		{name: "reconcile", run: s.reconcile},
		{name: "connections", run: s.links.Run},
		{name: "readiness", run: s.beReady},
	}...)
	if s.crm != nil {
		parts = append([]part{parts[0], {name: "salesforce", run: s.crm.Run}, {name: "salesforce check", run: s.checkCRM}}, parts[1:]...)
	}
	return runParts(ctx, s.log, parts)
}

// beReady is the last part to start and the first to stop: a balancer sends nobody here who would have to go again.
func (s *Server) beReady(ctx context.Context) error {
	s.ready.Store(true)
	<-ctx.Done()
	s.ready.Store(false)
	return nil
}

// drain asks all browsers to come back later, and waits until they have gone.
func (s *Server) drain(ctx context.Context) error {
	var desks error
	var hub sync.WaitGroup
	hub.Go(func() { desks = s.hub.Drain(ctx) })
	err := s.workspace.Drain(ctx)
	hub.Wait()
	return errors.Join(desks, err)
}

// checkCRM looks once whether the org can take what workflows write, and says so in the log if not. It does not keep the
// server from starting: events must be taken whatever the CRM does.
func (s *Server) checkCRM(ctx context.Context) error {
	asking, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	findings, err := s.crm.Check(asking, OrgNeeds(s.Rules())...)
	if err != nil && ctx.Err() == nil {
		s.log.Error("salesforce cannot be asked", "error", err)
	}
	for _, f := range findings {
		if f.State != salesforce.OK {
			s.log.Warn("salesforce", "finding", f.String())
		}
	}
	<-ctx.Done()
	return nil
}

func (s *Server) serveHTTP(ctx context.Context) error {
	room := newCrowd(descriptors())
	srv := &http.Server{
		Handler: s.handler(room), ConnContext: room.note, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(s.listen) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if srv.Shutdown(stop) != nil {
		srv.Close() // live pages hold their streams open; they come back by themselves
	}
	<-failed
	return nil
}

// close lets go of what New opened.
func (s *Server) close() {
	if s.listen != nil {
		s.listen.Close()
	}
	if s.crm != nil {
		s.crm.Close()
	}
	if s.requests != nil {
		s.requests.Close()
	}
	if s.store != nil {
		if err := s.store.Close(); err != nil {
			s.log.Error("closing the journal", "error", err)
		}
	}
}
