package journaltest

import (
	"context"
	"fmt"
	"time"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/platform"
)

// pruner is a journal that can delete what is old.
type pruner interface {
	// Prune deletes calls that are over, at most max.
	Prune(ctx context.Context, before time.Time, max int) (int, error)
	// PruneMessages deletes the messages of events and what was kept, at most max of each; the events stay.
	PruneMessages(ctx context.Context, before time.Time, max int) (int, error)
}

func (s *suite) pruner() pruner {
	s.Helper()
	p, ok := s.j.(pruner)
	if !ok {
		s.Skip("it does not delete what is old")
	}
	return p
}

// prunes deletes old messages and wants to get past n of them.
func (s *suite) prunes(before time.Time, max, n int) {
	s.Helper()
	if got, err := s.pruner().PruneMessages(s.Context(), before, max); err != nil || got != n {
		s.Fatalf("pruned %d messages, want %d (%v)", got, n, err)
	}
}

// messages returns which of a call's events still have their message.
func (s *suite) messages(id call.ID) (have []bool) {
	s.Helper()
	story, err := s.reader().Story(s.Context(), id)
	if err != nil {
		s.Fatal(err)
	}
	for i := range story.Events {
		have = append(have, len(story.Events[i].Raw) > 0)
	}
	return have
}

func oldMessages(s *suite) {
	s.pruner()
	first := sampleCall("a")
	first.Events[0].Raw = []byte("<a0/>")
	s.commit(first)
	for i := 1; i < 6; i++ { // the third event never had a message
		g := next(s.work("a"), i)
		if i != 3 {
			g.Events[0].Raw = fmt.Appendf(nil, "<a%d/>", i)
		}
		s.commit(g)
	}
	for i := range 3 {
		at := noon.Add(time.Duration(i) * time.Second)
		s.commit(engine.Group{Kept: []engine.Kept{{Message: platform.Message{At: at, Message: []byte(`"x"`)}, Reason: "x"}}})
	}
	s.prunes(noon, 100, 0)
	s.prunes(noon.Add(time.Second), 100, 1+1) // the first event was received a little later than it happened
	s.prunes(noon.Add(time.Second), 100, 0)
	s.prunes(noon.Add(time.Minute), 2, 2+2)
	s.prunes(noon.Add(4*time.Second), 100, 1)
	if got, want := fmt.Sprint(s.messages("a")), "[false false false false true true]"; got != want {
		s.Errorf("messages that are there: %s, want %s", got, want)
	}
	c, err := s.reader().Counts(s.Context())
	if err != nil || c.Events != 6 || c.Kept != 0 {
		s.Errorf("counts %+v, %v", c, err)
	}
	s.j = s.reopen()
	s.prunes(noon.Add(time.Minute), 100, 2)
	s.prunes(noon.Add(time.Minute), 100, 0)
}

// A call that was pruned is as if it had never been: its events are new again, also for somebody who still holds it.
func prunedCall(s *suite) {
	g := sampleCall("a")
	s.commit(g)
	over := next(s.work("a"), 1)
	over.Events[0].Phase, over.Events[0].Name = call.Ended, "DROPPED"
	over.Calls[0].State = call.Apply(g.Calls[0].State, &over.Events[0])
	s.commit(over)
	held := s.work("a")
	if n, err := s.pruner().Prune(s.Context(), noon.Add(time.Hour), 100); err != nil || n != 1 {
		s.Fatalf("pruned %d calls, want 1 (%v)", n, err)
	}
	s.refused(next(held, 2), engine.ErrStale)
	if k := s.known(engine.Ask{Refs: []call.Ref{{Connection: "finesse", Ref: "a"}}, Calls: []call.ID{"a"}}); len(k.Refs)+len(k.Calls) > 0 {
		s.Errorf("it is still known: %+v", k)
	}
	s.commit(g)
}
