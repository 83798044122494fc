package engine

import (
	"context"
	"runtime"
	"time"
)

// maxGroup is about how many events one group takes in, and as many reports; what waits beyond it comes with the next.
const maxGroup = 1024

// fewReports is how many reports of the work lane a group takes in when there is little else: a batch of records ends
// many steps at once, and an event that comes meanwhile must not wait until all of them are stored.
const fewReports = 8

// chunk is how many inputs are worth planning while a group is being stored: reading the journal has its price, too.
const chunk = 32

// intake is how much the group that gathers has taken in.
type intake struct {
	weight int // events, and reports of screens
	work   int // reports of the work lane
}

// gathered is what there is to do.
type gathered struct {
	inputs []*input
	landed bool  // the group that was being stored is, or,
	err    error // this being set, is not
}

// gather waits for something to do and takes in what waits. While a group is being stored, it waits for a few inputs. It is
// false when ctx has ended.
func (e *Engine) gather(ctx context.Context, timer <-chan time.Time) (got gathered, ok bool) {
	if ctx.Err() != nil {
		return got, false
	}
	for {
		wait := e.storing
		queue, screens, reports := e.doors()
		select {
		case <-ctx.Done():
			return got, len(got.inputs) > 0
		case <-timer:
			wait = false
		case <-e.tenure.wake():
			e.settler.core.pollBy(e.now())
			wait = false
		case got.err = <-e.stored:
			got.landed, wait = true, false
		case in := <-queue:
			e.enter(&got, in)
		case n := <-screens:
			e.screen(&got, n)
		case n := <-reports:
			e.report(&got, n)
		}
		e.gatherMore(&got)
		if !got.landed { // otherwise that comes first: an agent waits for what is durable now
			e.linger(&got)
		}
		if !wait || len(got.inputs) >= chunk {
			return got, true
		}
	}
}

// linger lets whoever is about to say something say it first: a group of more costs each of them less.
func (e *Engine) linger(got *gathered) {
	runtime.Gosched()
	if e.pool.ctx.Err() == nil { // what the end has interrupted is performed again after the next start
		e.gatherMore(got)
	}
}

// gatherMore takes in what waits by now.
func (e *Engine) gatherMore(got *gathered) {
	for {
		queue, screens, reports := e.doors()
		select {
		case in := <-queue:
			e.enter(got, in)
			continue
		case n := <-screens:
			e.screen(got, n)
			continue
		default:
		}
		select {
		case n := <-reports:
			e.report(got, n)
		default:
			return
		}
	}
}

// doors are the ways in that are open: a group takes the events and screens' reports that wait, and about as many reports of
// the work lane, more of them when they pile up.
func (e *Engine) doors() (queue chan *input, screens, reports chan note) {
	if e.intake.weight < min(maxGroup, cap(e.queue)) {
		queue, screens = e.queue, e.screens
	}
	if e.intake.work < max(fewReports, e.intake.weight, len(e.reports)/e.share()) {
		reports = e.reports
	}
	return queue, screens, reports
}

// share is which part of the reports of the work lane that wait a group takes in: more of them while no event waits, as when a
// thousand retries a second have come to their time.
func (e *Engine) share() int {
	if len(e.queue) == 0 && e.intake.weight == 0 {
		return 4
	}
	return 16
}

func (e *Engine) enter(got *gathered, in *input) {
	e.intake.weight += 1 + len(in.events)
	got.inputs = append(got.inputs, in)
}

func (e *Engine) screen(got *gathered, n note) {
	e.intake.weight += 1
	got.add(e.note(n))
}

func (e *Engine) report(got *gathered, n note) {
	e.intake.work++
	got.add(e.note(n))
}

// add adds the report that a note has brought, if it is one. An early result is for records, which are in no hurry: what waits
// for it is looked at in the next turn.
func (got *gathered) add(in *input) {
	if in != nil {
		got.inputs = append(got.inputs, in)
	}
}

// note hears what a worker tells. It returns the report, or nil when the step is not over yet.
func (e *Engine) note(n note) *input {
	id := n.run.step.ID
	if n.over == nil {
		e.settler.core.early(id, n.early, e.now().UTC())
		return nil
	}
	if cancel := e.cancels[id]; cancel != nil {
		cancel()
		delete(e.cancels, id)
	}
	return &input{report: n.over}
}
