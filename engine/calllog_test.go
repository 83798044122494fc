package engine

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/call"
	"cordboard/workflow"
)

// wrote is an event of the desk's: what the agent wants in the log.
func wrote(n int, at time.Duration, log map[string]call.Entry) call.Event {
	ev := event("1", n, "")
	ev.ID, ev.Phase, ev.CallType, ev.Log, ev.At = "desk:"+ev.ID, "", "", log, synctestStart.Add(at)
	return ev
}

// Whenever an agent writes into the log of a call, before the log is there, while the CRM is away, or after the call, the
// log ends with the newest of the agent's words, and with the workflow's where the agent said nothing.
func TestAgentsWordsAreInTheLog(t *testing.T) {
	set := compile(t, logged)
	want := `{"CallDisposition":"Sale","CallDurationInSeconds":50,"Status":"Completed","Subject":"Hello","WhatId":"006","WhoId":"003B"}`
	for seed := range uint64(200) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			record := map[string]any{}
			away := r.IntN(3)
			write := does(func(_ context.Context, in Input) Outcome {
				if away > 0 {
					away--
					return Again("crm-busy", "")
				}
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
				return Outcome{State: Done, Result: json.RawMessage(`{"id":"00T1"}`), Record: &RecordRef{ID: "00T1"}}
			})
			b := newBench(t, Config{Rules: set, Resolve: workflow.Resolve, CallLog: "Task", Actions: map[string]Action{"create": write, "update": write}})
			defer b.end()
			story := talked()
			for i, said := range []call.Event{
				wrote(20, 0, map[string]call.Entry{"WhoId": {Value: "003A", Label: "Anna"}, "Subject": {Value: "Hello"}}),
				wrote(21, time.Second, map[string]call.Entry{"WhoId": {Value: "003B", Label: "Ben"}}),
				wrote(22, 2*time.Second, map[string]call.Entry{"WhatId": {Value: "006"}}),
			} {
				at := 1 + i + r.IntN(len(story)-i)
				story = append(story[:at], append([]call.Event{said}, story[at:]...)...)
			}
			for _, ev := range story {
				b.accept(ev)
				if r.IntN(3) == 0 {
					b.accept(ev) // told once more
				}
				time.Sleep(time.Duration(r.IntN(3)) * time.Second)
			}
			time.Sleep(time.Hour)
			synctest.Wait()
			if got, err := json.Marshal(record); err != nil || string(got) != want {
				t.Errorf("seed %d: %s, want %s (%v)", seed, got, want, err)
			}
		})
	}
}

// What the agent writes goes to the logs of that leg, not to other records, and a log that a person drives again has it, too.
func TestAgentsWordsAreInOneLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rules := compile(t, `
name: Logs
platform: cisco
rules:
  - on: OUT ACTIVE
    do:
      - create: Task
        set: { Subject: One, WhoId: "003A" }
      - create: Contact
        set: { LastName: Two, WhoId: "003A" }
`)
		fail := true
		sent := map[string]any{}
		write := does(func(_ context.Context, in Input) Outcome {
			if fail {
				return Kill("crm-refused", "")
			}
			var args struct{ Set map[string]any }
			if err := json.Unmarshal(in.Args, &args); err != nil {
				t.Error(err)
			}
			sent[in.Step.ID] = args.Set["WhoId"]
			return Outcome{State: Done, Record: &RecordRef{ID: "00T1"}}
		})
		b := newBench(t, Config{Rules: rules, Resolve: workflow.Resolve, CallLog: "Task", Actions: map[string]Action{"create": write, "update": write}})
		defer b.end()
		b.accept(talked()[:2]...)
		synctest.Wait()
		b.accept(wrote(20, 0, map[string]call.Entry{"WhoId": {Value: "003B"}}))
		b.want("1", "[create=dead create=dead]")
		fail = false
		for _, s := range b.journal.ofCall("c:1") {
			if err := b.Redrive(t.Context(), s.Ref(), nil); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			want := "003A"
			if s.Seq == 0 {
				want = "003B"
			}
			if sent[s.ID] != want {
				t.Errorf("step %d wrote %v, want %s", s.Seq, sent[s.ID], want)
			}
		}
	})
}
