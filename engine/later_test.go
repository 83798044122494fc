package engine

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/workflow"
)

// after is a planned step of a run that waits.
func after(kind string) workflow.Planned {
	return workflow.Planned{Kind: kind, Lane: workflow.LaterLane}
}

// waits is an action that lets a time pass, as the first performance decides it.
func waits(seen *log, d time.Duration) Action {
	return does(func(_ context.Context, in Input) Outcome {
		var until time.Time
		if json.Unmarshal(in.Step.Result, &until) != nil {
			until = time.Now().Add(d)
		}
		if time.Now().Before(until) {
			result, _ := json.Marshal(until)
			return Wait("waiting", "", until, result)
		}
		seen.add("over at %s", time.Since(synctestStart))
		return Did(nil)
	})
}

// A run that waits keeps its own order and holds up nothing else of its call; while it waits it is in the journal only, and a
// restart does not lose it.
func TestRunThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		b := newBench(t, Config{
			Rules: on("ALERTING", after("wait"), after("send")).and(on("DROPPED", work("update"))),
			Actions: map[string]Action{"wait": waits(&seen, 48*time.Hour), "update": takes(&seen, 0), "send": does(func(context.Context, Input) Outcome {
				seen.add("sent at %s", time.Since(synctestStart))
				return Did(nil)
			})},
		})
		b.accept(event("1", 1, "ALERTING"), event("1", 2, "DROPPED"))
		b.want("1", "[wait=pending send=pending update=done]")
		if s := b.journal.ofCall("c:1")[0]; s.Reason != "waiting" || s.Attempt != 0 || time.Until(s.Due) != 48*time.Hour {
			t.Errorf("it waits as %s, after %d attempts, until %s", s.Reason, s.Attempt, s.Due)
		}
		b.accept(event("2", 1, "OTHER"))
		synctest.Wait()
		if n := b.Stats().Hot; n != 1 {
			t.Errorf("%d calls are in memory, want the one that does not wait", n)
		}
		time.Sleep(47 * time.Hour)
		b.end()
		b.begin()
		time.Sleep(time.Hour - time.Second)
		b.want("1", "[wait=pending send=pending update=done]")
		time.Sleep(time.Second)
		b.want("1", "[wait=done send=done update=done]")
		if got := seen.String(); got != "[c:1 update over at 48h0m0s sent at 48h0m0s]" {
			t.Errorf("performed %s", got)
		}
		b.end()
	})
}

// A server that was down when the time came goes on as soon as it is back.
func TestTimeComesWhileDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		b := newBench(t, Config{
			Rules:   on("ALERTING", after("wait"), after("send")),
			Actions: map[string]Action{"wait": waits(&seen, time.Hour), "send": takes(&seen, 0)},
		})
		b.accept(event("1", 1, "ALERTING"))
		b.want("1", "[wait=pending send=pending]")
		b.end()
		time.Sleep(3 * time.Hour)
		b.begin()
		defer b.end()
		time.Sleep(time.Minute)
		b.want("1", "[wait=done send=done]")
		if got := seen.String(); got != "[over at 3h0m0s c:1 send]" {
			t.Errorf("performed %s", got)
		}
	})
}

// A step that ends its run takes the later ones along, of its run only.
func TestRunEndsEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Config{
			Rules: on("ALERTING", after("when"), after("send"), after("send")).and(on("DROPPED", after("wait"), after("send"))),
			Actions: map[string]Action{
				"when": does(func(context.Context, Input) Outcome { return Stop("not-met", "no") }),
				"wait": waits(&log{}, time.Hour), "send": does(func(context.Context, Input) Outcome { return Did(nil) }),
			},
		})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"), event("1", 2, "DROPPED"))
		b.want("1", "[when=skipped send=skipped send=skipped wait=pending send=pending]")
		if s := b.journal.ofCall("c:1")[2]; s.Reason != "not-met" || s.Detail != "no" {
			t.Errorf("the last one was skipped as %s: %s", s.Reason, s.Detail)
		}
		time.Sleep(time.Hour)
		b.want("1", "[when=skipped send=skipped send=skipped wait=done send=done]")
	})
}

// A dead step of a run that waits ends it; driven again, what came after it comes back.
func TestDeadStepEndsItsRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := true
		b := newBench(t, Config{
			Rules: on("ALERTING", after("get"), after("wait"), after("send")),
			Actions: map[string]Action{
				"get": does(func(context.Context, Input) Outcome {
					if broken {
						return Kill("bad-arguments", "")
					}
					return Did(nil)
				}),
				"wait": waits(&log{}, time.Hour), "send": does(func(context.Context, Input) Outcome { return Did(nil) }),
			},
		})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		b.want("1", "[get=dead wait=skipped send=skipped]")
		broken = false
		if err := b.Redrive(t.Context(), b.journal.ofCall("c:1")[0].Ref(), nil); err != nil {
			t.Fatal(err)
		}
		b.want("1", "[get=done wait=pending send=pending]")
		time.Sleep(time.Hour)
		b.want("1", "[get=done wait=done send=done]")
	})
}

// Who waits for the effects of an event does not wait for what it will do in weeks.
func TestNobodyFollowsWhatWaits(t *testing.T) {
	logs := rules(func(workflow.Moment) []workflow.Plan {
		return []workflow.Plan{{Workflow: "w", Rule: "log", Once: true, Steps: []workflow.Planned{work("create")}}}
	})
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Config{
			Rules:   on("ALERTING", after("wait")).and(logs),
			Actions: map[string]Action{"wait": waits(&log{}, time.Hour), "create": does(func(context.Context, Input) Outcome { return Did(nil) })},
		})
		defer b.end()
		b.ended(b.follow(event("1", 1, "ALERTING")), "{1 0 0}")
		b.ended(b.follow(event("1", 1, "ALERTING")), "{0 0 0}")
	})
}
