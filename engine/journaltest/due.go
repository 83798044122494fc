package journaltest

import (
	"fmt"
	"slices"
	"time"

	"cordboard/call"
	"cordboard/engine"
)

// dueAt is a new call whose step is due at a time.
func dueAt(id call.ID, at time.Time) engine.Group {
	g := sampleCall(id)
	g.Steps[0].Due, g.Calls[0].Due = at, at
	return g
}

func dueOrder(s *suite) {
	var groups []engine.Group
	for _, i := range []int{5, 1, 4, 2, 3} {
		groups = append(groups, dueAt(call.ID(fmt.Sprint(i)), noon.Add(time.Duration(i)*time.Nanosecond)))
	}
	s.commit(join(groups...))
	if got, want := s.due(noon.Add(time.Hour), 10), []call.ID{"1", "2", "3", "4", "5"}; !slices.Equal(got, want) {
		s.Fatalf("due: %q, want %q", got, want)
	}
}

func dueLimits(s *suite) {
	for _, test := range []struct {
		name    string
		until   time.Time
		max     int
		holding []call.ID
		want    []call.ID
	}{
		{"before all", noon.Add(-1), 10, nil, nil},
		{"until is included", noon, 10, nil, []call.ID{"a"}},
		{"until", noon.Add(90 * time.Second), 10, nil, []call.ID{"a", "b"}},
		{"max", noon.Add(time.Hour), 2, nil, []call.ID{"a", "b"}},
		{"none wanted", noon.Add(time.Hour), 0, nil, nil},
		{"holding", noon.Add(time.Hour), 10, []call.ID{"b"}, []call.ID{"a", "c"}},
		{"holding does not count to max", noon.Add(time.Hour), 1, []call.ID{"a", "b"}, []call.ID{"c"}},
		{"holding all", noon.Add(time.Hour), 10, []call.ID{"a", "b", "c"}, nil},
		{"the end of time", time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), 10, nil, []call.ID{"a", "b", "c"}},
	} {
		// A journal that remembers its holders hands a call out once: each case has calls of its own.
		s.commitCase(test.name)
		prefix := call.ID(test.name + "/")
		var holding, want []call.ID
		for _, id := range test.holding {
			holding = append(holding, prefix+id)
		}
		for _, id := range test.want {
			want = append(want, prefix+id)
		}
		if got := s.due(test.until, test.max, holding...); !slices.Equal(got, want) {
			s.Errorf("%s: due %q, want %q", test.name, got, want)
		}
		s.finish(prefix+"a", prefix+"b", prefix+"c")
	}
}

// commitCase stores three calls that are due at noon and one and two minutes later.
func (s *suite) commitCase(name string) {
	s.Helper()
	var groups []engine.Group
	for i, id := range []call.ID{"a", "b", "c"} {
		groups = append(groups, dueAt(call.ID(name)+"/"+id, noon.Add(time.Duration(i)*time.Minute)))
	}
	s.commit(join(groups...))
}

// finish ends the steps of calls.
func (s *suite) finish(ids ...call.ID) {
	s.Helper()
	for _, id := range ids {
		s.commit(next(s.work(id), 1))
	}
}

func finalNeverDue(s *suite) {
	s.commit(sampleCall("a"))
	works, err := s.j.Due(s.Context(), noon, 10, nil)
	if err != nil || len(works) != 1 || len(works[0].Steps) != 1 || !works[0].Call.Due.Equal(noon) || works[0].Call.Stored != 1 {
		s.Fatalf("due: %+v, %v", works, err)
	}
	s.commit(next(works[0], 1))
	if ids := s.due(noon.AddDate(100, 0, 0), 10); len(ids) > 0 {
		s.Fatalf("%q is due with all its steps final", ids)
	}
	if w := s.work("a"); !w.Call.Due.IsZero() || len(w.Steps) > 0 {
		s.Fatalf("a call without unfinished steps: due %v, %d steps", w.Call.Due, len(w.Steps))
	}
	born := sampleCall("b") // a call may start with steps that are over already
	born.Steps[0] = sampleStep("b", 0, engine.Skipped)
	born.Calls[0].Due = time.Time{}
	s.commit(born)
	if ids := s.due(noon.AddDate(100, 0, 0), 10); len(ids) > 0 {
		s.Fatalf("%q is due with all its steps final", ids)
	}
}
