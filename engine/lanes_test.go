package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/call"
	"cordboard/workflow"
)

// takes is an action that needs a time and says when it began.
func takes(seen *log, d time.Duration) Action {
	return does(func(ctx context.Context, in Input) Outcome {
		seen.add("%s %s", in.Step.Call, in.Step.Kind)
		select {
		case <-time.After(d):
			return Did(nil)
		case <-ctx.Done():
			return Again("interrupted", "")
		}
	})
}

// A slow screen does not hold up the work of its call, and a call does not hold up another one.
func TestLanesDoNotWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		b := newBench(t, Config{
			Rules: on("ALERTING", screen("pop"), screen("page"), work("create"), work("update")),
			Actions: map[string]Action{
				"pop": takes(&seen, time.Hour), "page": takes(&seen, 0), "create": takes(&seen, time.Minute), "update": takes(&seen, 0),
			},
		})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		b.want("1", "[pop=pending page=pending create=pending update=pending]")
		time.Sleep(time.Second)
		b.accept(event("2", 1, "ALERTING"))
		synctest.Wait()
		if got := seen.sorted(); got != "[c:1 create c:1 pop c:2 create c:2 pop]" {
			t.Errorf("began: %s", got)
		}
		time.Sleep(time.Minute)
		b.want("1", "[pop=pending page=pending create=done update=done]")
		time.Sleep(time.Hour)
		b.want("1", "[pop=done page=done create=done update=done]")
	})
}

// Another agent of the same call has a screen of his own.
func TestScreensOfOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		b := newBench(t, Config{
			Rules:   on("ALERTING", screen("pop")),
			Actions: map[string]Action{"pop": takes(&seen, time.Hour)},
		})
		defer b.end()
		second := event("1", 2, "ALERTING")
		second.Leg, second.Agent = "leg2", "a2"
		b.accept(event("1", 1, "ALERTING"), second)
		synctest.Wait()
		if got := seen.String(); got != "[c:1 pop c:1 pop]" {
			t.Errorf("began: %s", got)
		}
	})
}

// A step that refers to a pop waits for its result, not for the browser.
func TestEarlyResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		b := newBench(t, Config{
			Rules: on("ALERTING", screen("pop"), workflow.Planned{Kind: "create", Lane: workflow.WorkLane, Object: "Task", Needs: []string{"pop"}},
				workflow.Planned{Kind: "http", Lane: workflow.WorkLane, Needs: []string{"record"}}),
			Actions: map[string]Action{
				"pop": does(func(_ context.Context, in Input) Outcome {
					time.Sleep(time.Second)
					in.Early(json.RawMessage(`{"id":"003"}`))
					time.Sleep(time.Hour)
					return Did(nil)
				}),
				"create": does(func(_ context.Context, in Input) Outcome {
					seen.add("create at %s with %s", time.Since(synctestStart), in.Args)
					return Outcome{State: Done, Result: json.RawMessage(`{"id":"00T","created":true}`), Record: &RecordRef{ID: "00T"}}
				}),
				"http": does(func(_ context.Context, in Input) Outcome {
					seen.add("http with %s", in.Args)
					return Did(nil)
				}),
			},
		})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		time.Sleep(2 * time.Second)
		b.want("1", "[pop=pending create=done http=done]")
		want := `[create at 1s with {"Pop":{"id":"003"},"Record":{}} http with {"Pop":{"id":"003"},"Record":{"Task":{"id":"00T","created":true}}}]`
		if got := seen.String(); got != want {
			t.Errorf("performed\n%s, want\n%s", got, want)
		}
		time.Sleep(2 * time.Hour)
		b.want("1", "[pop=done create=done http=done]")
		if got := string(b.journal.calls["c:1"].Pops["a1"]); got != `{"id":"003"}` {
			t.Errorf("the pop's result is %s", got)
		}
	})
}

// synctestStart is when time begins in a bubble of testing/synctest.
var synctestStart = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// An update knows the record that the create of the same leg wrote; one on another leg has a record of its own.
func TestRecordsAreKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		task := func(kind string) workflow.Planned {
			return workflow.Planned{Kind: kind, Lane: workflow.WorkLane, Object: "Task"}
		}
		write := does(func(_ context.Context, in Input) Outcome {
			known := "nothing"
			if in.Known != nil {
				known = in.Known.ID
			}
			seen.add("%s %s knows %s", in.Step.Leg, in.Step.Kind, known)
			return Outcome{State: Done, Record: &RecordRef{Object: "Task", ID: "T-" + in.Step.Leg}}
		})
		b := newBench(t, Config{
			Rules:   on("ALERTING", task("create")).and(on("DROPPED", task("update"))),
			Actions: map[string]Action{"create": write, "update": write},
		})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		other := event("1", 3, "DROPPED")
		other.Leg = "leg2"
		b.accept(event("1", 2, "DROPPED"), other)
		synctest.Wait()
		if got, want := seen.String(), "[leg1 create knows nothing leg1 update knows T-leg1 leg2 update knows nothing]"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

// A kind that is slow fills its own places only.
func TestSlowKind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		b := newBench(t, Config{
			Rules:   on("ALERTING", work("http")).and(on("DROPPED", work("create"))),
			Actions: map[string]Action{"http": takes(&seen, time.Hour), "create": takes(&seen, 0)},
			Limits:  map[string]int{"http": 2},
		})
		defer b.end()
		for i := range 5 {
			b.accept(event(fmt.Sprint(i), 1, "ALERTING"))
		}
		b.accept(event("9", 1, "DROPPED"))
		b.want("9", "[create=done]")
		if s := b.Stats(); s.Running["http"] != 2 || s.Ready != 3 {
			t.Errorf("%d running, %d ready, want 2 and 3", s.Running["http"], s.Ready)
		}
		time.Sleep(3*time.Hour + time.Minute)
		for i := range 5 {
			b.want(fmt.Sprint(i), "[http=done]")
		}
	})
}

func TestRulesFireOnceALeg(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		repeat := rules(func(m workflow.Moment) []workflow.Plan {
			return []workflow.Plan{{Workflow: "w", Rule: "again", Steps: []workflow.Planned{work("note")}}}
		})
		shadow := rules(func(m workflow.Moment) []workflow.Plan {
			return []workflow.Plan{{Workflow: "s", Rule: "watch", Once: true, Shadow: true, Steps: []workflow.Planned{work("note")}}}
		})
		b := newBench(t, Config{
			Rules:   on("HELD", work("once")).and(repeat).and(shadow),
			Actions: map[string]Action{"once": takes(&seen, 0), "note": takes(&seen, 0)},
		})
		defer b.end()
		data := event("1", 3, "")
		data.Phase, data.Vars = "", map[string]string{"a": "b"}
		b.accept(event("1", 1, "HELD"), event("1", 2, "HELD"), data)
		b.want("1", "[once=done note=done note=skipped note=done]")
		steps := b.journal.ofCall("c:1")
		if s := steps[2]; s.Reason != "shadow" || s.Attempt != 0 {
			t.Errorf("the step in shadow: %+v", s)
		}
		if c := b.journal.calls["c:1"]; c.State.Version != 3 || c.State.Vars["a"] != "b" {
			t.Errorf("state: %+v", c.State)
		}
	})
}

// Keys stay what they are over releases: they are written into people's CRMs.
func TestKeysStay(t *testing.T) {
	ev := event("1", 1, "ALERTING")
	p := &workflow.Plan{Workflow: "w"}
	run := runID("c:1", "leg1", "w", "rule 1", "")
	for _, k := range []struct{ got, want string }{
		{run, "r4825b5d08b49021bf69a96ea"},
		{effectKey("c:1", &ev, p, &workflow.Planned{Object: "Task"}, run, 0), "cb3eae183c784a86dd55a2c7b7da231f07"},
		{effectKey("c:1", &ev, p, &workflow.Planned{}, run, 0), "cb3ab1f712c3f8da5da24740399b3bc395"},
	} {
		if k.got != k.want {
			t.Errorf("key %s, want %s", k.got, k.want)
		}
	}
	if recordKey("a", "b", "c", "d", "") == recordKey("a", "bc", "", "d", "") {
		t.Error("two records have one key")
	}
	if a, b := effectKey(call.ID("c:1"), &ev, p, &workflow.Planned{}, run, 0), effectKey("c:1", &ev, p, &workflow.Planned{}, run, 1); a == b {
		t.Error("two steps of a run have one key")
	}
}
