package sqlite_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"cordboard/engine"
	"cordboard/engine/journaltest"
	"cordboard/store/sqlite"
)

// BenchmarkCommit is the whole way of an event through the journal: is its call known if it is a new one, then the event, its call's
// new state and a step in one group, and the step's completion in a later one. Each call has four events, two of which start
// a run of one step; a raw message has 1.2 KB. Checkpoints run beside it. ns/op is the time of one event.
func BenchmarkCommit(b *testing.B) {
	for _, group := range []int{1, 16, 64, 256} {
		b.Run(fmt.Sprint("group=", group), func(b *testing.B) { benchmarkCommit(b, group) })
	}
}

func benchmarkCommit(b *testing.B, group int) {
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "journal.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx) }()
	f := journaltest.NewFeed(max(group, 64), 0)
	var took []time.Duration
	b.ResetTimer()
	for done := 0; done < b.N; done += group {
		g := f.Group(min(group, b.N-done))
		start := time.Now()
		if _, err := s.Known(ctx, engine.Ask{Refs: slices.Collect(maps.Keys(g.Refs))}); err != nil {
			b.Fatal(err)
		}
		if err := s.Commit(ctx, g); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
	stop()
	if err := <-ran; err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkBesidePosting is what everybody else notices of it: how much later than it wanted to a goroutine runs while 2,048 events
// are posted, on average and at worst. Run it with -cpu 1.
func BenchmarkBesidePosting(b *testing.B) {
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "journal.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	f := journaltest.NewFeed(2048, 0)
	var late, most time.Duration
	naps := 0
	for b.Loop() {
		for range 8 {
			if err := s.Commit(b.Context(), f.Group(256)); err != nil {
				b.Fatal(err)
			}
		}
		posted := make(chan error, 1)
		go func() {
			_, err := s.Counts(b.Context()) // whoever reads the tables posts first
			posted <- err
		}()
		var worst time.Duration
		for over := false; !over; {
			const nap = time.Millisecond
			begin := time.Now()
			select {
			case err := <-posted:
				if err != nil {
					b.Fatal(err)
				}
				over = true
			case <-time.After(nap):
				naps++
				late, worst = late+time.Since(begin)-nap, max(worst, time.Since(begin)-nap)
			}
		}
		most += worst
	}
	b.ReportMetric(float64(late.Microseconds())/1000/float64(max(1, naps)), "late-ms")
	b.ReportMetric(float64(most.Microseconds())/1000/float64(b.N), "latest-ms")
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}
