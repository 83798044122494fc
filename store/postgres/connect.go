package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// oldest is the oldest PostgreSQL that this store is tested with.
const oldest = 150000

// verify refuses a connection whose server could lose or tear what it acknowledged ("Write Ahead Log" settings of the
// PostgreSQL documentation), or that is no place to write to. It is asked of every connection: synchronous_commit belongs
// to a session, and after a failover another server may answer.
func verify(ctx context.Context, conn *pgx.Conn) error {
	var (
		version                      int
		fsync, pages, commit, coding string
		replica, readOnly            bool
	)
	err := conn.QueryRow(ctx, `SELECT current_setting('server_version_num')::int, current_setting('fsync'), current_setting('full_page_writes'),
		current_setting('synchronous_commit'), current_setting('server_encoding'), pg_is_in_recovery(),
		current_setting('default_transaction_read_only')::bool`).
		Scan(&version, &fsync, &pages, &commit, &coding, &replica, &readOnly)
	switch {
	case err != nil:
		return fmt.Errorf("read the server's settings: %w", err)
	case version < oldest:
		return refusal("the server is PostgreSQL %d: at least %d is needed", version/10000, oldest/10000)
	case replica:
		return refusal("the server is a replica (pg_is_in_recovery): connect to the primary")
	case readOnly:
		return refusal("default_transaction_read_only is on: this user cannot write here")
	case fsync != "on":
		return refusal("fsync is %s: a power cut would destroy the database; set fsync = on", fsync)
	case pages != "on":
		return refusal("full_page_writes is %s: a power cut could tear pages; set full_page_writes = on", pages)
	case commit == "off":
		return refusal("synchronous_commit is off: a crash would lose what was acknowledged; set synchronous_commit = on for this user or database")
	case coding != "UTF8":
		return refusal("the database's encoding is %s: create it with UTF8", coding)
	}
	return nil
}

// ErrRefused means that the server is not one that a journal may be kept on, as it is set up.
var ErrRefused = errors.New("this PostgreSQL cannot keep a journal")

func refusal(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrRefused}, args...)...)
}

// parse reads a connection string and adds what every connection needs.
func (s *Store) parse(url string) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the connection string cannot be read: " + bare(err))
	}
	c := cfg.ConnConfig
	if !s.password.IsZero() {
		c.Password = s.password.Reveal()
	}
	c.RuntimeParams["search_path"] = pgx.Identifier{s.schema}.Sanitize()
	c.RuntimeParams["application_name"] = "cordboard " + s.node
	c.RuntimeParams["idle_in_transaction_session_timeout"] = "60000"
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 5 * time.Second
	}
	cfg.AfterConnect = verify
	cfg.MaxConnLifetime = time.Hour
	cfg.MinConns = 1
	s.server = c.Host
	return cfg, nil
}

// bare is an error of the parser without the connection string, which may hold a password.
func bare(err error) string {
	var parse interface{ Unwrap() error }
	if errors.As(err, &parse) && parse.Unwrap() != nil {
		return parse.Unwrap().Error()
	}
	return "it must look like postgres://user@host/database"
}

// planned are settings under which a prepared statement reads by index whatever the statistics say: the tables start
// empty, and a plan that was right then must not stay when they are large.
func planned(cfg *pgxpool.Config) {
	for _, off := range []string{"enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"} {
		cfg.ConnConfig.RuntimeParams[off] = "off"
	}
	cfg.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
}

// pool opens at most size connections when they are needed.
func (s *Store) pool(ctx context.Context, url string, size int32, tune func(*pgxpool.Config)) (*pgxpool.Pool, error) {
	cfg, err := s.parse(url)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = size
	if tune != nil {
		tune(cfg)
	}
	return pgxpool.NewWithConfig(ctx, cfg)
}

// channel is the name of a session's notifications.
func (s *Store) channel(session int64) string {
	return fmt.Sprintf("%s_%d", s.schema, session)
}
