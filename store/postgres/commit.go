package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"cordboard/engine"
	"cordboard/store/internal/column"
)

// Commit implements [engine.Journal]. A group that brings an event of a connection whose lease this node has, or had, is
// refused unless it has it still; one that changes a call whose steps another node performs is refused unless it brings an
// event of that call: then the call comes over to this node. An error that is none of the journal's own means that
// the group was not stored, or that the database was away for so long that nobody knows: then decide again from what is
// stored, as after engine.ErrStale. Beside these there is [ErrFull].
func (s *Store) Commit(ctx context.Context, g engine.Group) error {
	if g.Empty() {
		return s.usable()
	}
	rows, err := newRows(&g)
	if err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("postgres: commit: %w", err)
	}
	sent := false
	err = s.outlast(ctx, func(ctx context.Context) error {
		if s.unsure {
			stored, err := s.resolve(ctx)
			if err != nil || stored && sent {
				return err
			}
		}
		if err := s.number(ctx, rows); err != nil {
			return err
		}
		s.grp++
		session, epochs := s.rights(rows.from)
		b := &pgx.Batch{}
		b.Queue("BEGIN ISOLATION LEVEL READ COMMITTED")
		s.prove(b, column.TotalsOf(&g), session, epochs)
		rows.queueCalls(b, session, s.schema)
		s.numbers.queueTokens(b, rows)
		sent = true
		return s.send(ctx, &g, rows, b)
	})
	if err != nil {
		s.numbers.forget(rows)
		return s.judge("commit", err)
	}
	s.numbers.learn(rows)
	return nil
}

// send carries one group there, calls first, and finds out what became of it.
func (s *Store) send(ctx context.Context, g *engine.Group, rows *rows, calls *pgx.Batch) error {
	within, cancel := s.within(ctx)
	defer cancel()
	conn, err := s.journal.Acquire(within)
	if err != nil {
		return err // nothing was sent
	}
	open, err := transact(within, conn, g, rows, calls)
	end(within, conn)
	if err == nil {
		return nil
	}
	if !open || certain(err) {
		return err
	}
	s.unsure = true
	stored, lost := s.resolve(ctx)
	if lost != nil {
		return fmt.Errorf("the answer was lost, and what became of the group is not known yet: %w", errors.Join(err, lost))
	}
	if !stored {
		return fmt.Errorf("the connection was lost, and nothing was stored: %w", err)
	}
	return nil
}

// worthTwo is from how many events and steps on a group goes in two messages: the server works on the calls while the rest is
// written. For fewer one more answer to wait for costs more than that saves.
const worthTwo = 32

// transact sends the transaction. open means that its COMMIT was sent.
func transact(ctx context.Context, conn *pgxpool.Conn, g *engine.Group, rows *rows, b *pgx.Batch) (open bool, err error) {
	if len(g.Events)+len(g.Steps) >= worthTwo {
		answer := conn.SendBatch(ctx, b)
		written := rows.write(g)
		if err := answer.Close(); err != nil {
			return false, err
		}
		if b, err = new(pgx.Batch), written; err != nil {
			return false, fmt.Errorf("%w: %w", errUnwritable, err)
		}
	} else if err := rows.write(g); err != nil {
		return false, fmt.Errorf("%w: %w", errUnwritable, err)
	}
	rows.queueBodies(b)
	return true, conn.SendBatch(ctx, b).Close()
}

// end gives a connection back, without the transaction that an error may have left open.
func end(ctx context.Context, conn *pgxpool.Conn) {
	if !conn.Conn().IsClosed() && conn.Conn().PgConn().TxStatus() != 'I' {
		_, _ = conn.Exec(ctx, "ROLLBACK") // the pool closes a connection that is still in a transaction
	}
	conn.Release()
}
