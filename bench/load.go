package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	simfinesse "cordboard/sim/finesse"
	simsalesforce "cordboard/sim/salesforce"
	"cordboard/sim/scenario"
)

// behind is how late a call may begin before the rate is no longer the one that was asked for.
const behind = 100 * time.Millisecond

// longest is the longest pause between two moments of a call.
const longest = 5 * time.Second

// playedCall is one call as the site played it.
type playedCall struct {
	id     string
	agent  string
	person simsalesforce.Person
}

// load is what the generator played.
type load struct {
	calls []playedCall
	late  []time.Duration
	// from and to are the measured time.
	from, to time.Time
	err      error
}

// script is a plain predictive call. Calls begin every between; its moments fall between those of the calls that began
// before, so that the whole load has one event every fifth of that pause.
func (o Options) script() scenario.Script {
	between := o.between()
	hold := between * time.Duration(o.Agents) // until its agent gets the next call
	pause := min(hold/(eventsPerCall+1), longest).Truncate(between) + between/eventsPerCall
	step := func(actor, verb string, args map[string]string) scenario.Step {
		return scenario.Step{After: pause, Actor: actor, Verb: verb, Args: args}
	}
	steps := []scenario.Step{
		step("0", scenario.Offer, map[string]string{"mode": "predictive"}),
		step("0", scenario.Ring, nil),
		step("0", scenario.Answer, nil),
		step(scenario.Customer, scenario.Hangup, nil),
		step("0", scenario.WrapupDone, map[string]string{"reason": "Sale"}),
	}
	steps[0].After = 0
	return scenario.Script{Name: "bench", Description: "A plain predictive call at an even pace.", Steps: steps}
}

// play plays all calls, each at its own time, and returns when the last one has ended. measure is called when the
// measured time begins and when it ends.
func (w *world) play(ctx context.Context, measure func(begin bool) error) load {
	all, warm := w.opts.calls()
	script, between := w.opts.script(), w.opts.between()
	l := load{calls: make([]playedCall, all), late: make([]time.Duration, all)}
	free := make([]sync.Mutex, len(w.agents)) // an agent has one call at a time
	errs := make([]error, all)
	var calls sync.WaitGroup
	start := time.Now()
	l.from, l.to = start.Add(between*time.Duration(warm)), start.Add(between*time.Duration(all))
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
	for i := range all {
		due := start.Add(between * time.Duration(i))
		if scenario.Pause(ctx, time.Until(due), 1) != nil {
			break
		}
		calls.Go(func() {
			agent := i % len(w.agents)
			free[agent].Lock()
			defer free[agent].Unlock()
			l.late[i] = time.Since(due)
			l.calls[i], errs[i] = w.call(ctx, script, w.agents[agent], w.people[i%len(w.people)], i)
		})
	}
	calls.Wait()
	l.err = errors.Join(l.err, ctx.Err(), errors.Join(errs...))
	return l
}

func (w *world) call(ctx context.Context, s scenario.Script, agent string, p simsalesforce.Person, n int) (playedCall, error) {
	vars := map[string]string{"LCMKey": fmt.Sprintf("57|3|%d", rand.N(1000)), "callVariable3": fmt.Sprint("contact ", n)}
	if w.opts.IDs {
		vars["SalesforceId"] = p.ID
	}
	ids, err := w.site.Play(ctx, s, simfinesse.Call{
		Agents: []string{agent}, Customer: p.Number, Campaign: "Spring renewals", Scale: 1, Vars: vars,
	})
	return playedCall{ids.Main, agent, p}, err
}
