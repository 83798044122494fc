package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"cordboard/store/internal/column"
)

// writer is the connection that writes, with its statements.
type writer struct {
	conn *sql.Conn
	prepared

	begin, commit, rollback *sql.Stmt
	count, posted           *sql.Stmt
	same, due, mark         *sql.Stmt // replaceCall: no mark changes, only due, any of them

	calls, refs, events, steps, kept, tokens, attempts *bulk

	tables tableStatements
}

// replaceCall replaces a call by its number. There is a statement for each set of marks that change: a column that is
// named costs its index two changes even if its value stays.
const replaceCall = "UPDATE calls SET version = ?, last = ?, indexed = ?, body = ?"

const upsertStep = ` ON CONFLICT (call, id) DO UPDATE SET seq = excluded.seq, state = excluded.state, at = excluded.at, body = excluded.body`

func newWriter(ctx context.Context, conn *sql.Conn) (*writer, error) {
	w := &writer{conn: conn, prepared: prepared{on: conn}}
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&w.begin, "BEGIN IMMEDIATE"},
		{&w.commit, "COMMIT"},
		{&w.rollback, "ROLLBACK"},
		{&w.posted, "UPDATE daybook SET posted = ?"},
		{&w.same, replaceCall + " WHERE n = ?"},
		{&w.due, replaceCall + ", due = ? WHERE n = ?"},
		{&w.mark, replaceCall + ", due = ?, open = ?, started = ? WHERE n = ?"},
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
		{&w.calls, callColumns, "INSERT INTO calls (n, id, version, connection, open, due, started, last, indexed, body) VALUES ", ""},
		{&w.refs, refColumns, "INSERT INTO refs (ref, connection, call) VALUES ",
			" ON CONFLICT DO UPDATE SET call = excluded.call WHERE call <> excluded.call"},
		{&w.events, eventColumns, "INSERT INTO events (call, key, body, runs, packed) VALUES ", ""},
		{&w.steps, stepColumns, "INSERT INTO steps (call, id, seq, state, at, body) VALUES ", upsertStep},
		{&w.kept, keptColumns, "INSERT INTO kept (at, reason, message) VALUES ", ""},
		{&w.tokens, tokenColumns, "INSERT OR IGNORE INTO search (token, call) VALUES ", ""},
		{&w.attempts, attemptColumns, "INSERT OR IGNORE INTO attempts (number, key, contact, kind, at, campaign, call) VALUES ", ""},
	} {
		var err error
		if *p.bulk, err = newBulk(ctx, &w.prepared, p.columns, p.head, p.tail); err != nil {
			return nil, fmt.Errorf("%s: %w", p.head, err)
		}
	}
	return w, w.prepareTables(ctx)
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
