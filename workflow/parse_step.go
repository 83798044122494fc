package workflow

import (
	"fmt"
	"slices"
	"strings"

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
	p.lanes(r.steps)
}

// lanes gives the steps of a rule that waits a lane of their own, and refuses what would come too late on a screen.
func (p *parsing) lanes(steps []*step) {
	var behind *step
	later := slices.ContainsFunc(steps, func(s *step) bool { return s.lane == LaterLane })
	for _, s := range steps {
		switch {
		case s.lane == ScreenLane && behind != nil:
			p.errorf(s.at, "%s cannot come after %s, which waits: the agent may be on another call by then", s.kind, behind.kind)
		case s.lane == ScreenLane:
		case behind == nil && (s.holds || s.lane == LaterLane):
			behind = s
		}
		if later && s.lane == WorkLane {
			s.lane = LaterLane
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
	s := &step{kind: spec.Kind, lane: spec.Lane, holds: spec.Holds, title: spec.Title, at: main.at}
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
	values := p.value(s, arg, e)
	s.values = append(s.values, values...)
	if arg.Warn != "" && len(values) == 1 && (values[0].tmpl != nil || values[0].lit != arg.Default) {
		p.problem(Warning, e.at, "", "%s", arg.Warn)
	}
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
