package desk_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"cordboard/desk"
	"cordboard/screen"
)

// nodeSite is a site that is one node of several.
type nodeSite struct {
	*site
	line *line
}

// nodeSites are n nodes with desks, which wait for nobody to come back.
func nodeSites(t *testing.T, n int) []*nodeSite {
	t.Helper()
	return patientSites(t, n, time.Nanosecond)
}

func patientSites(t *testing.T, n int, grace time.Duration) []*nodeSite {
	t.Helper()
	x := newExchange()
	var all []*nodeSite
	for range n {
		s := &nodeSite{line: x.join()}
		s.site = newSite(t, func(c *desk.Config) { c.Relay, c.Now, c.Grace = s.line, nil, grace })
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { defer close(ended); s.hub.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-ended })
		all = append(all, s)
	}
	return all
}

// know waits until all nodes know that anna has a desk somewhere, or none.
func know(t *testing.T, is bool, all ...*nodeSite) {
	t.Helper()
	for _, s := range all {
		await(t, "all nodes know where the agent is", func() bool { return s.hub.Present(anna) == is })
	}
}

func (c *client) lead(is bool) {
	c.t.Helper()
	if m := c.next("lead"); m.Leader != is {
		c.t.Errorf("told lead %v, want %v", m.Leader, is)
	}
}

// A pop that one node decides is shown on the desk that hangs on another.
func TestPopOnAnotherNode(t *testing.T) {
	all := nodeSites(t, 3)
	c, hello := all[1].tab(anna, "a")
	if !hello.Leader {
		t.Error("the only tab does not lead")
	}
	know(t, true, all...)
	got := all[0].show(anna, contactPop("k1"))
	if p := c.next("pop"); p.Pop.Key != "k1" || p.Pop.Record.Name != "Ines Roth" {
		t.Errorf("the tab was given %+v", p)
	}
	c.receipt("k1", screen.Shown, "well")
	if r := outcome(t, got, screen.Shown); r.Tab != "a" || r.Detail != "well" || r.At.IsZero() {
		t.Errorf("the receipt is %+v", r)
	}
	outcome(t, all[0].show(anna, contactPop("k1")), screen.Already)
	outcome(t, all[2].show(anna, contactPop("k1")), screen.Already) // another node has taken over
	outcome(t, all[0].show("nobody", note("k2")), screen.NoDesk)
	outcome(t, all[0].showUntil(anna, note("late"), time.Now()), screen.Late)
	if m := c.next("late"); m.Pop.Key != "late" {
		t.Errorf("%q is offered as late", m.Pop.Key)
	}
}

// Of tabs on two nodes one leads: the one of the node to which the agent came last, or where "take over" was pressed.
func TestTabsOnTwoNodes(t *testing.T) {
	all := nodeSites(t, 3)
	a, _ := all[0].tab(anna, "a")
	know(t, true, all...)
	b, hello := all[1].tab(anna, "b")
	if !hello.Leader {
		t.Error("the newest tab does not lead")
	}
	a.lead(false)
	shown := func(key string, on *client) {
		t.Helper()
		for _, s := range all {
			got := s.show(anna, note(key))
			if m := on.next("pop"); m.Pop.Key != key {
				t.Errorf("given %q", m.Pop.Key)
			}
			on.receipt(key, screen.Shown, "")
			outcome(t, got, screen.Shown)
			key += "+"
		}
	}
	shown("k", b)
	write(t, a.conn, map[string]any{"type": "lead"})
	a.lead(true)
	b.lead(false)
	shown("l", a)
	a.leave(all[0].site)
	b.lead(true)
	shown("m", b)
	b.quiet(all[1].site, anna)
}

// The node with the desk dies before the pop is answered, and the agent comes back elsewhere.
func TestNodeOfTheDeskDies(t *testing.T) {
	all := nodeSites(t, 3)
	a, _ := all[1].tab(anna, "a")
	know(t, true, all...)
	got := all[0].show(anna, note("k"))
	a.next("pop")
	all[1].line.End()
	know(t, false, all[0], all[2])
	b, _ := all[2].tab(anna, "a")
	if m := b.next("pop"); m.Pop.Key != "k" {
		t.Errorf("given %q", m.Pop.Key)
	}
	b.receipt("k", screen.Shown, "")
	outcome(t, got, screen.Shown)
}

// The same, while nobody knows yet that the node is dead.
func TestNodeOfTheDeskIsSilent(t *testing.T) {
	all := nodeSites(t, 3)
	a, _ := all[1].tab(anna, "a")
	know(t, true, all...)
	got := all[0].show(anna, note("k"))
	a.next("pop")
	all[1].line.silence()
	b, _ := all[2].tab(anna, "a")
	if m := b.next("pop"); m.Pop.Key != "k" {
		t.Errorf("given %q", m.Pop.Key)
	}
	b.receipt("k", screen.Shown, "")
	outcome(t, got, screen.Shown)
}

// The browser goes to another node with a pop unanswered: it is given there, and not again where it was.
func TestBrowserGoesToAnotherNode(t *testing.T) {
	all := nodeSites(t, 3)
	a, _ := all[1].tab(anna, "a")
	know(t, true, all...)
	got := all[0].show(anna, note("k"))
	a.next("pop")
	a.leave(all[1].site)
	know(t, false, all...)
	b, _ := all[2].tab(anna, "a")
	b.next("pop")
	b.receipt("k", screen.Shown, "")
	outcome(t, got, screen.Shown)
	c, _ := all[1].tab(anna, "c")
	know(t, true, all...)
	next := all[0].show(anna, note("next"))
	if m := c.next("pop"); m.Pop.Key != "next" {
		t.Errorf("given %q once more", m.Pop.Key)
	}
	c.receipt("next", screen.Shown, "")
	outcome(t, next, screen.Shown)
}

// A pop that waits for a desk goes to whichever node the agent comes to.
func TestPopWaitsForADeskAnywhere(t *testing.T) {
	all := patientSites(t, 2, limit)
	here, there := all[0], all[1]
	got := here.show(anna, note("k"))
	c, _ := there.tab(anna, "a")
	c.next("pop")
	c.receipt("k", screen.Shown, "")
	outcome(t, got, screen.Shown)
}

// Messages are lost: the pop is asked for again, and shown once.
func TestLostMessages(t *testing.T) {
	all := nodeSites(t, 2)
	lost := map[desk.Kind]int{}
	loseOnce := func(m desk.Message) bool {
		if m.Kind != "show" && m.Kind != "receipt" {
			return false
		}
		lost[m.Kind]++
		return lost[m.Kind] == 1
	}
	for _, s := range all {
		s.line.lose = loseOnce
	}
	c, _ := all[1].tab(anna, "a")
	know(t, true, all...)
	got := all[0].show(anna, note("k"))
	c.next("pop")
	c.receipt("k", screen.Shown, "")
	outcome(t, got, screen.Shown)
	c.quiet(all[1].site, anna)
	if lost["show"] < 2 || lost["receipt"] < 2 {
		t.Errorf("messages by kind: %v, the first of each was to be lost", lost)
	}
}

// The node that decided dies, and another takes the call over: the agent is shown it once.
func TestDecidingNodeDies(t *testing.T) {
	all := nodeSites(t, 3)
	c, _ := all[1].tab(anna, "a")
	know(t, true, all...)
	all[0].begin(anna, note("k"))
	c.next("pop")
	all[0].line.End()
	asked := make(chan struct{}, 100)
	all[2].line.lose = func(m desk.Message) bool {
		if m.Kind == "waiting" {
			asked <- struct{}{}
		}
		return false
	}
	got := all[2].show(anna, note("k"))
	<-asked
	c.receipt("k", screen.Shown, "")
	outcome(t, got, screen.Shown)
	c.quiet(all[1].site, anna)
}

// What a panel shows of the call at hand is shown on every node, and where the agent comes to later.
func TestStateOnOtherNodes(t *testing.T) {
	all := nodeSites(t, 3)
	a, _ := all[1].tab(anna, "a")
	know(t, true, all...)
	all[0].hub.SetState(anna, json.RawMessage(`{"call":{"id":"c1"}}`))
	if m := a.next("state"); string(m.State) != `{"call":{"id":"c1"}}` {
		t.Errorf("the tab shows %s", m.State)
	}
	all[2].hub.SetState(anna, json.RawMessage(`{"call":{"id":"c2"}}`)) // the call has another owner
	if m := a.next("state"); string(m.State) != `{"call":{"id":"c2"}}` {
		t.Errorf("the tab shows %s", m.State)
	}
	// Where the agent comes next, the newest of what the nodes know is shown, in whatever order they tell it.
	a.leave(all[1].site)
	know(t, false, all...)
	told := make(chan struct{}, 10)
	all[2].line.lose = func(m desk.Message) bool {
		if m.Kind == "state" {
			told <- struct{}{}
		}
		return false
	}
	b, hello := all[2].tab(anna, "a")
	if string(hello.State) != `{"call":{"id":"c2"}}` {
		t.Errorf("the tab shows %s", hello.State)
	}
	<-told
	<-told
	all[0].tab("ben", "b") // what was told before is heard before this
	await(t, "what was told is heard", func() bool { return all[2].hub.Present("ben") })
	all[2].hub.SetState(anna, json.RawMessage(`{"call":{"id":"c3"}}`))
	if m := b.next("state"); string(m.State) != `{"call":{"id":"c3"}}` {
		t.Errorf("the tab was told %s", m.State)
	}
}
