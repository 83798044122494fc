package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/store/internal/column"
	"cordboard/store/internal/search"
)

// callsLimit is how many rows a list has unless asked otherwise, callsMost the most it may have.
const (
	callsLimit = 100
	callsMost  = 1000
)

// Calls implements [engine.Reader].
func (s *Store) Calls(ctx context.Context, f engine.Filter) ([]engine.CallRow, error) {
	query, args, err := callsQuery(f)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	var out []engine.CallRow
	err = s.view(ctx, s.pages, "list calls", func(tx *sql.Tx) error {
		numbers := map[int64]int{}
		err := each(ctx, tx, query, args, func(rows *sql.Rows) error {
			n, row, err := scanCallRow(rows)
			numbers[n] = len(out)
			out = append(out, row)
			return err
		})
		if err != nil {
			return err
		}
		return countSteps(ctx, tx, numbers, out)
	})
	return out, err
}

// callsQuery writes the query of a filter. Every condition narrows by an index, or walks the newest calls first.
func callsQuery(f engine.Filter) (query string, args []any, err error) {
	var where []string
	and := func(condition string, values ...any) {
		where = append(where, condition)
		args = append(args, values...)
	}
	switch f.State {
	case "":
	case "open":
		and("open = 1")
	case "ended":
		and("open = 0")
	case "failed":
		and("n IN (SELECT call FROM steps WHERE " + trouble + " AND state = 'dead')")
	case "waiting":
		and("n IN (SELECT call FROM steps WHERE " + trouble + " AND state IN ('retrying', 'parked'))")
	default:
		return "", nil, fmt.Errorf("a call's state is open, ended, failed or waiting, not %q", f.State)
	}
	if !f.Before.IsZero() {
		and("started < ?", column.Nanos(f.Before))
	}
	if f.Agent != "" {
		and("n IN (SELECT call FROM search WHERE token = ?)", search.Agent+strings.ToLower(f.Agent))
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		condition, values := textCondition(text)
		and(condition, values...)
	}
	query = "SELECT n, body FROM calls"
	if len(where) > 0 {
		query += " WHERE " + strings.Join(where, " AND ")
	}
	limit := f.Limit
	if limit <= 0 {
		limit = callsLimit
	}
	return query + " ORDER BY started DESC, n DESC LIMIT ?", append(args, min(limit, callsMost)), nil
}

// trouble is the condition of the index steps_trouble, which SQLite uses only where it stands word by word.
const trouble = "state IN ('retrying', 'parked', 'dead')"

// textCondition finds calls by whatever the text may be.
func textCondition(text string) (string, []any) {
	tokens := "SELECT call FROM search WHERE token IN (?, ?)"
	args := []any{text, text, search.Agent + strings.ToLower(text), search.Record + strings.ToLower(search.RecordID(text))}
	if d := call.Digits(text); len(d) >= 3 && len(d)*2 > len(text) {
		// A number's last digits; ';' follows the digits and ':' in the order of the tokens.
		tokens += " UNION ALL SELECT call FROM search WHERE token >= ? AND token < ?"
		args = append(args, search.Number+search.Backwards(d), search.Number+search.Backwards(d)+";")
	}
	return "n IN (SELECT n FROM calls WHERE id = ? UNION ALL SELECT call FROM refs WHERE ref = ? UNION ALL " + tokens + ")", args
}

func scanCallRow(rows *sql.Rows) (n int64, row engine.CallRow, err error) {
	var (
		body []byte
		c    engine.Call
	)
	if err := rows.Scan(&n, &body); err != nil {
		return 0, row, err
	}
	if err := json.Unmarshal(body, &c); err != nil {
		return 0, row, fmt.Errorf("call number %d as stored: %w", n, err)
	}
	row.State = c.State
	row.Records, row.Pops = records(c.Records), c.Pops
	return n, row, nil
}

// countSteps fills in the rows' steps; numbers tells which call is which row.
func countSteps(ctx context.Context, tx *sql.Tx, numbers map[int64]int, out []engine.CallRow) error {
	for n, i := range numbers {
		err := each(ctx, tx, "SELECT state, count(*) FROM steps WHERE call = ? GROUP BY state", []any{n}, func(rows *sql.Rows) error {
			var (
				state engine.StepState
				count int
			)
			if err := rows.Scan(&state, &count); err != nil {
				return err
			}
			if out[i].Steps == nil {
				out[i].Steps = map[engine.StepState]int{}
			}
			out[i].Steps[state] = count
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// each runs a query of a page and calls row for every row.
func each(ctx context.Context, tx *sql.Tx, query string, args []any, row func(*sql.Rows) error) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	return drain(rows, row)
}
