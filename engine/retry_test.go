package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/call"
)

// script is an action that answers with one outcome after the other, and then with Did.
func script(seen *log, outcomes ...Outcome) Action {
	return does(func(_ context.Context, in Input) Outcome {
		seen.add("%s", time.Since(synctestStart).Round(time.Second))
		if n := in.Step.Attempt; n < len(outcomes) {
			return outcomes[n]
		}
		return Did(nil)
	})
}

func TestPausesGrow(t *testing.T) {
	p := DefaultPolicy()
	for attempts, most := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 9: 256 * time.Second, 10: 5 * time.Minute, 1000: 5 * time.Minute} {
		if got := p.pause(attempts, 0.999999); got > most || got < most*9/10 {
			t.Errorf("the longest pause after %d attempts is %s, want %s", attempts, got, most)
		}
		if got := p.pause(attempts, 0); got != 0 {
			t.Errorf("the shortest pause after %d attempts is %s", attempts, got)
		}
	}
}

func TestRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		b := newBench(t, Config{
			Rules: on("ALERTING", work("create"), work("update")),
			Actions: map[string]Action{
				"create": script(&seen, Again("crm-busy", "row lock"), Again("crm-busy", "row lock"), Again("crm-busy", "row lock")),
				"update": script(&seen),
			},
		})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		b.want("1", "[create=retrying update=pending]")
		time.Sleep(10 * time.Second)
		b.want("1", "[create=done update=done]")
		s := b.journal.ofCall("c:1")[0]
		if s.Attempt != 4 || len(s.Tries) != 4 || s.Tries[0].Reason != "crm-busy" || s.Tries[3].State != Done || s.Reason != "" {
			t.Errorf("the step: %+v", s)
		}
	})
}

// A step that keeps failing is given up after a day, and then stands in nobody's way.
func TestPatienceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		b := newBench(t, Config{
			Rules: on("ALERTING", work("create"), work("update")),
			Actions: map[string]Action{
				"create": does(func(context.Context, Input) Outcome { return Again("crm-busy", "down") }),
				"update": script(&seen),
			},
		})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		time.Sleep(23 * time.Hour)
		b.want("1", "[create=retrying update=pending]")
		time.Sleep(2 * time.Hour)
		b.want("1", "[create=dead update=done]")
		s := b.journal.ofCall("c:1")[0]
		if s.Reason != "crm-busy" || !strings.HasPrefix(s.Detail, "gave up after") || len(s.Tries) != MaxTries || s.Attempt < 288 {
			t.Errorf("the step: %s, %q, %d attempts, %d tries", s.Reason, s.Detail, s.Attempt, len(s.Tries))
		}
	})
}

// Who says when to come back is not asked before, and that does not make its patience longer.
func TestRetriesNotBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		again := func(after time.Duration) Outcome {
			return Outcome{State: Retrying, Reason: "http-failed", Until: synctestStart.Add(after)}
		}
		b := newBench(t, Config{
			Rules:   on("ALERTING", work("create")),
			Actions: map[string]Action{"create": script(&seen, again(time.Hour), again(0), again(25*time.Hour), again(26*time.Hour))},
		})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		time.Sleep(48 * time.Hour)
		b.want("1", "[create=dead]")
		if got := seen.String(); !strings.HasPrefix(got, "[0s 1h0m0s 1h0m") || !strings.HasSuffix(got, " 25h0m0s]") {
			t.Errorf("attempts at %s", got)
		}
	})
}

// A limit is no failure: a parked step waits as long as it takes, and not a moment longer.
func TestParking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		until := synctestStart.Add(30 * 24 * time.Hour)
		b := newBench(t, Config{
			Rules:   on("ALERTING", work("create")),
			Actions: map[string]Action{"create": script(&seen, Park("parked-limit", "", time.Time{}), Park("parked-limit", "", until), Again("crm-busy", ""))},
		})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		b.want("1", "[create=parked]")
		time.Sleep(4 * time.Minute)
		synctest.Wait()
		if n := b.Stats().Hot; n != 0 {
			t.Errorf("%d calls in memory while the step waits", n)
		}
		time.Sleep(2 * time.Minute)
		b.want("1", "[create=parked]")
		time.Sleep(31 * 24 * time.Hour)
		b.want("1", "[create=done]")
		// 300 s are five minutes, 2592000 s thirty days.
		if got := seen.String(); !strings.HasPrefix(got, "[0s 5m0s 720h0m0s 720h0m") {
			t.Errorf("attempts at %s", got)
		}
	})
}

// What is due while the engine is down happens after the next start.
func TestTimersSurviveARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		b := newBench(t, Config{
			Rules:   on("ALERTING", work("create")),
			Actions: map[string]Action{"create": script(&seen, Park("parked-limit", "", synctestStart.Add(time.Hour)))},
		})
		b.accept(event("1", 1, "ALERTING"))
		synctest.Wait()
		b.end()
		time.Sleep(2 * time.Hour)
		b.begin()
		defer b.end()
		time.Sleep(time.Second)
		b.want("1", "[create=done]")
		if got := seen.String(); got != "[0s 2h0m0s]" {
			t.Errorf("attempts at %s", got)
		}
	})
}

// Memory does not grow with what waits, and everything that waits comes back on its time.
func TestManyWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const calls, hot = 2000, 50
		late := time.Duration(0)
		due := func(in Input) time.Time {
			return synctestStart.Add(time.Hour + time.Duration(in.Step.Call[len(in.Step.Call)-1])*time.Minute)
		}
		b := newBench(t, Config{
			Rules: on("ALERTING", work("create")),
			Hot:   hot,
			Actions: map[string]Action{"create": does(func(_ context.Context, in Input) Outcome {
				if in.Step.Attempt == 0 {
					return Park("parked-limit", "", due(in))
				}
				if time.Now().Before(due(in)) {
					return Kill("early", "")
				}
				late = max(late, time.Since(due(in)))
				return Did(nil)
			})},
			Limits: map[string]int{"create": 1},
		})
		defer b.end()
		for i := range calls {
			b.accept(event(fmt.Sprint(i), 1, "ALERTING"))
		}
		synctest.Wait()
		if n := b.Stats().Hot; n > 2*hot {
			t.Errorf("%d calls in memory, want at most %d", n, 2*hot)
		}
		time.Sleep(4 * time.Hour)
		synctest.Wait()
		if n := b.Stats().Attempts[Done]; n != calls {
			t.Errorf("%d of %d are done", n, calls)
		}
		if late > time.Second {
			t.Errorf("one was %s late", late)
		}
	})
}

// A step that waits in memory comes back when a group with its call could not be stored and nobody tries again.
func TestForgottenCallsComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		b := newBench(t, Config{
			Rules:   on("ALERTING", work("create")),
			Actions: map[string]Action{"create": script(&seen, Park("parked-limit", "", synctestStart.Add(15*time.Second)))},
		})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		b.journal.refuse(func(*Group) error { return errDisk })
		if err := b.Accept(t.Context(), events(event("1", 2, "HELD"))); !errors.Is(err, errDisk) {
			t.Errorf("Accept: %v", err)
		}
		b.journal.refuse(nil)
		time.Sleep(6 * time.Second)
		b.want("1", "[create=done]")
		if got := seen.String(); got != "[0s 15s]" {
			t.Errorf("attempts at %s", got)
		}
	})
}

func events(list ...call.Event) []call.Event { return list }

// Calls that go on stay in memory, because each of their events is to come; calls that are over make room soon.
func TestCallsThatGoOnStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const hot = 50
		b := newBench(t, Config{Hot: hot})
		defer b.end()
		for i := range 4 * hot {
			b.accept(event(fmt.Sprint(i), 1, "ALERTING"))
		}
		synctest.Wait()
		if n := b.Stats().Hot; n != 4*hot {
			t.Errorf("%d calls in memory, %d go on", n, 4*hot)
		}
		for i := range 4 * hot {
			end := event(fmt.Sprint(i), 2, "DROPPED")
			end.Phase = call.Ended
			b.accept(end)
		}
		synctest.Wait()
		if n := b.Stats().Hot; n != hot/5 {
			t.Errorf("%d calls in memory when all are over, want %d", n, hot/5)
		}
		for i := range 10 * hot {
			b.accept(event(fmt.Sprint("more", i), 1, "ALERTING"))
		}
		synctest.Wait()
		if n := b.Stats().Hot; n != 5*hot+hot/5 {
			t.Errorf("%d calls in memory, want %d that go on and %d that are over", n, 5*hot, hot/5)
		}
	})
}

// Under pressure, calls that wait leave memory too; the poll is set so that they are back on their time.
func TestEvictionUnderPressure(t *testing.T) {
	c := newCore()
	c.cap = 4
	now := synctestStart
	c.pollAt = now.Add(time.Hour)
	for i := range 20 {
		id := call.ID(fmt.Sprint(i))
		s := &step{Step: Step{ID: "s" + string(id), Call: id, Lane: WorkLane, Kind: "k", State: Retrying, Due: now.Add(time.Duration(10+i) * time.Second)}}
		c.put(&hot{call: Call{State: call.State{ID: id}}, steps: []*step{s}})
		c.schedule(id, now)
		c.evict(now)
	}
	if len(c.hot) != 8 || c.pollAt != now.Add(18*time.Second) {
		t.Errorf("%d calls in memory, the next poll in %s; want 8, and 18s for the first that is not in memory", len(c.hot), c.pollAt.Sub(now))
	}
	if len(c.spot) != len(c.hot) || c.waiting.Len() != len(c.hot) {
		t.Errorf("%d calls, %d in the list, %d places", len(c.hot), c.waiting.Len(), len(c.spot))
	}
}

// While a CRM hangs, what waits for it waits in the journal.
func TestOverload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const calls, hot = 1000, 40
		hang := make(chan struct{})
		b := newBench(t, Config{
			Rules:   on("ALERTING", work("create")),
			Hot:     hot,
			Limits:  map[string]int{"create": 2},
			Actions: map[string]Action{"create": does(func(context.Context, Input) Outcome { <-hang; return Did(nil) })},
		})
		defer b.end()
		for i := range calls {
			b.accept(event(fmt.Sprint(i), 1, "ALERTING"))
		}
		synctest.Wait()
		if s := b.Stats(); s.Hot > 3*hot || s.Ready > hot || s.Running["create"] != 2 {
			t.Errorf("%d calls in memory, %d ready, %d running", s.Hot, s.Ready, s.Running["create"])
		}
		time.Sleep(time.Hour)
		close(hang)
		time.Sleep(time.Second)
		synctest.Wait()
		if n := b.Stats().Attempts[Done]; n != calls {
			t.Errorf("%d of %d are done", n, calls)
		}
	})
}
