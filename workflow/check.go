package workflow

import "cordboard/catalog"

// typeProblems are the problems of the workflow's expressions that are not about syntax.
func (w *Workflow) typeProblems() Problems {
	s := &source{file: w.File, lines: w.src.lines}
	w.values(func(r *Rule, v *value) {
		s.faults(v, false)
	})
	for _, r := range w.Rules {
		s.conditionType(r)
	}
	return s.sorted()
}

// values calls f with every condition and argument of the workflow.
func (w *Workflow) values(f func(*Rule, *value)) {
	for _, r := range w.Rules {
		if r.when != nil {
			f(r, r.when)
		}
		for _, s := range r.steps {
			for _, v := range s.values {
				f(r, v)
			}
		}
	}
}

func (s *source) conditionType(r *Rule) {
	if r.when == nil || r.when.tmpl.pieces[0].expr.ast == nil {
		return
	}
	if t := r.when.tmpl.pieces[0].expr.ast.OutputType().String(); t != "bool" && t != "dyn" {
		s.errorf(place(r.when.node), "when must be true or false, but this is of type %s", t)
	}
}

// Check looks for what is wrong with a workflow beyond its syntax.
func (w *Workflow) Check(cat *catalog.Catalog) Problems {
	return w.typeProblems()
}
