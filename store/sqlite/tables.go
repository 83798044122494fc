package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"cordboard/store/internal/column"
	"cordboard/table"
)

var _ table.Store = (*Store)(nil)

// Tables implements [table.Shelf].
func (s *Store) Tables(ctx context.Context) (out []table.Definition, err error) {
	err = s.look(ctx, s.pages, "list tables", func(tx *sql.Tx) error {
		return each(ctx, tx, "SELECT body FROM tables ORDER BY name", nil, func(rows *sql.Rows) error {
			var body []byte
			if err := rows.Scan(&body); err != nil {
				return err
			}
			d, err := column.DefinitionOf(body)
			out = append(out, d)
			return err
		})
	})
	return out, err
}

// Table implements [table.Shelf].
func (s *Store) Table(ctx context.Context, name string) (d table.Definition, err error) {
	err = s.look(ctx, s.journal, "read a table", func(tx *sql.Tx) error {
		var body []byte
		err := tx.QueryRowContext(ctx, "SELECT body FROM tables WHERE name = ?", name).Scan(&body)
		if errors.Is(err, sql.ErrNoRows) {
			return table.ErrNoTable
		}
		if err == nil {
			d, err = column.DefinitionOf(body)
		}
		return err
	})
	return d, err
}

// Row implements [table.Rows].
func (s *Store) Row(ctx context.Context, name, id string) (row table.Row, err error) {
	err = s.look(ctx, s.journal, "read a row", func(tx *sql.Tx) error {
		return readRow(&row, tx.QueryRowContext(ctx, rowColumns+"WHERE tbl = ? AND id = ?", name, id))
	})
	return row, err
}

const rowColumns = "SELECT key, version, at, who, body FROM table_rows "

// readRow reads what rowColumns names.
func readRow(row *table.Row, from interface{ Scan(...any) error }) error {
	var (
		at   int64
		body []byte
	)
	err := from.Scan(&row.Key, &row.Version, &at, &row.By, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return table.ErrNoRow
	}
	if err != nil {
		return err
	}
	row.Changed = column.Moment(at)
	row.Values, err = column.CellsOf(body)
	return err
}

// Page implements [table.Rows].
func (s *Store) Page(ctx context.Context, name string, q table.Query) (p table.Page, err error) {
	where, args, order := "WHERE tbl = ?", []any{name}, ""
	if q.Search != "" {
		where, args = where+" AND instr(words, ?) > 0", append(args, strings.ToLower(q.Search))
	}
	switch {
	case q.After != "":
		where, args = where+" AND id > ?", append(args, q.After)
	case q.Before != "":
		where, args, order = where+" AND id < ?", append(args, q.Before), " DESC"
	}
	var rows []table.Row
	var total int64
	err = s.look(ctx, s.pages, "read a table", func(tx *sql.Tx) error {
		err := each(ctx, tx, rowColumns+where+" ORDER BY id"+order+" LIMIT ?", append(args, q.Limit+1), func(r *sql.Rows) error {
			var row table.Row
			err := readRow(&row, r)
			rows = append(rows, row)
			return err
		})
		if err != nil || !q.Count {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT count(*) FROM table_rows WHERE tbl = ?", name).Scan(&total)
	})
	p = column.Turned(q, rows)
	p.Total = total
	return p, err
}

// History implements [table.Rows].
func (s *Store) History(ctx context.Context, name string, q table.HistoryQuery) (out []table.Entry, err error) {
	where, args := "WHERE tbl = ?", []any{name}
	if q.ID != "" {
		where, args = where+" AND id = ?", append(args, q.ID)
	}
	if q.Before != 0 {
		where, args = where+" AND n < ?", append(args, q.Before)
	}
	err = s.look(ctx, s.pages, "read a table's history", func(tx *sql.Tx) error {
		return each(ctx, tx, "SELECT n, key, at, who, old, new FROM table_changes "+where+" ORDER BY n DESC LIMIT ?", append(args, q.Limit), func(r *sql.Rows) error {
			var (
				e        table.Entry
				at       int64
				old, new []byte
			)
			if err := r.Scan(&e.Number, &e.Key, &at, &e.By, &old, &new); err != nil {
				return err
			}
			e.At = column.Moment(at)
			var errs [2]error
			e.Old, errs[0] = column.CellsOf(old)
			e.New, errs[1] = column.CellsOf(new)
			out = append(out, e)
			return errors.Join(errs[:]...)
		})
	})
	return out, err
}
