package server

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"cordboard/calling"
	"cordboard/config"
	"cordboard/desk"
	"cordboard/engine"
	"cordboard/platform"
	"cordboard/store/postgres"
	"cordboard/store/sqlite"
	"cordboard/table"
)

// StoreConfig says where the journal is: in a file of this server's own, or in a PostgreSQL database that several nodes
// share.
type StoreConfig struct {
	// URL is the database, such as postgres://cordboard@db.example.com/cordboard?sslmode=verify-full. Empty keeps the
	// journal in a file in the data folder, for one server.
	URL string `yaml:"url"`
	// Password is the database user's. Without it PostgreSQL's own ways count: PGPASSWORD, a password file,
	// certificates.
	Password config.Secret `yaml:"password"`
	// Node is this server's name among the nodes that share the database; the host's name by default. No two servers
	// may have the same: the newer one ends the older one.
	Node string `yaml:"node"`
	// Lease is how long a node that says nothing is taken to be alive, 10 s by default: for about so long the calls and
	// connections of a node that died stand still. It must be the same on all nodes.
	Lease config.Duration `yaml:"lease"`
}

// shortestLease keeps a busy machine from losing its lease again and again.
const shortestLease = time.Second

// Check implements config's checking of what was read.
func (c *StoreConfig) Check() error {
	if c.URL == "" {
		return nil
	}
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql"):
		return config.At("url", errors.New("it is not the address of a PostgreSQL database such as postgres://user@host/database"))
	case hasPassword(u):
		return config.At("url", errors.New("it holds a password: write that to a file and name it in password_file"))
	case c.Lease != 0 && c.Lease.Std() < shortestLease:
		return config.At("lease", fmt.Errorf("%s is too short to be kept: at least %s", c.Lease, shortestLease))
	}
	return nil
}

func hasPassword(u *url.URL) bool {
	_, has := u.User.Password()
	return has || u.Query().Has("password")
}

// String says where the journal is, for people.
func (c *StoreConfig) String() string {
	u, err := url.Parse(c.URL)
	if err != nil || c.URL == "" {
		return "a file"
	}
	return "PostgreSQL " + u.Host + u.Path
}

// journal is what the server needs of a store.
type journal interface {
	engine.Journal
	engine.Reader
	table.Store
	calling.Ledger
	// OpenLegs are the legs of a connection that are still open.
	OpenLegs(ctx context.Context, connection string) ([]platform.OpenLeg, error)
	// Positions and SetPositions remember how far a connection has read, see [platform.Positions].
	Positions(ctx context.Context, connection string) (map[string]string, error)
	SetPositions(ctx context.Context, connection string, positions map[string]string) error
	// Prune and its like delete what is old, see [prunes].
	Prune(ctx context.Context, before time.Time, max int) (int, error)
	PruneMessages(ctx context.Context, before time.Time, max int) (int, error)
	PruneAttempts(ctx context.Context, before time.Time, max int) (int, error)
	PruneDecisions(ctx context.Context, before time.Time, max int) (int, error)
	// Run works for the store until ctx ends; an error means that the server must stop.
	Run(ctx context.Context) error
	// Close is called last.
	Close() error
}

// shared is what a store has besides that several nodes use.
type shared interface {
	platform.Leases
	engine.Tenure
	desk.Relay
	desk.Safe
}

// openJournal opens the journal, and the part of it that is about other nodes, if there may be any.
func (s *Server) openJournal(ctx context.Context) error {
	if err := os.MkdirAll(s.cfg.path(s.cfg.Data), 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if file, err := s.cfg.journalFile(); err == nil {
		st, err := sqlite.Open(ctx, file, sqlite.Options{Log: s.log})
		if err == nil {
			s.store = st
		}
		return err
	}
	st, err := postgres.Open(ctx, s.cfg.Store.URL, postgres.Options{
		Node: s.cfg.Store.Node, TTL: s.cfg.Store.Lease.Std(), Password: s.cfg.Store.Password, Log: s.log,
	})
	if err == nil {
		s.store, s.nodes = st, st
	}
	return err
}
