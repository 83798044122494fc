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
	_, err := w.note(ctx, name, "", &table.Change{}, time.Now(), by, old, new)
	return err
}

// note writes a change into the history and returns its number.
func (w *writer) note(ctx context.Context, name, id string, c *table.Change, at time.Time, by string, old, new table.Values) (int64, error) {
	was, err := column.Cells(old)
	if err != nil {
		return 0, err
	}
	is, err := column.Cells(new)
	if err != nil {
		return 0, err
	}
	done, err := w.tables.note.ExecContext(ctx, name, id, c.Key, column.Nanos(at), by, orNull(c.Once), orNull(was), orNull(is))
	if err != nil {
		return 0, err
	}
	return done.LastInsertId()
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// tableStatements are what changes of rows take.
type tableStatements struct{ row, once, note, put, gone *sql.Stmt }

func (w *writer) prepareTables(ctx context.Context) error {
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&w.tables.row, rowColumns + "WHERE tbl = ? AND id = ?"},
		{&w.tables.once, "SELECT key, n, at, who, new FROM table_changes WHERE tbl = ? AND once = ?"},
		{&w.tables.note, "INSERT INTO table_changes (tbl, id, key, at, who, once, old, new) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"},
		{&w.tables.put, `INSERT INTO table_rows (tbl, id, key, version, at, who, words, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (tbl, id) DO UPDATE SET key = excluded.key, version = excluded.version, at = excluded.at, who = excluded.who,
			words = excluded.words, body = excluded.body`},
		{&w.tables.gone, "DELETE FROM table_rows WHERE tbl = ? AND id = ?"},
	} {
		var err error
		if *p.stmt, err = w.prepare(ctx, p.text); err != nil {
			return fmt.Errorf("%s: %w", p.text, err)
		}
	}
	return nil
}

func (w *writer) changeRows(ctx context.Context, d *table.Definition, by string, changes []table.Change) ([]table.Row, error) {
	out, at := make([]table.Row, len(changes)), time.Now()
	for i := range changes {
		row, err := w.changeRow(ctx, d, by, at, &changes[i])
		if err != nil {
			return nil, &table.ChangeError{Index: i, Row: row, Err: err}
		}
		out[i] = row
	}
	return out, nil
}

// changeRow makes one change; with an error it returns the row as it is.
func (w *writer) changeRow(ctx context.Context, d *table.Definition, by string, at time.Time, c *table.Change) (table.Row, error) {
	id := d.ID(c.Key)
	if c.Once != "" {
		var done table.Row
		if err := readRow(&done, w.tables.once.QueryRowContext(ctx, d.Name, c.Once)); !errors.Is(err, table.ErrNoRow) {
			return done, err
		}
	}
	var before table.Row
	if err := readRow(&before, w.tables.row.QueryRowContext(ctx, d.Name, id)); err != nil && !errors.Is(err, table.ErrNoRow) {
		return before, err
	}
	values, err := d.Apply(before, *c)
	if err != nil || c.Unchanged(before, values) {
		return before, err
	}
	row := table.Row{Key: c.Key, Values: values, Changed: at.UTC(), By: by}
	if row.Version, err = w.note(ctx, d.Name, id, c, at, by, before.Values, values); err != nil {
		return before, err
	}
	return row, w.keepRow(ctx, d.Name, id, row)
}

// keepRow puts a row into its place, or takes it away.
func (w *writer) keepRow(ctx context.Context, name, id string, row table.Row) error {
	if row.Values == nil {
		_, err := w.tables.gone.ExecContext(ctx, name, id)
		return err
	}
	body, err := column.Cells(row.Values)
	if err != nil {
		return err
	}
	_, err = w.tables.put.ExecContext(ctx, name, id, row.Key, row.Version, column.Nanos(row.Changed), row.By, column.Words(row.Key, row.Values), body)
	return err
}
