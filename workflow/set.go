package workflow

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cordboard/call"
)

// Set is a number of workflows ready to match events. It does not change and is safe for concurrent use.
type Set struct {
	workflows []*Workflow
	rules     []*indexed
	byEvent   map[eventKey][]*indexed
	byPhase   map[call.Phase][]*indexed
}

// indexed is a rule in its set.
type indexed struct {
	*Rule
	w *Workflow
	n int // its place among all rules of the set
}

// eventKey is an event of one call type, or of any where callType is empty; in lower case.
type eventKey struct{ callType, event string }

// Compile makes workflows ready to match events. It fails when one of them has errors, or when two have the same name:
// the name is part of the key of every record that a workflow writes.
func Compile(ws []*Workflow) (*Set, error) {
	s := &Set{workflows: ws, byEvent: map[eventKey][]*indexed{}, byPhase: map[call.Phase][]*indexed{}}
	names := map[string]*Workflow{}
	var errs []error
	for _, w := range ws {
		if w.broken {
			errs = append(errs, fmt.Errorf("workflow %q (%s:%d) has errors", w.Name, w.File, w.Line))
		} else if err := w.typeProblems().Err(); err != nil {
			errs = append(errs, err)
		}
		if other := names[w.Name]; other != nil {
			errs = append(errs, fmt.Errorf("two workflows are named %q: %s:%d and %s:%d", w.Name, other.File, other.Line, w.File, w.Line))
		}
		names[w.Name] = w
		for _, r := range w.Rules {
			s.add(&indexed{r, w, len(s.rules)})
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Set) add(r *indexed) {
	s.rules = append(s.rules, r)
	if r.w.State == Off {
		return
	}
	for _, t := range r.triggers {
		if t.phase != "" {
			s.byPhase[t.phase] = append(s.byPhase[t.phase], r)
			continue
		}
		k := eventKey{t.callType, t.event}
		s.byEvent[k] = append(s.byEvent[k], r)
	}
}

// Workflows returns the workflows of the set, in the order in which they were given to Compile.
func (s *Set) Workflows() []*Workflow { return s.workflows }

// candidates returns the rules that name the event, each once, in the order of the set.
func (s *Set) candidates(ev *call.Event) []*indexed {
	event, callType := strings.ToLower(ev.Name), strings.ToLower(ev.CallType)
	lists := [4][]*indexed{s.byPhase[ev.Phase], s.byEvent[eventKey{"", event}]}
	if callType != "" {
		lists[2] = s.byEvent[eventKey{callType, event}]
	}
	if raw := strings.ToLower(ev.RawType); raw != "" && raw != callType {
		lists[3] = s.byEvent[eventKey{raw, event}]
	}
	var all []*indexed
	for _, l := range lists {
		all = append(all, l...)
	}
	slices.SortFunc(all, func(a, b *indexed) int { return a.n - b.n })
	return slices.Compact(all)
}

// Match returns the rules that the event fires, in the order of the files, with their steps as they stand at this
// moment. It is pure: the same moment always answers the same.
//
// A condition that cannot be evaluated does not match; Explain says why. An argument that cannot be evaluated is left
// for Resolve, which will fail in the open: one bad field does not make a screen pop disappear without a trace.
func (s *Set) Match(m Moment) []Plan {
	if !m.Event.IsMoment() {
		return nil
	}
	var plans []Plan
	var sc *scope
	for _, r := range s.candidates(m.Event) {
		if r.frame(m) != "" {
			continue
		}
		if sc == nil {
			sc = &scope{call: viewCall(m), event: viewEvent(m.Event), message: messageOf(m.Event)}
		}
		if !r.matches(sc) {
			continue
		}
		if r.when != nil {
			if yes, err := r.when.holds(sc); err != nil || !yes {
				continue
			}
		}
		plans = append(plans, r.plan(sc))
	}
	return plans
}

// frame looks at what is not in the index: the first of these criteria that the moment misses, or nothing.
func (r *indexed) frame(m Moment) Reason {
	switch mode := modeOf(m); {
	case r.w.Platform != "" && r.w.Platform != m.Event.Platform:
		return OtherPlatform
	case len(r.w.Modes) > 0 && !slices.Contains(r.w.Modes, mode), len(r.Modes) > 0 && !slices.Contains(r.Modes, mode):
		return OtherMode
	case len(r.Legs) > 0 && !slices.Contains(r.Legs, m.Event.Role), m.Event.Merged && !r.Merged:
		return OtherLeg
	}
	return ""
}

var errNoBool = errors.New("the condition is neither true nor false")

// holds evaluates a condition.
func (v *value) holds(sc *scope) (bool, error) {
	out, err := v.tmpl.pieces[0].expr.eval(sc)
	if err != nil {
		return false, err
	}
	yes, ok := out.Value().(bool)
	if !ok {
		return false, errNoBool
	}
	return yes, nil
}

func (r *indexed) plan(sc *scope) Plan {
	p := Plan{
		Workflow: r.w.Name, Rule: r.Name, Revision: r.w.Revision, Line: r.Line, Once: !r.Repeat, Shadow: r.w.State == Shadow,
		Steps: make([]Planned, len(r.steps)),
	}
	for i, s := range r.steps {
		p.Steps[i] = s.plan(sc)
	}
	return p
}
