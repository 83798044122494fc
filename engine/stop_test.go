package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/workflow"
)

// While the disk does not answer, callers have to wait once the queue is full; nobody is told yes too early.
func TestBackPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Config{Rules: on("NEVER"), Queue: 3})
		defer b.end()
		disk := make(chan struct{})
		b.journal.refuse(func(*Group) error { <-disk; return nil })
		answered := make(chan error, 10)
		for i := range 10 {
			go func() { answered <- b.Accept(t.Context(), events(event(fmt.Sprint(i), 1, "ALERTING"))) }()
			synctest.Wait()
		}
		if len(answered) > 0 {
			t.Fatal("acknowledged before it was stored")
		}
		if n := len(b.queue); n != 3 { // one is with the disk, two are planned, three wait, four callers hold theirs
			t.Errorf("%d wait in the queue", n)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Accept(ctx, events(event("x", 1, "ALERTING"))); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Accept: %v", err)
		}
		close(disk)
		synctest.Wait()
		if len(answered) != 10 {
			t.Errorf("%d of 10 were answered", len(answered))
		}
		if groups := b.Stats().Groups; groups > 6 {
			t.Errorf("%d groups for 10 events: what waits together is stored together", groups)
		}
	})
}

// A full disk refuses what comes and forgets nothing of what is under way.
func TestFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		b := newBench(t, Config{
			Rules:   on("ALERTING", work("create")),
			Actions: map[string]Action{"create": takes(&seen, time.Second)},
		})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		synctest.Wait()
		b.journal.refuse(func(*Group) error { return errDisk })
		if err := b.Accept(t.Context(), events(event("2", 1, "ALERTING"))); !errors.Is(err, errDisk) {
			t.Errorf("Accept: %v", err)
		}
		time.Sleep(time.Minute)
		b.want("1", "[create=pending]")
		b.journal.refuse(nil)
		time.Sleep(2 * time.Second)
		b.want("1", "[create=done]")
		b.accept(event("2", 1, "ALERTING"))
		time.Sleep(2 * time.Second)
		b.want("2", "[create=done]")
		if got := seen.String(); got != "[c:1 create c:2 create]" {
			t.Errorf("performed %s", got)
		}
	})
}

// One event that the journal cannot take does not take the others with it.
func TestPoison(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Config{Rules: on("NEVER")})
		defer b.end()
		first := make(chan struct{})
		b.journal.refuse(func(g *Group) error {
			<-first
			for i := range g.Events {
				if g.Events[i].Ref == "bad" {
					return errors.New("cannot be stored")
				}
			}
			return nil
		})
		results := map[string]chan error{}
		for _, ref := range []string{"0", "1", "bad", "2", "3"} {
			answer := make(chan error, 1)
			results[ref] = answer
			go func() { answer <- b.Accept(t.Context(), events(event(ref, 1, "ALERTING"))) }()
			synctest.Wait()
		}
		close(first)
		for ref, answer := range results {
			if err := <-answer; (err != nil) != (ref == "bad") {
				t.Errorf("%s: %v", ref, err)
			}
		}
	})
}

func TestBrokenJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		b := newBench(t, Config{
			Rules:   on("ALERTING", work("create")),
			Actions: map[string]Action{"create": takes(&seen, time.Hour)},
		})
		b.accept(event("1", 1, "ALERTING"))
		synctest.Wait()
		commits := 0
		b.journal.refuse(func(*Group) error { commits++; return fmt.Errorf("fsync: %w", ErrBroken) })
		if err := b.Accept(t.Context(), events(event("2", 1, "ALERTING"))); !errors.Is(err, ErrBroken) || !errors.Is(err, ErrStopped) {
			t.Errorf("Accept: %v", err)
		}
		if err := <-b.done; !errors.Is(err, ErrBroken) {
			t.Errorf("Run: %v", err)
		}
		if commits != 1 {
			t.Errorf("%d groups were tried on a broken journal", commits)
		}
		if err := b.Accept(t.Context(), events(event("3", 1, "ALERTING"))); !errors.Is(err, ErrStopped) {
			t.Errorf("Accept after the end: %v", err)
		}
		b.cancel()
	})
}

// The end interrupts actions. What one of them did is stored; what was interrupted stays pending and is done after the
// next start.
func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		b := newBench(t, Config{
			Rules: on("ALERTING", work("create")).and(on("HELD", work("done"))),
			Actions: map[string]Action{"create": takes(&seen, time.Hour), "done": does(func(ctx context.Context, in Input) Outcome {
				<-ctx.Done()
				return Did(nil)
			})},
		})
		b.accept(event("1", 1, "ALERTING"), event("2", 1, "HELD"))
		synctest.Wait()
		b.end()
		b.want("1", "[create=pending]")
		b.want("2", "[done=done]")
		if s := b.journal.ofCall("c:1")[0]; s.Attempt != 0 || len(s.Tries) != 0 {
			t.Errorf("an interruption counts as an attempt: %+v", s)
		}
		b.begin()
		defer b.end()
		time.Sleep(2 * time.Hour)
		b.want("1", "[create=done]")
	})
}

func TestActionsThatGoWrong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Config{
			Rules: on("ALERTING", work("panics"), work("odd"), work("unknown"), work("bad"), work("good")),
			Actions: map[string]Action{
				"panics": does(func(context.Context, Input) Outcome { panic("oh") }),
				"odd":    does(func(context.Context, Input) Outcome { return Outcome{} }),
				"bad":    does(func(context.Context, Input) Outcome { return Did(nil) }),
				"good":   does(func(context.Context, Input) Outcome { return Did(nil) }),
			},
			Resolve: func(p workflow.Planned, r workflow.Results) (json.RawMessage, error) {
				if p.Kind == "bad" {
					return nil, errors.New("no such field")
				}
				return plain(p, r)
			},
		})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		b.want("1", "[panics=dead odd=dead unknown=dead bad=dead good=done]")
		var reasons []string
		for _, s := range b.journal.ofCall("c:1") {
			reasons = append(reasons, s.Reason)
		}
		if got := fmt.Sprint(reasons); got != "[bug bug unknown-kind bad-arguments ]" {
			t.Errorf("reasons: %s", got)
		}
	})
}

func TestRulesThatPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Config{Rules: rules(func(workflow.Moment) []workflow.Plan { panic("oh") })})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		if len(b.journal.events) != 1 {
			t.Error("the event is lost")
		}
		b.SetRules(on("HELD", work("create")))
		b.accept(event("1", 2, "HELD"))
		b.want("1", "[create=dead]")
	})
}

// What is no event is kept like any message that cannot be read, and holds nothing up.
func TestMisfits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Config{Rules: on("NEVER")})
		defer b.end()
		bad := event("1", 2, "HELD")
		bad.Leg = ""
		b.accept(event("1", 1, "ALERTING"), bad, event("1", 3, "ACTIVE"))
		if err := b.Keep(t.Context(), platform.Message{Source: "finesse-xmpp"}, errors.New("not XML")); err != nil {
			t.Error(err)
		}
		if len(b.journal.events) != 2 || len(b.journal.kept) != 2 || b.journal.kept[0].Reason != "an event without a leg" {
			t.Errorf("%d events, kept %+v", len(b.journal.events), b.journal.kept)
		}
	})
}

func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Config{Rules: on("ALERTING", work("create"))})
		defer b.end()
		changes, stop := b.Watch()
		for i := range backlog + 10 {
			b.accept(event("1", i, "HELD"))
		}
		synctest.Wait()
		if s := b.Stats(); s.Missed != 10 {
			t.Errorf("%d changes missed, want 10", s.Missed)
		}
		for range backlog {
			if c := <-changes; len(c.Events) != 1 || len(c.Calls) != 1 || c.Missed != 0 {
				t.Fatalf("a change: %+v", c)
			}
		}
		b.accept(event("2", 1, "ALERTING"))
		if c := <-changes; c.Missed != 10 || len(c.Runs) != 1 || len(c.Steps) != 1 {
			t.Errorf("the change after: %+v", c)
		}
		stop()
		stop()
		for range changes { // it is closed
		}
	})
}

func TestOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		b := newBench(t, Config{
			Rules: on("ALERTING", work("create"), work("slow"), work("late")),
			Actions: map[string]Action{
				"create": does(func(_ context.Context, in Input) Outcome {
					seen.add("%s", in.Args)
					if strings.Contains(string(in.Args), "right") {
						return Did(nil)
					}
					return Kill("crm-refused", "a field is wrong")
				}),
				"slow": takes(&seen, time.Hour), "late": takes(&seen, 0),
			},
		})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		b.want("1", "[create=dead slow=pending late=pending]")
		steps := b.journal.ofCall("c:1")
		create, slow, late := steps[0].Ref(), steps[1].Ref(), steps[2].Ref()

		refused := func(err, want error) {
			t.Helper()
			if !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
		refused(b.Redrive(t.Context(), StepRef{Call: "c:1", Step: "nobody"}, nil), ErrNoStep)
		refused(b.Redrive(t.Context(), slow, nil), ErrRunning)
		refused(b.Redrive(t.Context(), create, json.RawMessage(`[1]`)), ErrBadOrder)
		refused(b.Cancel(t.Context(), create, "ann"), ErrFinal)

		refused(b.Cancel(t.Context(), late, "ann"), nil)
		refused(b.Cancel(t.Context(), slow, "ann"), nil) // which interrupts it
		b.want("1", "[create=dead slow=skipped late=skipped]")
		if s := b.journal.ofCall("c:1")[1]; s.Reason != "cancelled-by" || s.Detail != "ann" {
			t.Errorf("the cancelled step: %+v", s)
		}
		refused(b.Redrive(t.Context(), create, nil), nil)
		b.want("1", "[create=dead slow=skipped late=skipped]")
		refused(b.Redrive(t.Context(), create, json.RawMessage(`{"x":"right"}`)), nil)
		b.want("1", "[create=done slow=skipped late=skipped]")
		refused(b.Redrive(t.Context(), create, nil), ErrFinal)
		if got := seen.String(); got != `[null c:1 slow null {"x":"right"}]` {
			t.Errorf("performed %s", got)
		}
	})
}

// A cancelled step whose effect happened all the same is shown as done.
func TestCancelledTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Config{
			Rules:   on("ALERTING", work("create")),
			Actions: map[string]Action{"create": does(func(ctx context.Context, _ Input) Outcome { <-ctx.Done(); return Did(nil) })},
		})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		synctest.Wait()
		first := b.journal.ofCall("c:1")[0]
		if err := b.Cancel(t.Context(), first.Ref(), "ann"); err != nil {
			t.Fatal(err)
		}
		b.want("1", "[create=done]")
	})
}

// What was left for later stays so when a person edits the other arguments.
func TestEditKeepsWhatIsLater(t *testing.T) {
	s := &step{plan: workflow.Planned{
		Args:  map[string]any{"set": map[string]any{"Subject": "old"}},
		Later: map[string]string{"set/WhoId": "${pop.id}", "set/WhatId": "${record.Case.id}"}, Needs: []string{"pop", "record"},
	}}
	if err := s.edit(json.RawMessage(`{"set":{"Subject":"new","WhoId":"003"}}`)); err != nil {
		t.Fatal(err)
	}
	var stored workflow.Planned
	if err := json.Unmarshal(s.Plan, &stored); err != nil {
		t.Fatal(err)
	}
	if len(stored.Later) != 1 || stored.Later["set/WhatId"] == "" || stored.Args["set"].(map[string]any)["WhoId"] != "003" {
		t.Errorf("plan: %s", s.Plan)
	}
}

// Who lost a call to another node does not write it, and goes on with the others.
func TestFenced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		b := newBench(t, Config{
			Rules:   on("ALERTING", work("create")),
			Actions: map[string]Action{"create": takes(&seen, time.Second)},
		})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"), event("2", 1, "ALERTING"))
		b.journal.refuse(func(g *Group) error {
			for i := range g.Calls {
				if g.Calls[i].State.ID == call.ID("c:1") {
					return ErrFenced
				}
			}
			return nil
		})
		if err := b.Accept(t.Context(), events(event("1", 2, "HELD"))); !errors.Is(err, ErrFenced) {
			t.Errorf("Accept: %v", err)
		}
		time.Sleep(500*time.Millisecond + time.Second/4)
		b.want("1", "[create=pending]")
		time.Sleep(time.Second)
		b.want("2", "[create=done]")
	})
}
