package salesforce

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// condition is a node of WHERE. among returns the ids that an index says may match, so that the usual queries never
// walk the whole table; ok is false where no index helps.
type condition interface {
	holds(s *Server, r *record) bool
	among(t *table) (ids []string, ok bool)
}

type allOf []condition
type anyOf []condition
type noneOf struct{ inner condition }

func (c allOf) holds(s *Server, r *record) bool {
	for _, e := range c {
		if !e.holds(s, r) {
			return false
		}
	}
	return true
}

func (c allOf) among(t *table) (best []string, ok bool) {
	for _, e := range c {
		if ids, good := e.among(t); good && (!ok || len(ids) < len(best)) {
			best, ok = ids, true
		}
	}
	return best, ok
}

func (c anyOf) holds(s *Server, r *record) bool {
	for _, e := range c {
		if e.holds(s, r) {
			return true
		}
	}
	return false
}

func (c anyOf) among(t *table) (all []string, ok bool) {
	for _, e := range c {
		ids, good := e.among(t)
		if !good {
			return nil, false
		}
		all = append(all, ids...)
	}
	return all, true
}

func (c noneOf) holds(s *Server, r *record) bool      { return !c.inner.holds(s, r) }
func (c noneOf) among(*table) (ids []string, ok bool) { return nil, false }

// comparison is one test of one column.
type comparison struct {
	path   path
	op     string // = != < > <= >= like in notin
	values []any  // nil, string (folded), float64, bool or span
	like   *regexp.Regexp
}

// span is what a date literal means: from (inclusive) to (exclusive), as the stored text compares.
type span struct{ from, to string }

func (c *comparison) holds(s *Server, r *record) bool {
	v := c.path.of(s, r)
	switch c.op {
	case "=", "in":
		return slices.ContainsFunc(c.values, func(w any) bool { return equal(v, w) })
	case "!=", "notin":
		return !slices.ContainsFunc(c.values, func(w any) bool { return equal(v, w) })
	case "like":
		text, _ := v.(string)
		return v != nil && c.like.MatchString(text)
	}
	return v != nil && c.ordered(v)
}

func (c *comparison) ordered(v any) bool {
	w := c.values[0]
	if d, ok := w.(span); ok {
		text := folded(v).(string)
		switch c.op {
		case "<":
			return text < d.from
		case "<=":
			return text < d.to
		case ">":
			return text >= d.to
		}
		return text >= d.from
	}
	n := compare(folded(v), w)
	switch c.op {
	case "<":
		return n < 0
	case "<=":
		return n <= 0
	case ">":
		return n > 0
	}
	return n >= 0
}

func (c *comparison) among(t *table) ([]string, bool) {
	if (c.op != "=" && c.op != "in") || len(c.path.through) > 0 || c.path.field == nil {
		return nil, false
	}
	f := c.path.field
	index, exact := t.exact[f]
	if f.name != "Id" && !exact && f.typ != typePhone {
		return nil, false
	}
	var ids []string
	for _, v := range c.values {
		text, ok := v.(string)
		switch {
		case !ok:
			return nil, false
		case f.name == "Id":
			ids = append(ids, text)
		case exact:
			ids = append(ids, index[text]...)
		default:
			keys := phoneKeys(text)
			if len(keys) == 0 {
				return nil, false
			}
			ids = append(ids, t.phones[keys[0]]...)
		}
	}
	return ids, true
}

// of follows a path from a record.
func (p path) of(s *Server, r *record) any {
	for _, f := range p.through {
		id, _ := r.value(f).(string)
		if r = s.lookup(id); r == nil {
			return nil
		}
	}
	f := p.field
	if f == nil || r.obj.byName[f.name] != f {
		if f = r.obj.field(p.name); f == nil {
			if strings.EqualFold(p.name, "Type") {
				return r.obj.name
			}
			return nil
		}
	}
	return r.value(f)
}

// folded brings a stored value into the form that literals are compared in.
func folded(v any) any {
	switch v := v.(type) {
	case json.Number:
		n, _ := v.Float64()
		return n
	case string:
		return strings.ToLower(v)
	}
	return v
}

func equal(v, want any) bool {
	if d, ok := want.(span); ok {
		text, isText := v.(string)
		return isText && strings.ToLower(text) >= d.from && strings.ToLower(text) < d.to
	}
	if text, ok := v.(string); ok {
		w, isText := want.(string)
		return isText && strings.EqualFold(text, w)
	}
	return folded(v) == want
}

func compare(a, b any) int {
	switch a := a.(type) {
	case nil:
		if b == nil {
			return 0
		}
		return -1
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(a, b)
		}
	case float64:
		if b, ok := b.(float64); ok {
			return cmp.Compare(a, b)
		}
	case bool:
		if b, ok := b.(bool); ok && a != b {
			if b {
				return -1
			}
			return 1
		}
		return 0
	}
	return 1
}
