package config

import (
	"encoding"
	"errors"
	"reflect"
	"strconv"

	"github.com/goccy/go-yaml/ast"
)

// value reads one node into one value. Path is the way of keys to it.
func (d *decoder) value(n ast.Node, v reflect.Value, path []string) {
	if d.depth++; d.depth > maxDepth {
		d.problem(n, "", "nested deeper than %d", maxDepth)
		d.depth--
		return
	}
	defer func() { d.depth-- }()
	if raw, ok := v.Addr().Interface().(*Raw); ok {
		*raw = Raw{node: n, file: d.file, path: path, anchors: d.anchors}
		return
	}
	if n = d.plain(n); n == nil {
		return
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		d.value(n, v.Elem(), path)
		return
	}
	switch into := v.Addr().Interface().(type) {
	case *Secret:
		d.secret(n, into)
		return
	case encoding.TextUnmarshaler:
		if text, ok := d.text(n); ok {
			if err := into.UnmarshalText([]byte(text)); err != nil {
				d.problem(n, "", "%v", err)
			}
		}
		return
	}
	d.byKind(n, v, path)
}

func (d *decoder) byKind(n ast.Node, v reflect.Value, path []string) {
	switch v.Kind() {
	case reflect.Struct:
		d.object(n, v, path)
	case reflect.Map:
		d.table(n, v, path)
	case reflect.Slice:
		d.list(n, v, path)
	case reflect.Interface:
		if got := d.any(n); got != nil {
			v.Set(reflect.ValueOf(got))
		}
	case reflect.String:
		if text, ok := d.text(n); ok {
			v.SetString(text)
		}
	case reflect.Bool:
		if b, ok := n.(*ast.BoolNode); ok {
			v.SetBool(b.Value)
		} else {
			d.wrong(n, "true or false")
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		d.whole(n, v)
	case reflect.Float32, reflect.Float64:
		d.number(n, v)
	default:
		d.problem(n, "", "a %s cannot be read from a file", v.Type())
	}
}

// wrong reports a node of another type than wanted.
func (d *decoder) wrong(n ast.Node, want string) {
	d.problem(n, "", "this is %s, but %s is wanted", kindOf(n), want)
}

func kindOf(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.BoolNode:
		return "true or false"
	case *ast.IntegerNode:
		return "a whole number"
	case *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	default:
		return "a text"
	}
}

// text returns a scalar as it is written. Numbers count as texts, so that versions and phone numbers need no quotes;
// true and false do not, because there a mistake is likelier.
func (d *decoder) text(n ast.Node) (string, bool) {
	switch t := n.(type) {
	case *ast.StringNode:
		return t.Value, true
	case *ast.LiteralNode:
		return t.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode:
		return n.GetToken().Value, true
	}
	d.wrong(n, "a text")
	return "", false
}

func (d *decoder) whole(n ast.Node, v reflect.Value) {
	t, ok := n.(*ast.IntegerNode)
	if !ok {
		d.wrong(n, "a whole number")
		return
	}
	var i int64
	switch x := t.Value.(type) {
	case int64:
		i = x
	case uint64:
		i = int64(x)
		ok = i >= 0
	}
	if !ok || v.OverflowInt(i) {
		d.problem(n, "", "%s is too large", n.GetToken().Value)
		return
	}
	v.SetInt(i)
}

func (d *decoder) number(n ast.Node, v reflect.Value) {
	switch t := n.(type) {
	case *ast.FloatNode:
		v.SetFloat(t.Value)
	case *ast.IntegerNode:
		f, err := strconv.ParseFloat(n.GetToken().Value, 64)
		if err != nil {
			d.wrong(n, "a number")
			return
		}
		v.SetFloat(f)
	default:
		d.wrong(n, "a number")
	}
}

// any returns a node as plain Go values: string, bool, int64, uint64, float64, []any, map[string]any.
func (d *decoder) any(n ast.Node) any {
	switch t := n.(type) {
	case *ast.BoolNode:
		return t.Value
	case *ast.IntegerNode:
		return t.Value
	case *ast.FloatNode:
		return t.Value
	case *ast.SequenceNode:
		list := []any{}
		d.list(n, reflect.ValueOf(&list).Elem(), nil)
		return list
	case *ast.MappingNode, *ast.MappingValueNode:
		table := map[string]any{}
		d.table(n, reflect.ValueOf(&table).Elem(), nil)
		return table
	}
	text, _ := d.text(n)
	return text
}

func (d *decoder) list(n ast.Node, v reflect.Value, path []string) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.wrong(n, "a list")
		return
	}
	list := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	for i, item := range seq.Values {
		d.value(item, list.Index(i), join(path, d.nameOf(item, i)))
	}
	v.Set(list)
}

// nameOf names a list's entry in paths: by its name, or else by its position.
func (d *decoder) nameOf(n ast.Node, i int) string {
	for _, e := range entries(n) {
		if s, ok := e.Value.(*ast.StringNode); ok && e.Key.GetToken().Value == "name" {
			return s.Value
		}
	}
	return strconv.Itoa(i)
}

func (d *decoder) table(n ast.Node, v reflect.Value, path []string) {
	if !isMapping(n) {
		d.wrong(n, "a mapping")
		return
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	seen := map[string]bool{}
	for _, e := range entries(n) {
		key, ok := d.key(e, seen)
		if !ok {
			continue
		}
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(e.Value, item, join(path, key))
		v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), item)
	}
}

// key returns an entry's key, once.
func (d *decoder) key(e *ast.MappingValueNode, seen map[string]bool) (string, bool) {
	if _, merge := e.Key.(*ast.MergeKeyNode); merge {
		d.problem(e.Key, "", "merge keys (<<) are not used here")
		return "", false
	}
	key := e.Key.GetToken().Value
	if seen[key] {
		d.problem(e.Key, "", "%q is given twice", key)
		return "", false
	}
	seen[key] = true
	return key, true
}

func isMapping(n ast.Node) bool {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return true
	}
	return false
}

// entries returns a mapping's entries; none when n is something else.
func entries(n ast.Node) []*ast.MappingValueNode {
	switch t := n.(type) {
	case *ast.MappingNode:
		return t.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{t}
	}
	return nil
}

func join(path []string, key string) []string {
	return append(path[:len(path):len(path)], key)
}

// check asks a value that can check itself.
func (d *decoder) check(n ast.Node, v reflect.Value) {
	checker, ok := v.Addr().Interface().(interface{ Check() error })
	if !ok {
		return
	}
	err := checker.Check()
	if err == nil {
		return
	}
	if f, ok := errors.AsType[*FieldError](err); ok {
		for _, e := range entries(n) {
			if e.Key.GetToken().Value == f.Key {
				d.problem(e.Value, "", "%v", f.Err)
				return
			}
		}
	}
	d.problem(n, "", "%v", err)
}
