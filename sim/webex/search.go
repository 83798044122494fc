package webex

import (
	"cordboard/sim/stage"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// The search: GraphQL over tasks, as far as somebody needs it who wants to
// know what happened in a stretch of time. It knows the queries task and
// taskDetails with from, to, timeComparator, filter and pagination; of filters
// and, or and equals.

const (
	searchPage = 500
	searchAge  = 36 * 31 * 24 * time.Hour // 36 months, generously
)

// postSearch is POST /search.
func (s *Server) postSearch(w http.ResponseWriter, r *http.Request, who caller) {
	var ask struct {
		Query     string         `json:"query"`
		Variables map[string]any `json:"variables"`
	}
	if err := json.Unmarshal(who.raw, &ask); err != nil {
		dataFailure(w, http.StatusBadRequest, "Body is invalid JSON.")
		return
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: ask.Query})
	if err != nil || len(doc.Operations) != 1 {
		dataFailure(w, http.StatusBadRequest, "The query cannot be parsed.")
		return
	}
	out := map[string]any{}
	for _, sel := range doc.Operations[0].SelectionSet {
		field, ok := sel.(*ast.Field)
		if !ok {
			dataFailure(w, http.StatusBadRequest, "Fragments are not simulated.")
			return
		}
		if out[field.Alias], err = s.query(field, ask.Variables); err != nil {
			stage.Answer(w, http.StatusOK, map[string]any{"data": nil, "errors": []map[string]any{{"message": err.Error()}}})
			return
		}
	}
	stage.Answer(w, http.StatusOK, map[string]any{"data": out})
}

// query runs one top field.
func (s *Server) query(field *ast.Field, variables map[string]any) (any, error) {
	if field.Name != "task" && field.Name != "taskDetails" {
		return nil, fmt.Errorf("the query %s is not simulated", field.Name)
	}
	in := map[string]any{}
	for _, a := range field.Arguments {
		v, err := a.Value.Value(variables)
		if err != nil {
			return nil, fmt.Errorf("argument %s: %w", a.Name, err)
		}
		in[a.Name] = v
	}
	win, err := searchWindow(in)
	if err != nil {
		return nil, err
	}
	rows := s.rows(in["timeComparator"] == "endedTime", win, in["filter"])
	return project(field, rows, in["pagination"])
}

func searchWindow(in map[string]any) (span, error) {
	from, okFrom := milli(in["from"])
	to, okTo := milli(in["to"])
	if !okFrom || !okTo {
		return span{}, fmt.Errorf("from and to are needed, as epoch milliseconds")
	}
	if time.Since(time.UnixMilli(from)) > searchAge {
		return span{}, fmt.Errorf("from cannot be older than 36 months")
	}
	return span{from, min(to, nowMilli())}, nil
}

// milli reads a Long, which may come as a number or a text.
func milli(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case float64:
		return int64(v), true
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return n, err == nil
	}
	return 0, false
}

// rows are the tasks whose time is in the window and that pass the filter.
func (s *Server) rows(byEnd bool, win span, filter any) []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []map[string]any
	for _, t := range s.recent {
		at := t.created
		if byEnd {
			at = t.ended
		}
		if ms := at.UnixMilli(); at.IsZero() || ms < win.from || ms > win.to {
			continue
		}
		if row := t.row(); passes(row, filter) {
			rows = append(rows, row)
		}
	}
	return rows
}

func passes(row map[string]any, filter any) bool {
	f, ok := filter.(map[string]any)
	if !ok {
		return true
	}
	for name, want := range f {
		switch name {
		case "and":
			for _, part := range list(want) {
				if !passes(row, part) {
					return false
				}
			}
		case "or":
			if !slices.ContainsFunc(list(want), func(part any) bool { return passes(row, part) }) {
				return false
			}
		default:
			if m, ok := want.(map[string]any); ok && !equal(row[name], m["equals"]) {
				return false
			}
		}
	}
	return true
}

func list(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}

// equal compares a value with what a filter says; of an object, what the
// filter names.
func equal(have, want any) bool {
	m, ok := want.(map[string]any)
	if !ok {
		return fmt.Sprint(have) == fmt.Sprint(want)
	}
	h, _ := have.(map[string]any)
	return h != nil && !slices.ContainsFunc(slices.Collect(maps.Keys(m)), func(k string) bool { return !equal(h[k], m[k]) })
}

// project answers the members that the query asks for, one page of them.
func project(field *ast.Field, rows []map[string]any, pagination any) (any, error) {
	start := 0
	if p, ok := pagination.(map[string]any); ok {
		start, _ = strconv.Atoi(fmt.Sprint(p["cursor"])) // anything else is the beginning
	}
	start = min(max(start, 0), len(rows))
	page := rows[start:min(len(rows), start+searchPage)]
	all := make([]any, len(page))
	for i, row := range page {
		all[i] = row
	}
	end := start + len(page)
	return pick(field, map[string]any{"tasks": all, "pageInfo": map[string]any{"hasNextPage": end < len(rows), "endCursor": strconv.Itoa(end)}})
}

// pick copies the selected members of a value.
func pick(field *ast.Field, v any) (any, error) {
	if len(field.SelectionSet) == 0 {
		return v, nil
	}
	switch v := v.(type) {
	case []any:
		out := []any{}
		for _, x := range v {
			p, err := pick(field, x)
			if err != nil {
				return nil, err
			}
			out = append(out, p)
		}
		return out, nil
	case map[string]any:
		out := map[string]any{}
		for _, sel := range field.SelectionSet {
			f, ok := sel.(*ast.Field)
			if !ok {
				return nil, fmt.Errorf("fragments are not simulated")
			}
			x, ok := v[f.Name]
			if !ok {
				return nil, fmt.Errorf("the member %s is not simulated", f.Name)
			}
			p, err := pick(f, variablesOf(f, x))
			if err != nil {
				return nil, err
			}
			out[f.Alias] = p
		}
		return out, nil
	}
	return v, nil
}

// variablesOf is one variable of the task when the query names it
// (stringGlobalVariables(name: "…")), and nothing when there is none.
func variablesOf(f *ast.Field, v any) any {
	arg := f.Arguments.ForName("name")
	if f.Name != "stringGlobalVariables" || arg == nil {
		return v
	}
	for _, x := range list(v) {
		if m, ok := x.(map[string]any); ok && m["name"] == arg.Value.Raw {
			return x
		}
	}
	return nil
}
