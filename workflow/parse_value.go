package workflow

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

var apiName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// value reads an argument by its type. Only a Map is more than one value.
func (p *parsing) value(s *step, arg *Arg, e entry) []*value {
	n := p.deref(e.value)
	if n == nil {
		return nil
	}
	if arg.Type == Map {
		return p.fields(arg.Name, n)
	}
	if arg.Type == Words {
		return p.words(arg.Name, n)
	}
	if arg.Type == JSON {
		return p.tree(arg.Name, n, 0)
	}
	text, ok := p.scalar(n)
	if !ok {
		p.errorf(e.at, "%s must be %s, not %s", arg.Name, arg.Type.meaning(), kindOf(n))
		return nil
	}
	var v *value
	switch arg.Type {
	case Text:
		v = p.text(arg.Name, n, text)
	case URL:
		if v = p.text(arg.Name, n, text); v != nil && v.tmpl != nil {
			v.tmpl, v.written = v.tmpl.escaped(), v.tmpl
		}
	case Expression:
		v = p.expression(arg.Name, n, text)
	case Enum:
		if word := oneOf(p, n, arg.Name, arg.Enum); word != "" {
			v = &value{path: arg.Name, lit: word}
		}
	case Bool, Duration:
		v = p.plainOrExpression(arg, n, text)
	case ObjectName, Name:
		if !apiName.MatchString(text) {
			p.errorf(place(n), "%s must be %s, not %q", arg.Name, arg.Type.meaning(), text)
			return nil
		}
		if arg.Type == ObjectName {
			s.object = text
		} else {
			s.as = text
		}
		v = &value{path: arg.Name, lit: text}
	}
	if v == nil {
		return nil
	}
	return []*value{v}
}

func (t ArgType) meaning() string {
	return map[ArgType]string{
		Text: "a text", URL: "an address", Expression: "an expression", Words: "a word or a list of words", Enum: "a word", Map: "a mapping of fields", JSON: "a mapping, a list or a value",
		ObjectName: "the API name of an object, such as Task", Name: "a name of letters, digits and _", Bool: "true or false", Duration: "a duration, such as 5s or 10m",
	}[t]
}

func (p *parsing) words(name string, n ast.Node) []*value {
	words := []string{}
	for _, item := range p.items(n) {
		if w, ok := p.word(item, name); ok {
			words = append(words, w)
		}
	}
	return []*value{{path: name, lit: words}}
}

// fields reads an argument of type Map.
func (p *parsing) fields(name string, n ast.Node) []*value {
	if _, ok := n.(*ast.NullNode); ok {
		return nil
	}
	var values []*value
	for _, e := range p.entries(n, name) {
		if e.key == "" || strings.Contains(e.key, "/") {
			p.errorf(e.at, "%q is no name of a field", e.key)
			continue
		}
		if v := p.field(name+"/"+e.key, p.deref(e.value), "the field "+e.key); v != nil {
			v.optional = v.tmpl != nil && v.tmpl.sole
			values = append(values, v)
		}
	}
	return values
}

// field reads one plain value or template.
func (p *parsing) field(path string, n ast.Node, what string) *value {
	switch x := n.(type) {
	case nil:
		return nil
	case *ast.IntegerNode:
		return &value{path: path, lit: x.Value}
	case *ast.FloatNode:
		return &value{path: path, lit: x.Value}
	case *ast.BoolNode:
		return &value{path: path, lit: x.Value}
	case *ast.NullNode:
		return &value{path: path, lit: nil}
	}
	text, ok := p.word(n, what)
	if !ok {
		return nil
	}
	return p.text(path, n, text)
}

// maxTree is how deeply an argument of type JSON may nest.
const maxTree = 16

// tree reads an argument of type JSON: each of its leaves is a value of its own.
func (p *parsing) tree(path string, n ast.Node, depth int) []*value {
	n = p.deref(n)
	if depth > maxTree {
		p.errorf(place(n), "this is nested too deeply")
		return nil
	}
	var values []*value
	switch x := n.(type) {
	case *ast.SequenceNode:
		if len(x.Values) == 0 {
			return []*value{{path: path, lit: []any{}}}
		}
		for i, item := range x.Values {
			values = append(values, p.tree(fmt.Sprintf("%s/[%d]", path, i), item, depth+1)...)
		}
		return values
	case *ast.MappingNode, *ast.MappingValueNode:
		entries := p.entries(n, path)
		if len(entries) == 0 {
			return []*value{{path: path, lit: map[string]any{}}}
		}
		for _, e := range entries {
			if e.key == "" || e.key[0] == '[' || strings.Contains(e.key, "/") {
				p.errorf(e.at, "%q is no name of a field", e.key)
				continue
			}
			for _, v := range p.tree(path+"/"+e.key, e.value, depth+1) {
				v.optional = v.optional || v.path == path+"/"+e.key && v.tmpl != nil && v.tmpl.sole
				values = append(values, v)
			}
		}
		return values
	}
	if v := p.field(path, n, path); v != nil {
		values = append(values, v)
	}
	return values
}

func (p *parsing) plainOrExpression(arg *Arg, n ast.Node, text string) *value {
	if strings.Contains(text, "${") {
		return p.text(arg.Name, n, text)
	}
	if b, ok := n.(*ast.BoolNode); ok && arg.Type == Bool {
		return &value{path: arg.Name, lit: b.Value}
	}
	if _, err := time.ParseDuration(text); err == nil && arg.Type == Duration {
		return &value{path: arg.Name, lit: text}
	}
	p.errorf(place(n), "%s must be %s, not %q", arg.Name, arg.Type.meaning(), text)
	return nil
}

// text reads a template.
func (p *parsing) text(path string, n ast.Node, text string) *value {
	t, at, err := parseTemplate(text)
	if err != nil {
		p.errorf(p.within(n, text, at), "%v", err)
		return nil
	}
	v := &value{path: path, tmpl: t, node: n, text: text}
	if lit, ok := t.literal(); ok {
		v.lit, v.tmpl = lit, nil
	}
	p.faults(v, true)
	return v
}

// expression reads CEL, bare or in ${…}.
func (p *parsing) expression(path string, n ast.Node, text string) *value {
	if strings.Contains(text, "${") {
		return p.text(path, n, text)
	}
	v := &value{path: path, tmpl: bareExpression(text), node: n, text: text}
	p.faults(v, true)
	return v
}

// faults reports what is wrong with the expressions of a value: their syntax, or their types.
func (s *source) faults(v *value, syntax bool) {
	if v.tmpl == nil || v.node == nil {
		return
	}
	for _, piece := range v.asWritten().pieces {
		if piece.expr == nil || piece.expr.syntax != syntax {
			continue
		}
		for _, f := range piece.expr.faults {
			offset := piece.at + lineStart(piece.expr.src, f.line) + f.col
			s.problem(Error, s.within(v.node, v.text, offset), f.suggestion, "%s", f.message)
		}
	}
}

// lineStart is how many characters stand before a line of the text.
func lineStart(text string, line int) int {
	n := 0
	for i, l := range strings.SplitAfter(text, "\n") {
		if i+1 == line {
			break
		}
		n += runes(l)
	}
	return n
}
