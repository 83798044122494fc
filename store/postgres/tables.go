package postgres

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"

	"cordboard/store/internal/column"
	"cordboard/table"
)

var _ table.Store = (*Store)(nil)

// Tables implements [table.Shelf].
func (s *Store) Tables(ctx context.Context) (out []table.Definition, err error) {
	err = s.view(ctx, s.pages, "list tables", func(b *pgx.Batch) {
		b.Queue("SELECT body FROM tables ORDER BY name").Query(func(rows pgx.Rows) error {
			for rows.Next() {
				d, err := scanDefinition(rows)
				if err != nil {
					return err
				}
				out = append(out, d)
			}
			return nil
		})
	})
	return out, err
}

func scanDefinition(row pgx.Row) (table.Definition, error) {
	var body []byte
	err := row.Scan(&body)
	if errors.Is(err, pgx.ErrNoRows) {
		return table.Definition{}, table.ErrNoTable
	}
	if err != nil {
		return table.Definition{}, err
	}
	return column.DefinitionOf(body)
}

// Table implements [table.Shelf].
func (s *Store) Table(ctx context.Context, name string) (table.Definition, error) {
	d, err := scanDefinition(s.tables.QueryRow(ctx, "SELECT body FROM tables WHERE name = $1", escape(name)))
	return d, s.judge("read a table", err)
}

// Row implements [table.Rows].
func (s *Store) Row(ctx context.Context, name, id string) (row table.Row, err error) {
	row, err = scanRow(s.tables.QueryRow(ctx, rowColumns+"WHERE tbl = $1 AND id = $2", escape(name), escape(id)))
	return row, s.judge("read a row", err)
}

const rowColumns = "SELECT key, version, at, who, body FROM table_rows "

// scanRow reads what rowColumns names.
func scanRow(from pgx.Row) (row table.Row, err error) {
	var (
		at   int64
		body []byte
	)
	err = from.Scan(&row.Key, &row.Version, &at, &row.By, &body)
	if errors.Is(err, pgx.ErrNoRows) {
		return row, table.ErrNoRow
	}
	if err != nil {
		return row, err
	}
	row.Key, row.By, row.Changed = unescape(row.Key), unescape(row.By), column.Moment(at)
	row.Values, err = column.CellsOf(body)
	return row, err
}

// Page implements [table.Rows].
func (s *Store) Page(ctx context.Context, name string, q table.Query) (p table.Page, err error) {
	where, order := "WHERE tbl = $1 AND ($2 = '' OR strpos(words, $2) > 0)", ""
	args := []any{escape(name), escape(strings.ToLower(q.Search)), q.Limit + 1}
	switch {
	case q.After != "":
		where, args = where+" AND id > $4", append(args, escape(q.After))
	case q.Before != "":
		where, args, order = where+" AND id < $4", append(args, escape(q.Before)), " DESC"
	}
	var rows []table.Row
	var total int64
	err = s.view(ctx, s.pages, "read a table", func(b *pgx.Batch) {
		b.Queue(rowColumns+where+" ORDER BY id"+order+" LIMIT $3", args...).Query(func(r pgx.Rows) error {
			for r.Next() {
				row, err := scanRow(r)
				if err != nil {
					return err
				}
				rows = append(rows, row)
			}
			return nil
		})
		if q.Count {
			b.Queue("SELECT count(*) FROM table_rows WHERE tbl = $1", escape(name)).QueryRow(func(r pgx.Row) error { return r.Scan(&total) })
		}
	})
	p = column.Turned(q, rows)
	p.Total = total
	return p, err
}

// History implements [table.Rows].
func (s *Store) History(ctx context.Context, name string, q table.HistoryQuery) (out []table.Entry, err error) {
	where, args := "WHERE tbl = $1 AND ($2 = 0 OR n < $2)", []any{escape(name), q.Before, q.Limit}
	if q.ID != "" {
		where, args = where+" AND id = $4", append(args, escape(q.ID))
	}
	err = s.view(ctx, s.pages, "read a table's history", func(b *pgx.Batch) {
		b.Queue("SELECT n, key, at, who, old, new FROM table_changes "+where+" ORDER BY n DESC LIMIT $3", args...).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				e, err := scanEntry(rows)
				if err != nil {
					return err
				}
				out = append(out, e)
			}
			return nil
		})
	})
	return out, err
}

func scanEntry(rows pgx.Rows) (e table.Entry, err error) {
	var (
		at       int64
		old, new []byte
		errs     [2]error
	)
	if err := rows.Scan(&e.Number, &e.Key, &at, &e.By, &old, &new); err != nil {
		return e, err
	}
	e.Key, e.By, e.At = unescape(e.Key), unescape(e.By), column.Moment(at)
	e.Old, errs[0] = column.CellsOf(old)
	e.New, errs[1] = column.CellsOf(new)
	return e, errors.Join(errs[:]...)
}
