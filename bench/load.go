package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"cordboard/sim/scenario"
)

// load is what the generator played.
type load struct {
	calls []playedCall
	late  []time.Duration // how long after its time each call began
	told  []telling       // where each event is timed
	// from and to are the measured time.
	from, to time.Time
	err      error
}

// play plays all calls, each at its own time, and returns when the last one has ended. measure is called when the
// measured time begins and when it ends.
func (w *world) play(ctx context.Context, measure func(begin bool) error) load {
	p := w.opts.pace(w.mix)
	l := load{calls: make([]playedCall, p.all), late: make([]time.Duration, p.all)}
	free := make([]sync.Mutex, w.opts.Agents) // an agent has one call at a time
	errs := make([]error, p.all)
	var calls sync.WaitGroup
	start := time.Now()
	l.from, l.to = start.Add(p.between*time.Duration(p.warm)), start.Add(p.between*time.Duration(p.all))
	calls.Go(func() {
		for _, m := range []struct {
			at    time.Time
			begin bool
		}{{l.from, true}, {l.to, false}} {
			if scenario.Pause(ctx, time.Until(m.at), 1) == nil {
				l.err = errors.Join(l.err, measure(m.begin))
			}
		}
	})
	for i := range p.all {
		due := start.Add(p.between * time.Duration(i))
		if scenario.Pause(ctx, time.Until(due), 1) != nil {
			break
		}
		calls.Go(func() {
			agent := i % w.opts.Agents
			free[agent].Lock()
			defer free[agent].Unlock()
			l.late[i] = time.Since(due)
			l.calls[i].plannedCall = w.plan(&p, i, due.Add(l.late[i]))
			l.calls[i].id, errs[i] = w.site.call(ctx, l.calls[i].plannedCall)
		})
	}
	calls.Wait()
	l.err = errors.Join(l.err, ctx.Err(), errors.Join(errs...))
	if l.err == nil {
		l.told, l.err = w.site.finish(ctx)
	}
	return l
}

// plan is the n-th call.
func (w *world) plan(p *pace, n int, begins time.Time) plannedCall {
	c := plannedCall{n: n, story: p.mix.of(n), agent: w.site.first() + n%w.opts.Agents, person: w.people[n%len(w.people)], begins: begins}
	c.pause = p.pause(c.story)
	c.vars = map[string]string{"LCMKey": fmt.Sprintf("57|3|%d", rand.N(1000)), "callVariable3": fmt.Sprint("contact ", n)}
	if w.opts.IDs {
		c.vars["SalesforceId"] = c.person.ID
	}
	return c
}
