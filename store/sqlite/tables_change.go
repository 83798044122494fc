package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cordboard/store/internal/column"
	"cordboard/table"
)

// Define implements [table.Shelf].
func (s *Store) Define(ctx context.Context, d table.Definition, by string, first []table.Change) (fresh bool, err error) {
	err = s.change(ctx, "define a table", func(ctx context.Context, w *writer) error {
		old, err := w.table(ctx, d.Name)
		if err != nil {
			return err
		}
		body, err := column.Body(d)
		if err != nil {
			return err
		}
		if fresh = old == nil; fresh {
			_, err = w.run(ctx, "INSERT INTO tables (name, body) VALUES (?, ?)", d.Name, body)
		} else {
			_, err = w.run(ctx, "UPDATE tables SET body = ? WHERE name = ?", body, d.Name)
		}
		if err != nil {
			return err
		}
		if err := w.noteTable(ctx, d.Name, by, old, table.Values{"definition": body}); err != nil || !fresh {
			return err
		}
		_, err = w.changeRows(ctx, &d, by, first)
		return err
	})
	return fresh, err
}

// Drop implements [table.Shelf].
func (s *Store) Drop(ctx context.Context, name, by string) error {
	return s.change(ctx, "drop a table", func(ctx context.Context, w *writer) error {
		old, err := w.table(ctx, name)
		if err == nil && old == nil {
			err = table.ErrNoTable
		}
		if err != nil {
			return err
		}
		if _, err := w.run(ctx, "DELETE FROM tables WHERE name = ?", name); err != nil {
			return err
		}
		if _, err := w.run(ctx, "DELETE FROM table_rows WHERE tbl = ?", name); err != nil {
			return err
		}
		return w.noteTable(ctx, name, by, old, nil)
	})
}

// Change implements [table.Rows].
func (s *Store) Change(ctx context.Context, d table.Definition, by string, changes []table.Change) (out []table.Row, err error) {
	err = s.change(ctx, "change a table", func(ctx context.Context, w *writer) error {
		old, err := w.table(ctx, d.Name)
		if err == nil && old == nil {
			err = table.ErrNoTable
		}
		if err == nil {
			out, err = w.changeRows(ctx, &d, by, changes)
		}
		return err
	})
	return out, err
}

// change runs do in one transaction of the writer. Nothing of it passes through the daybook: changes of tables are few.
func (s *Store) change(ctx context.Context, doing string, do func(ctx context.Context, w *writer) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	return s.judge(doing, s.writer.transact(ctx, func(ctx context.Context) error { return do(ctx, s.writer) }))
}

// table returns a table's definition for the history, nil when it is not there.
func (w *writer) table(ctx context.Context, name string) (table.Values, error) {
	var body string
	err := w.conn.QueryRowContext(ctx, "SELECT body FROM tables WHERE name = ?", name).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return table.Values{"definition": body}, err
}

// noteTable writes a change of a table itself into the history.
func (w *writer) noteTable(ctx context.Context, name, by string, old, new table.Values) error {
	n, err := w.newest(ctx)
	if err != nil {
		return err
	}
	e := table.Effect{Before: table.Row{Values: old}, After: table.Row{Values: new, Version: n + 1, Changed: time.Now(), By: by}}
	note, err := noteRow(name, &e)
	if err == nil {
		_, err = w.tables.note.write(ctx, note)
	}
	return err
}

// newest is the number of the newest change of all tables.
func (w *writer) newest(ctx context.Context) (n int64, err error) {
	err = w.conn.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'table_changes'").Scan(&n)
	return n, err
}

// tableStatements are what changes of rows take.
type tableStatements struct {
	row, once, all, gone *sql.Stmt
	note, put            *bulk
}

func (w *writer) prepareTables(ctx context.Context) (err error) {
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&w.tables.row, rowColumns + "WHERE tbl = ? AND id = ?"},
		{&w.tables.all, "SELECT id, key, version, at, who, body FROM table_rows WHERE tbl = ?"},
		{&w.tables.once, "SELECT key, n, at, who, new FROM table_changes WHERE tbl = ? AND once = ?"},
		{&w.tables.gone, "DELETE FROM table_rows WHERE tbl = ? AND id = ?"},
	} {
		if *p.stmt, err = w.prepare(ctx, p.text); err != nil {
			return fmt.Errorf("%s: %w", p.text, err)
		}
	}
	if w.tables.note, err = newBulk(ctx, &w.prepared, 9, "INSERT INTO table_changes (n, tbl, id, key, at, who, once, old, new) VALUES ", ""); err != nil {
		return fmt.Errorf("table_changes: %w", err)
	}
	w.tables.put, err = newBulk(ctx, &w.prepared, 8, "INSERT INTO table_rows (tbl, id, key, version, at, who, words, body) VALUES ",
		` ON CONFLICT (tbl, id) DO UPDATE SET key = excluded.key, version = excluded.version, at = excluded.at, who = excluded.who,
			words = excluded.words, body = excluded.body`)
	return err
}

func (w *writer) changeRows(ctx context.Context, d *table.Definition, by string, changes []table.Change) ([]table.Row, error) {
	now, err := w.present(ctx, d, changes)
	if err != nil {
		return nil, err
	}
	n, err := w.newest(ctx)
	if err != nil {
		return nil, err
	}
	out, effects, err := d.Plan(now, changes, by, time.Now().UTC(), func() int64 { n++; return n })
	if err != nil {
		return nil, err
	}
	return out, w.writeRows(ctx, d.Name, effects)
}

// manyRows is how many changes are worth reading the whole table once, and not each row by itself.
const manyRows = 1000

// present is what the tables have of the changes' rows, and which of the changes were made before.
func (w *writer) present(ctx context.Context, d *table.Definition, changes []table.Change) (table.Present, error) {
	p := table.Present{Rows: map[string]table.Row{}, Done: map[string]table.Row{}}
	for i := range changes {
		if once := changes[i].Once; once != "" {
			if err := find(p.Done, once, w.tables.once.QueryRowContext(ctx, d.Name, once)); err != nil {
				return p, err
			}
		}
		if id := d.ID(changes[i].Key); len(changes) <= manyRows {
			if err := find(p.Rows, id, w.tables.row.QueryRowContext(ctx, d.Name, id)); err != nil {
				return p, err
			}
		}
	}
	if len(changes) <= manyRows {
		return p, nil
	}
	rows, err := w.tables.all.QueryContext(ctx, d.Name)
	if err != nil {
		return p, err
	}
	return p, drain(rows, func(r *sql.Rows) error {
		var id string
		var row table.Row
		err := readRow(&row, prefixed{r, &id})
		p.Rows[id] = row
		return err
	})
}

// find keeps a row that is there.
func find(into map[string]table.Row, name string, from *sql.Row) error {
	var row table.Row
	err := readRow(&row, from)
	if errors.Is(err, table.ErrNoRow) {
		return nil
	}
	into[name] = row
	return err
}

// prefixed is a row with one more text in front.
type prefixed struct {
	rows *sql.Rows
	name *string
}

// Scan reads the text and the rest.
func (p prefixed) Scan(into ...any) error { return p.rows.Scan(append([]any{p.name}, into...)...) }

// writeRows writes what changes come to.
func (w *writer) writeRows(ctx context.Context, name string, effects []table.Effect) error {
	var notes, puts []any
	for i := range effects {
		e := &effects[i]
		note, err := noteRow(name, e)
		if err != nil {
			return err
		}
		notes = append(notes, note...)
		if e.After.Values == nil {
			if _, err := w.tables.gone.ExecContext(ctx, name, e.ID); err != nil {
				return err
			}
			continue
		}
		r := &e.After
		puts = append(puts, name, e.ID, r.Key, r.Version, column.Nanos(r.Changed), r.By, column.Words(r.Key, r.Values), note[len(note)-1])
	}
	if _, err := w.tables.note.write(ctx, notes); err != nil {
		return err
	}
	_, err := w.tables.put.write(ctx, puts)
	return err
}

// noteRow is a change's place in the history.
func noteRow(name string, e *table.Effect) ([]any, error) {
	old, err := column.Cells(e.Before.Values)
	if err != nil {
		return nil, err
	}
	new, err := column.Cells(e.After.Values)
	if err != nil {
		return nil, err
	}
	r := &e.After
	return []any{r.Version, name, e.ID, r.Key, column.Nanos(r.Changed), r.By, orNull(e.Once), orNull(old), orNull(new)}, nil
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
