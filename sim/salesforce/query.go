package salesforce

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// queryPage is one answer of the Query resource.
type queryPage struct {
	TotalSize int    `json:"totalSize"`
	Done      bool   `json:"done"`
	Next      string `json:"nextRecordsUrl,omitempty"`
	Records   []any  `json:"records"`
}

// cursors keeps what is left of long queries for "query more"; the newest 100 live.
type cursors struct {
	mu   sync.Mutex
	next int
	open map[string]*openCursor
	ids  []string
}

type openCursor struct {
	sel  *selection
	rows []*record
}

func (c *cursors) keep(sel *selection, rows []*record) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open = map[string]*openCursor{}
	}
	c.next++
	id := newID("01g", uint64(c.next))
	c.open[id] = &openCursor{sel, rows}
	if c.ids = append(c.ids, id); len(c.ids) > 100 {
		delete(c.open, c.ids[0])
		c.ids = c.ids[1:]
	}
	return id
}

// serveQuery is GET query?q=, queryAll?q= (which finds no deleted rows here: they are gone) and query/{cursor}-{offset}.
func (s *Server) serveQuery(q *request) answer {
	if q.method != http.MethodGet {
		return s.refuse(notAllowed(q))
	}
	if len(q.parts) == 2 {
		return s.queryMore(q)
	}
	text := q.query.Get("q")
	if text == "" {
		return s.refuse(fail("MALFORMED_QUERY", "SOQL statements cannot be empty or null"))
	}
	sel, err := s.parseSOQL(text, q.tx.now)
	if err != nil {
		return s.refuse(err)
	}
	rows := s.selectRows(sel)
	switch {
	case sel.count:
		return answer{status: http.StatusOK, body: queryPage{TotalSize: len(rows), Done: true, Records: []any{}}}
	case len(sel.counted) > 0:
		row := map[string]any{"attributes": map[string]string{"type": "AggregateResult"}}
		for _, name := range sel.counted {
			row[name] = len(rows)
		}
		return answer{status: http.StatusOK, body: queryPage{TotalSize: 1, Done: true, Records: []any{row}}}
	}
	return s.page(q, sel, rows, "", 0)
}

func (s *Server) queryMore(q *request) answer {
	id, offset, _ := strings.Cut(q.parts[1], "-")
	s.cursors.mu.Lock()
	open := s.cursors.open[id]
	s.cursors.mu.Unlock()
	n, err := strconv.Atoi(offset)
	if open == nil || err != nil || n < 0 || n > len(open.rows) {
		return s.refuse(fail("INVALID_QUERY_LOCATOR", "invalid query locator"))
	}
	return s.page(q, open.sel, open.rows, id, n)
}

// page answers rows[from:] up to a page; id names the cursor they are kept under, if they already are.
func (s *Server) page(q *request, sel *selection, rows []*record, id string, from int) answer {
	to := min(len(rows), from+s.cfg.QueryBatch)
	out := queryPage{TotalSize: len(rows), Done: to == len(rows), Records: make([]any, 0, to-from)}
	for _, r := range rows[from:to] {
		out.Records = append(out.Records, s.project(q.root, sel, r))
	}
	if !out.Done {
		if id == "" {
			id = s.cursors.keep(sel, rows)
		}
		out.Next = fmt.Sprintf("%s/query/%s-%d", q.root, id, to)
	}
	return answer{status: http.StatusOK, body: out}
}

// project is a record with the selected columns, related ones nested.
func (s *Server) project(root string, sel *selection, r *record) map[string]any {
	out := make(map[string]any, len(sel.columns)+1)
	out["attributes"] = attributes(r, root)
	for _, c := range sel.columns {
		if len(c.through) == 0 {
			out[c.name] = c.of(s, r)
			continue
		}
		at, related := out, r
		for i, f := range c.through {
			id, _ := related.value(f).(string)
			if related = s.lookup(id); related == nil {
				if at[c.words[i]] == nil {
					at[c.words[i]] = nil
				}
				break
			}
			inner, ok := at[c.words[i]].(map[string]any)
			if !ok {
				inner = map[string]any{"attributes": attributes(related, root)}
				at[c.words[i]] = inner
			}
			at = inner
		}
		if related != nil {
			at[c.words[len(c.words)-1]] = c.of(s, r)
		}
	}
	return out
}

// selectRows finds, sorts and cuts. Rows come in order of creation where nothing else is asked.
func (s *Server) selectRows(sel *selection) []*record {
	var rows []*record
	ids, indexed := []string(nil), false
	if sel.where != nil {
		ids, indexed = sel.where.among(sel.table)
	}
	if indexed {
		slices.Sort(ids)
		for _, id := range slices.Compact(ids) {
			if r := sel.table.rows[id]; r != nil && sel.where.holds(s, r) {
				rows = append(rows, r)
			}
		}
		slices.SortFunc(rows, func(a, b *record) int { return int(int64(a.seq) - int64(b.seq)) })
	} else {
		enough := -1
		if len(sel.order) == 0 && sel.limit >= 0 {
			enough = sel.limit + sel.offset
		}
		sel.table.all(func(r *record) bool {
			if sel.where == nil || sel.where.holds(s, r) {
				rows = append(rows, r)
			}
			return enough < 0 || len(rows) < enough
		})
	}
	if len(sel.order) > 0 {
		slices.SortStableFunc(rows, func(a, b *record) int { return s.sortOrder(sel.order, a, b) })
	}
	rows = rows[min(sel.offset, len(rows)):]
	if sel.limit >= 0 {
		rows = rows[:min(sel.limit, len(rows))]
	}
	return rows
}

func (s *Server) sortOrder(order []sortKey, a, b *record) int {
	for _, k := range order {
		x, y := folded(k.path.of(s, a)), folded(k.path.of(s, b))
		n := 0
		switch {
		case x == nil && y == nil:
		case x == nil || y == nil:
			if n = 1; (x == nil) == k.nullsFirst {
				n = -1
			}
		default:
			if n = compare(x, y); k.down {
				n = -n
			}
		}
		if n != 0 {
			return n
		}
	}
	return 0
}
