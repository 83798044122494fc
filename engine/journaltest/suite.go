// Package journaltest is the contract of [engine.Journal] as a test suite: every implementation runs it.
package journaltest

import (
	"errors"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/engine"
)

// Open makes an empty journal for one test. reopen ends it as a clean stop would and opens the same storage again; it may be
// called many times. What is open at the end of the test is closed by the implementation (t.Cleanup).
type Open func(t *testing.T) (j engine.Journal, reopen func() engine.Journal)

// Run runs the whole suite, each test on a journal of its own. A journal that is also an [engine.Reader] is tested as one,
// and then also for the parts of a group that the engine never reads again.
func Run(t *testing.T, open Open) {
	for _, test := range []struct {
		name string
		run  func(s *suite)
	}{
		{"empty", empty},
		{"round trip", roundTrip},
		{"events of a call", eventsOfCall},
		{"a run of an event that is not in the group stores nothing", strayRun},
		{"refs", refs},
		{"versions", versions},
		{"a new call that exists is stale", newCallTwice},
		{"stale leaves nothing behind", staleLeavesNothing},
		{"a duplicate event stores nothing", duplicateStoresNothing},
		{"an unknown call stores nothing", unknownCall},
		{"due order", dueOrder},
		{"due limits", dueLimits},
		{"final steps are never due", finalNeverDue},
		{"steps are replaced by id", stepsReplaced},
		{"steps are ordered", stepsOrdered},
		{"messages that are not JSON are kept", keptAnything},
		{"reopen keeps everything", reopenKeeps},
		{"reading beside writing", readBesideWrite},
		{"large group", largeGroup},
		{"large ask", largeAsk},
		{"cancelled", cancelled},
		{"asked steps", askedSteps},
		{"reader: nothing", readNothing},
		{"reader: list", list},
		{"reader: list by state", listByState},
		{"reader: search", search},
		{"reader: search keeps up", searchKeepsUp},
		{"reader: failures", failures},
		{"reader: kept messages", keptMessages},
		{"reader: counts", counts},
		{"old messages", oldMessages},
		{"a call that was pruned", prunedCall},
		{"positions", positions},
	} {
		t.Run(test.name, func(t *testing.T) {
			j, reopen := open(t)
			test.run(&suite{T: t, j: j, reopen: reopen})
		})
	}
}

// suite is one running test.
type suite struct {
	*testing.T
	j      engine.Journal
	reopen func() engine.Journal
}

func (s *suite) commit(g engine.Group) {
	s.Helper()
	if err := s.j.Commit(s.Context(), g); err != nil {
		s.Fatalf("commit: %v", err)
	}
}

func (s *suite) refused(g engine.Group, want error) {
	s.Helper()
	err := s.j.Commit(s.Context(), g)
	if err == nil {
		s.Fatalf("commit: stored, want a refusal")
	}
	if want != nil && !errors.Is(err, want) {
		s.Fatalf("commit: %v, want %v", err, want)
	}
	if errors.Is(err, engine.ErrBroken) {
		s.Fatalf("commit: %v: a refusal is no storage failure", err)
	}
}

func (s *suite) known(ask engine.Ask) engine.Known {
	s.Helper()
	k, err := s.j.Known(s.Context(), ask)
	if err != nil {
		s.Fatalf("known: %v", err)
	}
	return k
}

// work reads one call, which must be there.
func (s *suite) work(id call.ID) engine.Work {
	s.Helper()
	w, ok := s.known(engine.Ask{Calls: []call.ID{id}}).Calls[id]
	if !ok {
		s.Fatalf("call %q is not stored", id)
	}
	return w
}

func (s *suite) due(until time.Time, max int, holding ...call.ID) []call.ID {
	s.Helper()
	works, err := s.j.Due(s.Context(), until, max, func(id call.ID) bool {
		for _, h := range holding {
			if h == id {
				return true
			}
		}
		return false
	})
	if err != nil {
		s.Fatalf("due: %v", err)
	}
	ids := make([]call.ID, len(works))
	for i, w := range works {
		ids[i] = w.Call.State.ID
	}
	return ids
}

// reader is the journal's other side; a test of a journal that has none is skipped.
func (s *suite) reader() engine.Reader {
	s.Helper()
	r, ok := s.j.(engine.Reader)
	if !ok {
		s.Skip("the journal is no engine.Reader")
	}
	return r
}

// nothing fails the test when any of a group can be found.
func (s *suite) nothing(g engine.Group) {
	s.Helper()
	ask := askFor(g)
	k := s.known(ask)
	if len(k.Refs)+len(k.Calls)+len(k.Steps) > 0 {
		s.Fatalf("something of the group is stored: %d refs, %d calls, %d steps", len(k.Refs), len(k.Calls), len(k.Steps))
	}
}

// askFor asks for everything in a group.
func askFor(g engine.Group) engine.Ask {
	var ask engine.Ask
	for r := range g.Refs {
		ask.Refs = append(ask.Refs, r)
	}
	for i := range g.Calls {
		ask.Calls = append(ask.Calls, g.Calls[i].State.ID)
	}
	for i := range g.Steps {
		ask.Steps = append(ask.Steps, g.Steps[i].Ref())
	}
	return ask
}
