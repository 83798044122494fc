package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

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
		return nil, fmt.Errorf("postgres: %w", err)
	}
	var out []engine.CallRow
	numbers := map[int64]int{}
	err = s.view(ctx, s.pages, "list calls", func(b *pgx.Batch) {
		b.Queue("SELECT n, body FROM ("+query+") c", args...).Query(func(rows pgx.Rows) error {
			return eachCall(rows, func(n int64, row engine.CallRow) {
				numbers[n] = len(out)
				out = append(out, row)
			})
		})
		b.Queue("SELECT s.call, s.state, count(*) FROM steps s JOIN ("+query+") c ON c.n = s.call GROUP BY s.call, s.state", args...).
			Query(func(rows pgx.Rows) error { return countSteps(rows, numbers, out) })
	})
	return out, err
}

// callsQuery writes the query of a filter. Every condition narrows by an index, or walks the newest calls first.
func callsQuery(f engine.Filter) (query string, args []any, err error) {
	var where []string
	arg := func(v any) string {
		args = append(args, v)
		return fmt.Sprint("$", len(args))
	}
	switch f.State {
	case "":
	case "open":
		where = append(where, "open")
	case "ended":
		where = append(where, "NOT open")
	case "failed":
		where = append(where, "n IN (SELECT call FROM trouble WHERE state = 'dead')")
	case "waiting":
		where = append(where, "n IN (SELECT call FROM trouble WHERE state IN ('retrying', 'parked'))")
	default:
		return "", nil, fmt.Errorf("a call's state is open, ended, failed or waiting, not %q", f.State)
	}
	if !f.Before.IsZero() {
		where = append(where, "started < "+arg(column.Nanos(f.Before)))
	}
	if f.Agent != "" {
		where = append(where, "n IN (SELECT call FROM search WHERE token = "+arg(escape(search.Agent+strings.ToLower(f.Agent)))+")")
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		where = append(where, textCondition(text, arg))
	}
	query = "SELECT n, body FROM calls"
	if len(where) > 0 {
		query += " WHERE " + strings.Join(where, " AND ")
	}
	limit := f.Limit
	if limit <= 0 {
		limit = callsLimit
	}
	return query + " ORDER BY started DESC, n DESC LIMIT " + arg(min(limit, callsMost)), args, nil
}

// textCondition finds calls by whatever the text may be.
func textCondition(text string, arg func(any) string) string {
	same, lower := arg(escape(text)), strings.ToLower(text)
	tokens := "SELECT call FROM search WHERE token IN (" + arg(escape(search.Agent+lower)) + ", " +
		arg(escape(search.Record+strings.ToLower(search.RecordID(text)))) + ")"
	if d := call.Digits(text); len(d) >= 3 && len(d)*2 > len(text) {
		// A number's last digits; ';' follows the digits and ':' in the order of the tokens.
		from := search.Number + search.Backwards(d)
		tokens += " UNION ALL SELECT call FROM search WHERE token >= " + arg(from) + " AND token < " + arg(from+";")
	}
	return "n IN (SELECT n FROM calls WHERE id = " + same + " UNION ALL SELECT call FROM refs WHERE ref = " + same + " UNION ALL " + tokens + ")"
}

// eachCall reads rows of a call's number and body.
func eachCall(rows pgx.Rows, take func(n int64, row engine.CallRow)) error {
	for rows.Next() {
		var (
			n    int64
			body []byte
			c    engine.Call
		)
		if err := rows.Scan(&n, &body); err != nil {
			return err
		}
		if err := json.Unmarshal(body, &c); err != nil {
			return fmt.Errorf("call number %d as stored: %w", n, err)
		}
		take(n, engine.CallRow{State: c.State, Records: records(c.Records), Pops: c.Pops})
	}
	return nil
}

// countSteps fills in the rows' steps; numbers tells which call is which row.
func countSteps(rows pgx.Rows, numbers map[int64]int, out []engine.CallRow) error {
	for rows.Next() {
		var (
			n     int64
			state engine.StepState
			count int
		)
		if err := rows.Scan(&n, &state, &count); err != nil {
			return err
		}
		row := &out[numbers[n]]
		if row.Steps == nil {
			row.Steps = map[engine.StepState]int{}
		}
		row.Steps[state] = count
	}
	return nil
}
