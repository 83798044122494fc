package journaltest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"

	"cordboard/call"
	"cordboard/engine"
)

// text is any text a platform may send, control characters and other planes included.
func text() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string { return strings.ToValidUTF8(rapid.String().Draw(t, "text"), "?") })
}

func when() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(946684800, 4102444800).Draw(t, "s"), rapid.Int64Range(0, 999999999).Draw(t, "ns")).UTC()
	})
}

func maybe() *rapid.Generator[time.Time] {
	return rapid.OneOf(when(), rapid.Just(time.Time{}))
}

func object() *rapid.Generator[json.RawMessage] {
	return rapid.Custom(func(t *rapid.T) json.RawMessage {
		b, err := json.Marshal(rapid.MapOfN(text(), text(), 0, 3).Draw(t, "object"))
		if err != nil {
			t.Fatal(err)
		}
		return b
	})
}

func words() *rapid.Generator[map[string]string] { return rapid.MapOfN(text(), text(), 0, 4) }

func event(id call.ID, i int) *rapid.Generator[call.Event] {
	return rapid.Custom(func(t *rapid.T) call.Event {
		return call.Event{
			ID: fmt.Sprint(i, text().Draw(t, "id")), Connection: text().Draw(t, "connection"),
			Platform: rapid.SampledFrom(call.Platforms()).Draw(t, "platform"), Call: id, Ref: text().Draw(t, "ref"), Of: text().Draw(t, "of"),
			Leg: text().Draw(t, "leg"), Role: rapid.SampledFrom(call.Roles()).Draw(t, "role"), Agent: text().Draw(t, "agent"),
			Extension: text().Draw(t, "extension"), Mode: rapid.SampledFrom(call.Modes()).Draw(t, "mode"),
			CallType: text().Draw(t, "type"), Name: text().Draw(t, "name"), RawType: text().Draw(t, "raw type"),
			Phase: rapid.SampledFrom(call.Phases()).Draw(t, "phase"), At: when().Draw(t, "at"), Received: maybe().Draw(t, "received"),
			Customer: text().Draw(t, "customer"), Direction: text().Draw(t, "direction"), Campaign: text().Draw(t, "campaign"),
			Queue: text().Draw(t, "queue"), Vars: words().Draw(t, "vars"), Wrapup: text().Draw(t, "wrapup"),
			Merged: rapid.Bool().Draw(t, "merged"), Reconciled: rapid.Bool().Draw(t, "reconciled"),
			Raw: rapid.SliceOfN(rapid.Byte(), 0, 64).Draw(t, "raw"),
		}
	})
}

func run(id call.ID, i int, events []call.Event) *rapid.Generator[engine.Run] {
	return rapid.Custom(func(t *rapid.T) engine.Run {
		ev := rapid.SampledFrom(events).Draw(t, "event")
		return engine.Run{
			ID: fmt.Sprint(id, i, text().Draw(t, "id")), Call: id, Event: ev.Key(), Leg: text().Draw(t, "leg"),
			Agent: text().Draw(t, "agent"), Workflow: text().Draw(t, "workflow"), Rule: text().Draw(t, "rule"),
			Revision: text().Draw(t, "revision"), Started: when().Draw(t, "started"), Shadow: rapid.Bool().Draw(t, "shadow"),
		}
	})
}

func state() *rapid.Generator[engine.StepState] {
	return rapid.SampledFrom([]engine.StepState{engine.Pending, engine.Retrying, engine.Parked, engine.Done, engine.Skipped, engine.Dead})
}

func step(id call.ID, i int) *rapid.Generator[engine.Step] {
	return rapid.Custom(func(t *rapid.T) engine.Step {
		return engine.Step{
			ID: fmt.Sprint(id, i, text().Draw(t, "id")), Run: text().Draw(t, "run"), Call: id, Leg: text().Draw(t, "leg"),
			Agent: text().Draw(t, "agent"), Workflow: text().Draw(t, "workflow"), Seq: i, Lane: rapid.SampledFrom([]engine.Lane{engine.ScreenLane, engine.WorkLane}).Draw(t, "lane"),
			Kind: text().Draw(t, "kind"), Key: text().Draw(t, "key"), Plan: object().Draw(t, "plan"), State: state().Draw(t, "state"),
			Heard: when().Draw(t, "heard"), Attempt: rapid.IntRange(0, 100).Draw(t, "attempt"), Since: maybe().Draw(t, "since"), Due: maybe().Draw(t, "due"),
			Ended: maybe().Draw(t, "ended"), Reason: text().Draw(t, "reason"), Detail: text().Draw(t, "detail"),
			Result: object().Draw(t, "result"), Tries: rapid.SliceOfN(try(), 0, 2).Draw(t, "tries"),
		}
	})
}

func try() *rapid.Generator[engine.Try] {
	return rapid.Custom(func(t *rapid.T) engine.Try {
		return engine.Try{
			At: when().Draw(t, "at"), Took: rapid.Float64Range(0, 1e6).Draw(t, "took"), State: state().Draw(t, "state"),
			Reason: text().Draw(t, "reason"), Detail: text().Draw(t, "detail"), Request: text().Draw(t, "request"), Answer: text().Draw(t, "answer"),
		}
	})
}

// anyCall draws a new call: its frame and legs from events, the rest from anything.
func anyCall(id call.ID, events []call.Event) *rapid.Generator[engine.Call] {
	return rapid.Custom(func(t *rapid.T) engine.Call {
		var st call.State
		for i := range events {
			st = call.Apply(st, &events[i])
		}
		return engine.Call{
			State: st, NextSeq: rapid.IntRange(0, 1000).Draw(t, "next"), Fired: rapid.SliceOfN(text(), 0, 3).Draw(t, "fired"),
			Pops: rapid.MapOfN(text(), object(), 0, 2).Draw(t, "pops"),
			Records: rapid.MapOfN(text(), rapid.Custom(func(t *rapid.T) engine.RecordRef {
				return engine.RecordRef{
					Object: text().Draw(t, "object"), ID: text().Draw(t, "id"), Leg: text().Draw(t, "leg"),
					As: text().Draw(t, "as"), Seq: rapid.IntRange(0, 1000).Draw(t, "seq"), Result: object().Draw(t, "result"),
				}
			}), 0, 2).Draw(t, "records"),
			Replies: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) engine.Reply {
				return engine.Reply{Leg: text().Draw(t, "leg"), Workflow: text().Draw(t, "workflow"), As: text().Draw(t, "as"), Result: object().Draw(t, "result")}
			}), 0, 2).Draw(t, "replies"),
			Due: maybe().Draw(t, "due"),
		}
	})
}

// anyGroup draws a new call with everything that belongs to it.
func anyGroup(id call.ID) *rapid.Generator[engine.Group] {
	return rapid.Custom(func(t *rapid.T) engine.Group {
		g := engine.Group{Refs: map[call.Ref]call.ID{}}
		for i := range rapid.IntRange(1, 4).Draw(t, "events") {
			g.Events = append(g.Events, event(id, i).Draw(t, "event"))
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "runs") {
			g.Runs = append(g.Runs, run(id, i, g.Events).Draw(t, "run"))
		}
		for i := range rapid.IntRange(0, 4).Draw(t, "steps") {
			g.Steps = append(g.Steps, step(id, i).Draw(t, "step"))
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "refs") {
			g.Refs[call.Ref{Connection: text().Draw(t, "connection"), Ref: fmt.Sprint(id, i, text().Draw(t, "ref"))}] = id
		}
		g.Calls = []engine.Call{anyCall(id, g.Events).Draw(t, "call")}
		return g
	})
}
