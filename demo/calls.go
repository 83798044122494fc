package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	simsalesforce "cordboard/sim/salesforce"
	"cordboard/sim/scenario"
)

// Played is one call as its simulated site played it.
type Played struct {
	Script string
	Agents []string
	Person simsalesforce.Person
	Refs   []string // the platform's ids of it

	site *site
}

// play plays one call of a script between agents and a person of the org.
func (s *site) call(ctx context.Context, script scenario.Script, c role) (Played, error) {
	p := Played{Script: script.Name, Agents: c.agents, Person: c.person, site: s}
	var err error
	p.Refs, err = s.play(ctx, script, c)
	p.Refs = slices.DeleteFunc(p.Refs, func(ref string) bool { return ref == "" })
	if err != nil {
		return p, fmt.Errorf("demo: %s: script %s: %w", s.name, script.Name, err)
	}
	return p, nil
}

// Live keeps the agents of every site busy with calls of every kind until ctx ends. pace is how much slower than the
// scripts' own pauses calls are played.
func (w *World) Live(ctx context.Context, pace float64) error {
	var sites sync.WaitGroup
	defer sites.Wait()
	for _, s := range w.sites {
		sites.Go(func() { w.live(ctx, s, pace) })
	}
	return nil
}

func (w *World) live(ctx context.Context, s *site, pace float64) {
	free := make(chan string, len(s.agents))
	var calls sync.WaitGroup
	defer calls.Wait()
	for _, a := range s.agents {
		if a == w.opts.Visitor {
			calls.Go(func() { w.entertain(ctx, s, pace) })
		} else {
			free <- a
		}
	}
	pause := 1500 * time.Millisecond * time.Duration(len(w.sites))
	for n := 0; ; n++ {
		script := s.scripts[n%len(s.scripts)]
		agents, ok := take(ctx, free, actors(script))
		if !ok {
			return
		}
		calls.Go(func() {
			w.try(ctx, s, script, role{agents, w.somebody(), pace})
			for _, a := range agents {
				free <- a
			}
		})
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(float64(pause) * (0.5 + rand.Float64()))):
		}
	}
}

// entertain gives the visitor one call after another, of the kinds that pop a record.
func (w *World) entertain(ctx context.Context, s *site, pace float64) {
	kinds := slices.DeleteFunc(slices.Clone(s.scripts), func(script scenario.Script) bool {
		return actors(script) > 1 || s.expect[script.Name].records[0] == 0
	})
	for n := 0; ctx.Err() == nil; n++ {
		w.try(ctx, s, kinds[n%len(kinds)], role{[]string{w.opts.Visitor}, w.somebody(), pace})
		select {
		case <-ctx.Done():
		case <-time.After(2 * time.Second):
		}
	}
}

// try plays a call. One that cannot be played (an agent signed out, say) is the site's business; the next one goes on.
func (w *World) try(ctx context.Context, s *site, script scenario.Script, c role) {
	if _, err := s.call(ctx, script, c); err != nil && ctx.Err() == nil {
		w.opts.Log.Warn("demo call", "error", err)
	}
}

func (w *World) somebody() simsalesforce.Person { return w.People[rand.N(len(w.People))] }

// take waits for n free agents; false means that ctx ended.
func take(ctx context.Context, free <-chan string, n int) ([]string, bool) {
	agents := make([]string, 0, n)
	for range n {
		select {
		case a := <-free:
			agents = append(agents, a)
		case <-ctx.Done():
			return nil, false
		}
	}
	return agents, true
}
