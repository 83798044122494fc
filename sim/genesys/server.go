package genesys

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Server is one simulated org. All methods may be called from any goroutine.
type Server struct {
	cfg    Config
	mux    http.Handler
	tokens tokens
	faults faults
	log    requestLog

	catalog []topic // the topics that exist

	listening sync.Mutex // guards listener and url
	listener  net.Listener
	url       string

	mu       sync.Mutex // guards everything below and all that hangs from it
	org      org
	channels map[string]*channel
	byTopic  map[string][]*channel // whose subscriptions name the topic
	calls    map[string]*conversation
	recent   []*conversation // ended ones, oldest first, a bounded number
	targets  []*eventTarget  // where events go by HTTP
	triggers []*trigger

	published  int         // notifications written to sockets
	deliveries []*Delivery // the last ones, oldest first
	delivered  int
	sockets    int

	change chan struct{} // closed and replaced at each change when somebody waits
	closed bool
	stop   chan struct{}  // closed by Close
	work   sync.WaitGroup // sockets, timers, calls and deliveries
	timers map[*time.Timer]struct{}
}

// New makes an org with its users, queue, campaigns and contacts. It listens to nothing before Listen or Run.
func New(cfg Config) *Server {
	cfg = cfg.withDefaults()
	s := &Server{cfg: cfg, url: cfg.URL, channels: map[string]*channel{}, byTopic: map[string][]*channel{},
		calls: map[string]*conversation{}, stop: make(chan struct{}), timers: map[*time.Timer]struct{}{}}
	s.org = newOrg(cfg, time.Now())
	s.tokens.live = map[string]*token{}
	s.catalog = s.topics()
	s.faults.random = rand.New(rand.NewPCG(cfg.Seed, 0x9e3779b97f4a7c15))
	s.mux = s.routes()
	return s
}

// Handler serves everything for those who have their own HTTP server. What it started ends with Close.
func (s *Server) Handler() http.Handler { return s.mux }

// Listen binds the address, so that Ready can tell it before Run serves it. It does nothing the second time.
func (s *Server) Listen() error {
	s.listening.Lock()
	defer s.listening.Unlock()
	if s.listener != nil {
		return nil
	}
	l := s.cfg.Listener
	if l == nil {
		var err error
		if l, err = net.Listen("tcp", s.cfg.Addr); err != nil {
			return fmt.Errorf("genesys simulator: %w", err)
		}
	}
	s.listener = l
	if s.url == "" {
		s.url = "http://" + l.Addr().String()
	}
	return nil
}

// Run serves until ctx ends, then breaks all connections and returns when nothing of the server runs any more. It
// returns nil, or why it could not serve. A server runs once.
func (s *Server) Run(ctx context.Context) error {
	if err := s.Listen(); err != nil {
		return err
	}
	web := &http.Server{Handler: s.mux, ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelWarn)}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := web.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("genesys simulator: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		s.Close()
		_ = web.Close()
		return nil
	})
	return group.Wait()
}

// Close breaks all sockets, stops all timers and deliveries, and waits until nothing of the server runs. Run calls it
// by itself.
func (s *Server) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.stop)
		for t := range s.timers {
			if t.Stop() {
				s.work.Done()
			}
		}
		clear(s.timers)
		for _, c := range s.channels {
			s.cut(c)
		}
		s.changed()
	}
	s.mu.Unlock()
	s.work.Wait()
}

// later runs f under Server.mu after d, unless the server closes before. It is called under Server.mu.
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

// untilClosed is a context that ends with the server; its cancel waits until nothing of it is left.
func (s *Server) untilClosed() (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		select {
		case <-s.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel()
		<-gone
	}
}

// URL is the org's address, known after Listen (or from Config.URL).
func (s *Server) URL() string {
	s.listening.Lock()
	defer s.listening.Unlock()
	return s.url
}

// readyUsers is how many users the readiness line names; the API tells all.
const readyUsers = 100

// Ready is what a client needs to know, for the line that the command prints: the address of the API and that of the
// login (the same here), the client's id and secret, the org's first hundred users and how many there are, its queue,
// secure flow, campaigns by dialing mode, contact list and wrap-up codes, and the names of the scripts.
func (s *Server) Ready() map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	users := []map[string]string{}
	for _, u := range s.org.users[:min(len(s.org.users), readyUsers)] {
		users = append(users, map[string]string{"id": u.id, "name": u.name, "email": u.email})
	}
	campaigns := map[string]string{}
	for _, c := range s.org.campaigns {
		campaigns[c.mode] = c.id
	}
	codes := map[string]string{}
	for _, c := range s.org.codes {
		codes[c.name] = c.id
	}
	return map[string]any{"simulator": "genesys", "url": s.URL(), "login_url": s.URL(),
		"client_id": s.cfg.ClientID, "client_secret": s.cfg.ClientSecret, "org_id": s.org.id,
		"users": users, "user_count": len(s.org.users), "queue_id": s.org.queues[0].id, "secure_flow_id": s.org.flow,
		"campaigns": campaigns, "contact_list_id": s.org.lists[0].id, "wrapup_codes": codes, "scripts": scriptNames()}
}
