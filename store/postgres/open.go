package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"cordboard/config"
	"cordboard/desk"
	"cordboard/engine"
)

// Options are what Open takes beside the connection string. The zero value is fine.
type Options struct {
	// Node is this node's name; empty is the host's name. No two processes may run under one name: the newer one ends
	// the older one.
	Node string
	// TTL is for how long a node that says nothing is taken to be alive; 0 means 10 s. It bounds how long a failover
	// takes and must be the same on all nodes.
	TTL time.Duration
	// Patience is how long one commit may take, and how long its outcome is looked for when its answer was lost; 0
	// means 10 s.
	Patience time.Duration
	// Schema is where the tables are; empty means "cordboard".
	Schema string
	// Password is the database user's; empty leaves it to the connection string and to PostgreSQL's own ways.
	Password config.Secret
	// Log receives what an operator should know; nil discards it.
	Log *slog.Logger
}

// Store is the journal in a PostgreSQL database as one node sees it, and what pages read from it. It is safe for
// concurrent use.
type Store struct {
	node, schema, server string
	ttl, patience        time.Duration
	password             config.Secret
	log                  *slog.Logger

	journal *pgxpool.Pool // what the engine reads and writes
	pages   *pgxpool.Pool // what people read
	keeper  *pgxpool.Pool // leases, and what nodes tell each other
	tables  *pgxpool.Pool // rows of data tables, for workflows

	writing sync.Mutex // held while a group is written
	unsure  bool       // whether it is unknown what became of the newest group
	grp     int64      // the number of the newest group, stored or not
	turn    int64      // see resolve
	numbers numbers

	mu      sync.Mutex // guards what follows
	session int64
	until   time.Time            // by this node's clock
	term    int64                // counts how often everything held was lost
	epochs  map[string]int64     // of the connections that this node owns or owned last
	desks   map[string]time.Time // of this node, by agent: since when, as far as the database has told
	inbox   chan desk.Message
	wake    chan struct{}
	broken  atomic.Pointer[error]
}

var (
	_ engine.Journal = (*Store)(nil)
	_ engine.Reader  = (*Store)(nil)
)

// Open opens the journal in the database that url names (postgres://user:password@host:port/database), makes its tables
// if they are not there, and begins a session of this node. It fails when the database was written by a newer release,
// and with [ErrRefused] when a setting that keeps commits safe does not hold.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	s := &Store{
		node: o.Node, schema: o.Schema, ttl: o.TTL, patience: o.Patience, password: o.Password, log: o.Log,
		epochs: map[string]int64{}, numbers: numbers{calls: map[string]numbered{}}, desks: map[string]time.Time{},
		inbox: make(chan desk.Message, 1024), wake: make(chan struct{}, 1),
	}
	if s.node == "" {
		s.node, _ = os.Hostname() // a node without a name is a name, too
	}
	if s.schema == "" {
		s.schema = "cordboard"
	}
	if s.ttl == 0 {
		s.ttl = 10 * time.Second
	}
	if s.patience == 0 {
		s.patience = 10 * time.Second
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.open(ctx, url); err != nil {
		s.closePools()
		return nil, fmt.Errorf("open PostgreSQL %s: %w", s.server, err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, url string) (err error) {
	cfg, err := s.parse(url)
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, cfg.ConnConfig)
	if err != nil {
		return err
	}
	err = verify(ctx, conn)
	if err == nil {
		err = migrate(ctx, conn, s.schema)
	}
	if err = errors.Join(err, conn.Close(ctx)); err != nil {
		return err
	}
	if s.journal, err = s.pool(ctx, url, 3, planned); err != nil {
		return err
	}
	if s.pages, err = s.pool(ctx, url, 4, nil); err != nil {
		return err
	}
	if s.keeper, err = s.pool(ctx, url, 4, planned); err != nil {
		return err
	}
	if s.tables, err = s.pool(ctx, url, 3, planned); err != nil {
		return err
	}
	return s.enter(ctx, 0)
}

func (s *Store) closePools() {
	for _, p := range []*pgxpool.Pool{s.journal, s.pages, s.keeper, s.tables} {
		if p != nil {
			p.Close()
		}
	}
}

// farewell is how long ending the session may take: if the database is away it ends by itself.
const farewell = 3 * time.Second

// Close ends the node's session, so that others take over at once, and the store; nobody may use it any more, and Run has
// returned.
func (s *Store) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), min(s.patience, farewell))
	defer cancel()
	err := s.leave(ctx)
	s.closePools()
	return err
}
