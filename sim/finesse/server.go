package finesse

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"cordboard/sim/scenario"
	"cordboard/sim/stage"
)

// Server is one simulated Finesse site. All methods may be called from any
// goroutine.
type Server struct {
	cfg  Config
	life *stage.Life
	web  stage.Door
	mux  http.Handler
	xmpp stage.Door

	mu         sync.Mutex // guards everything below and all that agents, dialogs and calls hold
	agents     []*agent
	extensions map[string]*agent
	dialogs    map[string]*dialog
	lastDialog int
	subs       map[string][]string // explicit subscriptions: node to JIDs
	all        map[*session]struct{}
	sessions   int // bound ones
	outage     bool
	published  int
	scratch    xmlText
	random     *rand.Rand
}

// New makes a site. It listens to nothing before Listen or Run.
func New(cfg Config) *Server {
	cfg = cfg.withDefaults()
	s := &Server{cfg: cfg, agents: makeAgents(cfg), dialogs: map[string]*dialog{}, lastDialog: cfg.FirstDialog,
		subs: map[string][]string{}, all: map[*session]struct{}{},
		extensions: make(map[string]*agent, cfg.Agents), random: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))}
	for _, a := range s.agents {
		s.extensions[a.ext] = a
	}
	s.life = stage.NewLife("finesse", &s.mu)
	s.mux = s.routes()
	return s
}

// Handler serves REST, the WebSocket and the control API for those who have
// their own HTTP server. Sessions that it carries end with Close.
func (s *Server) Handler() http.Handler { return s.mux }

// Listen binds the two addresses, so that Ready can tell them before Run
// serves them. It does nothing the second time.
func (s *Server) Listen() error {
	if err := s.web.Listen(s.cfg.HTTPListener, s.cfg.HTTPAddr); err != nil {
		return fmt.Errorf("finesse, HTTP: %w", err)
	}
	if err := s.xmpp.Listen(s.cfg.XMPPListener, s.cfg.XMPPAddr); err != nil {
		return fmt.Errorf("finesse, XMPP: %w", err)
	}
	return nil
}

// Run serves until ctx ends, then breaks all connections and returns when
// nothing of the server runs any more. It returns nil, or why it could not
// serve. A server runs once.
func (s *Server) Run(ctx context.Context) error {
	if err := s.Listen(); err != nil {
		return err
	}
	web := &http.Server{Handler: s.mux, ReadHeaderTimeout: 10 * time.Second}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := web.Serve(s.web.Listener()); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error { return s.accept(s.xmpp.Listener()) })
	group.Go(func() error { return s.pinger(ctx) })
	group.Go(func() error {
		<-ctx.Done()
		_ = s.xmpp.Listener().Close()
		_ = web.Close()
		s.Close()
		return nil
	})
	return group.Wait()
}

func (s *Server) accept(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			s.cfg.Log.Warn("XMPP connection not accepted", "error", err)
			if !s.life.Pause(context.Background(), 50*time.Millisecond) {
				return nil
			}
			continue
		}
		if sess := s.admit(newTCPTransport(conn), false); sess != nil {
			go s.serve(sess)
		}
	}
}

// admit registers a session, or refuses it because the server is closing.
func (s *Server) admit(t transport, framed bool) *session {
	sess := &session{s: s, t: t, framed: framed}
	sess.out = newOutbox(s.cfg.MaxQueue, func() { s.spawnKill(t) })
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.life.Enter() {
		t.kill(true)
		return nil
	}
	s.all[sess] = struct{}{}
	sess.heard.Store(time.Now().UnixNano())
	return sess
}

// serve runs one admitted session to its end.
func (s *Server) serve(sess *session) {
	defer s.life.Leave()
	sess.run()
}

// spawnKill breaks a socket from a place that must not wait for it; it is
// called under Server.mu or from a session that is still counted in work.
func (s *Server) spawnKill(t transport) {
	s.life.Go(func() { t.kill(true) })
}

func (s *Server) pinger(ctx context.Context) error {
	if s.cfg.PingEvery < 0 {
		return nil
	}
	tick := time.NewTicker(s.cfg.PingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			s.ping()
		}
	}
}

// Close breaks all connections, stops all timers and waits until nothing of
// the server runs. Run calls it by itself.
func (s *Server) Close() {
	s.life.End(func() {
		for sess := range s.all {
			s.spawnKill(sess.t)
		}
	})
}

// Ready is what a client needs to know, for the line that the command prints:
// url, ws_url, xmpp_addr, domain, pubsub_domain agents (how many, the ids
// and extensions in their order, the password of all) and scripts. It is nil
// before Listen.
func (s *Server) Ready() map[string]any {
	host := s.web.Addr()
	if host == "" {
		return nil
	}
	first, last := s.agents[0], s.agents[len(s.agents)-1]
	return map[string]any{
		"simulator": "finesse", "url": "http://" + host, "ws_url": "ws://" + host + "/ws/", "xmpp_addr": s.xmpp.Addr(),
		"domain": s.cfg.Domain, "pubsub_domain": "pubsub." + s.cfg.Domain,
		"agents": map[string]any{"count": len(s.agents), "first_id": first.id, "last_id": last.id,
			"first_extension": fmt.Sprint(s.cfg.FirstExtension), "last_extension": fmt.Sprint(s.cfg.FirstExtension + len(s.agents) - 1),
			"password": s.cfg.Password},
		"scripts": scenario.Names(Scripts()),
	}
}
