package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"cordboard/engine"
)

// ErrFull means that the server's disk is full: nothing of the group was stored, and the next commit may succeed once
// there is space. It is not engine.ErrBroken.
var ErrFull = errors.New("postgres: the server's disk is full")

// The codes with which the store's own statements refuse (the function refuse of the schema).
const (
	codeStale  = "CB001"
	codeFenced = "CB002"
)

// errUnwritable means that something in a group cannot be written as JSON.
var errUnwritable = errors.New("the group cannot be written")

// errNobody means that a group names a call that is neither stored nor in the group.
var errNobody = errors.New("the call is not stored")

// judge gives an error of the driver its meaning for the engine. It remembers that the storage broke. What is only a lost or a refused
// connection is neither stale nor broken: it may be tried again.
func (s *Store) judge(doing string, err error) error {
	if err == nil {
		return nil
	}
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return fmt.Errorf("postgres: %s: %w", doing, err)
	}
	switch e.Code {
	case codeStale, "23505", "40001", "40P01": // a unique key, a serialization failure, a deadlock: somebody was quicker
		return fmt.Errorf("postgres: %s: %w: %s", doing, engine.ErrStale, e.Message)
	case codeFenced:
		return fmt.Errorf("postgres: %s: %w: %s", doing, engine.ErrFenced, e.Message)
	case "53100":
		return fmt.Errorf("%w (%s: %w)", ErrFull, doing, err)
	case "58030", "XX001", "XX002": // I/O error, damaged table, damaged index
		return s.fail(fmt.Errorf("%w: postgres: %s: %w", engine.ErrBroken, doing, err))
	}
	return fmt.Errorf("postgres: %s: %w", doing, err)
}

// fail remembers the first error after which nothing is written any more.
func (s *Store) fail(broken error) error {
	if s.broken.CompareAndSwap(nil, &broken) {
		s.log.Error("the journal failed: nothing is stored any more", "error", broken)
	}
	return broken
}

// usable returns the error that broke the store, if one did.
func (s *Store) usable() error {
	if p := s.broken.Load(); p != nil {
		return *p
	}
	return nil
}

// certain reports whether an error proves that a transaction was not committed: a statement of it was refused. Anything
// else, such as a lost connection or the end of the server, leaves the outcome open.
func certain(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.SeverityUnlocalized == "ERROR" || pgconn.SafeToRetry(err)
}

// within bounds what must not wait for ever, and is not torn by the end of ctx.
func (s *Store) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), s.patience)
}
