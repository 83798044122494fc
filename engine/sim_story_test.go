package engine

import (
	"fmt"
	"math/rand/v2"
	"time"

	"cordboard/call"
	"cordboard/workflow"
)

// simStart is when simulated calls happen.
var simStart = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// teller makes up the calls of one connection.
type teller struct {
	rng  *rand.Rand
	conn string
	at   time.Time
	n    int
}

// tell makes up n calls and returns their events in the order of their times.
func (t *teller) tell(n int) []call.Event {
	var calls [][]call.Event
	for range n {
		calls = append(calls, t.call())
	}
	return t.interleave(calls)
}

// interleave mixes lists and keeps the order of each.
func (t *teller) interleave(lists [][]call.Event) (mixed []call.Event) {
	left := 0
	for _, l := range lists {
		left += len(l)
	}
	for ; left > 0; left-- {
		i := t.rng.IntN(len(lists))
		for len(lists[i]) == 0 {
			i = (i + 1) % len(lists)
		}
		mixed = append(mixed, lists[i][0])
		lists[i] = lists[i][1:]
	}
	return mixed
}

// call makes up one call: an agent talks to a customer, perhaps consults a colleague, perhaps hands over.
func (t *teller) call() []call.Event {
	t.n++
	ref := fmt.Sprintf("%s-%d", t.conn, t.n)
	first := fmt.Sprintf("agent%d", t.rng.IntN(3))
	events := t.leg(ref, "", "customer:"+first, first, call.CustomerLeg, false)
	if t.rng.IntN(3) == 0 {
		other := "colleague"
		events = append(events, t.leg(ref+"c", ref, "consult:"+first, first, call.ConsultLeg, true)...)
		events = append(events, t.leg(ref+"t", ref, "transfer:"+other, other, call.TransferLeg, false)...)
	}
	return events
}

func (t *teller) leg(ref, of, leg, agent string, role call.Role, merged bool) (events []call.Event) {
	add := func(name string, phase call.Phase) {
		t.at = t.at.Add(time.Duration(1+t.rng.IntN(5000)) * time.Millisecond)
		events = append(events, call.Event{
			ID: fmt.Sprintf("%s/%s/%d", ref, leg, len(events)), Connection: t.conn, Platform: call.Cisco, Ref: ref, Of: of,
			Leg: leg, Role: role, Agent: agent, Name: name, CallType: "OUT", Phase: phase, At: t.at,
			Vars: map[string]string{fmt.Sprint("v", t.rng.IntN(3)): fmt.Sprint(t.rng.IntN(9))},
		})
	}
	add("ALERTING", call.Ringing)
	if t.rng.IntN(8) == 0 {
		add("MISSED", call.Missed)
		return events
	}
	add("ACTIVE", call.Answered)
	for range t.rng.IntN(3) {
		add("HELD", call.Held)
		add("ACTIVE", call.Answered)
	}
	if t.rng.IntN(3) == 0 {
		add("", "") // data only
	}
	if t.rng.IntN(20) == 0 {
		add("POISON", call.Answered)
	}
	if t.rng.IntN(6) > 0 {
		add("DROPPED", call.Ended)
		events[len(events)-1].Merged = merged
	}
	return events
}

// spoil reorders events nearby and repeats some.
func (t *teller) spoil(events []call.Event, hit func(string)) []call.Event {
	var out []call.Event
	for _, ev := range events {
		out = append(out, ev)
		if t.rng.IntN(6) == 0 {
			hit("duplicate")
			out = append(out, ev)
		}
	}
	for i := range out {
		if j := i + t.rng.IntN(4); t.rng.IntN(8) == 0 && j < len(out) && i != j {
			hit("reordering")
			out[i], out[j] = out[j], out[i]
		}
	}
	return out
}

// simRules are workflows with every kind of rule that the core tells apart.
func simRules(m workflow.Moment) []workflow.Plan {
	ev := m.Event
	plan := func(rule string, once bool, steps ...workflow.Planned) workflow.Plan {
		for i := range steps {
			what := fmt.Sprintf("%s/%s/%s/%d", m.State.ID, ev.Leg, rule, i)
			if !once {
				what += "/" + ev.ID
			}
			steps[i].Args = map[string]any{"call": string(m.State.ID), "what": what}
		}
		return workflow.Plan{Workflow: "main", Rule: rule, Revision: "1", Once: once, Steps: steps}
	}
	switch ev.Name {
	case "ALERTING":
		return []workflow.Plan{plan("offer", true, screen("pop"), screen("page"), record("create", "Task", "pop"))}
	case "ACTIVE":
		watch := plan("watch", true, record("create", "Case"))
		watch.Workflow, watch.Shadow = "shadow", true
		return []workflow.Plan{plan("talk", true, record("update", "Task", "pop"), record("http", "", "record")), watch}
	case "HELD":
		return []workflow.Plan{plan("hold", false, screen("page"), record("update", "Task"))}
	case "DROPPED":
		if !ev.Merged {
			return []workflow.Plan{plan("end", true, record("update", "Task"))}
		}
	case "POISON":
		panic("a rule that panics")
	}
	return nil
}

// record is a planned step that writes a record.
func record(kind, object string, needs ...string) workflow.Planned {
	return workflow.Planned{Kind: kind, Lane: workflow.WorkLane, Object: object, Needs: needs}
}
