package server

import (
	"testing"
	"time"

	"cordboard/call"
	"cordboard/engine"
)

// talk is a call in which an agent has a part.
func talk(id call.ID, legs ...call.Leg) engine.Call {
	return engine.Call{State: call.State{ID: id, Legs: legs}}
}

func leg(id, agent string, phases ...call.Phase) call.Leg {
	l := call.Leg{ID: id, Agent: agent}
	for _, p := range phases {
		l.Moments = append(l.Moments, call.Moment{At: time.Unix(int64(len(l.Moments)), 0), Phase: p, Ref: id})
	}
	return l
}

// Ensure that a panel shows what the agent has now, whatever else changes.
func TestPanelShowsTheCallAtHand(t *testing.T) {
	p := panels{open: map[string]call.ID{}, news: map[string]panelNews{}}
	shows := func(want string) {
		t.Helper()
		n, told := p.news["anna"]
		got := "nothing new"
		if told {
			got = "the log"
			if s := n.state("anna"); s.Call != nil {
				got = string(s.Call.ID) + " " + s.Call.Phase
			}
		}
		if got != want {
			t.Errorf("the panel shows %q, not %q", got, want)
		}
		clear(p.news)
	}
	change := func(calls ...engine.Call) { p.hear(engine.Change{Calls: calls}) }

	change(talk("one", leg("1", "anna", call.Answered)))
	shows("one answered")
	change(talk("one", leg("1", "anna", call.Answered), leg("2", "anna", call.Consulting, call.Ended)))
	shows("one answered") // the side talk is over, the call is not
	change(talk("one", leg("2", "anna", call.Consulting, call.Ended), leg("1", "anna", call.Answered, call.Held)))
	shows("one held")
	change(talk("one", leg("1", "anna", call.Answered, call.Ended)))
	shows("the log")
	change(talk("two", leg("3", "anna", call.Answered)))
	shows("two answered")
	change(talk("one", leg("1", "anna", call.Answered, call.Ended))) // its log is saved now
	shows("nothing new")
	change(talk("two", leg("3", "anna", call.Answered)), talk("three", leg("4", "bert", call.Answered)))
	shows("two answered")
	p.hear(engine.Change{Missed: 1, Calls: []engine.Call{talk("one", leg("1", "anna", call.Answered, call.Ended))}})
	shows("the log")
}
