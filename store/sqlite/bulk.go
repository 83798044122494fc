package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"strings"
)

// prepared are the statements of one connection, or of one pool. They have to be closed before it: an open statement
// keeps its connection, and so the file, open whatever else is closed.
type prepared struct {
	on interface {
		PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
	}
	all []*sql.Stmt
}

func (p *prepared) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	stmt, err := p.on.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	p.all = append(p.all, stmt)
	return stmt, nil
}

func (p *prepared) close() error {
	var errs []error
	for _, stmt := range p.all {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}

// bulkSizes are the numbers of rows that one statement takes, largest first.
var bulkSizes = [...]int{64, 16, 4, 1}

// valuesMost bounds the values of one statement: the driver looks for each of them among all, so that the price of a
// value grows with their number.
const valuesMost = 160

// bulk writes many rows with few statements: a statement for each size, prepared once.
type bulk struct {
	columns int
	stmts   [len(bulkSizes)]*sql.Stmt
}

// newBulk prepares head + "(?,…),(?,…)" + tail for each size.
func newBulk(ctx context.Context, on *prepared, columns int, head, tail string) (*bulk, error) {
	b := &bulk{columns: columns}
	row := "(?" + strings.Repeat(",?", columns-1) + ")"
	for i, size := range bulkSizes {
		if size > 1 && size*columns > valuesMost {
			continue
		}
		text := head + row + strings.Repeat(","+row, size-1) + tail
		var err error
		if b.stmts[i], err = on.prepare(ctx, text); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// write stores the rows, whose values lie one after the other, and returns how many it changed.
func (b *bulk) write(ctx context.Context, values []any) (changed int64, err error) {
	for i, size := range bulkSizes {
		if b.stmts[i] == nil {
			continue
		}
		for n := size * b.columns; len(values) >= n; values = values[n:] {
			result, err := b.stmts[i].ExecContext(ctx, values[:n]...)
			if err != nil {
				return changed, err
			}
			rows, err := result.RowsAffected()
			if err != nil {
				return changed, err
			}
			changed += rows
			giveWay()
		}
	}
	return changed, nil
}

// giveWay lets whatever else can run go first. Nobody waits for what is posted into the tables, and that takes a tenth of a second
// of processor time twice a second: the scheduler would let it keep a processor for ten milliseconds at a time, in which an agent's
// pop or the engine waits.
func giveWay() { runtime.Gosched() }

// listSizes are the lengths of "IN" lists that are prepared, largest first.
var listSizes = [...]int{256, 16, 4, 1}

// list asks for many keys with few statements. A list that is longer than the keys left is filled up with NULL, which
// equals nothing.
type list struct{ stmts [len(listSizes)]*sql.Stmt }

// newList prepares a query in which "IN (?)" stands once, for each length.
func newList(ctx context.Context, on *prepared, query string) (*list, error) {
	l := &list{}
	for i, size := range listSizes {
		text := strings.Replace(query, "IN (?)", "IN (?"+strings.Repeat(",?", size-1)+")", 1)
		var err error
		if l.stmts[i], err = on.prepare(ctx, text); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// each runs the query in tx, or in none, for all keys and calls row for every row found.
func (l *list) each(ctx context.Context, tx *sql.Tx, keys []any, row func(*sql.Rows) error) error {
	for len(keys) > 0 {
		i := len(listSizes) - 1
		for i > 0 && len(keys) > listSizes[i] {
			i--
		}
		n := min(listSizes[i], len(keys))
		args := make([]any, listSizes[i])
		copy(args, keys[:n])
		keys = keys[n:]
		stmt := l.stmts[i]
		if tx != nil {
			stmt = tx.StmtContext(ctx, stmt)
		}
		if err := scan(ctx, stmt, args, row); err != nil {
			return err
		}
	}
	return nil
}

// scan runs a prepared query and calls row for every row.
func scan(ctx context.Context, stmt *sql.Stmt, args []any, row func(*sql.Rows) error) error {
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	return drain(rows, row)
}

// drain calls row for every row and closes rows.
func drain(rows *sql.Rows, row func(*sql.Rows) error) error {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
