package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"time"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/store/internal/column"
	"cordboard/store/internal/search"
)

// pruneAtOnce is how many calls one transaction of Prune deletes: few, because commits wait for it.
const pruneAtOnce = 50

// Prune deletes calls that are over, whose last event is older than before and that have nothing left to do, with everything stored
// of them. It deletes at most max calls, the oldest first, in small transactions between which commits go on, and returns how many
// calls it deleted. The file does not shrink: its space is used again.
func (s *Store) Prune(ctx context.Context, before time.Time, max int) (int, error) {
	deleted := 0
	for deleted < max {
		n, err := s.pruneSome(ctx, before, min(pruneAtOnce, max-deleted))
		deleted += n
		if err != nil || n == 0 {
			return deleted, err
		}
	}
	return deleted, nil
}

func (s *Store) pruneSome(ctx context.Context, before time.Time, max int) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return 0, err
	}
	if err := s.postAll(ctx); err != nil {
		return 0, err
	}
	s.book.mu.Lock() // no commit changes a call that is being deleted
	defer s.book.mu.Unlock()
	var old works
	err = s.writer.transact(ctx, func(ctx context.Context) (err error) {
		old, err = s.writer.prune(ctx, column.Nanos(before), max, s.book.waits)
		return err
	})
	for _, item := range old {
		delete(s.book.slots.all, item.Call.State.ID)
	}
	n = len(old)
	if err != nil {
		n = 0
	}
	return n, s.judge("prune", err)
}

// waits reports whether something of a call is in the daybook only.
func (b *book) waits(id call.ID) bool { return b.slots.all[id].entry > b.day.posted }

func (w *writer) prune(ctx context.Context, before int64, max int, waits func(call.ID) bool) (works, error) {
	old := works{}
	rows, err := w.conn.QueryContext(ctx, workColumns+`started < ? AND last < ? AND open = 0 AND due IS NULL
		AND NOT EXISTS (SELECT 1 FROM steps s WHERE s.call = calls.n AND s.state IN ('pending', 'retrying', 'parked'))
		ORDER BY started LIMIT ?`, before, before, max)
	if err != nil {
		return nil, err
	}
	if err := drain(rows, old.scan); err != nil {
		return nil, err
	}
	maps.DeleteFunc(old, func(_ int64, item *engine.Work) bool { return waits(item.Call.State.ID) })
	gone := column.Totals{Calls: int64(-len(old)), Steps: map[engine.StepState]int64{}}
	for n, item := range old {
		if err := w.forget(ctx, n, &item.Call, &gone); err != nil {
			return nil, err
		}
	}
	return old, w.add(ctx, gone)
}

// forget deletes one call and takes what belonged to it off the totals.
func (w *writer) forget(ctx context.Context, n int64, c *engine.Call, gone *column.Totals) error {
	var events, runs int64
	err := w.conn.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(json_array_length(runs)), 0) FROM events WHERE call = ?", n).Scan(&events, &runs)
	if err != nil {
		return err
	}
	gone.Events, gone.Runs = gone.Events-events, gone.Runs-runs
	rows, err := w.conn.QueryContext(ctx, "SELECT state, count(*) FROM steps WHERE call = ? GROUP BY state", n)
	if err != nil {
		return err
	}
	err = drain(rows, func(rows *sql.Rows) error {
		var (
			state engine.StepState
			steps int64
		)
		err := rows.Scan(&state, &steps)
		gone.Steps[state] -= steps
		return err
	})
	if err != nil {
		return err
	}
	for _, text := range []string{
		"DELETE FROM events WHERE call = ?", "DELETE FROM steps WHERE call = ?", "DELETE FROM refs WHERE call = ?", "DELETE FROM calls WHERE n = ?",
	} {
		if _, err := w.run(ctx, text, n); err != nil {
			return err
		}
	}
	for _, t := range search.Of(c).List {
		if _, err := w.run(ctx, "DELETE FROM search WHERE token = ? AND call = ?", t, n); err != nil {
			return err
		}
	}
	return nil
}

// run runs a statement that needs no preparing and returns how many rows it changed.
func (w *writer) run(ctx context.Context, text string, args ...any) (rows int64, err error) {
	result, err := w.conn.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", text, err)
	}
	return result.RowsAffected()
}
