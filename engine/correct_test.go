package engine

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/call"
	"cordboard/workflow"
)

const logged = `
name: Logs
platform: cisco
rules:
  - on: OUT ACTIVE
    do:
      - create: Task
        set: { Subject: "Call ${call.customer}" }
  - on: DROPPED
    do:
      - update: Task
        set: { Status: Completed, CallDurationInSeconds: "${call.talkSeconds}", CallDisposition: "${call.wrapup}" }
`

// talked is a call with a hold and a wrap-up code: 50 seconds of talk.
func talked() []call.Event {
	var all []call.Event
	for i, m := range []struct {
		name  string
		phase call.Phase
		after int
	}{
		{"INITIATED", call.Ringing, 0}, {"ACTIVE", call.Answered, 10}, {"HELD", call.Held, 40}, {"ACTIVE", call.Answered, 50},
		{"WRAP_UP", call.Wrapup, 70}, {"", "", 75}, {"DROPPED", call.Ended, 80},
	} {
		ev := event("1", i, m.name)
		ev.CallType, ev.Phase, ev.Customer, ev.At = "OUT", m.phase, "555", synctestStart.Add(time.Duration(m.after)*time.Second)
		if m.name == "" {
			ev.Wrapup = "Sale"
		}
		all = append(all, ev)
	}
	return all
}

// In whatever order a call is told, and however late, its record ends as that of the call told in order.
func TestOrderDoesNotChangeTheRecord(t *testing.T) { orderDoesNotChange(t, logged, false) }

// So does that of a consult that became a part of another talk, where a rule asks for such ends.
func TestOrderDoesNotChangeTheRecordOfAMergedLeg(t *testing.T) {
	orderDoesNotChange(t, strings.Replace(logged, "on: DROPPED", "on: DROPPED\n    merged: true", 1), true)
}

func orderDoesNotChange(t *testing.T, rules string, merged bool) {
	t.Helper()
	set := compile(t, rules)
	want := `{"CallDisposition":"Sale","CallDurationInSeconds":50,"Status":"Completed","Subject":"Call 555"}`
	for seed := range uint64(200) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 0))
			record := map[string]any{}
			writes := 0
			write := does(func(_ context.Context, in Input) Outcome {
				var args struct{ Set map[string]any }
				if err := json.Unmarshal(in.Args, &args); err != nil {
					t.Error(err)
				}
				if in.Step.Kind == "update" && in.Known == nil {
					return Skip("no-record", "")
				}
				for k, v := range args.Set {
					record[k] = v
				}
				writes++
				return Outcome{State: Done, Result: json.RawMessage(`{"id":"00T1"}`), Record: &RecordRef{ID: "00T1"}}
			})
			b := newBench(t, Config{Rules: set, Resolve: workflow.Resolve, Actions: map[string]Action{"create": write, "update": write}})
			defer b.end()
			story := talked()
			story[len(story)-1].Merged = merged
			if seed > 0 {
				r.Shuffle(len(story), func(i, j int) { story[i], story[j] = story[j], story[i] })
			}
			for i, ev := range story {
				b.accept(ev)
				if r.IntN(2) == 0 {
					b.accept(story[r.IntN(i+1)])
				}
				time.Sleep(time.Duration(r.IntN(3)) * time.Second)
			}
			synctest.Wait()
			got, err := json.Marshal(record)
			if err != nil {
				t.Error(err)
			}
			if string(got) != want {
				t.Errorf("seed %d: %s, want %s", seed, got, want)
			}
			if seed == 0 && writes != 2 {
				t.Errorf("%d writes of a call told in order", writes)
			}
		})
	}
}

// A late event that changes nothing of what was written writes nothing.
func TestLateButNoNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Config{Rules: compile(t, logged), Resolve: workflow.Resolve, Actions: map[string]Action{
			"create": does(func(context.Context, Input) Outcome { return Outcome{State: Done, Record: &RecordRef{ID: "00T1"}} }),
			"update": does(func(context.Context, Input) Outcome { return Outcome{State: Done, Record: &RecordRef{ID: "00T1"}} }),
		}})
		defer b.end()
		story := talked()
		late := story[0]
		for _, ev := range story[1:] {
			b.accept(ev)
		}
		b.want("1", "[create=done update=done]")
		b.accept(late) // that it rang is no news for the record
		b.want("1", "[create=done update=done]")
		runs := slices.Collect(func(yield func(Run) bool) {
			for _, r := range b.journal.runs {
				if r.Correction && !yield(r) {
					return
				}
			}
		})
		if len(runs) > 0 {
			t.Errorf("corrected for nothing: %v", runs)
		}
	})
}
