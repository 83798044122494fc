package postgres

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"cordboard/store/internal/column"
	"cordboard/table"
)

// Define implements [table.Shelf].
func (s *Store) Define(ctx context.Context, d table.Definition, by string, first []table.Change) (fresh bool, err error) {
	body, err := column.Body(d)
	if err != nil {
		return false, err
	}
	err = s.alter(ctx, "define a table", d.Name, nil, func(tx pgx.Tx) error {
		old, err := definition(ctx, tx, d.Name)
		if err != nil {
			return err
		}
		fresh = old == nil
		_, err = tx.Exec(ctx, "INSERT INTO tables (name, body) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET body = excluded.body", escape(d.Name), body)
		if err != nil {
			return err
		}
		if err := noteTable(ctx, tx, d.Name, by, old, table.Values{"definition": body}); err != nil || !fresh {
			return err
		}
		_, err = changeRows(ctx, tx, &d, by, first)
		return err
	})
	return fresh, err
}

// Drop implements [table.Shelf].
func (s *Store) Drop(ctx context.Context, name, by string) error {
	return s.alter(ctx, "drop a table", name, nil, func(tx pgx.Tx) error {
		old, err := definition(ctx, tx, name)
		if err == nil && old == nil {
			err = table.ErrNoTable
		}
		if err != nil {
			return err
		}
		for _, text := range []string{"DELETE FROM tables WHERE name = $1", "DELETE FROM table_rows WHERE tbl = $1"} {
			if _, err := tx.Exec(ctx, text, escape(name)); err != nil {
				return err
			}
		}
		return noteTable(ctx, tx, name, by, old, nil)
	})
}

// Change implements [table.Rows].
func (s *Store) Change(ctx context.Context, d table.Definition, by string, changes []table.Change) (out []table.Row, err error) {
	var ids []string
	if len(changes) <= keyLocks {
		for i := range changes {
			ids = append(ids, d.ID(changes[i].Key))
		}
	}
	err = s.alter(ctx, "change a table", d.Name, ids, func(tx pgx.Tx) error {
		old, err := definition(ctx, tx, d.Name)
		if err == nil && old == nil {
			err = table.ErrNoTable
		}
		if err == nil {
			out, err = changeRows(ctx, tx, &d, by, changes)
		}
		return err
	})
	return out, err
}

// keyLocks is how many rows a change locks by their keys; one of more rows locks the whole table.
const keyLocks = 64

// alter runs do in one transaction that has the rows with these ids to itself, whether they are there or not; without ids it
// has the whole table to itself. Locks are taken in one order, so that nobody waits in a circle.
func (s *Store) alter(ctx context.Context, doing, name string, ids []string, do func(tx pgx.Tx) error) error {
	if err := s.usable(); err != nil {
		return err
	}
	whole, home := "pg_advisory_xact_lock", "cordboard table "+s.schema+" "+escape(name)
	if len(ids) > 0 {
		whole += "_shared"
	}
	err := pgx.BeginFunc(ctx, s.tables, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue("SELECT "+whole+"(hashtextextended($1, 0))", home)
		if len(ids) > 0 {
			b.Queue(`SELECT pg_advisory_xact_lock(k) FROM (
				SELECT DISTINCT hashtextextended($1 || ' ' || id, 0) AS k FROM unnest($2::text[]) AS id ORDER BY k) AS keys`, home, escaped(ids))
		}
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		return do(tx)
	})
	return s.judge(doing, err)
}

// definition returns a table's definition for the history, nil when it is not there.
func definition(ctx context.Context, tx pgx.Tx, name string) (table.Values, error) {
	var body string
	err := tx.QueryRow(ctx, "SELECT body FROM tables WHERE name = $1", escape(name)).Scan(&body)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return table.Values{"definition": body}, err
}

// noteTable writes a change of a table itself into the history.
func noteTable(ctx context.Context, tx pgx.Tx, name, by string, old, new table.Values) error {
	l := &ledger{name: escape(name), by: escape(by)}
	if err := l.reserve(ctx, tx, 1); err != nil {
		return err
	}
	if err := l.note(l.draw(), "", "", "", old, new); err != nil {
		return err
	}
	return l.write(ctx, tx)
}

// chunk is how many changes are read and written together.
const chunk = 1000

func changeRows(ctx context.Context, tx pgx.Tx, d *table.Definition, by string, changes []table.Change) ([]table.Row, error) {
	out := make([]table.Row, 0, len(changes))
	for part := range slices.Chunk(changes, chunk) {
		rows, err := changePart(ctx, tx, d, by, part)
		if refused, ok := errors.AsType[*table.ChangeError](err); ok {
			refused.Index += len(out)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// changePart makes some changes with two questions to the database, however many they are.
func changePart(ctx context.Context, tx pgx.Tx, d *table.Definition, by string, changes []table.Change) ([]table.Row, error) {
	now, err := read(ctx, tx, d, changes)
	if err != nil {
		return nil, err
	}
	l := &ledger{name: escape(d.Name), by: escape(by)}
	if err := l.reserve(ctx, tx, len(changes)); err != nil {
		return nil, err
	}
	out, effects, err := d.Plan(now, changes, by, column.Moment(l.at), l.draw)
	if err != nil {
		return nil, err
	}
	for i := range effects {
		if err := l.change(&effects[i]); err != nil {
			return nil, err
		}
	}
	return out, l.write(ctx, tx)
}

// read returns what the database has of the changes' rows, and which of the changes it has made before.
func read(ctx context.Context, tx pgx.Tx, d *table.Definition, changes []table.Change) (table.Present, error) {
	p := table.Present{Rows: map[string]table.Row{}, Done: map[string]table.Row{}}
	var ids, once []string
	for i := range changes {
		ids = append(ids, d.ID(changes[i].Key))
		if changes[i].Once != "" {
			once = append(once, changes[i].Once)
		}
	}
	take := func(into map[string]table.Row) func(pgx.Rows) error {
		return func(rows pgx.Rows) error {
			for rows.Next() {
				name := ""
				row, err := scanRow(prefixed{rows, &name})
				if err != nil {
					return err
				}
				into[unescape(name)] = row
			}
			return nil
		}
	}
	b := &pgx.Batch{}
	b.Queue("SELECT id, key, version, at, who, body FROM table_rows WHERE tbl = $1 AND id = ANY($2)", escape(d.Name), escaped(ids)).Query(take(p.Rows))
	if len(once) > 0 {
		b.Queue("SELECT once, key, n, at, who, new FROM table_changes WHERE tbl = $1 AND once = ANY($2)", escape(d.Name), escaped(once)).Query(take(p.Done))
	}
	return p, tx.SendBatch(ctx, b).Close()
}

// prefixed is a row with one more text in front.
type prefixed struct {
	pgx.Rows
	name *string
}

// Scan implements pgx.Row.
func (p prefixed) Scan(into ...any) error { return p.Rows.Scan(append([]any{p.name}, into...)...) }
