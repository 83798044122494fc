package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"
)

// Run takes in, decides, stores and performs until ctx ends (it returns nil) or the journal is broken (it returns that
// error at once, and nothing is acknowledged any more). It is called once. Steps that are interrupted by the end stay
// pending and are performed again after the next start.
func (e *Engine) Run(ctx context.Context) error {
	actions, stop := context.WithCancel(ctx)
	e.pool = newPool(actions, e.perform)
	e.pool.wg.Go(func() { e.guard(actions) })
	err := e.loop(ctx)
	stop()
	last := e.drain()
	if err == nil {
		err = e.last(ctx, last)
	}
	e.pool.wg.Wait()
	e.why = ErrStopped
	if err != nil {
		e.why = fmt.Errorf("%w: %w", ErrStopped, err)
	}
	close(e.stopped)
	return err
}

// loop makes one group after the other. While a group is being stored the next is planned: the disk sets the pace.
func (e *Engine) loop(ctx context.Context) error {
	durable := context.WithoutCancel(ctx) // a write under way is not torn by the end
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		got, ok := e.gather(ctx, timer.C)
		if !ok {
			return e.finish(durable)
		}
		if err := e.turn(durable, got); err != nil {
			if e.storing { // whoever starts a goroutine waits for it
				<-e.stored
			}
			return err
		}
		timer.Reset(e.pause())
	}
}

// turn books a group that has landed and starts what that allows, plans what was gathered, looks for what has become due,
// lets the next group depart, and starts what may start besides.
func (e *Engine) turn(ctx context.Context, got gathered) error {
	now := e.now().UTC()
	e.keepTenure(now)
	if got.landed {
		e.storing = false
		if err := e.settler.land(ctx, got.err, now); err != nil {
			return err
		}
		e.proceed(now)
		e.linger(&got)
		now = e.now().UTC()
	}
	e.settler.core.rules = *e.rules.Load() // as they are when everything that is planned has come
	if err := e.repay(ctx, now); err != nil {
		return err
	}
	if err := e.settler.take(ctx, got.inputs, now); err != nil {
		return err
	}
	if e.tenure.mayStart(now) {
		if err := e.settler.poll(ctx, now); err != nil {
			return err
		}
	}
	e.depart(ctx, now)
	e.proceed(now)
	e.publish()
	return nil
}

// proceed starts what may start, and tells everybody whose fate is known.
func (e *Engine) proceed(now time.Time) {
	if now := e.now().UTC(); e.tenure.mayStart(now) {
		e.dispatch(now)
	}
	e.answer(now)
}

// depart begins to store what was planned, unless something is being stored.
func (e *Engine) depart(ctx context.Context, now time.Time) {
	if e.storing {
		return
	}
	e.intake = intake{}
	g := e.settler.depart(now)
	if g == nil {
		return
	}
	e.storing = true
	go func() { e.stored <- e.settler.journal.Commit(ctx, *g) }() // gather or finish waits for it
}

// answer tells everybody whose fate is known. Reports that could not be stored are passed again later.
func (e *Engine) answer(now time.Time) {
	for _, in := range e.settler.told() {
		switch {
		case !in.settled:
			e.debts = append(e.debts, in)
			e.repayAt = now.Add(time.Second)
		case in.answer != nil:
			in.answer <- in.err
		}
	}
}

// finish stores what was taken in, when ctx has ended.
func (e *Engine) finish(ctx context.Context) error {
	now := e.now().UTC()
	if e.storing {
		e.storing = false
		if err := e.settler.land(ctx, <-e.stored, now); err != nil {
			return err
		}
	}
	rest := e.settler.rest(now)
	if len(rest) > 0 {
		if err := e.settler.settle(ctx, rest, now); err != nil {
			return err
		}
		e.settler.flights.over = append(e.settler.flights.over, rest...)
	}
	e.answer(now)
	return nil
}

// repay tries again to store the reports that the journal did not take. They go by themselves, so that a report that
// cannot be stored does not take new events with it.
func (e *Engine) repay(ctx context.Context, now time.Time) error {
	if len(e.debts) == 0 || e.storing || now.Before(e.repayAt) {
		return nil
	}
	if err := e.settler.alone(ctx, e.debts, now); err != nil {
		return err
	}
	e.debts = slices.DeleteFunc(e.debts, func(in *input) bool { return in.settled })
	e.repayAt = now.Add(time.Second)
	return nil
}

// dispatch starts what may start.
func (e *Engine) dispatch(now time.Time) {
	for _, s := range e.settler.core.start(now) {
		ctx, cancel := context.WithCancel(e.tenure.performing(e.pool.ctx))
		e.cancels[s.step.ID] = cancel
		e.pool.run(job{start: s, ctx: stepContext{ctx, &e.tenure}, run: e.settler.core.running[s.step.ID]})
	}
}

// pause is how long nothing has to be done unless something comes in.
func (e *Engine) pause() time.Duration {
	now := e.now()
	pause := e.tenure.pause(now)
	if !e.tenure.mayStart(now) {
		return pause
	}
	if wake := e.settler.core.wake(); !wake.IsZero() {
		pause = min(pause, wake.Sub(now))
	}
	if len(e.debts) > 0 && !e.storing {
		pause = min(pause, e.repayAt.Sub(now))
	}
	return max(0, pause)
}

// drain waits for the running steps and returns the reports worth storing: what an interrupted action says about its
// failure is not, only what it did.
func (e *Engine) drain() []*input {
	last := e.debts
	for len(e.cancels) > 0 {
		var in *input
		select {
		case n := <-e.screens:
			in = e.note(n)
		case n := <-e.reports:
			in = e.note(n)
		}
		if in != nil && in.report.outcome.State == Done {
			last = append(last, in)
		}
	}
	return last
}

// last stores the last reports and turns away who still waits.
func (e *Engine) last(ctx context.Context, reports []*input) error {
	if len(reports) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return e.settler.settle(ctx, reports, e.now().UTC())
}

// tell is told of every group that was stored.
func (e *Engine) tell(d *draft) {
	for _, id := range d.cancelled {
		if cancel := e.cancels[id]; cancel != nil {
			cancel()
		}
	}
	e.count(d)
	e.waiting.book(d)
	if !d.group.Empty() {
		e.feed.tell(&d.group)
	}
}

func (e *Engine) panicked(p any) {
	e.log.Error("a rule panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
}

// trouble is told of failures that are tried again.
func (e *Engine) trouble(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if errors.Is(err, ErrStale) {
		e.stats.Stale++
		return
	}
	if errors.Is(err, ErrFenced) {
		e.stats.Fenced++
	} else {
		e.stats.Failed++
	}
	if more, ok := e.quiet.ask(e.now()); ok {
		e.log.Warn("the journal did not take a group", "error", err, "more", more)
	}
}

// quiet lets one line through a second.
type quiet struct {
	last time.Time
	more int
}

func (q *quiet) ask(now time.Time) (more int, ok bool) {
	if now.Sub(q.last) < time.Second {
		q.more++
		return 0, false
	}
	more, q.more, q.last = q.more, 0, now
	return more, true
}
