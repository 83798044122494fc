package workflow

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"cordboard/call"
)

// complete fills in what an event of a test leaves unsaid: its words, its leg and its phase.
func (f *testFile) complete(ev *testEvent) {
	if words := strings.Fields(ev.text); len(words) > 0 {
		ev.Name = words[len(words)-1]
		ev.CallType = strings.Join(words[:len(words)-1], " ")
	}
	if ev.Leg == "" {
		ev.Leg = ev.Agent
		if ev.Role == call.ConsultLeg || ev.Role == call.ReservationLeg {
			ev.Leg += " " + string(ev.Role)
		}
	}
	ev.Ref = ev.Leg
	if ev.text == "" { // a moment for which the platform has no word
		ev.text = string(ev.Phase)
	}
	if ev.Phase == "" {
		ev.Phase = f.phase(ev)
	}
	if ev.Phase == "" {
		f.errorf(ev.at, "the catalog does not know the phase of %s: say it with phase", ev.text)
	}
}

// phase is what the catalog says of the event, or what all events of the same name on the platform have in common.
func (f *testFile) phase(ev *testEvent) call.Phase {
	if phase, ok := f.cat.Phase(ev.Platform, ev.Mode, ev.CallType, ev.Name, ev.Role); ok {
		return phase
	}
	if isPhase(strings.ToLower(ev.Name)) {
		return call.Phase(strings.ToLower(ev.Name))
	}
	var common call.Phase
	for _, r := range f.cat.Rows() {
		if r.Platform != ev.Platform || !call.SameWord(r.Event, ev.Name) {
			continue
		}
		if common != "" && common != r.Phase {
			return ""
		}
		common = r.Phase
	}
	return common
}

// found reads what a look-up in the test's CRM would find.
func (f *testFile) found(t *testCase, n ast.Node) {
	for _, item := range f.items(n) {
		r := popView{}
		for _, e := range f.entries(item, "a found record") {
			switch e.key {
			case "object":
				r.Type, _ = f.word(e.value, "object")
			case "id":
				r.ID, _ = f.word(e.value, "id")
			case "name":
				r.Name, _ = f.word(e.value, "name")
			default:
				f.unknownKey(e, "a found record", []string{"object", "id", "name"})
			}
		}
		t.found = append(t.found, r)
	}
}

// replies reads what requests are answered, by the name of the step that makes them.
func (f *testFile) replies(t *testCase, n ast.Node) {
	t.replies = map[string]json.RawMessage{}
	for _, e := range f.entries(n, "replies") {
		for _, part := range f.entries(e.value, "a reply") {
			if known := []string{"status", "headers", "body", "found", "row", "version", "stored"}; !slices.Contains(known, part.key) {
				f.unknownKey(part, "a reply", known)
			}
		}
		raw, err := json.Marshal(f.plain(e.value))
		if err != nil {
			f.errorf(e.at, "the reply %s cannot be written as JSON", e.key)
			continue
		}
		t.replies[e.key] = raw
	}
}

// effects reads a list of expected effects, written as steps are: only the arguments that matter need to be there.
func (f *testFile) effects(n ast.Node) []effect {
	var effects []effect
	for _, item := range f.items(n) {
		entries := f.entries(item, "an effect")
		e := effect{args: map[string]any{}}
		for _, x := range entries {
			spec := f.spec(x.key)
			if spec == nil {
				e.args[x.key] = f.plain(x.value)
				continue
			}
			e.kind = x.key
			if fields, ok := f.plain(x.value).(map[string]any); ok {
				for name, v := range fields {
					e.args[name] = v
				}
			} else if v := f.plain(x.value); v != nil && spec.Primary != "" {
				e.args[spec.Primary] = v
			}
		}
		if e.kind == "" {
			f.errorf(place(f.deref(item)), "an effect needs its kind: there are %s", list(f.kinds(), "and"))
			continue
		}
		f.checkArgs(e, item)
		effects = append(effects, e)
	}
	return effects
}

func (f *testFile) spec(kind string) *Spec {
	for i := range f.specs {
		if f.specs[i].Kind == kind {
			return &f.specs[i]
		}
	}
	return nil
}

// checkArgs finds misspelt arguments: they would make a test pass or fail for the wrong reason.
func (f *testFile) checkArgs(e effect, item ast.Node) {
	spec := f.spec(e.kind)
	for name := range e.args {
		if spec.arg(name) == nil && !(e.kind == popKind && name == showsArg) {
			f.problem(Error, place(f.deref(item)), nearest(name, spec.names()), "%s has no argument %q", e.kind, name)
		}
	}
}

// plain turns YAML into what encoding/json would make of the same JSON.
func (d *document) plain(n ast.Node) any { return d.plainTo(n, 8) }

func (d *document) plainTo(n ast.Node, depth int) any {
	n = d.deref(n)
	if depth == 0 || n == nil {
		return nil
	}
	switch x := n.(type) {
	case *ast.IntegerNode:
		switch i := x.Value.(type) {
		case int64:
			return float64(i)
		case uint64:
			return float64(i)
		}
	case *ast.FloatNode:
		return x.Value
	case *ast.BoolNode:
		return x.Value
	case *ast.NullNode:
		return nil
	case *ast.SequenceNode:
		items := make([]any, len(x.Values))
		for i, v := range x.Values {
			items[i] = d.plainTo(v, depth-1)
		}
		return items
	case *ast.MappingNode, *ast.MappingValueNode:
		fields := map[string]any{}
		for _, e := range d.entries(n, "") {
			fields[e.key] = d.plainTo(e.value, depth-1)
		}
		return fields
	}
	text, _ := d.scalar(n)
	return text
}
