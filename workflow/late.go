package workflow

import "cordboard/call"

// Late is what a rule wants at a moment that was told before.
type Late struct {
	Event call.Event
	Plan  Plan
}

// Decided returns what the earlier moments of a call start that were told before ev brought the call's mode: a platform may
// say late, or only when asked, how a call was dialled, and until then no rule that names a mode could match. Before and
// after are the call without and with ev. Match is asked at each of these moments, with what is known now; what it
// answered already without the mode is left out.
func Decided(match func(*call.Event, *call.State) []Plan, before, after *call.State, ev *call.Event) []Late {
	var all []Late
	for _, m := range call.Undecided(before, after, ev) {
		then := m
		then.Mode = ""
		known := map[[2]string]bool{}
		for _, p := range match(&then, before) {
			known[[2]string{p.Workflow, p.Rule}] = true
		}
		for _, p := range match(&m, after) {
			if !known[[2]string{p.Workflow, p.Rule}] {
				all = append(all, Late{m, p})
			}
		}
	}
	return all
}
