package workflow

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// matching is one of a rule's match conditions, as the triggers of Genesys Cloud have them: a path, an operator, a value. All
// conditions of a rule must be met.
type matching struct {
	text string // as people read it
	path string // as written
	op   operator
	want any // a JSON value; a list for In, NotIn and All

	steps []segment // of a path in the event's message
	name  *value    // of a name of expressions, such as call.vars.Tier; nil for a path in the message
}

// operator is one of the operators of Genesys Cloud's triggers ("Process Automation API": matchCriteria). What each of them
// does with a value that is not there, of another type or in a list is inferred.
type operator struct {
	name, sign string
	list       bool // it takes a list
	// met compares what the path leads to, at least one value, with what is wanted.
	met func(got []any, want any) bool
}

func comparisons() []operator {
	return []operator{
		{"Equal", "==", false, anyOf(equal)},
		{"NotEqual", "!=", false, nil},
		{"GreaterThan", ">", false, anyOf(ordered(func(c int) bool { return c > 0 }))},
		{"GreaterThanOrEqual", ">=", false, anyOf(ordered(func(c int) bool { return c >= 0 }))},
		{"LessThan", "<", false, anyOf(ordered(func(c int) bool { return c < 0 }))},
		{"LessThanOrEqual", "<=", false, anyOf(ordered(func(c int) bool { return c <= 0 }))},
		{"In", "in", true, anyOf(within)},
		{"NotIn", "not in", true, nil},
		{"Contains", "contains", false, anyOf(contained)},
		{"All", "all", true, all},
		{"Exists", "exists", false, nil},
		{"Size", "size", false, sized},
	}
}

// met reports whether the condition holds, and what its path leads to. The error says why nobody can tell.
func (m *matching) met(sc *scope) (yes bool, got []any, err error) {
	if got, err = m.look(sc); err != nil {
		return false, nil, err
	}
	switch m.op.name {
	case "Exists":
		return (len(got) > 0) == (m.want == true), got, nil
	case "NotEqual":
		return !anyOf(equal)(got, m.want), got, nil
	case "NotIn":
		return !anyOf(within)(got, m.want), got, nil
	}
	return len(got) > 0 && m.op.met(got, m.want), got, nil
}

// look returns what the path leads to: nothing, one value or, along [*], many. null is nothing, and so is a name of
// expressions that is empty.
func (m *matching) look(sc *scope) ([]any, error) {
	if m.name == nil {
		root, err := sc.message.body()
		if err != nil {
			return nil, err
		}
		return slices.DeleteFunc(follow(inEnvelope(root, m.steps), m.steps), func(x any) bool { return x == nil }), nil
	}
	x, err := m.name.tmpl.eval(sc)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(x)
	if err != nil {
		return nil, err
	}
	var plain any
	if err := decodeNumbers(raw, &plain); err != nil || plain == nil || plain == "" {
		return nil, err
	}
	return []any{plain}, nil
}

func anyOf(met func(got, want any) bool) func([]any, any) bool {
	return func(got []any, want any) bool {
		return slices.ContainsFunc(got, func(x any) bool { return met(x, want) })
	}
}

// equal compares values of any types. A number equals a text that is the same number: variables of calls are always texts.
func equal(a, b any) bool {
	_, textA := a.(string)
	_, textB := b.(string)
	if x, okA := numberOf(a); okA && !(textA && textB) {
		if y, okB := numberOf(b); okB {
			return x == y
		}
	}
	switch a.(type) {
	case []any, map[string]any:
		return false
	}
	return fmt.Sprint(a) == fmt.Sprint(b)
}

func numberOf(x any) (float64, bool) {
	switch x := x.(type) {
	case json.Number:
		f, err := x.Float64()
		return f, err == nil
	case string:
		f, err := json.Number(x).Float64()
		return f, err == nil
	}
	return 0, false
}

// ordered compares numbers, or texts: times as RFC 3339 has them come in their order.
func ordered(met func(c int) bool) func(got, want any) bool {
	return func(got, want any) bool {
		x, okX := numberOf(got)
		y, okY := numberOf(want)
		if okX && okY {
			switch {
			case x < y:
				return met(-1)
			case x > y:
				return met(1)
			}
			return met(0)
		}
		a, okA := got.(string)
		b, okB := want.(string)
		return okA && okB && met(strings.Compare(a, b))
	}
}

func within(got, want any) bool {
	list, _ := want.([]any)
	return slices.ContainsFunc(list, func(w any) bool { return equal(got, w) })
}

// contained finds a part of a text, or an item of a list.
func contained(got, want any) bool {
	if items, ok := got.([]any); ok {
		return slices.ContainsFunc(items, func(x any) bool { return equal(x, want) })
	}
	text, ok := got.(string)
	return ok && strings.Contains(text, fmt.Sprint(want))
}

// all finds every wanted item in a list, which is at the path or is what [*] leads to.
func all(got []any, want any) bool {
	items := got
	if list, ok := got[0].([]any); ok && len(got) == 1 {
		items = list
	}
	wanted, _ := want.([]any)
	return !slices.ContainsFunc(wanted, func(w any) bool { return !within(w, items) })
}

// sized is the number of items, fields or characters, or of what [*] leads to.
func sized(got []any, want any) bool {
	n := len(got)
	if n == 1 {
		switch x := got[0].(type) {
		case []any:
			n = len(x)
		case map[string]any:
			n = len(x)
		case string:
			n = runes(x)
		}
	}
	return equal(json.Number(fmt.Sprint(n)), want)
}

// explainMatch finds the first condition that is not met.
func (r *Rule) explainMatch(v *Verdict, sc *scope) bool {
	for i := range r.match {
		m := &r.match[i]
		yes, got, err := m.met(sc)
		if yes {
			continue
		}
		v.Leaf, v.Reason = m.text, ConditionFalse
		if err != nil {
			v.Reason, v.Detail = ConditionError, fmt.Sprintf("The condition %s could not be evaluated: %v.", m.text, err)
			return false
		}
		was := "not there"
		if len(got) > 0 {
			was = written(got...)
		}
		v.Values = map[string]string{m.path: was}
		v.Detail = fmt.Sprintf("The condition %s was false%s.", m.text, v.valueWords())
		return false
	}
	return true
}

// matches reports whether all conditions are met.
func (r *Rule) matches(sc *scope) bool {
	return !slices.ContainsFunc(r.match, func(m matching) bool {
		yes, _, err := m.met(sc)
		return err != nil || !yes
	})
}

// written is how values read in a sentence.
func written(values ...any) string {
	texts := make([]string, len(values))
	for i, x := range values {
		raw, err := json.Marshal(x)
		if err != nil {
			raw = []byte("?")
		}
		texts[i] = string(raw)
	}
	text := strings.Join(texts, ", ")
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "…"
	}
	return text
}
