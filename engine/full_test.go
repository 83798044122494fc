package engine

import (
	"slices"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/workflow"
)

// A step that finds no place, in a call that another lane keeps in memory, is looked at again within a second: found by
// the simulation, where it waited for the other lane.
func TestNoPlaceBesideAnotherLane(t *testing.T) {
	now := simStart
	c := newCore()
	c.cap = 1
	put := func(id call.ID, steps ...Step) {
		h := &hot{call: Call{State: call.State{ID: id}}}
		for i, s := range steps {
			s.ID, s.Call, s.Seq = string(id)+"/"+s.Kind, id, i
			h.steps = append(h.steps, &step{Step: s, plan: workflow.Planned{Kind: s.Kind}})
		}
		c.put(h)
		c.schedule(id, now)
	}
	put("other", Step{Kind: "create", Lane: WorkLane, State: Pending, Due: now})
	put("both", Step{Kind: "page", Lane: ScreenLane, Agent: "a", State: Parked, Due: now.Add(20 * time.Second)},
		Step{Kind: "update", Lane: WorkLane, State: Pending, Due: now})
	if got := c.start(now); len(got) != 1 || got[0].step.Kind != "create" {
		t.Fatalf("started %d steps", len(got))
	}
	if wake := c.wake(); wake.After(now.Add(time.Second)) {
		t.Errorf("it wakes at %v", wake.Sub(now))
	}
	if got := c.start(now.Add(time.Second)); len(got) != 1 || got[0].step.Kind != "update" {
		t.Errorf("started %d steps a second later, want the update", len(got))
	}
}

// Of what may start at the same time screens come first, whatever came before.
func TestScreensStartFirst(t *testing.T) {
	now := simStart
	c := newCore()
	for i, kind := range []string{"create", "update", "page", "http", "pop"} {
		lane := WorkLane
		if kind == "page" || kind == "pop" {
			lane = ScreenLane
		}
		id := call.ID(kind)
		s := Step{ID: kind, Call: id, Seq: i, Kind: kind, Lane: lane, Agent: "a", State: Pending, Due: now}
		c.put(&hot{call: Call{State: call.State{ID: id}}, steps: []*step{{Step: s, plan: workflow.Planned{Kind: kind}}}})
		c.schedule(id, now)
	}
	var order []string
	for _, s := range c.start(now) {
		order = append(order, s.step.Kind)
	}
	if want := []string{"page", "pop", "create", "http", "update"}; !slices.Equal(order, want) {
		t.Errorf("started %v, want %v", order, want)
	}
}
