package journaltest

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"cordboard/engine"
)

// Growth fills a journal and looks on the way what an event costs: at 10,000 events, and at every ten times as many, as
// many as the variable CORDBOARD_GROWTH says; without it the test is skipped. The cost at the end may be a fifth more than
// at the beginning. The platform's ids come in no order, which is the worst case for an index. cpu is the processor
// time that the journal has taken so far; wall time is told, too, but other work on the machine is in it.
//
// The first events are committed. Committing all would take hours: template is called once when the first are there, and
// returns what stores them again so many times, beside the journal: earlier calls with ids of their own that come in no order.
func Growth(t *testing.T, j engine.Journal, cpu func() time.Duration, template func() (copies func(times int))) {
	most, err := strconv.Atoi(cmp.Or(os.Getenv("CORDBOARD_GROWTH"), "0"))
	if err != nil {
		t.Fatalf("CORDBOARD_GROWTH: %v", err)
	}
	if most == 0 {
		t.Skip("CORDBOARD_GROWTH says how many events to store; 10000000 takes half an hour and 25 GB")
	}
	g := &growth{T: t, j: j, cpu: cpu}
	g.fill()
	filled, copies := g.stored, template()
	costs := []cost{g.measure()}
	for size := 10 * first; size <= most; size *= 10 {
		began, times := time.Now(), (size-g.stored)/filled
		copies(times)
		g.stored += times * filled
		g.Logf("%d events copied in %v", times*filled, time.Since(began).Round(time.Second))
		costs = append(costs, g.measure())
	}
	if len(costs) < 2 {
		t.Fatal("too few events to compare anything")
	}
	begin, end := costs[0].cpu, costs[len(costs)-1].cpu
	if float64(end) > 1.2*float64(begin) {
		t.Errorf("an event costs %v of processor time at the end and %v at the beginning", end, begin)
	}
}

type growth struct {
	*testing.T
	j      engine.Journal
	cpu    func() time.Duration
	stored int
	feeds  int
}

// feed begins a feed of calls that nobody has seen before. Its numbers overlap with no other's.
func (g *growth) feed(parallel int) *Feed {
	g.feeds++
	f := NewFeed(parallel, g.feeds*100_000_000)
	f.Scattered = true
	return f
}

// first is how many events are there when it is measured first.
const first = 10_000

// fill stores the first events in large groups. Their messages are gone, as after a week.
func (g *growth) fill() {
	const group = 2048
	f := g.feed(group)
	for ; g.stored < first || f.next != 0 || f.turn[0] != 0; g.stored += group {
		batch := f.Group(group)
		for i := range batch.Events {
			batch.Events[i].Raw = nil
		}
		g.commit(batch)
	}
	g.commit(engine.Group{Steps: f.Pending})
}

func (g *growth) commit(batch engine.Group) {
	g.Helper()
	if err := g.j.Commit(g.Context(), batch); err != nil {
		g.Fatal(err)
	}
}

// cost is what an event costs.
type cost struct{ cpu, wall time.Duration }

// measure takes the medians of a few rounds.
func (g *growth) measure() cost {
	const rounds, events, group = 11, 2048, 64
	f := g.feed(group)
	var cpus, walls, commits []time.Duration
	for round := range rounds + 1 {
		var batches []engine.Group
		for range events / group {
			batches = append(batches, f.Group(group))
		}
		cpu, began := g.cpu(), time.Now()
		for _, batch := range batches {
			from := time.Now()
			if _, err := g.j.Known(g.Context(), engine.Ask{Refs: slices.Collect(maps.Keys(batch.Refs))}); err != nil {
				g.Fatal(err)
			}
			g.commit(batch)
			commits = append(commits, time.Since(from))
		}
		g.stored += events
		if round > 0 { // the first one warms up
			cpus, walls = append(cpus, (g.cpu()-cpu)/events), append(walls, time.Since(began)/events)
		}
	}
	g.commit(engine.Group{Steps: f.Pending})
	c := cost{median(cpus), median(walls)}
	slices.Sort(commits)
	g.Logf("with %9d events: %v of processor time an event, %v in all (medians of %d rounds of %d events in groups of %d); a group took %v at p50, %v at p99; %s",
		g.stored, c.cpu, c.wall, rounds, events, group, commits[len(commits)/2], commits[len(commits)*99/100], g.reading())
	return c
}

// reading says how long pages wait for what they show.
func (g *growth) reading() string {
	r, ok := g.j.(engine.Reader)
	if !ok {
		return ""
	}
	list := g.took(func() error { _, err := r.Calls(g.Context(), engine.Filter{Limit: 50}); return err })
	search := g.took(func() error { _, err := r.Calls(g.Context(), engine.Filter{Text: "5550123", Limit: 50}); return err })
	counts := g.took(func() error { _, err := r.Counts(g.Context()); return err })
	return fmt.Sprintf("a list took %v, a search %v, the totals %v", list, search, counts)
}

func (g *growth) took(do func() error) time.Duration {
	var all []time.Duration
	for range 5 {
		began := time.Now()
		if err := do(); err != nil {
			g.Fatal(err)
		}
		all = append(all, time.Since(began))
	}
	return median(all)
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
