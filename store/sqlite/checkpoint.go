package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

const (
	// walFew is how many pages of the log are worth a checkpoint at once, walSome after how long fewer are.
	walFew  = 1000
	walSome = 5 * time.Second
	// walMany is how many pages the log may hold before the writer waits for the checkpointer.
	walMany = 16 << 10
	// walKeep is the size, in bytes, to which the log is cut when it starts over.
	walKeep = 128 << 20
)

// Run brings what was committed from the daybook into the tables until ctx ends, and moves it from SQLite's log into the
// database, on a connection of its own: no commit pays for it. It is called once. It returns nil when ctx ended, and an error wrapping
// engine.ErrBroken when the storage failed, whoever noticed: then the process must end.
func (s *Store) Run(ctx context.Context) error {
	tick := time.NewTicker(s.every)
	defer tick.Stop()
	last, full := time.Now(), false
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			worked, err := s.turn(ctx, s.tender, now.Sub(last) >= walSome)
			if errors.Is(err, ErrFull) {
				if !full {
					s.log.Warn("the disk is full: what is in the daybook and the log waits", "error", err)
				}
				full = true
				continue
			}
			full = false
			if err != nil {
				return err
			}
			if worked {
				last = now
			}
		}
	}
}

// turn posts what is in the daybook when it is time to, and tends SQLite's log: also when there is no space to post, because a log
// that is written back makes some.
func (s *Store) turn(ctx context.Context, conn *sql.Conn, any bool) (worked bool, err error) {
	var full error
	if s.book.ripe(time.Now()) {
		if err := s.post(ctx); errors.Is(err, ErrFull) {
			full = err
		} else if err != nil {
			return false, err
		}
	}
	worked, err = s.tend(ctx, conn, any || full != nil)
	if err == nil {
		err = full
	}
	return worked, err
}

// tend looks at the log and checkpoints if it is worth it, or if there is anything to do at all and any is true.
func (s *Store) tend(ctx context.Context, conn *sql.Conn, any bool) (worked bool, err error) {
	if err := s.usable(); err != nil {
		return false, err
	}
	ctx = context.WithoutCancel(ctx)
	l, err := s.pass(ctx, conn, "NOOP")
	if err != nil || l.left() == 0 || (l.left() < walFew && l.pages < walMany && !any) {
		return false, err
	}
	return true, s.checkpoint(ctx, conn)
}

// checkpoint writes back what it can beside the writer. The log starts over only when everything in it is written back
// and a commit begins just then; under a steady load that may never happen by itself. So when the log has grown long,
// the writer waits for a last pass, which has only the newest pages to do.
func (s *Store) checkpoint(ctx context.Context, conn *sql.Conn) error {
	for range 4 {
		l, err := s.pass(ctx, conn, "PASSIVE")
		if err != nil || l.pages < walMany {
			return err
		}
		if l, err = s.pass(ctx, conn, "NOOP"); err != nil || l.left() < walFew {
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.pass(ctx, conn, "PASSIVE")
	return err
}

// wal is the state of the write-ahead log: how many pages it holds, and how many of them are in the database.
type wal struct{ pages, done int }

func (w wal) left() int { return w.pages - w.done }

// pass runs a checkpoint of a kind: PASSIVE waits for nobody, NOOP only looks.
func (s *Store) pass(ctx context.Context, conn *sql.Conn, kind string) (w wal, err error) {
	if err := s.usable(); err != nil {
		return w, err
	}
	var busy int
	err = conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+kind+")").Scan(&busy, &w.pages, &w.done)
	return w, s.judge("checkpoint", err)
}
