// Package pgcost tells what a PostgreSQL server uses: for measurements, and tests of what things cost.
package pgcost

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Usage is what a server has used until a moment.
type Usage struct {
	// CPU is the processor time of all its processes since they started; 0 when they are not on this machine, or that is
	// not known here.
	CPU time.Duration
	// WAL is how far its log has come, Size how large the database is; in bytes.
	WAL, Size int64
}

// Meter asks one server. One goroutine at a time uses it.
type Meter struct {
	conn       *pgx.Conn
	postmaster int
}

// Open connects to a database by its address (postgres://…). Close ends that.
func Open(ctx context.Context, url string) (*Meter, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("pgcost: %w", err)
	}
	m := &Meter{conn: conn}
	var backend int
	var near bool // a number of a process means nothing on another machine
	err = conn.QueryRow(ctx, "SELECT pg_backend_pid(), coalesce(host(inet_server_addr()) IN ('127.0.0.1', '::1'), true)").Scan(&backend, &near)
	if err != nil {
		return nil, fmt.Errorf("pgcost: %w", errors.Join(err, conn.Close(ctx)))
	}
	if near {
		m.postmaster, _ = postmasterOf(backend) // without it the processor time is not known
	}
	return m, nil
}

// Usage is what the server has used until now.
func (m *Meter) Usage(ctx context.Context) (u Usage, err error) {
	err = m.conn.QueryRow(ctx, "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint, pg_database_size(current_database())").Scan(&u.WAL, &u.Size)
	if err == nil && m.postmaster != 0 {
		u.CPU, err = CPU(m.postmaster)
	}
	if err != nil {
		return u, fmt.Errorf("pgcost: %w", err)
	}
	return u, nil
}

// Close ends the connection.
func (m *Meter) Close(ctx context.Context) error { return m.conn.Close(ctx) }
