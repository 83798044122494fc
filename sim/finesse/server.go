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
)

// Server is one simulated Finesse site. All methods may be called from any
// goroutine.
type Server struct {
	cfg   Config
	mux   http.Handler
	ready sync.Mutex // guards the listeners
	http  net.Listener
	xmpp  net.Listener

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
	change     chan struct{} // closed and replaced at each change when somebody waits
	closed     bool
	stop       chan struct{}  // closed by Close
	work       sync.WaitGroup // sessions, timers and far ends
	timers     map[*time.Timer]struct{}
}

// New makes a site. It listens to nothing before Listen or Run.
func New(cfg Config) *Server {
	cfg = cfg.withDefaults()
	s := &Server{cfg: cfg, agents: makeAgents(cfg), dialogs: map[string]*dialog{}, lastDialog: cfg.FirstDialog,
		subs: map[string][]string{}, all: map[*session]struct{}{}, stop: make(chan struct{}), timers: map[*time.Timer]struct{}{},
		extensions: make(map[string]*agent, cfg.Agents), random: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))}
	for _, a := range s.agents {
		s.extensions[a.ext] = a
	}
	s.mux = s.routes()
	return s
}

// Handler serves REST, the WebSocket and the control API for those who have
// their own HTTP server. Sessions that it carries end with Close.
func (s *Server) Handler() http.Handler { return s.mux }

// Listen binds the two addresses, so that Ready can tell them before Run
// serves them. It does nothing the second time.
func (s *Server) Listen() error {
	s.ready.Lock()
	defer s.ready.Unlock()
	if s.http != nil {
		return nil
	}
	web, err := listen(s.cfg.HTTPListener, s.cfg.HTTPAddr)
	if err != nil {
		return fmt.Errorf("finesse simulator, HTTP: %w", err)
	}
	stream, err := listen(s.cfg.XMPPListener, s.cfg.XMPPAddr)
	if err != nil {
		_ = web.Close()
		return fmt.Errorf("finesse simulator, XMPP: %w", err)
	}
	s.http, s.xmpp = web, stream
	return nil
}

func listen(given net.Listener, addr string) (net.Listener, error) {
	if given != nil {
		return given, nil
	}
	return net.Listen("tcp", addr)
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
		if err := web.Serve(s.http); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error { return s.accept(s.xmpp) })
	group.Go(func() error { return s.pinger(ctx) })
	group.Go(func() error {
		<-ctx.Done()
		_ = s.xmpp.Close()
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
			if !s.sleep(50 * time.Millisecond) {
				return nil
			}
			continue
		}
		if sess := s.admit(newTCPTransport(conn), false); sess != nil {
			go s.serve(sess)
		}
	}
}

// sleep waits, and is false when the server closes meanwhile.
func (s *Server) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.stop:
		return false
	}
}

// admit registers a session, or refuses it because the server is closing.
func (s *Server) admit(t transport, framed bool) *session {
	sess := &session{s: s, t: t, framed: framed}
	sess.out = newOutbox(s.cfg.MaxQueue, func() { s.spawnKill(t) })
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		t.kill(true)
		return nil
	}
	s.all[sess] = struct{}{}
	sess.heard.Store(time.Now().UnixNano())
	s.work.Add(1)
	return sess
}

// serve runs one admitted session to its end.
func (s *Server) serve(sess *session) {
	defer s.work.Done()
	sess.run()
}

// spawnKill breaks a socket from a place that must not wait for it; it is
// called under Server.mu or from a session that is still counted in work.
func (s *Server) spawnKill(t transport) {
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		t.kill(true)
	}()
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
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.stop)
		for sess := range s.all {
			s.spawnKill(sess.t)
		}
		for t := range s.timers {
			if t.Stop() {
				s.work.Done()
			}
		}
		clear(s.timers)
		s.changed()
	}
	s.mu.Unlock()
	s.work.Wait()
}

// later runs f under Server.mu after d, unless the server closes before.
func (s *Server) later(d time.Duration, f func()) {
	if s.closed {
		return
	}
	s.work.Add(1)
	var t *time.Timer
	t = time.AfterFunc(d, func() {
		defer s.work.Done()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.timers, t)
		if !s.closed {
			f()
		}
	})
	s.timers[t] = struct{}{}
}

// Ready is what a client needs to know, for the line that the command prints:
// url, ws_url, xmpp_addr, domain, pubsub_domain agents (how many, the ids
// and extensions in their order, the password of all) and scripts. It is nil
// before Listen.
func (s *Server) Ready() map[string]any {
	s.ready.Lock()
	defer s.ready.Unlock()
	if s.http == nil {
		return nil
	}
	host := s.http.Addr().String()
	first, last := s.agents[0], s.agents[len(s.agents)-1]
	return map[string]any{
		"simulator": "finesse", "url": "http://" + host, "ws_url": "ws://" + host + "/ws/", "xmpp_addr": s.xmpp.Addr().String(),
		"domain": s.cfg.Domain, "pubsub_domain": "pubsub." + s.cfg.Domain,
		"agents": map[string]any{"count": len(s.agents), "first_id": first.id, "last_id": last.id,
			"first_extension": fmt.Sprint(s.cfg.FirstExtension), "last_extension": fmt.Sprint(s.cfg.FirstExtension + len(s.agents) - 1),
			"password": s.cfg.Password},
		"scripts": scriptNames(),
	}
}
