package postgres

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"cordboard/engine"
)

// outlast does something again and again while the database is away, for as long as this store is patient: connections
// break, a server restarts, another one takes over. Whoever waits for a commit is not told no because of that.
// One try may take as long, too.
func (s *Store) outlast(ctx context.Context, do func(context.Context) error) error {
	deadline := time.Now().Add(s.patience)
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		try, cancel := context.WithTimeout(ctx, s.patience)
		err := do(try)
		cancel()
		if err == nil || !away(err) || time.Now().After(deadline) || !rest(ctx, pause) {
			return err
		}
	}
}

// away reports whether an error is the database's absence, and not its answer.
func away(err error) bool {
	for _, answer := range []error{engine.ErrBroken, ErrRefused, errNobody, errUnwritable} {
		if errors.Is(err, answer) {
			return false
		}
	}
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return true
	}
	switch e.Code {
	case "57P01", "57P02", "57P03", "53300": // the server ends, crashed, or starts; too many connections
		return true
	}
	return strings.HasPrefix(e.Code, "08") // the connection
}
