package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"cordboard/engine"
)

// Run keeps this node's session alive, listens to the other nodes and carries desks' messages until ctx ends. It is called
// once. It returns nil when ctx ended, and an error wrapping engine.ErrBroken when this node must stop: the storage failed,
// or another process took its name.
func (s *Store) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var loops sync.WaitGroup
	for _, loop := range []func(context.Context) error{s.keep, s.listen, s.carry} {
		loops.Go(func() {
			if err := loop(ctx); err != nil {
				stop(err)
			}
		})
	}
	loops.Wait()
	if err := context.Cause(ctx); errors.Is(err, engine.ErrBroken) {
		return err
	}
	return s.usable()
}

// keep keeps the session alive. A beat that fails is tried again soon.
func (s *Store) keep(ctx context.Context) error {
	failing := false
	for {
		beat, cancel := context.WithTimeout(ctx, s.ttl/2)
		err := s.beat(beat)
		cancel()
		if err := s.usable(); err != nil {
			return err
		}
		pause := s.ttl / 3
		if err != nil && ctx.Err() == nil {
			if !failing {
				s.log.Warn("the database does not answer", "error", err)
			}
			pause = s.ttl / 20
		}
		failing = err != nil
		if !rest(ctx, pause) {
			return nil
		}
	}
}

// listen hears what other nodes tell this one.
func (s *Store) listen(ctx context.Context) error {
	for ctx.Err() == nil {
		session, _ := s.rights(nil)
		err := s.hear(ctx, session)
		if ctx.Err() == nil && err != nil && !rest(ctx, s.ttl/20) {
			break
		}
	}
	return nil
}

// hear listens on one connection until it is lost or the session is another one.
func (s *Store) hear(ctx context.Context, session int64) error {
	conn, err := s.keeper.Acquire(ctx)
	if err != nil {
		return err
	}
	defer func() {
		_ = conn.Hijack().Close(context.WithoutCancel(ctx)) // the next user must not hear what this one asked for
	}()
	begin, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	if _, err := conn.Exec(begin, "LISTEN "+pgx.Identifier{s.channel(session)}.Sanitize()); err != nil {
		return err
	}
	s.lose() // what was told before is lost
	// A crash of the database forgets the desks.
	if err := pgx.BeginFunc(begin, conn, func(tx pgx.Tx) error { return s.placeDesks(begin, tx, session) }); err != nil {
		return err
	}
	if err := s.fetch(ctx, session); err != nil {
		return err
	}
	for {
		if now, _ := s.rights(nil); now != session {
			return nil
		}
		wait, cancel := context.WithTimeout(ctx, s.ttl)
		n, err := conn.Conn().WaitForNotification(wait)
		quiet := wait.Err() != nil
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && quiet: // nothing was told: is the connection still one?
			if err := s.ping(ctx, conn); err != nil {
				return err
			}
		case err != nil:
			return err
		default:
			if err := s.heard(ctx, session, n.Payload); err != nil {
				return err
			}
		}
	}
}

// ping fails when a connection is dead although nobody said so.
func (s *Store) ping(ctx context.Context, conn *pgxpool.Conn) error {
	within, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	return conn.Ping(within)
}

func (s *Store) heard(ctx context.Context, session int64, what string) error {
	switch what {
	case "relay":
		return s.fetch(ctx, session)
	case "lost":
		s.lose()
	default:
		s.rouse()
	}
	return nil
}

// rest waits; false means that ctx ended.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
