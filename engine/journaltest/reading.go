package journaltest

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"cordboard/call"
	"cordboard/engine"
)

func empty(s *suite) {
	g := sampleCall("a")
	s.nothing(g)
	if ids := s.due(noon.AddDate(100, 0, 0), 10); len(ids) > 0 {
		s.Fatalf("an empty journal has %q due", ids)
	}
	s.commit(engine.Group{})
	k := s.known(engine.Ask{})
	if len(k.Refs)+len(k.Calls)+len(k.Steps) > 0 {
		s.Fatal("asked for nothing, got something")
	}
}

// same are the differences that do not count: an empty map or list may come back as none, and JSON is the same when it
// says the same. Texts, times and raw messages are compared to the last byte.
var same = cmp.Options{
	cmpopts.EquateEmpty(),
	cmpopts.IgnoreFields(engine.Step{}, "Stored"),
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().Type() == reflect.TypeFor[json.RawMessage]() }, // and no other bytes
		cmp.FilterValues(func(a, b json.RawMessage) bool { return len(a)+len(b) > 0 },
			cmp.Comparer(func(a, b json.RawMessage) bool {
				var x, y any
				return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
			}))),
}

func roundTrip(s *suite) {
	n := 0
	rapid.Check(s.T, func(t *rapid.T) {
		n++
		id := call.ID(fmt.Sprintf("%d:%s", n, text().Draw(t, "id")))
		g := anyGroup(id).Draw(t, "group")
		if err := s.j.Commit(s.Context(), g); err != nil {
			t.Fatalf("commit: %v", err)
		}
		k, err := s.j.Known(s.Context(), askFor(g))
		if err != nil {
			t.Fatalf("known: %v", err)
		}
		if diff := cmp.Diff(g.Refs, k.Refs, same); diff != "" {
			t.Fatalf("refs (-stored +known):\n%s", diff)
		}
		want := engine.Work{Call: g.Calls[0], Events: keysOf(g)}
		want.Call.Stored = 1
		for _, st := range g.Steps {
			if !st.State.Final() {
				want.Steps = append(want.Steps, st)
			}
		}
		got := k.Calls[id]
		slices.Sort(want.Events)
		slices.Sort(got.Events)
		if diff := cmp.Diff(want, got, same); diff != "" {
			t.Fatalf("call (-stored +known):\n%s", diff)
		}
		steps := map[engine.StepRef]engine.Step{}
		for _, st := range g.Steps {
			steps[st.Ref()] = st
		}
		if diff := cmp.Diff(steps, k.Steps, same); diff != "" {
			t.Fatalf("steps (-stored +known):\n%s", diff)
		}
		for _, st := range slices.Concat(slices.Collect(maps.Values(k.Steps)), got.Steps) {
			if st.Stored != st.State {
				t.Fatalf("a step that is stored as %q says it were %q", st.State, st.Stored)
			}
		}
		if r, ok := s.j.(engine.Reader); ok {
			readBack(s, t, r, g)
		}
	})
}

// readBack compares everything of a call that is stored.
func readBack(s *suite, t *rapid.T, r engine.Reader, g engine.Group) {
	got, err := r.Story(s.Context(), g.Calls[0].State.ID)
	if err != nil {
		t.Fatalf("story: %v", err)
	}
	want := engine.Story{Call: g.Calls[0], Events: g.Events, Runs: g.Runs, Steps: g.Steps}
	want.Call.Stored = 1
	for ref := range g.Refs {
		want.Refs = append(want.Refs, ref)
	}
	diff := cmp.Diff(want, got, same,
		cmpopts.SortSlices(func(a, b engine.Run) bool { return a.ID < b.ID }),
		cmpopts.SortSlices(func(a, b call.Ref) bool { return a.Ref+a.Connection < b.Ref+b.Connection }))
	if diff != "" {
		t.Fatalf("story (-stored +read):\n%s", diff)
	}
}

func keysOf(g engine.Group) (keys []string) {
	for i := range g.Events {
		keys = append(keys, g.Events[i].Key())
	}
	return keys
}

func eventsIn(k engine.Known) (n int) {
	for _, w := range k.Calls {
		n += len(w.Events)
	}
	return n
}

// eventsOfCall: a call comes with the keys of all its events, however it was asked for.
func eventsOfCall(s *suite) {
	s.commit(join(sampleCall("a"), sampleCall("b")))
	want := keysOf(sampleCall("a"))
	for i := 1; i <= 3; i++ {
		g := next(s.work("a"), i)
		s.commit(g)
		want = append(want, keysOf(g)...)
	}
	known := func(ask engine.Ask) []string { return s.known(ask).Calls["a"].Events }
	for how, got := range map[string][]string{
		"by its id":   known(engine.Ask{Calls: []call.ID{"a", "b"}}),
		"by its ref":  known(engine.Ask{Refs: []call.Ref{{Connection: "finesse", Ref: "a"}}}),
		"by its step": known(engine.Ask{Steps: []engine.StepRef{{Call: "a", Step: sampleStep("a", 0, engine.Done).ID}}}),
	} {
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			s.Errorf("events of a call asked for %s (-want +got):\n%s", how, diff)
		}
	}
}

func refs(s *suite) {
	g := join(sampleCall("a"), sampleCall("b"))
	second := call.Ref{Connection: "finesse", Ref: "a2"}
	g.Refs[second] = "a"
	s.commit(g)
	unknown := call.Ref{Connection: "another", Ref: "a2"}
	k := s.known(engine.Ask{Refs: []call.Ref{second, unknown}})
	if diff := cmp.Diff(map[call.Ref]call.ID{second: "a"}, k.Refs); diff != "" {
		s.Fatalf("known refs (-want +got):\n%s", diff)
	}
	if w, ok := k.Calls["a"]; !ok || len(w.Steps) != 1 || len(k.Calls) != 1 {
		s.Fatalf("the ref's call does not come with its steps: %+v", k.Calls)
	}
	// A ref may become known later than its call.
	late := call.Ref{Connection: "finesse", Ref: "b2"}
	g = next(s.work("b"), 1)
	g.Refs = map[call.Ref]call.ID{late: "b", second: "a"}
	s.commit(g)
	k = s.known(engine.Ask{Refs: []call.Ref{late, second}})
	if diff := cmp.Diff(map[call.Ref]call.ID{late: "b", second: "a"}, k.Refs); diff != "" {
		s.Fatalf("known refs (-want +got):\n%s", diff)
	}
}

func largeAsk(s *suite) {
	var groups []engine.Group
	for i := range 700 {
		groups = append(groups, sampleCall(call.ID(fmt.Sprint("call-", i))))
	}
	g := join(groups...)
	s.commit(g)
	k := s.known(askFor(g))
	if eventsIn(k) != 700 || len(k.Refs) != 700 || len(k.Calls) != 700 {
		s.Fatalf("known: %d events, %d refs, %d calls, want 700 of each", eventsIn(k), len(k.Refs), len(k.Calls))
	}
	for id, w := range k.Calls {
		if w.Call.State.ID != id || len(w.Steps) != 1 || w.Steps[0].Call != id {
			s.Fatalf("call %q came with the wrong state or steps", id)
		}
	}
}

func stepsOrdered(s *suite) {
	g := sampleCall("a")
	g.Steps = nil
	for _, seq := range []int{11, 2, 7, 0, 10, 1} {
		g.Steps = append(g.Steps, sampleStep("a", seq, engine.Pending))
	}
	s.commit(g)
	var got []int
	for _, st := range s.work("a").Steps {
		got = append(got, st.Seq)
	}
	if !slices.Equal(got, []int{0, 1, 2, 7, 10, 11}) {
		s.Fatalf("steps come as %v", got)
	}
}

func askedSteps(s *suite) {
	g := sampleCall("a")
	g.Steps = append(g.Steps, sampleStep("a", 1, engine.Done))
	s.commit(join(g, sampleCall("b")))
	first, second := g.Steps[0].Ref(), g.Steps[1].Ref()
	k := s.known(engine.Ask{Steps: []engine.StepRef{first, second, {Call: "a", Step: "unknown"}, {Call: "b", Step: first.Step}, {Call: "nobody", Step: first.Step}}})
	want := map[engine.StepRef]engine.Step{first: g.Steps[0], second: g.Steps[1]}
	if diff := cmp.Diff(want, k.Steps, same); diff != "" {
		s.Fatalf("known steps (-want +got):\n%s", diff)
	}
	if w, ok := k.Calls["a"]; !ok || len(w.Steps) != 1 {
		s.Fatalf("the steps' call does not come with its unfinished steps: %+v", k.Calls)
	}
}
