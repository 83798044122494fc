package engine

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/call"
	"cordboard/workflow"
)

const calls = `
name: Calls
platform: cisco
rules:
  - on: OUT ALERTING
    do:
      - pop: { by: call.customer }
      - create: Task
        set: { Subject: "Call ${call.customer}", WhoId: "${pop.id}" }
  - on: OUT DROPPED
    do:
      - update: Task
        set: { Status: Completed, Description: "${record.Task.id}" }
`

// Real workflows run on the real engine: what they leave for later is filled in from what earlier steps brought, also
// after a restart.
func TestWorkflowsResolve(t *testing.T) {
	set := compile(t, calls)
	synctest.Test(t, func(t *testing.T) {
		var seen log
		write := does(func(_ context.Context, in Input) Outcome {
			seen.add("%s %s", in.Step.Kind, in.Args)
			return Outcome{State: Done, Result: json.RawMessage(`{"id":"00T1","created":true}`), Record: &RecordRef{ID: "00T1"}}
		})
		b := newBench(t, Config{
			Rules: set, Resolve: workflow.Resolve,
			Actions: map[string]Action{"create": write, "update": write, "pop": does(func(context.Context, Input) Outcome {
				return Did(json.RawMessage(`{"id":"0031","type":"Contact","name":"Ann","count":1}`))
			})},
		})
		first := event("1", 1, "ALERTING")
		first.CallType, first.Customer = "OUT", "555"
		b.accept(first)
		synctest.Wait()
		b.end()
		b.begin()
		defer b.end()
		last := event("1", 2, "DROPPED")
		last.CallType, last.Phase, last.At = "OUT", call.Ended, first.At.Add(time.Minute)
		b.accept(last)
		b.want("1", "[pop=done create=done update=done]")
		want := `[create {"object":"Task","set":{"Subject":"Call 555","WhoId":"0031"}} ` +
			`update {"object":"Task","set":{"Description":"00T1","Status":"Completed"}}]`
		if got := seen.String(); got != want {
			t.Errorf("performed\n%s, want\n%s", got, want)
		}
	})
}

func compile(t *testing.T, text string) *workflow.Set {
	t.Helper()
	record := []workflow.Arg{{Name: "object", Type: workflow.ObjectName, Required: true}, {Name: "set", Type: workflow.Map}}
	ws, problems := workflow.Parse("calls.yaml", []byte(text), []workflow.Spec{
		{Kind: "pop", Lane: workflow.ScreenLane, Args: []workflow.Arg{{Name: "by", Type: workflow.Expression}}},
		{Kind: "ask", Lane: workflow.WorkLane, Args: []workflow.Arg{{Name: "as", Type: workflow.Name}}},
		{Kind: "show", Lane: workflow.ScreenLane, Primary: "text", Args: []workflow.Arg{{Name: "text", Type: workflow.Text}}},
		{Kind: "create", Lane: workflow.WorkLane, Primary: "object", Args: record},
		{Kind: "update", Lane: workflow.WorkLane, Primary: "object", Args: record},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	set, err := workflow.Compile(ws)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

const asking = `
name: Ask
platform: cisco
rules:
  - on: OUT ALERTING
    do:
      - ask: { as: score }
      - show: "${reply.score.body.tier}"
      - create: Task
        set: { Subject: "${reply.score.body.tier}" }
  - on: OUT DROPPED
    do:
      - update: Task
        set: { Description: "${reply.score.status}" }
`

// What a request was answered is there for later steps: a screen that refers to it waits, and it outlives a restart.
func TestRepliesResolve(t *testing.T) {
	set := compile(t, asking)
	synctest.Test(t, func(t *testing.T) {
		var seen log
		tell := does(func(_ context.Context, in Input) Outcome {
			seen.add("%s %s", in.Step.Kind, in.Args)
			return Outcome{State: Done, Record: &RecordRef{ID: "00T1"}}
		})
		b := newBench(t, Config{
			Rules: set, Resolve: workflow.Resolve,
			Actions: map[string]Action{"create": tell, "update": tell, "show": does(func(_ context.Context, in Input) Outcome {
				seen.add("%s %s", in.Step.Kind, in.Args)
				return Did(nil)
			}), "ask": does(func(context.Context, Input) Outcome {
				time.Sleep(time.Minute)
				return Did(json.RawMessage(`{"status":200,"body":{"tier":"gold"}}`))
			})},
		})
		first := event("1", 1, "ALERTING")
		first.CallType = "OUT"
		b.accept(first)
		time.Sleep(time.Second)
		b.want("1", "[ask=pending show=pending create=pending]")
		time.Sleep(time.Minute)
		b.want("1", "[ask=done show=done create=done]")
		b.end()
		b.begin()
		defer b.end()
		last := event("1", 2, "DROPPED")
		last.CallType, last.Phase, last.At = "OUT", call.Ended, first.At.Add(time.Minute)
		b.accept(last)
		b.want("1", "[ask=done show=done create=done update=done]")
		want := `[create {"object":"Task","set":{"Subject":"gold"}} show {"text":"gold"} update {"object":"Task","set":{"Description":200}}]`
		if got := seen.sorted(); got != want {
			t.Errorf("performed\n%s, want\n%s", got, want)
		}
	})
}
