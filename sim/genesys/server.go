package genesys

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"cordboard/sim/scenario"
	"cordboard/sim/stage"
)

// Server is one simulated org. All methods may be called from any goroutine.
type Server struct {
	cfg    Config
	life   *stage.Life
	door   stage.Door
	mux    http.Handler
	tokens tokens
	faults faults
	log    requestLog

	catalog []topic // the topics that exist

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
}

// New makes an org with its users, queue, campaigns and contacts. It listens to nothing before Listen or Run.
func New(cfg Config) *Server {
	cfg = cfg.withDefaults()
	s := &Server{cfg: cfg, channels: map[string]*channel{}, byTopic: map[string][]*channel{},
		calls: map[string]*conversation{}}
	s.life = stage.NewLife("genesys", &s.mu)
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
	if err := s.door.Listen(s.cfg.Listener, s.cfg.Addr); err != nil {
		return fmt.Errorf("genesys: %w", err)
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
		if err := web.Serve(s.door.Listener()); !errors.Is(err, http.ErrServerClosed) {
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
	s.life.End(func() {
		for _, c := range s.channels {
			s.cut(c)
		}
	})
}

// URL is the org's address, known after Listen (or from Config.URL).
func (s *Server) URL() string { return cmp.Or(s.cfg.URL, s.door.URL()) }

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
		"campaigns": campaigns, "contact_list_id": s.org.lists[0].id, "wrapup_codes": codes, "scripts": scenario.Names(Scripts())}
}
