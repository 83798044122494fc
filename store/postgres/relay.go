package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrNoDesk means that no other node has a desk of the agent.
var ErrNoDesk = errors.New("postgres: the agent has no desk on another node")

// Message is what one node's desks tell another's.
type Message struct {
	// Agent is whose desk it is about. The message goes to the node where that desk hangs, unless To names a node.
	Agent string
	// ID ties an answer to its question, Kind says what Body is.
	ID, Kind string
	Body     []byte
	// Until is when the message is worth nothing any more; it is then dropped.
	Until time.Time
	// To is the node to tell, as From named it in a message received; zero finds it by Agent.
	To int64
	// From is set by the store.
	From int64
	done chan error
}

// Attach says that a desk of the agent hangs on this node. Of many nodes the newest counts.
func (s *Store) Attach(ctx context.Context, agent string) error {
	s.mu.Lock()
	s.desks[agent] = struct{}{}
	session := s.session
	s.mu.Unlock()
	_, err := s.keeper.Exec(ctx, `INSERT INTO desks (agent, session, since) VALUES ($1, $2, clock_timestamp())
		ON CONFLICT (agent, session) DO UPDATE SET since = excluded.since`, escape(agent), session)
	return s.judge("attach a desk", err)
}

// Detach says that no desk of the agent hangs on this node any more.
func (s *Store) Detach(ctx context.Context, agent string) error {
	s.mu.Lock()
	delete(s.desks, agent)
	session := s.session
	s.mu.Unlock()
	_, err := s.keeper.Exec(ctx, "DELETE FROM desks WHERE agent = $1 AND session = $2", escape(agent), session)
	return s.judge("detach a desk", err)
}

// Send hands a message to the node that it is for and returns once the database has it; many calls share a round trip. It
// fails with [ErrNoDesk] when no living node is to be told. A message may be lost when a node or the database
// crashes: whoever sends one and waits for an answer sends it again. [Store.Run] must be running.
func (s *Store) Send(ctx context.Context, m Message) error {
	m.done = make(chan error, 1)
	s.mu.Lock()
	s.out = append(s.out, m)
	s.mu.Unlock()
	select {
	case s.sending <- struct{}{}:
	default:
	}
	select {
	case err := <-m.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Messages are what other nodes sent to this node's desks, each once. They wait in the database while nobody reads.
func (s *Store) Messages() <-chan Message { return s.inbox }

// carry sends what waits; while one load is on its way the next one gathers.
func (s *Store) carry(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.sending:
		}
		s.mu.Lock()
		load := s.out
		s.out = nil
		s.mu.Unlock()
		if len(load) == 0 {
			continue
		}
		within, cancel := context.WithTimeout(ctx, s.patience)
		told, err := s.ship(within, load)
		cancel()
		for i := range load {
			switch {
			case err != nil:
				load[i].done <- fmt.Errorf("postgres: relay: %w", err)
			case !told[i]:
				load[i].done <- ErrNoDesk
			default:
				load[i].done <- nil
			}
		}
	}
}

// ship stores a load of messages and notifies each node once.
func (s *Store) ship(ctx context.Context, load []Message) (told map[int]bool, err error) {
	session, _ := s.rights(nil)
	n := len(load)
	agents, ids, kinds := make([]string, n), make([]string, n), make([]string, n)
	bodies, to, left := make([][]byte, n), make([]int64, n), make([]float64, n)
	now := time.Now()
	for i, m := range load {
		agents[i], ids[i], kinds[i], bodies[i], to[i] = escape(m.Agent), escape(m.ID), escape(m.Kind), m.Body, m.To
		if bodies[i] == nil {
			bodies[i] = []byte{}
		}
		left[i] = m.Until.Sub(now).Seconds()
	}
	told = map[int]bool{}
	rows, err := s.keeper.Query(ctx, `WITH l AS MATERIALIZED (SELECT live() AS session),
		u AS MATERIALIZED (
			SELECT i, agent, id, kind, body, secs, CASE WHEN node <> 0 THEN (SELECT session FROM l WHERE session = node)
				ELSE (SELECT d.session FROM desks d JOIN l USING (session) WHERE d.agent = x.agent AND d.session <> $1 ORDER BY d.since DESC LIMIT 1) END AS node
			FROM unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::float8[], $7::bigint[]) WITH ORDINALITY
				x (agent, id, kind, body, secs, node, i)),
		put AS (
			INSERT INTO relay (session, sender, agent, id, kind, body, until)
			SELECT node, $1, agent, id, kind, body, clock_timestamp() + make_interval(secs => secs) FROM u WHERE node IS NOT NULL ORDER BY i),
		told AS MATERIALIZED (SELECT node, pg_notify($8 || '_' || node, 'relay') FROM (SELECT DISTINCT node FROM u WHERE node IS NOT NULL) d)
		SELECT u.i FROM u JOIN told USING (node)`, session, agents, ids, kinds, bodies, left, to, s.schema)
	if err != nil {
		return nil, err
	}
	err = each(rows, func(i int) { told[i-1] = true })
	rows.Close()
	return told, errors.Join(err, rows.Err())
}

// fetch takes this node's messages out of the database, in the order in which they were sent.
func (s *Store) fetch(ctx context.Context, session int64) error {
	for {
		now := time.Now()
		got, err := s.load(ctx, session, now)
		if err != nil {
			return err
		}
		for _, m := range got {
			if !m.Until.After(now) {
				continue
			}
			select {
			case s.inbox <- m:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if len(got) < fetchAtOnce {
			return nil
		}
	}
}

const fetchAtOnce = 256

func (s *Store) load(ctx context.Context, session int64, now time.Time) ([]Message, error) {
	within, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	rows, err := s.keeper.Query(within, `WITH m AS (
			DELETE FROM relay WHERE seq IN (SELECT seq FROM relay WHERE session = $1 ORDER BY seq LIMIT $2) RETURNING *)
		SELECT sender, agent, id, kind, body, extract(epoch FROM until - clock_timestamp())::float8 FROM m ORDER BY seq`, session, fetchAtOnce)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (m Message, err error) {
		var left float64
		err = row.Scan(&m.From, &m.Agent, &m.ID, &m.Kind, &m.Body, &left)
		m.Agent, m.ID, m.Kind = unescape(m.Agent), unescape(m.ID), unescape(m.Kind)
		m.Until = now.Add(time.Duration(left * float64(time.Second)))
		return m, err
	})
}
