package salesforce

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Config says what org to simulate. The zero Config is a working org on a free port of 127.0.0.1.
type Config struct {
	Addr string           // to listen on; "127.0.0.1:0" by default
	URL  string           // as clients see it, if not the address listened on
	Now  func() time.Time // time.Now by default
	Seed uint64           // of the random choices of faults

	ClientID     string // consumer key of the one connected app
	ClientSecret string
	Callbacks    []string       // addresses that a log-in may go back to; none lets it go to this machine only
	Username     string         // the integration user, who client credentials run as
	JWTKey       *rsa.PublicKey // verifies JWT bearer assertions; without it the org makes a key pair, see Ready

	TokenLifetime time.Duration // of an access token; 2 h by default
	IndexDelay    time.Duration // before SOSL finds a new or changed record; real orgs: up to minutes
	DailyQuota    int           // API calls in rolling 24 h; 5,000,000 (a full sandbox's) by default
	QueryBatch    int           // records a query page; 2,000 by default
	AppName       string        // set: Sforce-Limit-Info also has the per-app form
	DuplicateKey  string        // in the body of DUPLICATES_DETECTED; "duplicateResut", as published traffic spells it
	// AllowSubtypeUpdate lets an update or a matched upsert carry TaskSubtype. The Object Reference lets it be set at
	// create only; that an upsert which meets an existing task fails for it is inferred from other create-only fields.
	AllowSubtypeUpdate bool
	KeepWrites         int // how many writes to remember for observation; 1,000,000 by default

	Log *slog.Logger // silent by default
}

// Server is one simulated org. It is an http.Handler; all its methods may be called from any goroutine.
type Server struct {
	cfg      Config
	orgID    string
	userID   string
	mu       sync.RWMutex // guards the tables, lastID and cursors
	tables   map[string]*table
	byPrefix map[string]*table
	lastID   uint64
	cursors  cursors
	tokens   tokens
	key      keyPair
	grants   grants
	faults   faults
	calls    meter
	log      writeLog

	listening sync.Mutex // guards listener and url
	listener  net.Listener
	url       string
}

// New builds an org with its objects, the integration user and nobody else.
func New(cfg Config) *Server {
	setDefaults(&cfg)
	s := &Server{cfg: cfg, tables: map[string]*table{}, byPrefix: map[string]*table{}, url: cfg.URL}
	for _, o := range objects() {
		t := newTable(o)
		s.tables[strings.ToLower(o.name)] = t
		s.byPrefix[o.prefix] = t
	}
	s.table("Task").obj.byName["TaskSubtype"].updateable = cfg.AllowSubtypeUpdate
	s.tokens.live = map[string]token{}
	s.faults.init(cfg.Seed)
	s.calls.max = cfg.DailyQuota
	s.calls.byKind = map[string]int{}
	s.log.keep = cfg.KeepWrites
	s.lastID = 14776336 // so that ids look like ids of a lived-in org
	s.orgID = newID("00D", 7)
	s.userID = s.AddUser(map[string]any{"Username": cfg.Username, "FirstName": "Integration", "LastName": "User",
		"Email": "integration@example.com", "Alias": "integ", "IsActive": true})
	return s
}

func setDefaults(c *Config) {
	orString := func(p *string, v string) {
		if *p == "" {
			*p = v
		}
	}
	orInt := func(p *int, v int) {
		if *p == 0 {
			*p = v
		}
	}
	orString(&c.Addr, "127.0.0.1:0")
	orString(&c.ClientID, "3MVG9simulated.consumer.key")
	orString(&c.ClientSecret, "simulated-consumer-secret")
	orString(&c.Username, "integration@cordboard.example")
	orString(&c.DuplicateKey, "duplicateResut")
	orInt(&c.DailyQuota, 5_000_000)
	orInt(&c.QueryBatch, 2000)
	orInt(&c.KeepWrites, 1_000_000)
	if c.TokenLifetime == 0 {
		c.TokenLifetime = 2 * time.Hour
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}

// Listen opens the port, so that URL and Ready are known before Run. Calling it again does nothing.
func (s *Server) Listen() error {
	s.listening.Lock()
	defer s.listening.Unlock()
	if s.listener != nil {
		return nil
	}
	l, err := net.Listen("tcp", s.cfg.Addr)
	if err != nil {
		return fmt.Errorf("salesforce simulator: %w", err)
	}
	s.listener = l
	if s.url == "" {
		s.url = "http://" + l.Addr().String()
	}
	return nil
}

// Run serves until ctx ends; it listens first where Listen was not called. It returns nil after an orderly end.
func (s *Server) Run(ctx context.Context) error {
	if err := s.Listen(); err != nil {
		return err
	}
	srv := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 1 << 20,
		BaseContext: func(net.Listener) context.Context { return ctx }, // ends slow requests too
		ErrorLog:    slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelWarn)}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(s.listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("salesforce simulator: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if srv.Shutdown(grace) != nil {
		srv.Close()
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("salesforce simulator: %w", err)
	}
	return nil
}

// URL is the org's address, known after Listen (or from Config.URL).
func (s *Server) URL() string {
	s.listening.Lock()
	defer s.listening.Unlock()
	return s.url
}

// base is the org's address as this request saw it: handlers mounted elsewhere need no configuration.
func (s *Server) base(r *http.Request) string {
	if s.cfg.URL != "" {
		return s.cfg.URL
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// Ready is what a client needs to connect: the readiness line of the stand-alone simulator. The first call without
// a configured JWT key makes a key pair, which takes a moment.
func (s *Server) Ready() map[string]any {
	jwt := map[string]any{"issuer": s.cfg.ClientID, "subject": s.cfg.Username, "audience": s.URL()}
	if s.cfg.JWTKey == nil {
		jwt["private_key"] = s.key.privatePEM()
	}
	return map[string]any{"url": s.URL(), "client_id": s.cfg.ClientID, "client_secret": s.cfg.ClientSecret,
		"username": s.cfg.Username, "user_id": s.userID, "org_id": s.orgID, "jwt": jwt,
		"external_id_field": "Cordboard_Key__c"}
}

func (s *Server) table(name string) *table {
	if t := s.tables[strings.ToLower(name)]; t != nil {
		return t
	}
	return nil
}
