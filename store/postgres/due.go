package postgres

import (
	"context"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"cordboard/call"
	"cordboard/engine"
)

// Due implements [engine.Journal]. It hands out this node's calls and those whose holder is no longer alive, which become
// this node's: two nodes that ask at the same time pass each other by.
func (s *Store) Due(ctx context.Context, until time.Time, max int, holding func(call.ID) bool) (work []engine.Work, err error) {
	err = s.outlast(ctx, func(ctx context.Context) (err error) {
		work, err = s.due(ctx, until, max, holding)
		return err
	})
	return work, err
}

func (s *Store) due(ctx context.Context, until time.Time, max int, holding func(call.ID) bool) ([]engine.Work, error) {
	if err := s.usable(); err != nil || max <= 0 {
		return nil, err
	}
	var out []engine.Work
	place := place{math.MinInt64, math.MinInt64}
	for len(out) < max {
		found, next, err := s.dueCalls(ctx, latest(until), place, max-len(out), holding)
		if err != nil {
			return nil, s.judge("read what is due", err)
		}
		work, err := s.claim(ctx, found)
		if err != nil {
			return nil, s.judge("claim what is due", err)
		}
		out = append(out, work...)
		if next == nil {
			break
		}
		place = *next
	}
	return out, nil
}

// place is where a list of due calls goes on.
type place struct{ due, n int64 }

// duePage is how many rows are looked at in one go.
const duePage = 2000

// dueCalls lists at most max numbers of calls that are due and that this node may take, earliest first, from a place on. next is where
// the list goes on; nil at its end.
func (s *Store) dueCalls(ctx context.Context, until int64, from place, max int, holding func(call.ID) bool) (found []int64, next *place, err error) {
	session, _ := s.rights(nil)
	page := min(duePage, 4*max+16)
	rows, err := s.journal.Query(ctx, `SELECT t.due, t.call, c.id FROM todo t JOIN calls c ON c.n = t.call
		WHERE t.due <= $1 AND (t.due, t.call) > ($2, $3) AND (c.holder = $4 OR c.holder NOT IN (SELECT live()))
		ORDER BY t.due, t.call LIMIT $5`, until, from.due, from.n, session, page)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	looked := 0
	for len(found) < max && rows.Next() {
		var id string
		if err := rows.Scan(&from.due, &from.n, &id); err != nil {
			return nil, nil, err
		}
		looked++
		if holding == nil || !holding(call.ID(unescape(id))) {
			found = append(found, from.n)
		}
	}
	rows.Close()
	if looked == page || len(found) == max {
		next = &from
	}
	return found, next, rows.Err()
}

// claim makes calls this node's and reads them; calls that somebody else is quicker to take, or is changing, are left out. It
// refuses when this node's session has run out.
func (s *Store) claim(ctx context.Context, numbers []int64) (out []engine.Work, err error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	session, _ := s.rights(nil)
	work := &works{}
	b := &pgx.Batch{}
	b.Queue("BEGIN ISOLATION LEVEL READ COMMITTED")
	b.Queue(alive, session)
	b.Queue(`UPDATE calls SET holder = $1 WHERE n IN (
		SELECT n FROM calls WHERE n = ANY ($2) AND due IS NOT NULL AND holder <> $1 AND holder NOT IN (SELECT live()) FOR UPDATE SKIP LOCKED)`, session, numbers)
	b.Queue(workColumns+"WHERE c.n = ANY ($2) AND c.holder = $1 AND c.due IS NOT NULL ORDER BY c.due, c.n", session, numbers).Query(work.scan)
	b.Queue(`SELECT s.call, s.body FROM steps s JOIN calls c ON c.n = s.call WHERE c.n = ANY ($2) AND c.holder = $1
		AND `+unfinished+" ORDER BY s.call, s.seq", session, numbers).Query(work.scanSteps)
	b.Queue("SELECT e.call, e.key FROM events e JOIN calls c ON c.n = e.call WHERE c.n = ANY ($2) AND c.holder = $1", session, numbers).Query(work.scanEvents)
	b.Queue("COMMIT").Exec(committed)
	within, cancel := s.within(ctx)
	defer cancel()
	conn, err := s.journal.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	err = conn.SendBatch(within, b).Close()
	end(within, conn)
	if err != nil {
		return nil, err
	}
	for _, w := range work.list {
		out = append(out, *w)
	}
	return out, nil
}
