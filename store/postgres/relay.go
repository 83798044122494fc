package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"cordboard/desk"
)

var _ desk.Relay = (*Store)(nil)

// Messages implements [desk.Relay]. They wait in the database while nobody reads. [Store.Run] must be running.
func (s *Store) Messages() <-chan desk.Message { return s.inbox }

// Send implements [desk.Relay].
func (s *Store) Send(ctx context.Context, messages []desk.Message) (gone []int64, err error) {
	session, _ := s.rights(nil)
	rows := loads(messages)
	bodies, to, left := make([][]byte, len(rows)), make([]int64, len(rows)), make([]float64, len(rows))
	now := time.Now()
	for i, l := range rows {
		bodies[i], to[i], left[i] = l.pack(), l.node, l.until.Sub(now).Seconds()
	}
	answer, err := s.keeper.Query(ctx, `WITH l AS MATERIALIZED (SELECT live() AS session),
		put AS (
			INSERT INTO relay (session, sender, kind, agent, key, body, until)
			SELECT node, $1, '`+string(loaded)+`', '', '', body, clock_timestamp() + make_interval(secs => secs)
			FROM unnest($2::bytea[], $3::float8[], $4::bigint[]) WITH ORDINALITY
				x (body, secs, node, i) JOIN l ON l.session = x.node ORDER BY i)
		SELECT node, CASE WHEN l.session IS NOT NULL THEN pg_notify($5 || '_' || node, 'relay') IS NOT NULL ELSE false END
		FROM (SELECT DISTINCT node FROM unnest($4::bigint[]) u (node)) d LEFT JOIN l ON l.session = d.node`,
		session, bodies, left, to, s.schema)
	if err != nil {
		return nil, s.judge("tell other nodes", err)
	}
	var node int64
	var told bool
	_, err = pgx.ForEachRow(answer, []any{&node, &told}, func() error {
		if !told {
			gone = append(gone, node)
		}
		return nil
	})
	return gone, s.judge("tell other nodes", err)
}

// fetch takes this node's messages out of the database, in the order in which they were sent.
func (e *ear) fetch(ctx context.Context) error {
	for {
		now := time.Now()
		got, err := e.load(ctx, now)
		if err != nil {
			return err
		}
		for _, row := range got {
			if err := e.tellRow(ctx, row, now); err != nil {
				return err
			}
		}
		if len(got) < fetchAtOnce {
			return nil
		}
	}
}

const fetchAtOnce = 256

// lookAll is how often a node looks at all that is there for it, and not only behind what it took last.
const lookAll = time.Second

// taken is how far a node has taken its messages. What others deleted is still in the index until the database's vacuum, so who looked from
// the beginning each time would pass over it each time. A message with a lower number may be stored late: lookAll finds it.
type taken struct {
	newest, from int64
	all          time.Time // when it looked at everything last
	behind       bool      // it has looked since, and not at everything
}

// load takes some messages. It does so on the connection that listens, so that it hears with the answer what was told meanwhile.
func (e *ear) load(ctx context.Context, now time.Time) ([]desk.Message, error) {
	t := &e.taken
	if now.Sub(t.all) < lookAll {
		got, err := e.take(ctx, now, t.from)
		if t.behind = true; err != nil || len(got) > 0 {
			return got, err
		}
	}
	got, err := e.take(ctx, now, 0)
	if err == nil && len(got) < fetchAtOnce {
		t.all, t.from, t.behind = now, t.newest, false
	}
	return got, err
}

// take takes the first messages behind a number.
func (e *ear) take(ctx context.Context, now time.Time, from int64) ([]desk.Message, error) {
	within, cancel := context.WithTimeout(ctx, e.patience)
	defer cancel()
	rows, err := e.conn.Query(within, `WITH m AS (
			DELETE FROM relay WHERE seq IN (SELECT seq FROM relay WHERE session = $1 AND seq > $3 ORDER BY seq LIMIT $2) RETURNING *)
		SELECT seq, kind, sender, agent, key, body, coalesce(since, 'epoch'), CASE WHEN kind = '`+string(desk.Came)+`' AND sender NOT IN (SELECT live()) THEN 0 ELSE extract(epoch FROM until - clock_timestamp()) END::float8
		FROM m ORDER BY seq`,
		e.session, fetchAtOnce, from)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (m desk.Message, err error) {
		var seq int64
		var left float64
		err = row.Scan(&seq, &m.Kind, &m.Node, &m.Agent, &m.Key, &m.Body, &m.Since, &left)
		e.taken.newest = max(e.taken.newest, seq)
		m.Agent, m.Key = unescape(m.Agent), unescape(m.Key)
		m.Until = now.Add(time.Duration(left * float64(time.Second)))
		return m, err
	})
}

// tellRow hands on what a row says or carries.
func (e *ear) tellRow(ctx context.Context, row desk.Message, now time.Time) error {
	all := []desk.Message{row}
	if row.Kind == loaded {
		var err error
		if all, err = unpack(row); err != nil {
			e.log.Error("what another node has told cannot be read", "error", err) // whoever waits for an answer asks again
			return nil
		}
	}
	for _, m := range all {
		if !m.Until.After(now) { // its time is over, or it says that a desk hangs on a node that is gone
			continue
		}
		if err := e.tell(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// tell hands a message to this node's desks.
func (e *ear) tell(ctx context.Context, m desk.Message) error {
	switch {
	case m.Node == e.session:
		m.Node = 0
	case m.Kind == desk.Came:
		e.nodes[m.Node] = struct{}{}
	}
	select {
	case e.inbox <- m:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
