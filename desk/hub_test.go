package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"cordboard/screen"
)

func note(key string) screen.Pop { return screen.Pop{Key: key, Kind: screen.KindNote, Title: key} }

func TestWelcome(t *testing.T) {
	s := newSite(t, nil)
	s.hub.SetState(anna, json.RawMessage(`{"call":{"id":"c1"}}`))
	_, m := s.tab(anna, "a")
	if m.Agent != anna || !m.Leader || m.Resumed || m.Epoch == "" || m.Offset != 1 || string(m.State) != `{"call":{"id":"c1"}}` {
		t.Errorf("welcomed with %+v", m)
	}
	if !m.Now.Equal(s.clock.now()) {
		t.Errorf("the server's clock is %v, told %v", s.clock.now(), m.Now)
	}
	tabs := s.hub.Tabs()
	if len(tabs) != 1 || tabs[0].Agent != anna || tabs[0].Tab != "a" || tabs[0].Host != "plain" || !tabs[0].Leader {
		t.Errorf("the list of tabs is %+v", tabs)
	}
}

func TestPopAndReceipt(t *testing.T) {
	s := newSite(t, nil)
	c, _ := s.tab(anna, "a")
	got := s.show(anna, contactPop("k1"))
	p := c.next("pop")
	if p.Pop.Key != "k1" || p.Pop.Record.Name != "Ines Roth" || p.Offset != 1 {
		t.Errorf("the tab was given %+v", p)
	}
	c.receipt("k1", screen.Shown, strings.Repeat("ü", 300))
	r := outcome(t, got, screen.Shown)
	if r.Tab != "a" || !r.At.Equal(s.clock.now()) || r.Detail != strings.Repeat("ü", 200) {
		t.Errorf("the receipt is %+v", r)
	}
}

func TestSameKeyTwice(t *testing.T) {
	s := newSite(t, nil)
	c, _ := s.tab(anna, "a")
	s.begin(anna, note("k"))
	s.begin(anna, note("k")) // joins the first
	got := s.show(anna, note("k"))
	c.next("pop")
	c.receipt("k", screen.Shown, "")
	if o := (<-got).Outcome; o != screen.Shown && o != screen.Already { // it joined, or it came after the receipt
		t.Errorf("the receipt is %q", o)
	}
	outcome(t, s.show(anna, note("k")), screen.Already)
	c.quiet(s, anna)
}

func TestFinishedPopIsForgottenAfterItsTime(t *testing.T) {
	s := newSite(t, nil)
	c, _ := s.tab(anna, "a")
	got := s.show(anna, note("k"))
	c.next("pop")
	c.receipt("k", screen.Shown, "")
	outcome(t, got, screen.Shown)
	s.clock.pass(2 * limit)
	outcome(t, s.showUntil(anna, note("k"), s.clock.now()), screen.Late)
}

func TestDeclinedStaysDeclined(t *testing.T) {
	s := newSite(t, nil)
	c, _ := s.tab(anna, "a")
	got := s.show(anna, note("k"))
	c.next("pop")
	c.receipt("k", screen.Declined, "no such record")
	outcome(t, got, screen.Declined)
	if r := outcome(t, s.show(anna, note("k")), screen.Declined); r.Detail != "no such record" {
		t.Errorf("the second receipt says %q", r.Detail)
	}
}

func TestResumeGivesWhatWasMissed(t *testing.T) {
	s := newSite(t, nil)
	c, hello := s.tab(anna, "a")
	given := s.show(anna, note("given"))
	seen := c.next("pop")
	c.leave(s)
	s.begin(anna, note("missed"))

	c = s.connect(map[string]any{"ticket": s.ticket(anna), "tab": "a", "resume": map[string]any{"epoch": hello.Epoch, "offset": seen.Offset}})
	if m := c.next("welcome"); !m.Resumed {
		t.Errorf("welcomed with %+v, want it resumed", m)
	}
	// What it was given but did not answer comes again, and before what it missed.
	missed := s.show(anna, note("missed"))
	for _, key := range []string{"given", "missed"} {
		if m := c.next("pop"); m.Pop.Key != key {
			t.Fatalf("given %q, want %q", m.Pop.Key, key)
		}
		c.receipt(key, screen.Shown, "")
	}
	outcome(t, given, screen.Shown)
	outcome(t, missed, screen.Shown)
}

func TestEpochOfAnotherHubDoesNotResume(t *testing.T) {
	s := newSite(t, nil)
	s.begin(anna, note("k"))
	c := s.connect(map[string]any{"ticket": s.ticket(anna), "tab": "a", "resume": map[string]any{"epoch": "of before the restart", "offset": 1000}})
	if m := c.next("welcome"); m.Resumed {
		t.Errorf("welcomed with %+v, want a new beginning", m)
	}
	c.next("pop")
	got := s.show(anna, note("k"))
	c.receipt("k", screen.Shown, "")
	if o := (<-got).Outcome; o != screen.Shown && o != screen.Already { // it joined, or it came after the receipt
		t.Errorf("the receipt is %q", o)
	}
}

func TestOneTabLeads(t *testing.T) {
	s := newSite(t, nil)
	a, _ := s.tab(anna, "a")
	b, m := s.tab(anna, "b")
	if m.Leader {
		t.Fatal("the second tab leads, too")
	}
	got := s.show(anna, note("k"))
	a.next("pop")
	b.quiet(s, anna)
	a.next("state")
	a.receipt("k", screen.Shown, "")
	outcome(t, got, screen.Shown)
}

func TestNextTabLeadsWhenTheLeaderGoes(t *testing.T) {
	s := newSite(t, nil)
	a, _ := s.tab(anna, "a")
	b, _ := s.tab(anna, "b")
	got := s.show(anna, note("k"))
	a.next("pop")
	a.leave(s)
	if m := b.next("lead"); !m.Leader {
		t.Fatalf("told %+v", m)
	}
	b.next("pop") // it was never answered
	b.receipt("k", screen.Already, "")
	outcome(t, got, screen.Already)
}

func TestTakeOver(t *testing.T) {
	s := newSite(t, nil)
	a, _ := s.tab(anna, "a")
	b, _ := s.tab(anna, "b")
	write(t, b.conn, map[string]any{"type": "lead"})
	if m := b.next("lead"); !m.Leader {
		t.Fatalf("b was told %+v", m)
	}
	if m := a.next("lead"); m.Leader {
		t.Fatalf("a was told %+v", m)
	}
	got := s.show(anna, note("k"))
	b.next("pop")
	b.receipt("k", screen.Shown, "")
	if r := outcome(t, got, screen.Shown); r.Tab != "b" {
		t.Errorf("shown by %q", r.Tab)
	}
}

func TestSameTabAgainReplacesItself(t *testing.T) {
	s := newSite(t, nil)
	a, _ := s.tab(anna, "a")
	s.tab(anna, "b")
	again, m := s.tab(anna, "a")
	if !m.Leader {
		t.Error("it lost its place")
	}
	a.wantClosed(4502)
	if n := len(s.hub.Tabs()); n != 2 {
		t.Errorf("%d tabs, want 2", n)
	}
	again.quiet(s, anna)
}

func TestNoDesk(t *testing.T) {
	s := newSite(t, nil)
	s.clock.pass(2 * time.Minute) // the hub's own first minute is over
	if r := outcome(t, s.show(anna, note("k")), screen.NoDesk); !r.At.Equal(s.clock.now()) {
		t.Errorf("at %v", r.At)
	}
	// After a tab has gone it may come back for a minute, and then not.
	c, m := s.tab(anna, "a")
	if m.Last == nil || m.Last.Pop.Key != "k" || m.Last.Outcome != screen.NoDesk {
		t.Errorf("the page is not told what it missed: %+v", m.Last)
	}
	c.leave(s)
	s.clock.pass(59 * time.Second)
	got := s.show(anna, note("k2"))
	c, _ = s.tab(anna, "a")
	c.next("pop")
	c.receipt("k2", screen.Shown, "")
	outcome(t, got, screen.Shown)
	c.leave(s)
	s.clock.pass(61 * time.Second)
	outcome(t, s.show(anna, note("k3")), screen.NoDesk)
}

func TestNoDeskInTime(t *testing.T) {
	s := newSite(t, nil)
	outcome(t, s.showUntil(anna, note("k"), s.clock.now().Add(20*time.Millisecond)), screen.NoDesk)
}

func TestLate(t *testing.T) {
	s := newSite(t, nil)
	c, _ := s.tab(anna, "a")
	outcome(t, s.showUntil(anna, note("over"), s.clock.now().Add(-time.Second)), screen.Late)
	if m := c.next("late"); m.Pop.Key != "over" {
		t.Errorf("told of %q", m.Pop.Key)
	}
	outcome(t, s.showUntil(anna, note("silent"), s.clock.now().Add(20*time.Millisecond)), screen.Late)
	if m := c.next("pop"); m.Pop.Key != "silent" {
		t.Errorf("given %q: what is late before it is sent is not sent", m.Pop.Key)
	}
	c.receipt("silent", screen.Shown, "") // too late: changes nothing
	outcome(t, s.show(anna, note("silent")), screen.Late)
}

func TestShowEndsWithItsContext(t *testing.T) {
	s := newSite(t, nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p := note("k")
	p.Until = s.clock.now().Add(limit)
	if _, err := s.hub.Show(ctx, anna, p); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestReceiptsForUnknownKeysAreIgnored(t *testing.T) {
	s := newSite(t, nil)
	c, _ := s.tab(anna, "a")
	c.receipt("never shown", screen.Shown, "")
	got := s.show(anna, note("k"))
	c.next("pop")
	c.receipt("k", screen.Offered, "page has changes")
	outcome(t, got, screen.Offered)
}

func TestAgentsDoNotSeeEachOther(t *testing.T) {
	s := newSite(t, nil)
	a, _ := s.tab(anna, "a")
	b, _ := s.tab("1001002", "b")
	got := s.show(anna, note("k"))
	a.next("pop")
	b.receipt("k", screen.Shown, "") // another agent's desk has no such pop
	b.quiet(s, "1001002")
	a.receipt("k", screen.Declined, "")
	outcome(t, got, screen.Declined)
}

func TestDrain(t *testing.T) {
	s := newSite(t, nil)
	a, _ := s.tab(anna, "a")
	b, _ := s.tab("1001002", "b")
	if err := s.hub.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	a.wantClosed(4000)
	b.wantClosed(4000)
	if n := len(s.hub.Tabs()); n != 0 {
		t.Errorf("%d tabs are left", n)
	}
	_, answer, err := s.dial(nil)
	if err == nil || answer == nil || answer.StatusCode != 503 {
		t.Errorf("a drained hub takes sockets: %v", err)
	}
}
