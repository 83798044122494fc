package journaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/platform"
)

func versions(s *suite) {
	s.commit(sampleCall("a"))
	for i := 1; i <= 3; i++ {
		w := s.work("a")
		if w.Call.Stored != int64(i) {
			s.Fatalf("after %d commits the version is %d", i, w.Call.Stored)
		}
		s.commit(next(w, i))
	}
	w := s.work("a")
	if w.Call.State.Version != 4 {
		s.Fatalf("the state is of event %d, want 4", w.Call.State.Version)
	}
	w.Call.Stored--
	s.refused(next(w, 9), engine.ErrStale)
	w.Call.Stored += 2
	s.refused(next(w, 9), engine.ErrStale)
	gone := sampleCall("never")
	gone.Calls[0].Stored = 3
	s.refused(gone, engine.ErrStale)
	s.nothing(gone)
}

func newCallTwice(s *suite) {
	s.commit(sampleCall("a"))
	again := sampleCall("a")
	again.Events[0].ID = "another"
	again.Runs, again.Steps = nil, nil
	s.refused(again, engine.ErrStale)
}

func staleLeavesNothing(s *suite) {
	s.commit(join(sampleCall("a"), sampleCall("b")))
	old := s.work("a")
	s.commit(next(old, 1))
	before := s.known(engine.Ask{Calls: []call.ID{"a", "b"}})

	fresh := sampleCall("c")
	g := join(fresh, next(s.work("b"), 1), next(old, 2))
	g.Kept = []engine.Kept{{Message: platform.Message{Source: "finesse-xmpp", Message: []byte(`"x"`)}, Reason: "why"}}
	s.refused(g, engine.ErrStale)

	s.nothing(fresh)
	after := s.known(engine.Ask{Calls: []call.ID{"a", "b"}})
	if diff := cmp.Diff(before, after, same); diff != "" {
		s.Fatalf("a refused group changed something (-before +after):\n%s", diff)
	}
	s.commit(fresh) // and the journal goes on
}

func duplicateStoresNothing(s *suite) {
	s.commit(sampleCall("a"))
	before := s.work("a")
	g := join(sampleCall("b"), next(before, 0)) // the event that is stored
	s.refused(g, engine.ErrStale)
	s.nothing(sampleCall("b"))
	if diff := cmp.Diff(before, s.work("a"), same); diff != "" {
		s.Fatalf("a refused group changed something (-before +after):\n%s", diff)
	}
}

func unknownCall(s *suite) {
	stray := sampleStep("nobody", 0, engine.Pending)
	g := join(sampleCall("a"), engine.Group{Steps: []engine.Step{stray}})
	s.refused(g, nil)
	s.nothing(sampleCall("a"))
}

// strayRun: what an event started is stored with it.
func strayRun(s *suite) {
	s.commit(sampleCall("a"))
	g := next(s.work("a"), 1)
	g.Runs = []engine.Run{sampleRun("a", 2)}
	s.refused(g, nil)
	g.Runs = []engine.Run{sampleRun("a", 1)}
	s.commit(g)
}

func stepsReplaced(s *suite) {
	g := sampleCall("a")
	g.Steps = append(g.Steps, sampleStep("a", 1, engine.Pending))
	s.commit(g)
	w := s.work("a")
	st := w.Steps[0]
	st.State, st.Attempt, st.Reason = engine.Retrying, 2, "busy"
	st.Due = noon.Add(time.Minute)
	st.Tries = []engine.Try{{At: noon, Took: 1.5, State: engine.Retrying, Reason: "busy"}}
	w.Call.Due = noon
	s.commit(engine.Group{Calls: []engine.Call{w.Call}, Steps: []engine.Step{st}})
	got := s.work("a").Steps
	if diff := cmp.Diff([]engine.Step{st, w.Steps[1]}, got, same); diff != "" {
		s.Fatalf("steps (-want +got):\n%s", diff)
	}
	s.commit(next(s.work("a"), 1))
	if left := s.work("a").Steps; len(left) > 0 {
		s.Fatalf("final steps are handed out: %+v", left)
	}
}

func keptAnything(s *suite) {
	for _, message := range []string{`"<Dialog>"`, `{"a":1}`, "", "<Dialog>", "\xff\x00{"} {
		s.commit(engine.Group{Kept: []engine.Kept{{
			Message: platform.Message{At: noon, Connection: "finesse", Source: "finesse-xmpp", Message: []byte(message)}, Reason: "not XML",
		}}})
	}
}

func reopenKeeps(s *suite) {
	g := join(sampleCall("a"), sampleCall("b"))
	s.commit(g)
	s.commit(next(s.work("b"), 1))
	ask := askFor(g)
	before, due := s.known(ask), s.due(noon, 10)
	for range 3 {
		s.j = s.reopen()
		if diff := cmp.Diff(before, s.known(ask), same); diff != "" {
			s.Fatalf("reopening changed something (-before +after):\n%s", diff)
		}
		if diff := cmp.Diff(due, s.due(noon, 10)); diff != "" {
			s.Fatalf("reopening changed what is due (-before +after):\n%s", diff)
		}
	}
	s.commit(sampleCall("c"))
	s.commit(next(s.work("a"), 1))
}

// readBesideWrite reads while groups are committed: each view is of whole groups, and never goes back.
func readBesideWrite(s *suite) {
	s.commit(join(sampleCall("a"), sampleCall("b")))
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			last := int64(0)
			for {
				k, err := s.j.Known(s.Context(), engine.Ask{Calls: []call.ID{"a", "b"}})
				if err != nil {
					s.Errorf("known: %v", err)
					return
				}
				a, b := k.Calls["a"].Call.Stored, k.Calls["b"].Call.Stored
				if a != b || a < last {
					s.Errorf("a view shows versions %d and %d after %d: not a whole group", a, b, last)
					return
				}
				last = a
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := 1; i <= 100; i++ {
		s.commit(join(next(s.work("a"), i), next(s.work("b"), i)))
	}
	close(done)
	readers.Wait()
}

func largeGroup(s *suite) {
	const events = 2000
	groups := make([]engine.Group, events)
	for i := range groups {
		groups[i] = sampleCall(call.ID(fmt.Sprint("call-", i)))
	}
	g := join(groups...)
	s.commit(g)
	if k := s.known(askFor(g)); eventsIn(k) != events || len(k.Calls) != events {
		s.Fatalf("known: %d events, %d calls, want %d of each", eventsIn(k), len(k.Calls), events)
	}
	if ids := s.due(noon, 3*events); len(ids) != events {
		s.Fatalf("%d calls are due, want %d", len(ids), events)
	}
}

func cancelled(s *suite) {
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	g := sampleCall("a")
	err := s.j.Commit(ctx, g)
	if !errors.Is(err, context.Canceled) || errors.Is(err, engine.ErrBroken) {
		s.Fatalf("commit: %v, want that it was cancelled", err)
	}
	s.nothing(g)
	if _, err := s.j.Known(ctx, askFor(g)); !errors.Is(err, context.Canceled) || errors.Is(err, engine.ErrBroken) {
		s.Fatalf("known: %v, want that it was cancelled", err)
	}
	s.commit(g)
}
