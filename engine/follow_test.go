package engine

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// follow stores events and returns the wait for the last one.
func (b *bench) follow(events ...call.Event) *platform.Wait {
	b.Helper()
	waits := make([]*platform.Wait, len(events))
	waits[len(events)-1] = platform.NewWait()
	if err := b.Follow(b.Context(), events, waits); err != nil {
		b.Fatalf("Follow: %v", err)
	}
	return waits[len(events)-1]
}

// ended wants the wait to have ended like that; "" for not yet.
func (b *bench) ended(w *platform.Wait, want string) {
	b.Helper()
	synctest.Wait()
	got := ""
	select {
	case e := <-w.Over():
		got = fmt.Sprint(e)
	default:
	}
	if got != want {
		b.Errorf("ended with %q, want %q", got, want)
	}
}

// Whoever follows an event is told when the last of its steps is stored as final, and not of other events' steps.
func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(d time.Duration, out Outcome) Action {
			return does(func(ctx context.Context, in Input) Outcome {
				select {
				case <-time.After(d):
				case <-ctx.Done():
				}
				return out
			})
		}
		b := newBench(t, Config{
			Rules: on("ALERTING", screen("pop"), work("create"), work("update")),
			Actions: map[string]Action{
				"pop": slow(time.Second, Skip("no-desk", "")), "create": slow(time.Minute, Did(nil)), "update": slow(time.Minute, Kill("bug", "")),
			},
		})
		defer b.end()
		first := b.follow(event("9", 1, "ALERTING"), event("1", 1, "ALERTING"))
		idle := b.follow(event("1", 2, "ACTIVE"))
		b.ended(idle, "{0 0 0}")
		time.Sleep(90 * time.Second)
		b.ended(first, "")
		again := b.follow(event("1", 1, "ALERTING")) // it was not answered, so it is sent again
		b.ended(again, "")
		time.Sleep(time.Minute)
		b.ended(first, "{1 1 1}")
		b.ended(again, "{0 0 1}")
		b.ended(b.follow(event("1", 1, "ALERTING")), "{0 0 0}")
		if n := len(b.waiting.byStep); n != 0 {
			t.Errorf("%d steps are still waited for", n)
		}
	})
}

// A wait that was given up is forgotten, although its step goes on failing.
func TestFollowGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Config{
			Rules:   on("ALERTING", work("create")),
			Actions: map[string]Action{"create": does(func(context.Context, Input) Outcome { return Again("crm-busy", "down") })},
		})
		for i := range 3 * minPurge {
			w := b.follow(event(fmt.Sprint(i), 1, "ALERTING"))
			if i > 0 { // the first one is patient
				w.Leave()
			}
		}
		b.end()
		if n := len(b.waiting.byStep); n < 1 || n > minPurge {
			t.Errorf("%d steps are waited for", n)
		}
	})
}
