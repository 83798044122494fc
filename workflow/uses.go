package workflow

import "strings"

// Use is what one step does with the CRM, as far as it stands in the file.
type Use struct {
	Kind string // of the step
	// Objects are those that it names: the one that it writes, or those that it looks in.
	Objects []string
	// Fields are those that it sets.
	Fields []string
}

// Uses returns what the steps of a workflow do with the CRM. Steps that name no object are left out.
func (w *Workflow) Uses() []Use {
	var uses []Use
	for _, r := range w.Rules {
		for _, s := range r.steps {
			if u := s.use(); len(u.Objects) > 0 {
				uses = append(uses, u)
			}
		}
	}
	return uses
}

func (s *step) use() Use {
	u := Use{Kind: s.kind}
	if s.object != "" {
		u.Objects = []string{s.object}
	}
	for _, v := range s.values {
		if objects, ok := v.lit.([]string); ok && v.path == "find" {
			u.Objects = objects
		}
		if field, ok := strings.CutPrefix(v.path, "set/"); ok {
			u.Fields = append(u.Fields, field)
		}
	}
	return u
}
