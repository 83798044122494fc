package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"cordboard/desk"
)

// weeks is how long the news of where a desk hangs is kept: as long as it takes to read it.
const weeks = "interval '28 days'"

// came tells every living node which desks were put where, and returns them.
const came = `
	told AS (
		INSERT INTO relay (session, sender, kind, agent, key, body, since, until)
		SELECT live.session, $1, '` + string(desk.Came) + `', put.agent, '', '', put.since, clock_timestamp() + ` + weeks + `
		FROM put, live() AS live (session)),
	woken AS MATERIALIZED (SELECT count(pg_notify($3 || '_' || live.session, 'relay')) FROM live() AS live (session))
	SELECT put.agent, put.since FROM put, woken`

// Attach implements [desk.Relay].
func (s *Store) Attach(ctx context.Context, agents []string) error {
	s.mu.Lock()
	session := s.session
	for _, agent := range agents {
		s.desks[agent] = time.Time{}
	}
	s.mu.Unlock()
	rows, err := s.keeper.Query(ctx, `WITH put AS (
			INSERT INTO desks (agent, session, since) SELECT u, $1, clock_timestamp() FROM unnest($2::text[]) u
			ON CONFLICT (agent, session) DO UPDATE SET since = excluded.since RETURNING agent, since),`+
		came, session, escaped(agents), s.schema)
	if err == nil {
		err = s.remember(rows)
	}
	return s.judge("attach desks", err)
}

// remember keeps since when desks of this node hang here.
func (s *Store) remember(rows pgx.Rows) error {
	var agent string
	var since time.Time
	_, err := pgx.ForEachRow(rows, []any{&agent, &since}, func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, here := s.desks[unescape(agent)]; here {
			s.desks[unescape(agent)] = since
		}
		return nil
	})
	return err
}

// Detach implements [desk.Relay].
func (s *Store) Detach(ctx context.Context, agents []string) error {
	s.mu.Lock()
	session := s.session
	for _, agent := range agents {
		delete(s.desks, agent)
	}
	s.mu.Unlock()
	_, err := s.keeper.Exec(ctx, `WITH took AS (DELETE FROM desks WHERE agent = ANY ($2) AND session = $1),
		told AS (
			INSERT INTO relay (session, sender, kind, agent, key, body, until)
			SELECT live.session, $1, '`+string(desk.Left)+`', u, '', '', clock_timestamp() + `+weeks+`
			FROM unnest($2::text[]) u, live() AS live (session) WHERE live.session <> $1)
		SELECT count(pg_notify($3 || '_' || live.session, 'relay')) FROM live() AS live (session) WHERE live.session <> $1`,
		session, escaped(agents), s.schema)
	return s.judge("detach desks", err)
}

// placeDesks says again where this node's desks hang, and since when.
func (s *Store) placeDesks(ctx context.Context, tx pgx.Tx, session int64) error {
	s.mu.Lock()
	agents, since := make([]string, 0, len(s.desks)), make([]*time.Time, 0, len(s.desks))
	for agent, at := range s.desks {
		agents = append(agents, escape(agent))
		if at.IsZero() { // the database has not told yet
			since = append(since, nil)
		} else {
			since = append(since, &at)
		}
	}
	s.mu.Unlock()
	if len(agents) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, `WITH put AS (
			INSERT INTO desks (agent, session, since) SELECT u, $1, coalesce(at, clock_timestamp()) FROM unnest($2::text[], $4::timestamptz[]) x (u, at)
			ON CONFLICT (agent, session) DO UPDATE SET since = excluded.since RETURNING agent, since),`+
		came, session, agents, s.schema, since)
	if err != nil {
		return err
	}
	return s.remember(rows)
}

// survey tells anew where the desks of other nodes hang.
func (e *ear) survey(ctx context.Context) error {
	within, cancel := context.WithTimeout(ctx, e.patience)
	defer cancel()
	rows, err := e.keeper.Query(within, "SELECT agent, session, since FROM desks WHERE session <> $1 AND session IN (SELECT live())", e.session)
	if err != nil {
		return err
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m desk.Message, err error) {
		err = row.Scan(&m.Agent, &m.Node, &m.Since)
		m.Kind, m.Agent = desk.Came, unescape(m.Agent)
		return m, err
	})
	if err != nil {
		return err
	}
	clear(e.nodes)
	for _, m := range append([]desk.Message{{Kind: desk.Anew}}, found...) {
		if err := e.tell(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// bury tells which nodes are gone that had desks.
func (e *ear) bury(ctx context.Context) error {
	if len(e.nodes) == 0 {
		return nil
	}
	within, cancel := context.WithTimeout(ctx, e.patience)
	defer cancel()
	rows, err := e.keeper.Query(within, "SELECT live()")
	if err != nil {
		return err
	}
	alive, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	gone := map[int64]struct{}{}
	for node := range e.nodes {
		gone[node] = struct{}{}
	}
	for _, node := range alive {
		delete(gone, node)
	}
	for node := range gone {
		delete(e.nodes, node)
		if err := e.tell(ctx, desk.Message{Kind: desk.Gone, Node: node}); err != nil {
			return err
		}
	}
	return nil
}
