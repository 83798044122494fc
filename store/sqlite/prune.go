package sqlite

import (
	"context"
	"fmt"
	"time"

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
	err = s.writer.transact(ctx, func(ctx context.Context) (err error) {
		n, err = s.writer.prune(ctx, column.Nanos(before), max)
		return err
	})
	if err != nil {
		n = 0
	}
	return n, s.judge("prune", err)
}

func (w *writer) prune(ctx context.Context, before int64, max int) (int, error) {
	old := works{}
	rows, err := w.conn.QueryContext(ctx, workColumns+`started < ? AND last < ? AND open = 0 AND due IS NULL
		AND NOT EXISTS (SELECT 1 FROM steps WHERE call = n AND state IN ('pending', 'retrying', 'parked'))
		ORDER BY started LIMIT ?`, before, before, max)
	if err != nil {
		return 0, err
	}
	if err := drain(rows, old.scan); err != nil {
		return 0, err
	}
	for n, item := range old {
		if err := w.forget(ctx, n, &item.Call); err != nil {
			return 0, err
		}
	}
	return len(old), w.add(ctx, "calls", -len(old))
}

// forget deletes one call.
func (w *writer) forget(ctx context.Context, n int64, c *engine.Call) error {
	for _, d := range []struct{ total, text string }{
		{"events", "DELETE FROM events WHERE call = ?"},
		{"runs", "DELETE FROM runs WHERE call = ?"},
		{"", "DELETE FROM steps WHERE call = ?"}, // triggers count them
		{"", "DELETE FROM refs WHERE call = ?"},
		{"", "DELETE FROM calls WHERE n = ?"},
	} {
		if err := w.remove(ctx, d.total, d.text, n); err != nil {
			return err
		}
	}
	for _, t := range search.Of(c).List {
		if err := w.remove(ctx, "", "DELETE FROM search WHERE token = ? AND call = ?", t, n); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes rows and takes them off a total.
func (w *writer) remove(ctx context.Context, total, text string, args ...any) error {
	result, err := w.conn.ExecContext(ctx, text, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	if total == "" {
		return nil
	}
	gone, err := result.RowsAffected()
	if err != nil {
		return err
	}
	return w.add(ctx, total, -int(gone))
}
