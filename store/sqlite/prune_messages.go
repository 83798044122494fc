package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"cordboard/store/internal/column"
)

// PruneMessages deletes the messages that events were made of, and those that were kept because nobody could read them,
// received before a time. The events stay. One call is one small transaction, in which it gets past at most max events
// and max kept messages, the oldest first; it returns how many, 0 when no more are that old. It is called by one
// goroutine at a time.
func (s *Store) PruneMessages(ctx context.Context, before time.Time, max int) (int, error) {
	// What is old is looked up first: so it has come from the disk before commits have to wait.
	old, err := s.oldMessages(ctx, before, max)
	if err != nil || old.events+old.kept == 0 {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return 0, err
	}
	err = s.writer.transact(ctx, func(ctx context.Context) error { return s.writer.forgetMessages(ctx, old) })
	if err != nil {
		return 0, s.judge("prune messages", err)
	}
	return old.events + old.kept, nil
}

// oldMessages is what one step of PruneMessages deletes: the messages of the events behind from and up to to, and the
// kept ones up to keptTo.
type oldMessages struct {
	from, to, keptTo int64
	events, kept     int
}

func (s *Store) oldMessages(ctx context.Context, before time.Time, max int) (old oldMessages, err error) {
	err = s.view(ctx, s.pages, "look for old messages", func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, "SELECT n FROM swept WHERE name = 'messages'").Scan(&old.from); err != nil {
			return err
		}
		young := false
		err := each(ctx, tx, "SELECT seq, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?", []any{old.from, max}, func(rows *sql.Rows) error {
			var (
				seq  int64
				body []byte
				ev   struct{ Received time.Time }
			)
			if err := rows.Scan(&seq, &body); err != nil || young {
				return err
			}
			if err := json.Unmarshal(body, &ev); err != nil {
				return fmt.Errorf("event number %d as stored: %w", seq, err)
			}
			if young = !ev.Received.Before(before); !young {
				old.to = seq
				old.events++
			}
			return nil
		})
		if err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT count(*), coalesce(max(seq), 0) FROM (SELECT seq, at FROM kept ORDER BY seq LIMIT ?) WHERE at < ?",
			max, column.Nanos(before)).Scan(&old.kept, &old.keptTo)
	})
	return old, err
}

func (w *writer) forgetMessages(ctx context.Context, old oldMessages) error {
	if old.events > 0 {
		if _, err := w.run(ctx, "UPDATE events SET raw = NULL, packed = NULL WHERE seq > ? AND seq <= ? AND coalesce(raw, packed) IS NOT NULL", old.from, old.to); err != nil {
			return err
		}
		if _, err := w.run(ctx, "UPDATE swept SET n = ? WHERE name = 'messages'", old.to); err != nil {
			return err
		}
	}
	if old.kept == 0 {
		return nil
	}
	gone, err := w.run(ctx, "DELETE FROM kept WHERE seq <= ?", old.keptTo)
	if err != nil {
		return err
	}
	return w.add(ctx, column.Totals{Kept: -gone})
}
