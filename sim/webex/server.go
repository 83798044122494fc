package webex

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"cordboard/sim/scenario"
	"cordboard/sim/stage"
)

// Server is one simulated organization with its API. All methods may be
// called from any goroutine.
type Server struct {
	cfg    Config
	life   *stage.Life
	door   stage.Door
	mux    http.Handler
	keys   keyring
	faults faults
	orders orders
	hooks  *hooks

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
	keepalives    int // heard from clients
}

// New makes an organization. It listens to nothing before Listen or Run.
func New(cfg Config) *Server {
	cfg = cfg.withDefaults()
	s := &Server{cfg: cfg, ids: newIDs(), byID: make(map[string]*agent, cfg.Agents), tasks: map[string]*task{},
		campaigns: defaultCampaigns(), subscriptions: map[string]*subscription{}, sockets: map[*socket]struct{}{},
	}
	s.life = stage.NewLife("webex", &s.mu)
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
	if err := s.door.Listen(s.cfg.Listener, s.cfg.Addr); err != nil {
		return fmt.Errorf("webex: %w", err)
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
	go func() { served <- web.Serve(s.door.Listener()) }()
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
	s.life.End(func() {
		for k := range s.sockets {
			k.kill()
		}
	})
}

// URL is the address of the API, "" before Listen.
func (s *Server) URL() string { return s.door.URL() }

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
		"scripts": scenario.Names(Scripts()),
	}
}

func (s *Server) agentTokens() []AgentToken {
	list := make([]AgentToken, 0, len(s.agents))
	for _, a := range s.agents {
		list = append(list, AgentToken{a.id, a.name, a.mail, a.dn, s.keys.refreshOf(a)})
	}
	return list
}
