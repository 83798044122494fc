package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// pool performs steps on goroutines that stay for a while, because the next step comes soon. How many there are is
// bounded by who calls run: the core starts no more steps than the limits of their kinds allow.
type pool struct {
	ctx  context.Context
	do   func(job)
	jobs chan job
	wg   sync.WaitGroup
}

// job is a step to perform, with the context that a cancellation ends.
type job struct {
	start
	ctx context.Context
	run *running
}

// idle is how long a goroutine of the pool waits for its next step.
const idle = 10 * time.Second

func newPool(ctx context.Context, do func(job)) *pool {
	return &pool{ctx: ctx, do: do, jobs: make(chan job)}
}

func (p *pool) run(j job) {
	select {
	case p.jobs <- j:
	default:
		p.wg.Go(func() { p.worker(j) })
	}
}

func (p *pool) worker(j job) {
	p.do(j)
	timeout := time.NewTimer(idle)
	defer timeout.Stop()
	for {
		select {
		case j := <-p.jobs:
			p.do(j)
			timeout.Reset(idle)
		case <-timeout.C:
			return
		case <-p.ctx.Done():
			return
		}
	}
}

// note is what a worker tells Run: an early result, or how a step ended.
type note struct {
	run   *running
	early json.RawMessage
	over  *report
}

// perform performs one step and reports.
func (e *Engine) perform(j job) {
	began := e.now().UTC()
	out := e.act(j)
	e.told(j.step) <- note{run: j.run, over: &report{run: j.run, outcome: out, at: began, took: e.now().Sub(began)}}
}

// told is where what a step's worker tells goes. The screen has a way of its own: the next step for an agent's screen
// waits for the one before it, and must not wait for a batch of records, too.
func (e *Engine) told(s *step) chan note {
	if s.Lane == ScreenLane {
		return e.screens
	}
	return e.reports
}

// act does what the step says. A panic costs the step, not the process.
func (e *Engine) act(j job) (out Outcome) {
	s := j.step
	defer func() {
		if p := recover(); p != nil {
			e.log.Error("an action panicked", "kind", s.Kind, "step", s.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			out = Kill("bug", "the action panicked; the log says where")
		}
	}()
	action := e.actions[s.Kind]
	if action == nil {
		return Kill("unknown-kind", fmt.Sprintf("there is no action of the kind %q", s.Kind))
	}
	args, err := e.resolve(s.plan, j.results)
	if err != nil {
		return Kill("bad-arguments", err.Error())
	}
	return action.Do(j.ctx, Input{Step: s.Step, Key: s.Key, Args: args, Results: j.results, Known: j.known, Early: func(result json.RawMessage) {
		select {
		case e.told(s) <- note{run: j.run, early: result}:
		case <-e.stopped:
		}
	}})
}
