package journaltest

import (
	"encoding/json"
	"fmt"
	"time"

	"cordboard/call"
	"cordboard/engine"
)

// noon is when the suite's calls happen.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 123456789, time.UTC)

// sampleEvent is the i-th event of a call, in the size of a real one without its raw message.
func sampleEvent(id call.ID, i int) call.Event {
	return call.Event{
		ID: fmt.Sprintf("%s/%d", id, i), Connection: "finesse", Platform: call.Cisco, Call: id, Ref: string(id), Leg: "customer:1001001",
		Role: call.CustomerLeg, Agent: "1001001", Extension: "2001", Mode: call.Predictive, CallType: "PREDICTIVE_OUTBOUND",
		Name: "ALERTING", Phase: call.Ringing, At: noon.Add(time.Duration(i) * time.Second), Received: noon.Add(time.Duration(i)*time.Second + time.Millisecond),
		Customer: "+14155550123", Direction: "outbound", Campaign: "Winback",
		Vars: map[string]string{"callVariable1": "003000000000001", "BACampaign": "Winback", "LCMKey": fmt.Sprint(i)},
	}
}

// sampleCall is a new call with its first event, one run and one pending step.
func sampleCall(id call.ID) engine.Group {
	ev := sampleEvent(id, 0)
	run := sampleRun(id, 0)
	step := sampleStep(id, 0, engine.Pending)
	return engine.Group{
		Events: []call.Event{ev},
		Refs:   map[call.Ref]call.ID{{Connection: ev.Connection, Ref: ev.Ref}: id},
		Calls:  []engine.Call{{State: call.Apply(call.State{}, &ev), NextSeq: 1, Fired: []string{run.ID}, Due: step.Due}},
		Runs:   []engine.Run{run},
		Steps:  []engine.Step{step},
	}
}

func sampleRun(id call.ID, i int) engine.Run {
	return engine.Run{
		ID: fmt.Sprintf("%s/%d/pop", id, i), Call: id, Event: sampleEventKey(id, i), Leg: "customer:1001001", Agent: "1001001",
		Workflow: "Predictive calls", Rule: "pop", Revision: "1", Started: noon,
	}
}

func sampleEventKey(id call.ID, i int) string {
	ev := sampleEvent(id, i)
	return ev.Key()
}

func sampleStep(id call.ID, i int, state engine.StepState) engine.Step {
	st := engine.Step{
		ID: fmt.Sprintf("%s/%d/pop#0", id, i), Run: fmt.Sprintf("%s/%d/pop", id, i), Call: id, Leg: "customer:1001001", Agent: "1001001",
		Seq: i, Lane: engine.ScreenLane, Kind: "pop", Key: fmt.Sprintf("%s/%d", id, i), Plan: json.RawMessage(`{"find":["Contact"]}`),
		State: state, Heard: noon, Due: noon,
	}
	if state.Final() {
		st.Due, st.Ended = time.Time{}, noon
	}
	return st
}

// next is the group that folds the i-th event into a stored call and finishes its steps.
func next(w engine.Work, i int) engine.Group {
	ev := sampleEvent(w.Call.State.ID, i)
	c := w.Call
	c.State = call.Apply(c.State, &ev)
	c.Due = time.Time{}
	g := engine.Group{Events: []call.Event{ev}, Calls: []engine.Call{c}}
	for _, st := range w.Steps {
		st.State, st.Due, st.Ended = engine.Done, time.Time{}, noon
		g.Steps = append(g.Steps, st)
	}
	return g
}

// join puts groups of different calls together.
func join(groups ...engine.Group) engine.Group {
	all := engine.Group{Refs: map[call.Ref]call.ID{}}
	for _, g := range groups {
		all.Events = append(all.Events, g.Events...)
		all.Calls = append(all.Calls, g.Calls...)
		all.Runs = append(all.Runs, g.Runs...)
		all.Steps = append(all.Steps, g.Steps...)
		all.Kept = append(all.Kept, g.Kept...)
		for r, id := range g.Refs {
			all.Refs[r] = id
		}
	}
	return all
}
