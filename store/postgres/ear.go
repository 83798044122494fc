package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ear hears what other nodes tell this one, on one connection and for one session.
type ear struct {
	*Store
	session int64
	conn    *pgxpool.Conn
	nodes   map[int64]struct{} // those whose desks this node was told of
	taken   taken
}

// listen hears what other nodes tell this one.
func (s *Store) listen(ctx context.Context) error {
	for ctx.Err() == nil {
		session, _ := s.rights(nil)
		e := &ear{Store: s, session: session, nodes: map[int64]struct{}{}}
		if err := e.hear(ctx); ctx.Err() == nil && err != nil && !rest(ctx, s.ttl/20) {
			break
		}
	}
	return nil
}

// hear listens until the connection is lost or the session is another one.
func (e *ear) hear(ctx context.Context) (err error) {
	if e.conn, err = e.keeper.Acquire(ctx); err != nil {
		return err
	}
	defer func() {
		_ = e.conn.Hijack().Close(context.WithoutCancel(ctx)) // the next user must not hear what this one asked for
	}()
	if err := e.begin(ctx); err != nil {
		return err
	}
	if err := e.survey(ctx); err != nil {
		return err
	}
	if err := e.fetch(ctx); err != nil {
		return err
	}
	for {
		if now, _ := e.rights(nil); now != e.session {
			return nil
		}
		if err := e.next(ctx); err != nil || ctx.Err() != nil {
			return err
		}
	}
}

// begin listens from now on. What was told before is lost, and a crash of the database forgets where desks hang.
func (e *ear) begin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, e.patience)
	defer cancel()
	if _, err := e.conn.Exec(ctx, "LISTEN "+pgx.Identifier{e.channel(e.session)}.Sanitize()); err != nil {
		return err
	}
	e.lose()
	return pgx.BeginFunc(ctx, e.conn, func(tx pgx.Tx) error { return e.placeDesks(ctx, tx, e.session) })
}

// next waits for notifications and does what they say, once for all of a kind.
func (e *ear) next(ctx context.Context) error {
	pause := e.ttl
	if e.taken.behind {
		pause = min(pause, lookAll)
	}
	wait, cancel := context.WithTimeout(ctx, pause)
	n, err := e.conn.Conn().WaitForNotification(wait)
	quiet := wait.Err() != nil
	cancel()
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil && quiet && e.taken.behind:
		return e.fetch(ctx)
	case err != nil && quiet: // nothing was told: is the connection still one?
		return e.ping(ctx)
	case err != nil:
		return err
	}
	told := map[string]bool{n.Payload: true}
	for n := e.heard(); n != nil; n = e.heard() {
		told[n.Payload] = true
	}
	return e.obey(ctx, told)
}

// heard is a notification that came with an earlier answer; nil if there is none.
func (e *ear) heard() *pgconn.Notification {
	ended, end := context.WithCancel(context.Background())
	end()
	n, _ := e.conn.Conn().WaitForNotification(ended) // it does not wait
	return n
}

// obey does what notifications said.
func (e *ear) obey(ctx context.Context, told map[string]bool) error {
	if told["relay"] {
		if err := e.fetch(ctx); err != nil {
			return err
		}
	}
	if told["lost"] {
		e.lose()
	}
	if told["free"] { // a node is gone
		e.rouse()
		return e.bury(ctx)
	}
	return nil
}

// ping fails when the connection is dead although nobody said so.
func (e *ear) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, e.patience)
	defer cancel()
	return e.conn.Ping(ctx)
}
