package call_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cordboard/call"
)

var start = time.Date(2026, 3, 4, 15, 0, 0, 0, time.UTC)

// story is one predictive call with hold, seconds apart.
func story() []call.Event {
	words := []struct {
		name  string
		phase call.Phase
		after int
	}{
		{"ALERTING", call.Ringing, 0}, {"ACTIVE", call.Answered, 2}, {"HELD", call.Held, 30},
		{"ACTIVE", call.Answered, 40}, {"WRAP_UP", call.Wrapup, 100}, {"DROPPED", call.Ended, 115},
	}
	var events []call.Event
	for i, w := range words {
		events = append(events, call.Event{
			ID: string(rune('a' + i)), Connection: "c", Platform: call.Cisco, Call: "c:1", Ref: "1", Leg: "1001", Agent: "1001",
			Role: call.CustomerLeg, Mode: call.Predictive, CallType: "PREDICTIVE_OUTBOUND", Name: w.name, Phase: w.phase,
			At: start.Add(time.Duration(w.after) * time.Second), Customer: "+15555550123",
		})
	}
	return events
}

func fold(events []call.Event) call.State {
	var s call.State
	for i := range events {
		s = call.Apply(s, &events[i])
	}
	return s
}

// Ensure that the times of a leg are added up from its moments, without the time on hold.
func TestLegTimes(t *testing.T) {
	s := fold(story())
	leg := s.Leg("1001")
	now := start.Add(time.Hour)
	for name, c := range map[string]struct{ got, want time.Duration }{
		"talk": {leg.Talk(now), 88 * time.Second},
		"hold": {leg.Hold(now), 10 * time.Second},
		"wrap": {leg.Wrap(now), 15 * time.Second},
	} {
		if c.got != c.want {
			t.Errorf("%s = %v, want %v", name, c.got, c.want)
		}
	}
	if got := leg.Answered(); !got.Equal(start.Add(2 * time.Second)) {
		t.Errorf("answered at %v", got)
	}
	if s.Open() || !leg.Ended().Equal(start.Add(115*time.Second)) {
		t.Errorf("open %v, ended %v", s.Open(), leg.Ended())
	}
}

// Ensure that events in any order fold to the same call.
func TestApplyOrderDoesNotMatter(t *testing.T) {
	want := fold(story())
	rapid.Check(t, func(t *rapid.T) {
		events := story()
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		if diff := cmp.Diff(want, fold(events)); diff != "" {
			t.Fatalf("a shuffled call differs (-ordered +shuffled):\n%s", diff)
		}
	})
}

// Ensure that Apply leaves the state it was given alone.
func TestApplyDoesNotWriteToItsInput(t *testing.T) {
	events := story()
	s := fold(events[:3])
	again := fold(events[:3])
	next := events[3]
	next.Vars = map[string]string{"LCMKey": "57|3"}
	call.Apply(s, &next)
	if diff := cmp.Diff(again, s); diff != "" {
		t.Errorf("the old state changed:\n%s", diff)
	}
}

// Ensure that a late message fills gaps in the variables and overwrites nothing.
func TestLateVariables(t *testing.T) {
	events := story()[:2]
	events[1].Vars = map[string]string{"step": "new", "empty": ""}
	events[0].Vars = map[string]string{"step": "old", "list": "4242"}
	s := fold([]call.Event{events[1], events[0]})
	want := map[string]string{"step": "new", "list": "4242", "empty": ""}
	if diff := cmp.Diff(want, s.Vars); diff != "" {
		t.Error(diff)
	}
}

// Ensure that a dialog swallowed by a conference does not end its agent's other leg.
func TestMergedLeg(t *testing.T) {
	events := story()[:2]
	events = append(events,
		call.Event{ID: "x", Call: "c:1", Ref: "2", Of: "1", Leg: "1001/2", Agent: "1001", Role: call.ConsultLeg, CallType: "CONFERENCE", Name: "DROPPED",
			Phase: call.Ended, At: start.Add(50 * time.Second), Merged: true})
	s := fold(events)
	if !s.Open() || !s.Leg("1001").Open() {
		t.Error("the customer's leg ended with the consult leg")
	}
	if l := s.Leg("1001/2"); l.Open() || !l.Merged {
		t.Errorf("the consult leg: open %v merged %v", l.Open(), l.Merged)
	}
}

// Ensure that data-only events change data and no leg's story.
func TestDataOnly(t *testing.T) {
	events := story()[:2]
	data := events[1]
	data.ID, data.Name, data.Phase, data.Wrapup, data.At = "d", "", "", "Sale", start.Add(90*time.Second)
	s := fold(append(events, data))
	leg := s.Leg("1001")
	if len(leg.Moments) != 2 || leg.Wrapup != "Sale" {
		t.Errorf("moments %d, wrap-up %q", len(leg.Moments), leg.Wrapup)
	}
}

func BenchmarkApply(b *testing.B) {
	events := story()
	for b.Loop() {
		fold(events)
	}
}

// Ensure that a consulted agent's leg is lost, not over, between the end of the consult dialog and the first word of the
// conference.
func TestLostLeg(t *testing.T) {
	consult := call.Event{ID: "k", Call: "c:1", Ref: "2", Of: "1", Leg: "1002", Agent: "1002", Role: call.ConsultLeg, CallType: "CONSULT",
		Name: "ACTIVE", Phase: call.Consulting, At: start.Add(30 * time.Second)}
	merged := consult
	merged.ID, merged.CallType, merged.Name, merged.Phase, merged.Merged, merged.At = "l", "CONFERENCE", "DROPPED", call.Ended, true, start.Add(40*time.Second)
	events := append(story(), consult, merged)
	s := fold(events)
	if l := s.Leg("1002"); !s.Lost(l) || l.Open() || !s.Open() {
		t.Errorf("lost %v, leg open %v, call open %v", s.Lost(l), l.Open(), s.Open())
	}
	joined := consult
	joined.ID, joined.Ref, joined.Role, joined.CallType, joined.Phase, joined.At = "m", "1", call.ConferenceLeg, "CONFERENCE", call.Conferenced, start.Add(41*time.Second)
	s = fold(append(events, joined))
	if l := s.Leg("1002"); s.Lost(l) || !l.Open() {
		t.Errorf("after joining: lost %v, open %v", s.Lost(l), l.Open())
	}
}

// Ensure that the late end of a merged consult dialog neither ends nor shortens the conference that its agent is in.
func TestMergedEndAfterJoining(t *testing.T) {
	ev := func(id, ref, callType, name string, phase call.Phase, after int, merged bool) call.Event {
		return call.Event{ID: id, Call: "c:1", Ref: ref, Leg: "1002", Agent: "1002", Role: call.ConferenceLeg, CallType: callType, Name: name,
			Phase: phase, At: start.Add(time.Duration(after) * time.Second), Merged: merged}
	}
	events := []call.Event{
		ev("a", "2", "CONSULT", "ACTIVE", call.Consulting, 0, false),
		ev("b", "1", "CONFERENCE", "ACTIVE", call.Conferenced, 10, false),
		ev("c", "2", "CONFERENCE", "DROPPED", call.Ended, 11, true),
	}
	s := fold(events)
	leg := s.Leg("1002")
	if !leg.Open() || leg.Phase() != call.Conferenced {
		t.Errorf("open %v, phase %s", leg.Open(), leg.Phase())
	}
	s = fold(append(events, ev("d", "1", "CONFERENCE", "WRAP_UP", call.Wrapup, 40, false)))
	if got := s.Leg("1002").Talk(start.Add(time.Hour)); got != 30*time.Second {
		t.Errorf("talk %v, want 30s", got)
	}
}

// Ensure that a moment without a word ends a hold and starts nothing.
func TestSilentMoment(t *testing.T) {
	events := story()[:3]
	resumed := events[2]
	resumed.ID, resumed.Name, resumed.Phase, resumed.At = "r", "", call.Answered, start.Add(40*time.Second)
	s := fold(append(events, resumed))
	leg := s.Leg("1001")
	if leg.Phase() != call.Answered || !leg.Open() || !resumed.DataOnly() {
		t.Errorf("phase %s, open %v", leg.Phase(), leg.Open())
	}
	if got := leg.Hold(start.Add(time.Minute)); got != 10*time.Second {
		t.Errorf("hold %v, want 10s", got)
	}
}

// Ensure that a dialog which got another id does not keep its leg open under the old one, in whatever order it is told.
func TestRekeyedDialog(t *testing.T) {
	ev := func(id, ref, of string, phase call.Phase, after int) call.Event {
		return call.Event{ID: id, Call: "c:r", Ref: ref, Of: of, Rekeyed: of != "", Leg: "1001", Agent: "1001", Name: id, Phase: phase,
			At: start.Add(time.Duration(after) * time.Second)}
	}
	events := []call.Event{ev("offer", "r", "", call.Offered, 0), ev("answered", "1", "r", call.Answered, 9), ev("ended", "1", "", call.Ended, 60)}
	for _, order := range [][]int{{0, 1, 2}, {1, 0, 2}, {2, 1, 0}, {1, 2, 0}} {
		var s call.State
		for _, i := range order {
			s = call.Apply(s, &events[i])
		}
		if leg := s.Leg("1001"); leg.Open() || s.Open() || leg.Talk(start.Add(time.Hour)) != 51*time.Second {
			t.Errorf("order %v: open %v, talk %v", order, leg.Open(), leg.Talk(start.Add(time.Hour)))
		}
	}
	if s := fold(events[:2]); !s.Open() || s.Leg("1001").Ref != "1" {
		t.Errorf("open %v under %q", s.Open(), s.Leg("1001").Ref)
	}
}

// Ensure that a leg learns its agent from whichever event names it first.
func TestAgentIsLearned(t *testing.T) {
	s := fold([]call.Event{
		{ID: "1", Call: "c:1", Ref: "1", Leg: "l", Name: "connecting", Phase: call.Dialing, At: start},
		{ID: "2", Call: "c:1", Ref: "1", Leg: "l", Agent: "1001", Name: "connected", Phase: call.Answered, At: start.Add(time.Second)},
	})
	if l := s.Leg("l"); l.Agent != "1001" {
		t.Errorf("the agent is %q", l.Agent)
	}
}
