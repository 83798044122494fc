package webex

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server is one simulated organization with its API. All methods may be
// called from any goroutine.
type Server struct {
	cfg      Config
	mux      http.Handler
	ready    sync.Mutex // guards listener
	listener net.Listener
	keys     keyring
	faults   faults
	orders   orders
	hooks    *hooks

	mu            sync.Mutex // guards everything below and all that agents and tasks hold
	agents        []*agent
	byID          map[string]*agent
	ids           ids
	tasks         map[string]*task // those that are not over, by interaction id
	recent        []*task          // all, in the order of their creation; the oldest are forgotten
	campaigns     map[string]campaign
	subscriptions map[string]*subscription // WebSockets that were asked for and are not there yet
	sockets       map[*socket]struct{}
	told          int
	keepalives    int           // heard from clients
	change        chan struct{} // closed and replaced at each change when somebody waits
	closed        bool
	stop          chan struct{} // closed by Close
	timers        map[*time.Timer]struct{}
	work          sync.WaitGroup // sockets, timers, far ends and webhooks
}

// New makes an organization. It listens to nothing before Listen or Run.
func New(cfg Config) *Server {
	cfg = cfg.withDefaults()
	s := &Server{cfg: cfg, ids: newIDs(), byID: make(map[string]*agent, cfg.Agents), tasks: map[string]*task{},
		campaigns: defaultCampaigns(), subscriptions: map[string]*subscription{}, sockets: map[*socket]struct{}{},
		timers: map[*time.Timer]struct{}{}, stop: make(chan struct{})}
	s.agents = makeAgents(cfg, s.ids)
	for _, a := range s.agents {
		s.byID[a.id] = a
	}
	s.keys.init(s)
	s.hooks = newHooks(s)
	s.mux = s.routes()
	return s
}

// Handler serves OAuth, REST, the WebSocket and the control API for those who
// have their own HTTP server. What it carries ends with Close.
func (s *Server) Handler() http.Handler { return s.mux }

// Listen binds the address, so that Ready can tell it before Run serves it.
// It does nothing the second time.
func (s *Server) Listen() error {
	s.ready.Lock()
	defer s.ready.Unlock()
	if s.listener != nil {
		return nil
	}
	s.listener = s.cfg.Listener
	if s.listener == nil {
		l, err := net.Listen("tcp", s.cfg.Addr)
		if err != nil {
			return fmt.Errorf("webex simulator: %w", err)
		}
		s.listener = l
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
	web := &http.Server{Handler: s.mux, ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx }} // ends slow requests too
	served := make(chan error, 1)
	go func() { served <- web.Serve(s.listener) }()
	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
		_ = web.Close()
		err = <-served
	}
	s.Close()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("webex simulator: %w", err)
}

// Close breaks all connections, stops all timers and waits until nothing of
// the server runs. Run calls it by itself.
func (s *Server) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.stop)
		for k := range s.sockets {
			k.kill()
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

// later runs f under Server.mu after d, unless the server closes before. It
// is called under Server.mu.
func (s *Server) later(d time.Duration, f func()) {
	if s.closed || d < 0 {
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

// spawn runs f on its own; its context ends with the server. It is called
// under Server.mu and does nothing when the server is closed.
func (s *Server) spawn(f func(context.Context)) {
	if s.closed {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.work.Add(2)
	go func() {
		defer s.work.Done()
		select {
		case <-s.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	go func() {
		defer s.work.Done()
		defer cancel()
		f(ctx)
	}()
}

// URL is the address of the API, "" before Listen.
func (s *Server) URL() string {
	s.ready.Lock()
	defer s.ready.Unlock()
	if s.listener == nil {
		return ""
	}
	return "http://" + s.listener.Addr().String()
}

// AgentToken is what a client needs to act for one agent.
type AgentToken struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Email        string `json:"email"`
	Extension    string `json:"extension"`
	RefreshToken string `json:"refresh_token"`
}

// Ready is what a client needs to know, for the line that the command prints:
// url, token_url, client_id, client_secret, org_id, service_refresh_token (of
// the service app, for administration), agents (with their refresh tokens),
// team_id, entry_point_id, queues, campaigns, wrap_up_code_id and scripts. It
// is nil before Listen.
func (s *Server) Ready() map[string]any {
	url := s.URL()
	if url == "" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var campaigns []map[string]string
	for _, name := range campaignNames(s.campaigns) {
		campaigns = append(campaigns, map[string]string{"id": name, "campaignType": s.campaigns[name].Type})
	}
	return map[string]any{
		"simulator": "webex", "url": url, "token_url": url + tokenPath, "client_id": s.cfg.ClientID, "client_secret": s.cfg.ClientSecret,
		"org_id": orgID, "service_refresh_token": s.keys.service(), "agents": s.agentTokens(), "team_id": teamID,
		"entry_point_id": entryPointID, "queues": queueNames, "campaigns": campaigns, "wrap_up_code_id": wrapUpCodeID,
		"scripts": scriptNames(),
	}
}

func (s *Server) agentTokens() []AgentToken {
	list := make([]AgentToken, 0, len(s.agents))
	for _, a := range s.agents {
		list = append(list, AgentToken{a.id, a.name, a.mail, a.dn, s.keys.refreshOf(a)})
	}
	return list
}
