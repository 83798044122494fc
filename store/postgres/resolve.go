package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cordboard/engine"
	"cordboard/store/internal/column"
)

// committed proves that a COMMIT was one: PostgreSQL answers "ROLLBACK" to that of a failed transaction.
func committed(tag pgconn.CommandTag) error {
	if tag.String() != "COMMIT" {
		return errors.New("the server rolled back")
	}
	return nil
}

// prove queues the statement by which a transaction shows that its session lives, leaves its number, and adds to the totals.
// It locks the session's row, so a session's transactions come one after the other.
func (s *Store) prove(b *pgx.Batch, t column.Totals, session int64, epochs map[string]int64) {
	b.Queue(`WITH me AS (
			UPDATE nodes SET grp = $2, events = events + $4, calls = calls + $5, runs = runs + $6, kept = kept + $7,
				pending = pending + $8, retrying = retrying + $9, parked = parked + $10, done = done + $11, skipped = skipped + $12, dead = dead + $13
			WHERE session = $1 AND turn = $3 AND until > clock_timestamp() RETURNING 1)
		SELECT refuse('`+codeFenced+`', 'this node was silent for too long, others may have taken over') WHERE NOT EXISTS (SELECT FROM me)`,
		append([]any{session, s.grp, s.turn}, t.Columns()...)...)
	if len(epochs) == 0 {
		return
	}
	names, numbers := make([]string, 0, len(epochs)), make([]int64, 0, len(epochs))
	for name, epoch := range epochs {
		names, numbers = append(names, escape(name)), append(numbers, epoch)
	}
	// The lock keeps another node from taking the lease before this group is stored.
	b.Queue(`WITH mine AS (
			SELECT FROM leases l JOIN unnest($2::text[], $3::bigint[]) u (name, epoch) ON l.name = u.name AND l.epoch = u.epoch
			WHERE l.session = $1 FOR SHARE OF l)
		SELECT refuse('`+codeFenced+`', 'another node owns the connection') WHERE (SELECT count(*) FROM mine) <> cardinality($2)`,
		session, names, numbers)
}

// resolve finds out whether the newest group was stored. It ends the group's turn, so that a transaction that is still on
// its way is refused when it arrives; one that is under way holds the session's row, and resolve waits for it. The caller
// holds s.writing.
func (s *Store) resolve(ctx context.Context) (stored bool, err error) {
	within, cancel := s.within(ctx)
	defer cancel()
	session, _ := s.rights(nil)
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 200*time.Millisecond) {
		var grp int64
		err = s.journal.QueryRow(within, "UPDATE nodes SET turn = $2 WHERE session = $1 RETURNING grp", session, s.turn+1).Scan(&grp)
		if err == nil {
			s.turn++
			s.unsure = false
			return grp == s.grp, nil
		}
		if errors.Is(err, pgx.ErrNoRows) {
			return false, s.fail(fmt.Errorf("%w: this node's session is gone from the database", engine.ErrBroken))
		}
		select {
		case <-within.Done():
			return false, err
		case <-time.After(pause):
		}
	}
}
