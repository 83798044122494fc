package genesys

import (
	"fmt"
	"slices"
	"strings"
)

// operators are those of a trigger's match criteria.
var operators = []string{"GreaterThanOrEqual", "LessThanOrEqual", "Equal", "NotEqual", "LessThan", "GreaterThan", "NotIn", "In", "Contains",
	"All", "Exists", "Size"}

// holds says whether the event's member fits the rule. A path is a bare name, or names with dots between.
func (m matchRule) holds(members map[string]any) bool {
	v, has := lookUp(members, m.Path)
	switch m.Operator {
	case "Exists":
		return has == (m.Value != false)
	case "NotEqual":
		return !same(v, m.Value)
	case "NotIn":
		return !slices.ContainsFunc(m.Values, func(w any) bool { return same(v, w) })
	}
	if !has {
		return false
	}
	list, _ := v.([]any)
	switch m.Operator {
	case "Equal":
		return same(v, m.Value)
	case "In":
		return slices.ContainsFunc(m.Values, func(w any) bool { return same(v, w) })
	case "Contains":
		if text, ok := v.(string); ok {
			return strings.Contains(text, fmt.Sprint(m.Value))
		}
		return slices.ContainsFunc(list, func(w any) bool { return same(w, m.Value) })
	case "All":
		return !slices.ContainsFunc(m.Values, func(w any) bool {
			return !slices.ContainsFunc(list, func(x any) bool { return same(x, w) })
		})
	case "Size":
		return same(float64(len(list)), m.Value)
	}
	return compare(v, m.Operator, m.Value)
}

func lookUp(members map[string]any, path string) (any, bool) {
	var v any = members
	for name := range strings.SplitSeq(strings.TrimPrefix(path, "$."), ".") {
		node, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		if v, ok = node[name]; !ok {
			return nil, false
		}
	}
	return v, true
}

func same(a, b any) bool { return fmt.Sprint(a) == fmt.Sprint(b) }

func compare(a any, operator string, b any) bool {
	x, okX := a.(float64)
	y, okY := b.(float64)
	if !okX || !okY {
		return false
	}
	switch operator {
	case "GreaterThan":
		return x > y
	case "GreaterThanOrEqual":
		return x >= y
	case "LessThan":
		return x < y
	}
	return x <= y
}
