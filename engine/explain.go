package engine

import (
	"cordboard/call"
	"cordboard/workflow"
)

// Explainer says of every rule what became of it at a moment; [workflow.Set] does.
type Explainer interface {
	Explain(m workflow.Moment) []workflow.Verdict
}

// Explained is one event of a call with everything that followed from it.
type Explained struct {
	Event call.Event `json:"event"`
	// State is the call as it was when the rules were asked: with this event and all earlier ones folded in.
	State call.State `json:"state"`
	// Verdicts are computed again from the rules in force now; Runs and Steps are what really happened.
	Verdicts []workflow.Verdict `json:"verdicts,omitempty"`
	Runs     []Run              `json:"runs,omitempty"`
	Steps    []Step             `json:"steps,omitempty"`
}

// Timeline tells a call's story event by event. Nothing about rules that did not fire is stored: because folding and
// matching are pure, asking again gives the answer of that moment.
func Timeline(s Story, rules Explainer) []Explained {
	runs := map[string][]Run{}
	for _, r := range s.Runs {
		runs[r.Event] = append(runs[r.Event], r)
	}
	steps := map[string][]Step{}
	for _, st := range s.Steps {
		steps[st.Run] = append(steps[st.Run], st)
	}
	var told []Explained
	var state call.State
	for i := range s.Events {
		ev := &s.Events[i]
		state = call.Apply(state, ev)
		x := Explained{Event: *ev, State: state, Runs: runs[ev.Key()]}
		if ev.IsMoment() && rules != nil {
			x.Verdicts = rules.Explain(workflow.Moment{Event: ev, State: &state})
		}
		for _, r := range x.Runs {
			x.Steps = append(x.Steps, steps[r.ID]...)
		}
		told = append(told, x)
	}
	return told
}
