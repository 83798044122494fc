package engine

import (
	"context"
	"maps"
	"testing"
	"testing/synctest"

	"cordboard/call"
	"cordboard/workflow"
)

const dialled = `
name: Predictive calls
platform: cisco
mode: predictive
rules:
  - on: OUT ACTIVE
    do:
      - create: Task
        set: { Subject: "Call ${call.customer}" }
  - on: DROPPED
    do:
      - update: Task
        set: { Status: Completed, CallDurationInSeconds: "${call.talkSeconds}" }
---
name: All calls
platform: cisco
rules:
  - on: OUT ACTIVE
    do:
      - create: Contact
        set: { LastName: "${call.customer}" }
`

// Whenever the platform says how a call was dialled, the rules of that mode fire, once, at all moments that it has had; and
// what the others have done is not done again.
func TestAModeThatComesLate(t *testing.T) {
	for known := range talked() {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, Config{Rules: compile(t, dialled), Resolve: workflow.Resolve, Actions: map[string]Action{
				"create": does(func(context.Context, Input) Outcome { return Outcome{State: Done, Record: &RecordRef{ID: "00T1"}} }),
				"update": does(func(context.Context, Input) Outcome { return Outcome{State: Done, Record: &RecordRef{ID: "00T1"}} }),
			}})
			defer b.end()
			for i, ev := range talked() {
				if i >= known {
					ev.Mode = call.Predictive
				}
				b.accept(ev)
				b.accept(ev)
				synctest.Wait()
			}
			steps := map[string]int{}
			for _, s := range b.journal.ofCall("c:1") {
				steps[s.Workflow+" "+s.Kind]++
			}
			want := map[string]int{"Predictive calls create": 1, "Predictive calls update": 1, "All calls create": 1}
			if !maps.Equal(steps, want) {
				t.Errorf("the mode with message %d: %v, want %v", known, steps, want)
			}
		})
	}
}

// A call whose mode nobody says fires no rule that names one.
func TestAModeThatNeverComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Config{Rules: compile(t, dialled), Resolve: workflow.Resolve, Actions: map[string]Action{
			"create": does(func(context.Context, Input) Outcome { return Outcome{State: Done} }),
		}})
		defer b.end()
		for _, ev := range talked() {
			b.accept(ev)
		}
		b.want("1", "[create=done]")
	})
}
