package sqlite_test

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"cordboard/calling"
)

// A refusal forbids calls at once, and becomes a wish whose number those hear of who wait to call it.
func TestGate(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "journal.db"))
	g := calling.NewGate(calling.Shipped(), s, nil)
	var mu sync.Mutex
	var heard []string
	told := make(chan struct{}, 10)
	g.OnBarred(func(_ context.Context, numbers []string) {
		mu.Lock()
		heard = append(heard, numbers...)
		mu.Unlock()
		told <- struct{}{}
	})
	number, err := calling.ReadNumber("+12125550100", "")
	if err != nil {
		t.Fatal(err)
	}
	q := calling.Question{Number: number, Purpose: calling.Sales, Connection: "north", List: "l", Contact: "c", At: time.Date(2026, 11, 25, 17, 0, 0, 0, time.UTC)}
	ask := func(want calling.Reason) {
		t.Helper()
		if v, err := g.Ask(t.Context(), calling.Binding, q); err != nil || v.Reason != want {
			t.Fatalf("%+v, %v", v, err)
		}
	}
	ask("")
	refused := calling.Entry{Attempt: calling.Attempt{Kind: calling.Refused, At: q.At}, Key: "r", Number: number.E164, Call: "north:1"}
	if err := s.Record(t.Context(), []calling.Entry{refused}); err != nil {
		t.Fatal(err)
	}
	ask(calling.DoNotCall)
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error)
	go func() { ran <- g.Run(ctx) }()
	select {
	case <-told:
	case <-time.After(time.Minute):
		t.Fatal("nobody was told")
	}
	for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(10 * time.Millisecond) {
		if left, err := s.Refused(t.Context(), 1); err != nil || len(left) == 0 {
			break
		}
	}
	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	ask(calling.DoNotCall)
	if listed, err := s.Listed(t.Context(), "", 10); err != nil || len(listed) != 1 || listed[0].Who != "wrap-up" {
		t.Errorf("%+v, %v", listed, err)
	}
	if _, err := g.Wish(t.Context(), []calling.Wish{{Number: number.E164, What: calling.CallsAgain, At: time.Now(), Who: "lead"}}); err != nil {
		t.Fatal(err)
	}
	ask("")
	if fresh, err := g.Wish(t.Context(), []calling.Wish{{Number: number.E164, What: calling.NoCalls, At: time.Now(), Who: "ines"}}); err != nil || fresh != 1 {
		t.Errorf("%v, %v", fresh, err)
	}
	ask(calling.DoNotCall)
	if !slices.Contains(heard, number.E164) || len(heard) != 2 {
		t.Errorf("heard %v", heard)
	}
	kept, err := s.DecisionsOf(t.Context(), "", q.ContactKey(), 10)
	if err != nil || len(kept) != 5 || kept[0].Verdict.Reason != calling.DoNotCall || kept[4].Verdict.Version != g.Policy().Version() {
		t.Errorf("%+v, %v", kept, err)
	}
}

// Many who ask at the same time are answered and every decision is kept, in few transactions.
func TestGateTogether(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "journal.db"))
	g := calling.NewGate(calling.Shipped(), s, nil)
	number, err := calling.ReadNumber("+12125550100", "")
	if err != nil {
		t.Fatal(err)
	}
	const askers, each = 64, 10
	begun := time.Now()
	var all sync.WaitGroup
	for i := range askers {
		all.Go(func() {
			for j := range each {
				q := calling.Question{Number: number, Purpose: calling.Sales, At: time.Date(2026, 11, 25, 17, i, j, 0, time.UTC)}
				if v, err := g.Ask(t.Context(), calling.Binding, q); err != nil || !v.Allowed {
					t.Errorf("%+v, %v", v, err)
				}
			}
		})
	}
	all.Wait()
	t.Logf("%d decisions in %v", askers*each, time.Since(begun))
	kept, err := s.DecisionsOf(t.Context(), number.E164, "", 1000)
	seen := map[time.Time]bool{}
	for _, d := range kept {
		seen[d.At] = true
	}
	if err != nil || len(kept) != askers*each || len(seen) != len(kept) {
		t.Errorf("%d kept, %d different (%v)", len(kept), len(seen), err)
	}
}
