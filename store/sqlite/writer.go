package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"cordboard/call"
	"cordboard/store/internal/column"
)

// writer is the connection that writes, with its statements.
type writer struct {
	conn *sql.Conn
	prepared
	next int64 // the number of the next new call
	// slots are those of calls that were written lately. They are forgotten when a transaction fails.
	slots map[call.ID]slot

	begin, commit, rollback *sql.Stmt
	find, count             *sql.Stmt
	same, due, mark         *sql.Stmt // replaceCall: no mark changes, only due, any of them

	calls, refs, events, steps, kept, tokens *bulk
}

// slot is where a call is, with the columns of it that have an index.
type slot struct {
	n       int64 // its number
	indexed int64 // the hash of its search tokens
	marks
}

// marks are what a call is listed by.
type marks struct {
	due           sql.NullInt64
	open, started int64
}

// slotsMost bounds how many slots are remembered.
const slotsMost = 50_000

// replaceCall replaces a call by its number, if the version before it is the one that is stored. There is a statement for
// each set of marks that change: a column that is named costs its index two changes even if its value stays.
const (
	replaceCall = "UPDATE calls SET version = version + 1, last = ?, indexed = ?, body = ?"
	thatVersion = " WHERE n = ? AND version = ?"
)

const upsertStep = ` ON CONFLICT (call, id) DO UPDATE SET seq = excluded.seq, state = excluded.state, at = excluded.at, body = excluded.body`

func newWriter(ctx context.Context, conn *sql.Conn) (*writer, error) {
	w := &writer{conn: conn, prepared: prepared{on: conn}, slots: map[call.ID]slot{}}
	if err := conn.QueryRowContext(ctx, "SELECT coalesce(max(n), 0) + 1 FROM calls").Scan(&w.next); err != nil {
		return nil, err
	}
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&w.begin, "BEGIN IMMEDIATE"},
		{&w.commit, "COMMIT"},
		{&w.rollback, "ROLLBACK"},
		{&w.find, "SELECT n, indexed, due, open, started FROM calls WHERE id = ?"},
		{&w.same, replaceCall + thatVersion},
		{&w.due, replaceCall + ", due = ?" + thatVersion},
		{&w.mark, replaceCall + ", due = ?, open = ?, started = ?" + thatVersion},
		{&w.count, `UPDATE totals SET events = events + ?, calls = calls + ?, runs = runs + ?, kept = kept + ?,
			pending = pending + ?, retrying = retrying + ?, parked = parked + ?, done = done + ?, skipped = skipped + ?, dead = dead + ?`},
	} {
		var err error
		if *p.stmt, err = w.prepare(ctx, p.text); err != nil {
			return nil, fmt.Errorf("%s: %w", p.text, err)
		}
	}
	for _, p := range []struct {
		bulk       **bulk
		columns    int
		head, tail string
	}{
		{&w.calls, 10, "INSERT INTO calls (n, id, version, connection, open, due, started, last, indexed, body) VALUES ", ""},
		{&w.refs, 3, "INSERT INTO refs (ref, connection, call) VALUES ",
			" ON CONFLICT DO UPDATE SET call = excluded.call WHERE call <> excluded.call"},
		{&w.events, 5, "INSERT INTO events (call, key, body, runs, packed) VALUES ", ""},
		{&w.steps, 6, "INSERT INTO steps (call, id, seq, state, at, body) VALUES ", upsertStep},
		{&w.kept, 3, "INSERT INTO kept (at, reason, message) VALUES ", ""},
		{&w.tokens, 2, "INSERT OR IGNORE INTO search (token, call) VALUES ", ""},
	} {
		var err error
		if *p.bulk, err = newBulk(ctx, &w.prepared, p.columns, p.head, p.tail); err != nil {
			return nil, fmt.Errorf("%s: %w", p.head, err)
		}
	}
	return w, nil
}

// transact runs do in one transaction. The transaction ignores that ctx ends, so that nothing is half done by it: it ends after some
// milliseconds, and a ctx that ended before the commit rolls it back.
func (w *writer) transact(ctx context.Context, do func(ctx context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	whole := context.WithoutCancel(ctx)
	if _, err := w.begin.ExecContext(whole); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	err := do(whole)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		if _, err = w.commit.ExecContext(whole); err == nil {
			return nil
		}
		err = fmt.Errorf("commit: %w", err)
	}
	// After some errors SQLite has rolled back by itself and this one fails: the next BEGIN would tell if it had not.
	_, _ = w.rollback.ExecContext(whole)
	return err
}

// add moves the totals.
func (w *writer) add(ctx context.Context, t column.Totals) error {
	_, err := w.count.ExecContext(ctx, t.Columns()...)
	return err
}

// number returns the number of a call that is in the group or stored.
func (w *writer) number(ctx context.Context, id call.ID) (n int64, err error) {
	p, ok, err := w.look(ctx, id)
	if err == nil && !ok {
		err = fmt.Errorf("call %q is neither stored nor in the group", id)
	}
	return p.n, err
}

func (w *writer) look(ctx context.Context, id call.ID) (p slot, ok bool, err error) {
	if p, ok = w.slots[id]; ok {
		return p, true, nil
	}
	err = w.find.QueryRowContext(ctx, string(id)).Scan(&p.n, &p.indexed, &p.due, &p.open, &p.started)
	if errors.Is(err, sql.ErrNoRows) {
		return p, false, nil
	}
	return p, err == nil, err
}
