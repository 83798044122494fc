package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"cordboard/store/internal/column"
)

// PruneMessages deletes the messages that events were made of, and those that were kept because nobody could read them,
// received before a time. The events stay. One call is one small transaction, in which it gets past at most max events
// and max kept messages, the oldest first; it returns how many, 0 when no more are that old or another node is about it.
func (s *Store) PruneMessages(ctx context.Context, before time.Time, max int) (n int, err error) {
	if err := s.usable(); err != nil {
		return 0, err
	}
	session, _ := s.rights(nil)
	err = pgx.BeginFunc(ctx, s.journal, func(tx pgx.Tx) error {
		var from int64
		err := tx.QueryRow(ctx, "SELECT n FROM swept WHERE name = 'messages' FOR UPDATE SKIP LOCKED").Scan(&from)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		to, events, err := oldMessages(ctx, tx, from, before, max)
		if err != nil {
			return err
		}
		if events > 0 {
			if _, err := tx.Exec(ctx, "UPDATE events SET raw = NULL, packed = NULL WHERE seq > $1 AND seq <= $2 AND coalesce(raw, packed) IS NOT NULL", from, to); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "UPDATE swept SET n = $1 WHERE name = 'messages'", to); err != nil {
				return err
			}
		}
		gone, err := tx.Exec(ctx, "DELETE FROM kept WHERE seq IN (SELECT seq FROM kept WHERE at < $1 ORDER BY at LIMIT $2)", column.Nanos(before), max)
		if err != nil {
			return err
		}
		kept := gone.RowsAffected()
		if n = events + int(kept); kept > 0 {
			_, err = tx.Exec(ctx, "UPDATE nodes SET kept = kept - $2 WHERE session = $1", session, kept)
		}
		return err
	})
	if err != nil {
		return 0, s.judge("prune messages", err)
	}
	return n, nil
}

// oldMessages finds the newest of the events behind from that were received before a time, and how many they are.
func oldMessages(ctx context.Context, tx pgx.Tx, from int64, before time.Time, max int) (to int64, n int, err error) {
	rows, err := tx.Query(ctx, "SELECT seq, body FROM events WHERE seq > $1 ORDER BY seq LIMIT $2", from, max)
	if err != nil {
		return 0, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			seq  int64
			body string
			ev   struct{ Received time.Time }
		)
		if err := rows.Scan(&seq, &body); err != nil {
			return 0, 0, err
		}
		if err := json.Unmarshal([]byte(body), &ev); err != nil {
			return 0, 0, fmt.Errorf("event number %d as stored: %w", seq, err)
		}
		if !ev.Received.Before(before) {
			break
		}
		to = seq
		n++
	}
	rows.Close()
	return to, n, rows.Err()
}
