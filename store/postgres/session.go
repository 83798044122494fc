package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"cordboard/engine"
)

var _ engine.Tenure = (*Store)(nil)

// alive refuses a transaction of a session that has run out.
const alive = `SELECT refuse('` + codeFenced + `', 'this node was silent for too long, others may have taken over')
	WHERE NOT EXISTS (SELECT FROM nodes WHERE session = $1 AND until > clock_timestamp())`

// rights are this node's session, and the epochs under which it owns, or owned last, the given connections.
func (s *Store) rights(connections map[string]struct{}) (session int64, epochs map[string]int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range connections {
		if epoch, ok := s.epochs[name]; ok {
			if epochs == nil {
				epochs = map[string]int64{}
			}
			epochs[name] = epoch
		}
	}
	return s.session, epochs
}

// Tenure implements [engine.Tenure]: a term ends with the session, with every call that another node took over, and
// whenever this node may have missed that one was.
func (s *Store) Tenure() (term int64, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.term, s.until
}

// Wake implements [engine.Tenure].
func (s *Store) Wake() <-chan struct{} { return s.wake }

func (s *Store) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// lose says that calls which this node held may be somebody else's.
func (s *Store) lose() {
	s.mu.Lock()
	s.term++
	s.mu.Unlock()
	s.rouse()
}

// enter begins a session of this node in place of the old one, 0 for none, and ends all its former ones, so that what they
// held is free at once. A session that ran out is only replaced while no other process runs under this node's name.
func (s *Store) enter(ctx context.Context, old int64) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if now, _ := s.rights(nil); now != old {
		return nil // somebody was quicker to notice
	}
	before := time.Now()
	var session int64
	err := pgx.BeginFunc(ctx, s.keeper, func(tx pgx.Tx) error {
		var namesake bool
		err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM nodes WHERE name = $1 AND session > $2)", escape(s.node), old).Scan(&namesake)
		if err != nil {
			return err
		}
		if namesake && old != 0 {
			return fmt.Errorf("%w: postgres: another process runs under the name of this node, %q", engine.ErrBroken, s.node)
		}
		if _, err := tx.Exec(ctx, endFormer, escape(s.node), s.schema); err != nil {
			return err
		}
		for _, text := range append([]string{foldTotals}, sweep...) {
			if _, err := tx.Exec(ctx, text); err != nil {
				return err
			}
		}
		err = tx.QueryRow(ctx, "INSERT INTO nodes (name, until) VALUES ($1, clock_timestamp() + make_interval(secs => $2)) RETURNING session",
			escape(s.node), s.ttl.Seconds()).Scan(&session)
		if err != nil {
			return err
		}
		return s.placeDesks(ctx, tx, session)
	})
	if err != nil {
		return err
	}
	s.grp, s.turn, s.unsure = 0, 0, false
	s.mu.Lock()
	s.session, s.until = session, before.Add(s.ttl)
	s.term++
	s.mu.Unlock()
	s.rouse()
	// Makes listen notice. If this is lost, it notices by itself after a while.
	_, _ = s.keeper.Exec(ctx, "SELECT pg_notify($1, 'free')", s.channel(old))
	return nil
}

// endFormer ends the sessions that a node of this name had, and tells the other nodes that they are gone: they would not see
// it by themselves, as they look for sessions that ran out a moment ago.
const endFormer = `WITH former AS (UPDATE nodes SET until = '-infinity' WHERE name = $1 AND until > '-infinity' AND session <> 0 RETURNING 1)
	SELECT pg_notify($2 || '_' || session, 'free') FROM nodes WHERE until > clock_timestamp() AND name <> $1 AND EXISTS (SELECT FROM former)`

// sweep forgets where the desks of nodes hung that are gone, what was to be told to them, and old tickets.
var sweep = []string{
	"DELETE FROM desks WHERE session NOT IN (SELECT live())",
	"DELETE FROM relay WHERE session NOT IN (SELECT live())",
	"DELETE FROM tickets WHERE until < clock_timestamp()",
}

// foldTotals puts the totals of sessions that ended a day ago together.
const foldTotals = `WITH gone AS (
		DELETE FROM nodes WHERE session IN (
			SELECT session FROM nodes WHERE session <> 0 AND until < clock_timestamp() - interval '1 day' FOR UPDATE SKIP LOCKED) RETURNING *),
	g AS (
		SELECT count(*) AS n, sum(events) AS events, sum(calls) AS calls, sum(runs) AS runs, sum(kept) AS kept, sum(pending) AS pending,
			sum(retrying) AS retrying, sum(parked) AS parked, sum(done) AS done, sum(skipped) AS skipped, sum(dead) AS dead FROM gone)
	UPDATE nodes t SET events = t.events + g.events, calls = t.calls + g.calls, runs = t.runs + g.runs, kept = t.kept + g.kept,
		pending = t.pending + g.pending, retrying = t.retrying + g.retrying, parked = t.parked + g.parked, done = t.done + g.done,
		skipped = t.skipped + g.skipped, dead = t.dead + g.dead
	FROM g WHERE t.session = 0 AND g.n > 0`

// leave ends the session and tells the other nodes. A group that is under way is waited for.
func (s *Store) leave(ctx context.Context) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	session, _ := s.rights(nil)
	err := s.outlast(ctx, func(ctx context.Context) error {
		_, err := s.keeper.Exec(ctx, `WITH me AS (UPDATE nodes SET until = '-infinity' WHERE session = $1 AND until > '-infinity' RETURNING 1),
			gone AS (DELETE FROM desks WHERE session = $1)
			SELECT pg_notify($2 || '_' || session, 'free') FROM nodes, me WHERE until > clock_timestamp() AND session <> $1`, session, s.schema)
		return err
	})
	if err != nil {
		return fmt.Errorf("postgres: end the session: %w", err)
	}
	return nil
}

// beat pushes the session ahead. When it has run out, it begins another one.
func (s *Store) beat(ctx context.Context) error {
	session, _ := s.rights(nil)
	before := time.Now()
	var lives, others bool
	err := s.keeper.QueryRow(ctx, `WITH me AS (
			UPDATE nodes SET until = clock_timestamp() + make_interval(secs => $2) WHERE session = $1 AND until > clock_timestamp() RETURNING 1)
		SELECT EXISTS (SELECT FROM me), EXISTS (SELECT FROM nodes WHERE session NOT IN (0, $1)
			AND until BETWEEN clock_timestamp() - make_interval(secs => $2) AND clock_timestamp())`, session, s.ttl.Seconds()).Scan(&lives, &others)
	if err != nil {
		return fmt.Errorf("postgres: keep the session: %w", err)
	}
	if !lives {
		if err := s.enter(ctx, session); err != nil {
			if errors.Is(err, engine.ErrBroken) {
				return s.fail(err)
			}
			return fmt.Errorf("postgres: begin a session: %w", err)
		}
		s.log.Warn("this node was silent for too long: others may have taken over, it starts over", "node", s.node)
		return nil
	}
	if others { // a node died: its calls are free
		for _, text := range sweep {
			if _, err := s.keeper.Exec(ctx, text); err != nil {
				return fmt.Errorf("postgres: sweep: %w", err)
			}
		}
		if _, err := s.keeper.Exec(ctx, "SELECT pg_notify($1, 'free')", s.channel(session)); err != nil {
			return fmt.Errorf("postgres: tell of a node that is gone: %w", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if until := before.Add(s.ttl); s.session == session && until.After(s.until) {
		s.until = until
	}
	return nil
}
