package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"cordboard/store/internal/column"
	"cordboard/store/internal/search"
)

// pruneAtOnce is how many calls one transaction of Prune deletes.
const pruneAtOnce = 200

// Prune deletes calls that are over, whose last event is older than before and that have nothing left to do, with everything stored
// of them. It deletes at most max calls, the oldest first, in small transactions, and returns how many calls it deleted. Nodes that prune at the same time pass each other by. Space is used again after
// the database's own vacuum.
func (s *Store) Prune(ctx context.Context, before time.Time, max int) (int, error) {
	deleted := 0
	for deleted < max {
		n, err := s.pruneSome(ctx, before, min(pruneAtOnce, max-deleted))
		deleted += n
		if err != nil || n == 0 {
			return deleted, s.judge("prune", err)
		}
	}
	return deleted, nil
}

// pruneTables delete what belongs to calls, and take it off the totals.
var pruneTables = []string{
	`WITH gone AS (DELETE FROM events WHERE call = ANY ($2) RETURNING runs),
		g AS (SELECT count(*) AS events, coalesce(sum(json_array_length(CAST(runs AS json))), 0) AS runs FROM gone)
		UPDATE nodes SET events = nodes.events - g.events, runs = nodes.runs - g.runs FROM g WHERE session = $1`,
	`WITH gone AS (DELETE FROM steps WHERE call = ANY ($2) RETURNING state),
		g AS (SELECT count(*) FILTER (WHERE state = 'done') AS done, count(*) FILTER (WHERE state = 'skipped') AS skipped, count(*) FILTER (WHERE state = 'dead') AS dead FROM gone)
		UPDATE nodes SET done = nodes.done - g.done, skipped = nodes.skipped - g.skipped, dead = nodes.dead - g.dead FROM g WHERE session = $1`,
	"WITH gone AS (DELETE FROM calls WHERE n = ANY ($2) RETURNING 1) UPDATE nodes SET calls = calls - (SELECT count(*) FROM gone) WHERE session = $1",
}

func (s *Store) pruneSome(ctx context.Context, before time.Time, max int) (n int, err error) {
	if err := s.usable(); err != nil {
		return 0, err
	}
	session, _ := s.rights(nil)
	err = pgx.BeginFunc(ctx, s.journal, func(tx pgx.Tx) error {
		work := &works{}
		rows, err := tx.Query(ctx, workColumns+`WHERE started < $1 AND last < $1 AND NOT open AND due IS NULL
			AND NOT EXISTS (SELECT FROM steps s WHERE s.call = c.n AND `+unfinished+`) ORDER BY started, n LIMIT $2 FOR UPDATE SKIP LOCKED`, column.Nanos(before), max)
		if err != nil {
			return err
		}
		err = work.scan(rows)
		rows.Close()
		if err := errors.Join(err, rows.Err()); err != nil {
			return err
		}
		if n = len(work.list); n > 0 {
			return forget(ctx, tx, session, work)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// forget deletes calls. The row of the session, which a commit locks first, is locked last.
func forget(ctx context.Context, tx pgx.Tx, session int64, work *works) error {
	var tokens []string
	var calls, numbers []int64
	for n, item := range work.byN {
		numbers = append(numbers, n)
		for _, t := range search.Of(&item.Call).List {
			tokens, calls = append(tokens, escape(t)), append(calls, n)
		}
	}
	for _, table := range []string{"refs", "trouble"} {
		if _, err := tx.Exec(ctx, "DELETE FROM "+table+" WHERE call = ANY ($1)", numbers); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, "DELETE FROM search s USING unnest($1::text[], $2::bigint[]) u (token, call) WHERE s.token = u.token AND s.call = u.call", tokens, calls)
	if err != nil {
		return err
	}
	for _, text := range pruneTables {
		if _, err := tx.Exec(ctx, text, session, numbers); err != nil {
			return err
		}
	}
	return nil
}
