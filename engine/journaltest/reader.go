package journaltest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/platform"
)

func readNothing(s *suite) {
	r := s.reader()
	if _, err := r.Story(s.Context(), "a"); !errors.Is(err, engine.ErrNotFound) {
		s.Errorf("story: %v, want ErrNotFound", err)
	}
	if _, err := r.Step(s.Context(), engine.StepRef{Call: "a", Step: "a"}); !errors.Is(err, engine.ErrNotFound) {
		s.Errorf("step: %v, want ErrNotFound", err)
	}
	if rows := s.list(engine.Filter{}); len(rows) > 0 {
		s.Errorf("an empty journal lists %q", rows)
	}
	s.counted(engine.Counts{})
}

// list returns the ids of a list of calls.
func (s *suite) list(f engine.Filter) []call.ID {
	s.Helper()
	rows, err := s.reader().Calls(s.Context(), f)
	if err != nil {
		s.Fatalf("calls %+v: %v", f, err)
	}
	ids := make([]call.ID, len(rows))
	for i, row := range rows {
		ids[i] = row.State.ID
	}
	return ids
}

func (s *suite) lists(f engine.Filter, want ...call.ID) {
	s.Helper()
	if got := s.list(f); !slices.Equal(got, want) {
		s.Errorf("calls %+v: %q, want %q", f, got, want)
	}
}

// startedAt is a new call that started some minutes after noon.
func startedAt(id call.ID, minutes int) engine.Group {
	g := sampleCall(id)
	g.Events[0].At = noon.Add(time.Duration(minutes) * time.Minute)
	g.Calls[0].State = call.Apply(call.State{}, &g.Events[0])
	return g
}

func list(s *suite) {
	s.reader()
	s.commit(join(startedAt("b", 2), startedAt("d", 4), startedAt("a", 1), startedAt("c", 3)))
	s.lists(engine.Filter{}, "d", "c", "b", "a")
	s.lists(engine.Filter{Limit: 2}, "d", "c")
	s.lists(engine.Filter{Limit: 2, Before: noon.Add(3 * time.Minute)}, "b", "a")
	s.lists(engine.Filter{Before: noon.Add(time.Minute)})

	w := s.work("c")
	w.Call.Records = map[string]engine.RecordRef{"k": {Object: "Task", ID: "00T000000000001AAA", Seq: 1}}
	w.Call.Pops = map[string]json.RawMessage{"anna": json.RawMessage(`{"id":"003"}`)}
	g := next(w, 9)
	g.Steps = append(g.Steps, sampleStep("c", 1, engine.Skipped), sampleStep("c", 2, engine.Skipped))
	s.commit(g)
	rows, err := s.reader().Calls(s.Context(), engine.Filter{Text: "c"})
	want := []engine.CallRow{{
		State: g.Calls[0].State, Steps: map[engine.StepState]int{engine.Done: 1, engine.Skipped: 2},
		Records: []engine.RecordRef{{Object: "Task", ID: "00T000000000001AAA", Seq: 1}},
		Pops:    w.Call.Pops,
	}}
	if diff := cmp.Diff(want, rows, same); err != nil || diff != "" {
		s.Fatalf("row (-want +got): %v\n%s", err, diff)
	}
	var many []engine.Group
	for i := range 130 {
		many = append(many, startedAt(call.ID(fmt.Sprint("many", i)), 10))
	}
	s.commit(join(many...))
	if n := len(s.list(engine.Filter{})); n != 100 {
		s.Errorf("%d rows without a limit, want 100", n)
	}
}

func listByState(s *suite) {
	r := s.reader()
	with := func(id call.ID, minutes int, state engine.StepState) engine.Group {
		g := startedAt(id, minutes)
		g.Steps[0] = sampleStep(id, 0, state)
		return g
	}
	ended := startedAt("ended", 5)
	end := ended.Events[0]
	end.ID, end.Phase, end.Name, end.At = "end", call.Ended, "DROPPED", end.At.Add(time.Second)
	ended.Events = append(ended.Events, end)
	ended.Calls[0].State = call.Apply(ended.Calls[0].State, &end)
	s.commit(join(with("done", 1, engine.Done), with("dead", 2, engine.Dead), with("retrying", 3, engine.Retrying),
		with("parked", 4, engine.Parked), ended))
	s.lists(engine.Filter{State: "open"}, "parked", "retrying", "dead", "done")
	s.lists(engine.Filter{State: "ended"}, "ended")
	s.lists(engine.Filter{State: "failed"}, "dead")
	s.lists(engine.Filter{State: "waiting"}, "parked", "retrying")
	s.lists(engine.Filter{State: "waiting", Text: "parked"}, "parked")
	if _, err := r.Calls(s.Context(), engine.Filter{State: "nonsense"}); err == nil {
		s.Error("a state that does not exist is listed")
	}
	s.commit(next(s.work("parked"), 9))
	s.lists(engine.Filter{State: "waiting"}, "retrying")
}

func search(s *suite) {
	s.reader()
	a, b := startedAt("finesse:16804377", 1), startedAt("finesse:16804378", 2)
	a.Refs[call.Ref{Connection: "finesse", Ref: "held-dialog"}] = "finesse:16804377"
	b.Calls[0].State.Customer = "(212) 555-0199"
	b.Calls[0].State.Legs[0].Agent = "Ada@example.com"
	b.Calls[0].Records = map[string]engine.RecordRef{"k": {Object: "Task", ID: "00T5g00000AbCdEFGH"}}
	s.commit(join(a, b))
	const idA, idB = call.ID("finesse:16804377"), call.ID("finesse:16804378")
	for _, test := range []struct {
		text string
		want []call.ID
	}{
		{string(idA), []call.ID{idA}},
		{"held-dialog", []call.ID{idA}},
		{"+14155550123", []call.ID{idA}},
		{"4155550123", []call.ID{idA}},
		{" 415 555-0123 ", []call.ID{idA}},
		{"0123", []call.ID{idA}},
		{"2125550199", []call.ID{idB}},
		{"+1 212 555 0199", nil}, // more digits than the platform sent
		{"0199", []call.ID{idB}},
		{"0200", nil},
		{"199", []call.ID{idB}},
		{"1001001", []call.ID{idA}},
		{"ada@EXAMPLE.com", []call.ID{idB}},
		{"00T5g00000AbCdEFGH", []call.ID{idB}},
		{"00T5g00000AbCdE", []call.ID{idB}},
		{"00T5g00000AbCdF", nil},
		{"", []call.ID{idB, idA}},
		{"%", nil},
	} {
		s.lists(engine.Filter{Text: test.text}, test.want...)
	}
	s.lists(engine.Filter{Agent: "1001001"}, idA)
	s.lists(engine.Filter{Agent: "1001001", Text: "0199"})
	s.lists(engine.Filter{Agent: "ada@example.com", Text: "0199", State: "open"}, idB)
}

// searchKeepsUp: what a later commit brings is found, too.
func searchKeepsUp(s *suite) {
	s.reader()
	s.commit(sampleCall("a"))
	g := next(s.work("a"), 1)
	second := g.Events[0]
	second.Leg, second.Agent, second.Role, second.ID = "transfer:1002", "1002", call.TransferLeg, "second"
	g.Events = append(g.Events, second)
	g.Calls[0].State = call.Apply(g.Calls[0].State, &second)
	s.lists(engine.Filter{Agent: "1002"})
	s.commit(g)
	s.lists(engine.Filter{Agent: "1002"}, "a")
	s.lists(engine.Filter{Agent: "1001001"}, "a")
}

func failures(s *suite) {
	r := s.reader()
	var want []engine.Step
	for i := range 5 {
		id := call.ID(fmt.Sprint("call-", i))
		g := sampleCall(id)
		g.Steps[0] = sampleStep(id, 0, engine.Dead)
		g.Steps[0].Ended = noon.Add(time.Duration(i%3*10+i) * time.Second)
		g.Steps[0].Reason = "FIELD_INTEGRITY_EXCEPTION"
		s.commit(g)
		want = append(want, g.Steps[0])
	}
	slices.SortFunc(want, func(a, b engine.Step) int { return b.Ended.Compare(a.Ended) })
	got, err := r.Failures(s.Context(), 4)
	if diff := cmp.Diff(want[:4], got, same); err != nil || diff != "" {
		s.Fatalf("failures (-want +got): %v\n%s", err, diff)
	}
	// Driven again, it is no failure any more.
	again := want[0]
	again.Stored = engine.Dead
	again.State, again.Due, again.Ended = engine.Pending, noon, time.Time{}
	s.commit(engine.Group{Calls: []engine.Call{s.work(again.Call).Call}, Steps: []engine.Step{again}})
	got, err = r.Failures(s.Context(), 10)
	if diff := cmp.Diff(want[1:], got, same); err != nil || diff != "" {
		s.Fatalf("failures (-want +got): %v\n%s", err, diff)
	}
	one, err := r.Step(s.Context(), again.Ref())
	if diff := cmp.Diff(again, one, same); err != nil || diff != "" {
		s.Fatalf("step (-want +got): %v\n%s", err, diff)
	}
}

func keptMessages(s *suite) {
	r := s.reader()
	for i := range 3 {
		s.commit(engine.Group{Kept: []engine.Kept{{
			Message: platform.Message{At: noon.Add(time.Duration(i)), Connection: "finesse", Source: "finesse-xmpp", Message: fmt.Appendf(nil, `"<%d>"`, i)},
			Reason:  fmt.Sprint("reason ", i),
		}}})
	}
	rows, err := r.KeptMessages(s.Context(), 2)
	if err != nil || len(rows) != 2 || rows[0].Reason != "reason 2" || rows[1].Reason != "reason 1" ||
		rows[0].ID == rows[1].ID || string(rows[0].Message.Text()) != "<2>" || !rows[0].At.Equal(noon.Add(2)) {
		s.Fatalf("kept messages: %+v, %v", rows, err)
	}
}

func (s *suite) counted(want engine.Counts) {
	s.Helper()
	got, err := s.reader().Counts(s.Context())
	if err != nil {
		s.Fatalf("counts: %v", err)
	}
	for state, n := range got.Steps {
		if n == 0 {
			delete(got.Steps, state)
		}
	}
	if diff := cmp.Diff(want, got, same); diff != "" {
		s.Fatalf("counts (-want +got):\n%s", diff)
	}
}

func counts(s *suite) {
	s.reader()
	a := sampleCall("a")
	a.Steps = append(a.Steps, sampleStep("a", 1, engine.Skipped), sampleStep("a", 2, engine.Retrying))
	a.Kept = []engine.Kept{{Message: platform.Message{Message: []byte(`"x"`)}}}
	s.commit(join(a, sampleCall("b")))
	s.counted(engine.Counts{Events: 2, Calls: 2, Open: 2, Runs: 2, Kept: 1,
		Steps: map[engine.StepState]int64{engine.Pending: 2, engine.Skipped: 1, engine.Retrying: 1}})

	g := next(s.work("a"), 1)
	end := g.Events[0]
	end.ID, end.Phase, end.At = "end", call.Ended, end.At.Add(time.Minute)
	g.Events = append(g.Events, end)
	g.Calls[0].State = call.Apply(g.Calls[0].State, &end)
	s.commit(g)
	want := engine.Counts{Events: 4, Calls: 2, Open: 1, Runs: 2, Kept: 1,
		Steps: map[engine.StepState]int64{engine.Pending: 1, engine.Skipped: 1, engine.Done: 2}}
	s.counted(want)
	s.refused(join(sampleCall("c"), g), engine.ErrStale)
	s.counted(want)
	s.j = s.reopen()
	s.counted(want)
}
