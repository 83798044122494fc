package workflow

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

func (p *parsing) steps(r *Rule, e entry) {
	list, ok := p.deref(e.value).(*ast.SequenceNode)
	if !ok || len(list.Values) == 0 {
		p.errorf(e.at, "do must be a list of steps: every step begins with “- ”")
		return
	}
	for _, item := range list.Values {
		if s := p.step(item); s != nil {
			r.steps = append(r.steps, s)
		}
	}
}

// step reads one step: a mapping with exactly one kind among its keys. What stands under the kind and what stands
// beside it are arguments alike.
func (p *parsing) step(n ast.Node) *step {
	n = p.deref(n)
	if text, ok := p.scalar(n); ok {
		p.problem(Error, place(n), nearest(text, p.kinds())+":", "a step must be a mapping (kind: …), not the text %q", text)
		return nil
	}
	entries := p.entries(n, "a step")
	var spec *Spec
	var main entry
	for _, e := range entries {
		i := slices.IndexFunc(p.specs, func(s Spec) bool { return s.Kind == e.key })
		if i < 0 {
			continue
		}
		if spec != nil {
			p.errorf(e.at, "a step does one thing: %s and %s are two steps", spec.Kind, e.key)
			return nil
		}
		spec, main = &p.specs[i], e
	}
	if spec == nil {
		p.unknownKind(n, entries)
		return nil
	}
	s := &step{kind: spec.Kind, lane: spec.Lane, title: spec.Title, at: main.at}
	given := map[string]spot{}
	p.mainArgument(s, spec, main, given)
	for _, e := range entries {
		if e.key != spec.Kind {
			p.argument(s, spec, e, given)
		}
	}
	p.complete(s, spec, given)
	return s
}

func (p *parsing) kinds() []string {
	kinds := make([]string, len(p.specs))
	for i, s := range p.specs {
		kinds[i] = s.Kind
	}
	return kinds
}

func (p *parsing) unknownKind(n ast.Node, entries []entry) {
	for _, e := range entries {
		if suggestion := nearest(e.key, p.kinds()); suggestion != "" {
			p.problem(Error, e.at, suggestion, "unknown kind of step %q", e.key)
			return
		}
	}
	if len(entries) > 0 {
		p.errorf(entries[0].at, "unknown kind of step %q: there are %s", entries[0].key, list(p.kinds(), "and"))
	} else if n != nil {
		p.errorf(place(n), "the step is empty")
	}
}

// mainArgument reads what stands under the kind itself: a scalar or list is the primary argument.
func (p *parsing) mainArgument(s *step, spec *Spec, main entry, given map[string]spot) {
	n := p.deref(main.value)
	switch n.(type) {
	case nil, *ast.NullNode:
	case *ast.MappingNode, *ast.MappingValueNode:
		for _, e := range p.entries(n, spec.Kind) {
			p.argument(s, spec, e, given)
		}
	default:
		if spec.Primary == "" {
			p.errorf(place(n), "%s takes arguments by name: %s", spec.Kind, list(spec.names(), "and"))
			return
		}
		p.argument(s, spec, entry{spec.Primary, place(n), n}, given)
	}
}

func (s *Spec) names() []string {
	names := make([]string, len(s.Args))
	for i, a := range s.Args {
		names[i] = a.Name
	}
	return names
}

func (p *parsing) argument(s *step, spec *Spec, e entry, given map[string]spot) {
	arg := spec.arg(e.key)
	if arg == nil {
		p.unknownKey(e, spec.Kind, spec.names())
		return
	}
	if at, twice := given[e.key]; twice {
		p.errorf(e.at, "%s is given twice: also at line %d", e.key, at.line)
		return
	}
	given[e.key] = e.at
	s.values = append(s.values, p.value(s, arg, e)...)
}

// complete adds defaults and misses what is required.
func (p *parsing) complete(s *step, spec *Spec, given map[string]spot) {
	for _, arg := range spec.Args {
		if _, ok := given[arg.Name]; ok {
			continue
		}
		if arg.Required {
			p.errorf(s.at, "%s needs %s, such as %s", spec.Kind, arg.Name, arg.Example)
		}
		if text, ok := arg.Default.(string); ok && strings.Contains(text, "${") {
			t, _, err := parseTemplate(text)
			if err != nil {
				p.errorf(s.at, "%s: the default of %s: %v", spec.Kind, arg.Name, err)
				continue
			}
			s.values = append(s.values, &value{path: arg.Name, tmpl: t})
		} else if arg.Default != nil {
			s.values = append(s.values, &value{path: arg.Name, lit: arg.Default})
		}
	}
}

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
		Text: "a text", URL: "an address", Expression: "an expression", Words: "a word or a list of words", Enum: "a word", Map: "a mapping of fields",
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
		path := name + "/" + e.key
		switch x := p.deref(e.value).(type) {
		case nil:
		case *ast.IntegerNode:
			values = append(values, &value{path: path, lit: x.Value})
		case *ast.FloatNode:
			values = append(values, &value{path: path, lit: x.Value})
		case *ast.BoolNode:
			values = append(values, &value{path: path, lit: x.Value})
		case *ast.NullNode:
			values = append(values, &value{path: path, lit: nil})
		default:
			text, ok := p.word(x, "the field "+e.key)
			if !ok {
				continue
			}
			if v := p.text(path, x, text); v != nil {
				v.optional = v.tmpl != nil && v.tmpl.sole
				values = append(values, v)
			}
		}
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

// summary says what steps do, in the words of their specs.
func summary(steps []*step) string {
	var parts []string
	for _, s := range steps {
		part := s.title
		if part == "" {
			part = s.kind
		}
		if s.object != "" {
			part += fmt.Sprintf(": %s", s.object)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}
