package engine

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
)

// While a group is being stored the next one is planned, but for the calls that are being stored: their events come after
// it, in order, and nobody is told anything before the disk says so.
func TestNextGroupIsPlannedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Config{Rules: on("NEVER")})
		defer b.end()
		disk, groups := make(chan struct{}), make(chan []string, 10)
		b.journal.refuse(func(g *Group) error {
			var ids []string
			for i := range g.Events {
				ids = append(ids, fmt.Sprint(g.Events[i].Call, "/", g.Events[i].ID))
			}
			groups <- ids
			<-disk
			return nil
		})
		answers := make(chan error, 10)
		for _, ev := range []struct {
			ref string
			n   int
		}{{"1", 1}, {"1", 2}, {"2", 1}, {"1", 3}} {
			go func() { answers <- b.Accept(t.Context(), events(event(ev.ref, ev.n, "ALERTING"))) }()
			synctest.Wait()
		}
		if n := len(answers); n > 0 {
			t.Fatalf("%d were told before anything was stored", n)
		}
		disk <- struct{}{}
		synctest.Wait()
		if n := len(answers); n != 1 {
			t.Fatalf("%d were told when one was stored", n)
		}
		disk <- struct{}{}
		synctest.Wait()
		if n := len(answers); n != 4 {
			t.Fatalf("%d of 4 were told", n)
		}
		first, second := <-groups, <-groups
		if len(first) != 1 || len(second) != 3 || len(groups) > 0 {
			t.Errorf("stored %v, then %v, then %d more", first, second, len(groups))
		}
		var of1 []string
		for _, id := range second {
			if id[:3] == "c:1" {
				of1 = append(of1, id)
			}
		}
		if !slices.IsSorted(of1) {
			t.Errorf("out of order: %v", of1)
		}
	})
}
