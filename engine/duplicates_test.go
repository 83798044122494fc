package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/call"
)

// TestDuplicates tells every event of many calls one to five times: at once, among later ones, after a restart and a day
// later, when its call has long left memory. Nothing comes of it. CORDBOARD_CALLS says how many calls, CORDBOARD_SEED
// repeats a run's choices.
func TestDuplicates(t *testing.T) {
	seed := number(t, "CORDBOARD_SEED", uint64(time.Now().UnixNano()))
	synctest.Test(t, func(t *testing.T) {
		journal := newMemory()
		if doubled := tellTwice(t, seed, journal, journal); doubled > 0 {
			t.Errorf("%d things happened more than once", doubled)
		}
	})
}

// TestDuplicatesAreNoticed takes the dedupe away: then things must happen twice, or TestDuplicates proves nothing.
func TestDuplicatesAreNoticed(t *testing.T) {
	seed := number(t, "CORDBOARD_SEED", uint64(time.Now().UnixNano()))
	synctest.Test(t, func(t *testing.T) {
		journal := newMemory()
		if tellTwice(t, seed, journal, forgetful{journal}) == 0 {
			t.Error("nothing happened twice")
		}
	})
}

// forgetful is a journal that does not know which events it has.
type forgetful struct{ *memory }

func (f forgetful) Known(ctx context.Context, ask Ask) (Known, error) {
	k, err := f.memory.Known(ctx, ask)
	for id, w := range k.Calls {
		w.Events = nil
		k.Calls[id] = w
	}
	return k, err
}

func (f forgetful) Commit(_ context.Context, g Group) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.store(&g)
	return nil
}

// tellTwice returns how many events are stored, and steps were performed, more than once.
func tellTwice(t *testing.T, seed uint64, journal *memory, seen Journal) (doubled int) {
	calls := int(number(t, "CORDBOARD_CALLS", 300))
	rng := rand.New(rand.NewPCG(seed, 6))
	var mu sync.Mutex
	performed := map[string]int{} // by key
	count := does(func(_ context.Context, in Input) Outcome {
		mu.Lock()
		defer mu.Unlock()
		performed[in.Step.Kind+" "+in.Step.Key]++
		return Did(nil)
	})
	b := &bench{T: t, journal: journal, cfg: Config{
		Journal: seen, Resolve: plain, Hot: 20, Actions: map[string]Action{"pop": count, "create": count, "update": count},
		Rules: on("ALERTING", screen("pop")).and(on("ACTIVE", work("create"))).and(on("DROPPED", work("update"))),
	}}
	b.begin()
	defer func() { b.end() }()
	var tomorrow, afterRestart []call.Event
	again := 0
	for i := range calls {
		var soon []call.Event
		for n, name := range []string{"ALERTING", "ACTIVE", "DROPPED"} {
			ev := event(fmt.Sprint(i), n, name)
			b.accept(append(soon, ev)...)
			soon = nil
			for range rng.IntN(5) {
				again++
				switch rng.IntN(4) {
				case 0:
					b.accept(ev)
				case 1:
					soon = append(soon, ev)
				case 2:
					afterRestart = append(afterRestart, ev)
				default:
					tomorrow = append(tomorrow, ev)
				}
			}
		}
		if len(soon) > 0 {
			b.accept(soon...)
		}
		if rng.IntN(50) == 0 {
			synctest.Wait() // what was performed is stored: a step that a stop interrupts is performed again, with its key
			b.end()
			b.begin()
			b.accept(afterRestart...)
			afterRestart = nil
		}
	}
	b.accept(afterRestart...)
	time.Sleep(24 * time.Hour)
	b.accept(tomorrow...)
	synctest.Wait()
	stored := map[string]int{}
	for i := range journal.events {
		stored[journal.events[i].Key()]++
	}
	for _, counted := range []map[string]int{stored, performed} {
		for _, n := range counted {
			doubled += min(1, n-1)
		}
	}
	t.Logf("CORDBOARD_SEED=%d: %d events of %d calls, %d told again; %d twice", seed, len(stored), calls, again, doubled)
	if len(stored) != 3*calls || len(performed) != 3*calls {
		t.Errorf("%d events and %d effects of %d calls", len(stored), len(performed), calls)
	}
	return doubled
}
