package workflow

import (
	"fmt"
	"slices"
	"strings"

	"cordboard/call"
	"cordboard/catalog"
)

// Check looks for what is wrong with a workflow beyond its syntax: expressions that do not fit their types, events
// that the platform does not send, rules that can never fire, results that nothing brings.
func (w *Workflow) Check(cat *catalog.Catalog) Problems {
	s := &source{file: w.File, lines: w.src.lines, problems: w.typeProblems()}
	for _, r := range w.Rules {
		for _, t := range r.triggers {
			w.checkTrigger(s, cat, r, t)
		}
		if len(r.Modes) > 0 && len(w.modes(r)) == 0 {
			s.errorf(r.modeAt, "the rule can never fire: it is for %s calls, its workflow for %s calls", list(plain(r.Modes), "or"), list(plain(w.Modes), "or"))
		}
	}
	w.checkResults(s)
	return s.sorted()
}

// typeProblems are the problems of the workflow's expressions that are not about syntax.
func (w *Workflow) typeProblems() Problems {
	s := &source{file: w.File, lines: w.src.lines}
	for _, r := range w.Rules {
		for i := range r.match {
			if name := r.match[i].name; name != nil {
				s.faults(name, false)
			}
		}
		if r.when != nil {
			s.faults(r.when, false)
			s.conditionType(r)
		}
		for _, st := range r.steps {
			for _, v := range st.values {
				s.faults(v, false)
			}
		}
	}
	return s.sorted()
}

func (s *source) conditionType(r *Rule) {
	e := r.when.tmpl.pieces[0].expr
	if e.names["pop"] || e.names["record"] || e.names["reply"] {
		s.errorf(place(r.when.node), "a condition is decided at once: it cannot wait for pop, record or reply")
		return
	}
	if e.ast == nil {
		return
	}
	if t := e.ast.OutputType().String(); t != "bool" && t != "dyn" {
		s.errorf(place(r.when.node), "when must be true or false, but this is of type %s", t)
	}
}

// modes are the modes in which a rule can fire; nil means all of them when neither names any.
func (w *Workflow) modes(r *Rule) []call.Mode {
	switch {
	case len(r.Modes) == 0:
		return w.Modes
	case len(w.Modes) == 0:
		return r.Modes
	}
	return slices.DeleteFunc(slices.Clone(r.Modes), func(m call.Mode) bool { return !slices.Contains(w.Modes, m) })
}

func (w *Workflow) checkTrigger(s *source, cat *catalog.Catalog, r *Rule, t trigger) {
	if t.phase != "" {
		return
	}
	platforms := []call.Platform{w.Platform}
	if w.Platform == "" {
		platforms = call.Platforms()
	}
	known := &vocabulary{cat: cat, platforms: platforms}
	if !known.complete() {
		return // a platform without a table may send any word
	}
	if !known.event(t.event) || t.callType != "" && !known.callType(t.callType) {
		s.problem(Error, t.at, known.nearest(t), "%s sends no event %s", known.name(), t.text)
		return
	}
	if t.callType != "" {
		w.checkMode(s, known, r, t)
	}
}

// checkMode looks whether the event exists in one of the rule's modes. The tables do not list everything that the
// wire can bring, so only a call type that belongs to other modes alone is an error.
func (w *Workflow) checkMode(s *source, known *vocabulary, r *Rule, t trigger) {
	modes := w.modes(r)
	ofType, ofEvent := known.modesOf(t.callType, ""), known.modesOf(t.callType, t.event)
	if len(ofType) == 0 {
		return // a raw call type, which no table lists
	}
	if len(ofEvent) == 0 {
		s.problem(Warning, t.at, "", "the table of %s has no event %s: it has %s with %s", known.name(), t.text, strings.Fields(t.text)[0], list(known.eventsOf(t.callType), "and"))
		return
	}
	if len(modes) == 0 || intersects(modes, ofEvent) {
		return
	}
	if len(ofType) == 1 {
		s.errorf(t.at, "the rule can never fire: %s belongs to %s calls, the rule is for %s calls", t.text, ofType[0], list(plain(modes), "or"))
		return
	}
	s.problem(Warning, t.at, "", "the table of %s has %s for %s calls only, the rule is for %s calls", known.name(), t.text, list(plain(ofEvent), "and"), list(plain(modes), "or"))
}

func intersects[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(x T) bool { return slices.Contains(b, x) })
}

// checkResults looks for pops and records that are referred to and that no step brings.
func (w *Workflow) checkResults(s *source) {
	pops, writes, creates, asks := false, []string{}, []string{}, []string{}
	for _, r := range w.Rules {
		for _, st := range r.steps {
			pops = pops || st.kind == "pop"
			if st.object != "" {
				writes = append(writes, st.recordName())
			} else if st.as != "" {
				asks = append(asks, st.as)
			}
			if st.kind == "create" {
				creates = append(creates, st.recordName())
			}
		}
	}
	for _, r := range w.Rules {
		for _, st := range r.steps {
			for _, v := range st.values {
				s.checkUse(v, pops, writes, asks)
			}
			if st.kind == "update" && !slices.Contains(creates, st.recordName()) {
				s.problem(Warning, st.at, nearest(st.recordName(), creates), "no rule of this workflow creates the %s that this step updates", st.recordName())
			}
		}
	}
}

func (s *step) recordName() string {
	if s.as != "" {
		return s.as
	}
	return s.object
}

func (s *source) checkUse(v *value, pops bool, writes, asks []string) {
	if v.tmpl == nil || v.node == nil {
		return
	}
	for _, piece := range v.asWritten().pieces {
		if piece.expr == nil {
			continue
		}
		at := s.within(v.node, v.text, piece.at)
		if piece.expr.names["pop"] && !pops {
			s.problem(Warning, at, "", "no rule of this workflow pops anything: pop is always empty here")
		}
		for _, name := range piece.expr.records {
			if !slices.Contains(writes, name) {
				s.problem(Error, at, withPrefix("record.", nearest(name, writes)), "no step of this workflow writes a record named %s", name)
			}
		}
		for _, name := range piece.expr.replies {
			if !slices.Contains(asks, name) {
				s.problem(Error, at, withPrefix("reply.", nearest(name, asks)), "no step of this workflow asks for a reply named %s", name)
			}
		}
	}
}

func withPrefix(prefix, word string) string {
	if word == "" {
		return ""
	}
	return fmt.Sprint(prefix, word)
}
