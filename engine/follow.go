package engine

import (
	"context"

	"cordboard/call"
	"cordboard/platform"
)

// Follow is Accept, and ends waits[i] once every step that events[i] started is final: when that is stored. See
// [platform.Follower].
func (e *Engine) Follow(ctx context.Context, events []call.Event, waits []*platform.Wait) error {
	return e.accept(ctx, events, waits)
}

// followed is a wait for steps of a planned group.
type followed struct {
	wait  *platform.Wait
	steps []string
}

// follow makes a wait for the steps that the next event starts; nil follows nothing.
func (d *draft) follow(w *platform.Wait) {
	if d.following = nil; w != nil {
		d.followed = append(d.followed, &followed{wait: w})
		d.following = d.followed[len(d.followed)-1]
	}
}

// catchUp follows what the call of an event that was stored before still has to do.
func (d *draft) catchUp(ev *call.Event) {
	if d.following == nil {
		return
	}
	for _, r := range ev.Refs() {
		id, ok := d.lookup(r)
		if !ok {
			id = d.known.Refs[r]
		}
		h := d.calls[id]
		if h == nil {
			h = d.core.hot[id]
		}
		if w, ok := d.known.Calls[id]; h == nil && ok {
			h = thaw(w)
		}
		if h == nil {
			continue
		}
		for _, s := range h.steps {
			if s.Lane != LaterLane {
				d.following.steps = append(d.following.steps, s.ID)
			}
		}
		return
	}
}

// waiting is who waits for which steps. It belongs to Run.
type waiting struct {
	byStep map[string][]*waiter
	purge  int // clean up when there are more
}

// waiter is a wait with what it is told in the end.
type waiter struct {
	wait *platform.Wait
	left int
	ends platform.Ends
}

// minPurge is how many steps are waited for before anybody looks for waits that were given up.
const minPurge = 1024

// book notes the new waits of a stored group and ends those whose last step it ended.
func (w *waiting) book(d *draft) {
	for _, f := range d.followed {
		if len(f.steps) == 0 {
			f.wait.End(platform.Ends{})
			continue
		}
		one := &waiter{wait: f.wait, left: len(f.steps)}
		for _, id := range f.steps {
			if w.byStep == nil {
				w.byStep = map[string][]*waiter{}
			}
			w.byStep[id] = append(w.byStep[id], one)
		}
	}
	if len(w.byStep) == 0 {
		return
	}
	for i := range d.group.Steps {
		s := &d.group.Steps[i]
		if !s.State.Final() {
			continue
		}
		for _, one := range w.byStep[s.ID] {
			one.count(s.State)
		}
		delete(w.byStep, s.ID)
	}
	w.clean()
}

func (one *waiter) count(s StepState) {
	switch s {
	case Done:
		one.ends.Done++
	case Skipped:
		one.ends.Skipped++
	case Dead:
		one.ends.Dead++
	}
	if one.left--; one.left == 0 {
		one.wait.End(one.ends)
	}
}

// clean forgets waits that were given up, each time when twice as many steps are waited for as after the last time: a
// step may go on failing for a day, and nobody waits that long.
func (w *waiting) clean() {
	if len(w.byStep) < max(w.purge, minPurge) {
		return
	}
	for id, all := range w.byStep {
		kept := all[:0]
		for _, one := range all {
			if !one.wait.Left() {
				kept = append(kept, one)
			}
		}
		if w.byStep[id] = kept; len(kept) == 0 {
			delete(w.byStep, id)
		}
	}
	w.purge = 2 * len(w.byStep)
}
