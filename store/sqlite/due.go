package sqlite

import (
	"context"
	"database/sql"
	"math"
	"time"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/store/internal/column"
)

// Due implements [engine.Journal]. A file has one process, which holds every call: what it is working on is what holding says.
func (s *Store) Due(ctx context.Context, until time.Time, max int, holding func(call.ID) bool) ([]engine.Work, error) {
	var out []engine.Work
	err := s.view(ctx, s.journal, "read what is due", func(tx *sql.Tx) error {
		order, err := s.dueCalls(ctx, tx, until, max, holding)
		if err != nil {
			return err
		}
		work := works{}
		if err := s.known.callsByN.each(ctx, tx, order, work.scan); err != nil {
			return err
		}
		if err := s.fill(ctx, tx, work); err != nil {
			return err
		}
		for _, n := range order {
			out = append(out, *work[n.(int64)])
		}
		return nil
	})
	return out, err
}

// dueCalls returns the numbers of the calls that are due, earliest first.
func (s *Store) dueCalls(ctx context.Context, tx *sql.Tx, until time.Time, max int, holding func(call.ID) bool) (order []any, err error) {
	rows, err := tx.StmtContext(ctx, s.known.due).QueryContext(ctx, latest(until))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for len(order) < max && rows.Next() {
		var (
			n  int64
			id call.ID
		)
		if err := rows.Scan(&n, &id); err != nil {
			return nil, err
		}
		if holding == nil || !holding(id) {
			order = append(order, n)
		}
	}
	return order, rows.Err()
}

// latest is nanos for a bound: a time too far away to be stored is the end of time.
func latest(t time.Time) int64 {
	if t.Year() > 2261 {
		return math.MaxInt64
	}
	return column.Nanos(t)
}
