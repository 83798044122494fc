package engine

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"cordboard/call"
)

// simulate runs one seed and returns what went wrong.
func simulate(seed uint64, mutant string) *world {
	w := newWorld(seed, mutant)
	for range 400 {
		w.step()
		if len(w.problems) > 0 {
			return w
		}
	}
	w.settle()
	w.check()
	return w
}

// settle lets everything come to an end without further faults.
func (w *world) settle() {
	w.calm = true
	began := w.now
	for range 20_000 {
		for _, l := range w.lines {
			if l.flight == nil && l.acked < len(l.events) {
				w.queue = append(w.queue, l.send(w.rng, w.now))
			}
		}
		w.turn()
		for len(w.jobs) > 0 {
			w.perform()
		}
		if len(w.queue) > 0 || len(w.problems) > 0 {
			continue
		}
		if w.finished() {
			return
		}
		w.checkPunctual(began)
		wake := w.settler.core.wake()
		if wake.IsZero() {
			wake = w.now.Add(time.Minute)
		}
		w.now = later(w.now.Add(time.Millisecond), wake)
	}
	w.problem("stuck: %s", w.unfinished())
}

// checkPunctual checks that nothing that may be performed waits for long.
func (w *world) checkPunctual(since time.Time) {
	for id, c := range w.journal.calls {
		if !c.Due.IsZero() && w.now.Sub(later(c.Due, since)) > 1100*time.Millisecond {
			w.problem("call %s has something to do since %s, it is %s", id, c.Due, w.now)
		}
		if next := newCore().next(thaw(w.journal.work(id))); !next.Equal(c.Due) {
			w.problem("call %s is stored as due %s, it is due %s", id, c.Due, next)
		}
	}
}

func (w *world) finished() bool {
	for _, l := range w.lines {
		if l.acked < len(l.events) {
			return false
		}
	}
	for _, steps := range w.journal.open {
		if len(steps) > 0 {
			return false
		}
	}
	return true
}

func (w *world) unfinished() string {
	var b strings.Builder
	for _, id := range w.ids() {
		if s := w.journal.steps[id]; !s.State.Final() {
			fmt.Fprintf(&b, "%s %s %s due %s\n", id, s.Kind, s.State, s.Due)
		}
	}
	return b.String()
}

// check holds the end of a run against the promises.
func (w *world) check() {
	if len(w.problems) > 0 {
		return
	}
	w.checkEvents()
	w.checkCalls()
	w.checkRuns()
	w.checkRecords()
	w.checkOrder()
	w.checkScreens()
}

// checkEvents: every acknowledged event is stored, and every event once.
func (w *world) checkEvents() {
	times := map[string]int{}
	for i := range w.journal.events {
		times[w.journal.events[i].Key()]++
	}
	for key := range w.acked {
		if times[key] == 0 {
			w.problem("event %q was acknowledged and is not stored", key)
		}
	}
	for key, n := range times {
		if n != 1 {
			w.problem("event %q is stored %d times", key, n)
		}
	}
}

// checkCalls: the stored state of each call is what its events add up to in the order of their times.
func (w *world) checkCalls() {
	byCall := map[call.ID][]call.Event{}
	for _, ev := range w.journal.events {
		byCall[ev.Call] = append(byCall[ev.Call], ev)
	}
	for id, events := range byCall {
		slices.SortFunc(events, func(a, b call.Event) int { return a.At.Compare(b.At) })
		var want call.State
		for i := range events {
			want = call.Apply(want, &events[i])
		}
		got := w.journal.calls[id].State
		if diff := gocmp.Diff(facts(want), facts(got)); diff != "" {
			w.problem("call %s (-ordered +stored):\n%s", id, diff)
		}
	}
}

// facts are what of a state does not depend on the order in which it was told.
func facts(s call.State) call.State {
	legs := slices.Clone(s.Legs)
	slices.SortFunc(legs, func(a, b call.Leg) int { return cmp.Compare(a.ID, b.ID) })
	return call.State{ID: s.ID, Version: s.Version, Started: s.Started, Last: s.Last, Legs: legs}
}

// checkRuns: a rule fires once a leg, corrections by late events aside, and what a call remembers is what was stored.
func (w *world) checkRuns() {
	seen := map[string]bool{}
	for _, r := range w.journal.runs {
		key := fmt.Sprint(r.Call, r.Leg, r.Workflow, r.Rule)
		if r.Rule == "hold" || r.Correction {
			key += r.Event
		}
		if seen[key] {
			w.problem("rule %s/%s fired twice on leg %s of %s", r.Workflow, r.Rule, r.Leg, r.Call)
		}
		seen[key] = true
	}
	for _, s := range w.journal.steps {
		if s.Workflow == "shadow" && (s.State != Skipped || s.Attempt > 0) {
			w.problem("a step of a shadow workflow was performed")
		}
		if w.cancelled[s.ID] && s.Reason != "cancelled-by" && !w.redriven[s.ID] {
			w.problem("step %s was cancelled by somebody else and is %s", s.ID, s.State)
		}
	}
}

// checkRecords: one record a key, with what every step that is done wrote, and the last word by the last step.
func (w *world) checkRecords() {
	last := map[string]Step{}
	disturbed := map[string]bool{} // keys whose steps were not simply done in order
	for _, id := range w.ids() {
		s := w.journal.steps[id]
		if s.Lane != WorkLane || s.Kind == "http" || s.Workflow == "shadow" {
			continue
		}
		if s.State != Done || w.redriven[id] || w.cancelled[id] {
			disturbed[s.Key] = true
			continue
		}
		if s.Seq >= last[s.Key].Seq {
			last[s.Key] = s
		}
		if have := w.crm.records[s.Key]; len(have) != 1 || have[0][what(&s)] == "" {
			w.problem("step %s is done, but its record does not show it", id)
		}
	}
	for key, s := range last {
		if len(w.crm.records[key]) > 1 {
			w.problem("%d records of one key", len(w.crm.records[key]))
		}
		if got := w.crm.records[key][0]["last"]; !disturbed[key] && got != what(&s) {
			w.problem("record %s ends with %s, want %s", key, got, what(&s))
		}
	}
}

func what(s *Step) string {
	t := thaw(Work{Steps: []Step{{State: Pending, Plan: s.Plan}}})
	return fmt.Sprint(t.steps[0].plan.Args["what"])
}

// checkOrder: the effects of a call's work lane come in the order of its steps; a step may repeat its effect while its
// outcome is not stored, but never after the next one's.
func (w *world) checkOrder() {
	for id, log := range w.crm.log {
		seq := -1
		for _, e := range log {
			if w.redriven[e.step] {
				continue
			}
			if e.seq < seq {
				w.problem("call %s: step %d had its effect after step %d", id, e.seq, seq)
			}
			seq = e.seq
		}
	}
}

// checkScreens: nothing is shown twice.
func (w *world) checkScreens() {
	for key, n := range w.desk.shown {
		if n != 1 {
			w.problem("pop %s was shown %d times", key, n)
		}
	}
	for what, keys := range w.desk.keys {
		if len(keys) != 1 && !strings.HasPrefix(what, "edited/") {
			w.problem("%s was shown under %d keys", what, len(keys))
		}
	}
}

func number(t *testing.T, env string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(env)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", env, err)
	}
	return n
}

// sometimes are the things that must really happen over a run of the simulation: a simulation in which nothing goes
// wrong proves nothing.
var sometimes = []string{
	"duplicate", "reordering", "cut", "crash", "crash before commit", "crash after commit", "crash between effect and outcome",
	"clean stop", "disk full", "stale", "foreign cancellation", "commit answer lost", "read error", "due error", "refused events",
	"crm busy", "crm limited", "crm limited, no time", "crm invalid", "crm answer lost", "action panics", "rule panics", "no desk",
	"desk busy", "desk parked", "pop shown already", "early result used", "days pass", "cancelled", "driven again", "order refused", "dead letter driven again",
	"call only in the journal", "held back", "lands later", "departs later", "alone", "start over",
}

// TestSimulation runs the core from seeds through everything that can go wrong. CORDBOARD_SEEDS says how many seeds,
// CORDBOARD_SEED runs one again.
func TestSimulation(t *testing.T) {
	first, n := uint64(1), number(t, "CORDBOARD_SEEDS", 400)
	if one := number(t, "CORDBOARD_SEED", 0); one > 0 {
		first, n = one, 1
	}
	hits := map[string]int{}
	began := time.Now()
	for seed := first; seed < first+n; seed++ {
		w := simulate(seed, "")
		for _, p := range w.problems {
			t.Errorf("seed %d: %s", seed, p)
		}
		if t.Failed() {
			t.Fatalf("run it again with CORDBOARD_SEED=%d", seed)
		}
		for what, times := range w.hits {
			hits[what] += times
		}
	}
	t.Logf("%.0f seeds a second", float64(n)/time.Since(began).Seconds())
	if n < 400 {
		return
	}
	for _, what := range sometimes {
		if hits[what] == 0 {
			t.Errorf("it never happened: %s", what)
		}
	}
}

// TestSimulationCatches breaks one thing at a time: a simulation that does not notice is worth nothing.
func TestSimulationCatches(t *testing.T) {
	for _, mutant := range []string{
		"ack before commit", "no dedupe", "plain create", "lost writes", "no versions", "zombies", "no due",
		"dropped reports", "forgetful desk", "early timers", "steps out of order", "nothing held back",
	} {
		t.Run(mutant, func(t *testing.T) {
			for seed := uint64(1); seed <= 200; seed++ {
				if w := simulate(seed, mutant); len(w.problems) > 0 {
					t.Logf("seed %d: %s", seed, w.problems[0])
					return
				}
			}
			t.Error("200 seeds, and nothing was noticed")
		})
	}
}
