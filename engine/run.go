package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"
)

// maxGroup is about how many events one group takes in, and as many reports; what waits beyond it comes with the next.
const maxGroup = 1024

// fewReports is how many reports of the work lane a group takes in when there is little else: a batch of records ends
// many steps at once, and an event that comes meanwhile must not wait until all of them are stored.
const fewReports = 8

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

// loop makes one group after the other. While a group is being written the next one gathers: the disk sets the pace.
func (e *Engine) loop(ctx context.Context) error {
	durable := context.WithoutCancel(ctx) // a write under way is not torn by the end
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		batch, ok := e.gather(ctx, timer.C)
		if !ok {
			return nil
		}
		if err := e.turn(durable, batch); err != nil {
			return err
		}
		timer.Reset(e.pause())
	}
}

// turn settles a batch, looks for what has become due, and starts what may start.
func (e *Engine) turn(ctx context.Context, batch []*input) error {
	now := e.now().UTC()
	e.keepTenure(now)
	e.settler.core.rules = *e.rules.Load()
	if err := e.repay(ctx, now); err != nil {
		return err
	}
	if len(batch) > 0 {
		if err := e.settler.settle(ctx, batch, now); err != nil {
			return err
		}
	}
	if e.tenure.mayStart(now) {
		if err := e.settler.poll(ctx, now); err != nil {
			return err
		}
	}
	if now := e.now().UTC(); e.tenure.mayStart(now) {
		e.dispatch(now)
	}
	for _, in := range batch {
		switch {
		case !in.settled:
			e.debts = append(e.debts, in)
			e.repayAt = now.Add(time.Second)
		case in.answer != nil:
			in.answer <- in.err
		}
	}
	e.publish()
	return nil
}

// repay tries again to store the reports that the journal did not take. They go by themselves, so that a report that
// cannot be stored does not take new events with it.
func (e *Engine) repay(ctx context.Context, now time.Time) error {
	if len(e.debts) == 0 || now.Before(e.repayAt) {
		return nil
	}
	if err := e.settler.settle(ctx, e.debts, now); err != nil {
		return err
	}
	e.debts = slices.DeleteFunc(e.debts, func(in *input) bool { return in.settled })
	e.repayAt = now.Add(time.Second)
	return nil
}

// gather waits for something to do and takes the events and screens' reports that wait, and about as many reports of the
// work lane, more of them when they pile up. It is false when ctx has ended.
func (e *Engine) gather(ctx context.Context, timer <-chan time.Time) (batch []*input, ok bool) {
	if ctx.Err() != nil {
		return nil, false
	}
	weight := 0
	take := func(in *input) {
		batch = append(batch, in)
		weight += 1 + len(in.events)
	}
	select {
	case <-ctx.Done():
		return nil, false
	case <-timer:
	case <-e.tenure.wake():
		e.settler.core.pollBy(e.now())
	case in := <-e.queue:
		take(in)
	case n := <-e.screens:
		e.note(n, take)
	case n := <-e.reports:
		e.note(n, take)
	}
	for waiting := true; waiting && weight < maxGroup; {
		select {
		case in := <-e.queue:
			take(in)
		case n := <-e.screens:
			e.note(n, take)
		default:
			waiting = false
		}
	}
	for range max(fewReports, weight, len(e.reports)/16) {
		select {
		case n := <-e.reports:
			e.note(n, take)
		default:
			return batch, true
		}
	}
	return batch, true
}

// note hears what a worker tells, and hands a report on to take.
func (e *Engine) note(n note, take func(*input)) {
	id := n.run.step.ID
	if n.over == nil {
		e.settler.core.early(id, n.early, e.now().UTC())
		return
	}
	if cancel := e.cancels[id]; cancel != nil {
		cancel()
		delete(e.cancels, id)
	}
	take(&input{report: n.over})
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
	if len(e.debts) > 0 {
		pause = min(pause, e.repayAt.Sub(now))
	}
	return max(0, pause)
}

// drain waits for the running steps and returns the reports worth storing: what an interrupted action says about its
// failure is not, only what it did.
func (e *Engine) drain() []*input {
	last := e.debts
	keep := func(in *input) {
		if in.report.outcome.State == Done {
			last = append(last, in)
		}
	}
	for len(e.cancels) > 0 {
		select {
		case n := <-e.screens:
			e.note(n, keep)
		case n := <-e.reports:
			e.note(n, keep)
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
