package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"cordboard/call"
)

// flights are groups on their way into the journal. While one is being stored the next is planned, and the two have no
// call in common: what concerns a call that is being stored is held back until that has ended, and so is everything
// after it for the same calls. So the next group never rests on something that may still be refused, and the order
// within a call stays.
type flights struct {
	open   *flight  // what is being planned; nil when nothing is
	flying *flight  // what is being stored; nil when nothing is
	held   []*input // what waits for the flying one, in order
	behind touched  // what held concerns
	over   []*input // whose fate is known, and who have not been told yet
}

// flight is a group with what it is made of.
type flight struct {
	in    []*input
	draft *draft
	void  bool // its calls may be somebody else's by the time it has landed
}

// touched are calls, by their ids and by those of the platforms.
type touched struct {
	ids  map[call.ID]bool
	refs map[call.Ref]bool
}

// take plans inputs into the next group, or holds them back; before them comes what was held back and need not be any more.
// An error means that the journal is broken.
func (s *settler) take(ctx context.Context, in []*input, now time.Time) error {
	f := &s.flights
	if f.flying == nil {
		in = append(s.release(), in...)
	}
	if in = s.sift(in, nil); len(in) == 0 {
		return nil
	}
	if f.open == nil {
		f.open = &flight{draft: s.core.draft()}
	}
	known, err := s.known(ctx, f.open.draft, in)
	if err != nil && f.flying != nil && !errors.Is(err, ErrBroken) {
		s.hold(in) // it is looked into when nothing is being stored
		return nil
	}
	if err != nil {
		in = append(s.rest(now), in...)
		f.over = append(f.over, in...)
		return s.sort(ctx, in, err, now)
	}
	in = s.sift(in, known.Refs)
	f.open.draft.plan(known, in, now)
	f.open.in = append(f.open.in, in...)
	return nil
}

// depart makes the open group the one that is being stored and returns it for that: [settler.land] must follow. It is nil
// when there is nothing to store.
func (s *settler) depart(now time.Time) *Group {
	f := &s.flights
	if f.flying != nil || f.open == nil {
		return nil
	}
	next := f.open
	f.open = nil
	if g := next.draft.finish(); !g.Empty() {
		f.flying = next
		return g
	}
	s.book(next.draft, next.in, now)
	f.over = append(f.over, next.in...)
	_ = s.answer(next.in, nil)
	return nil
}

// land books what became of the flying group. What waited for that is planned with what is taken next. An error means that
// the journal is broken.
func (s *settler) land(ctx context.Context, err error, now time.Time) error {
	f := &s.flights
	landed := f.flying
	f.flying = nil
	f.over = append(f.over, landed.in...)
	if err == nil {
		s.book(landed.draft, landed.in, now)
		err = s.answer(landed.in, nil)
	} else {
		s.core.forget(landed.draft, now)
		err = s.again(ctx, landed.in, err, now)
	}
	if err != nil {
		return err
	}
	if landed.void {
		s.core.forget(landed.draft, now)
	}
	return nil
}

// again settles the inputs of a group that the journal did not take.
func (s *settler) again(ctx context.Context, in []*input, err error, now time.Time) error {
	s.abandon(now)
	if errors.Is(err, ErrStale) {
		s.trouble(err)
		return s.settle(ctx, in, now)
	}
	return s.sort(ctx, in, refused(err), now)
}

// alone settles inputs by themselves, between two groups: nothing may be flying.
func (s *settler) alone(ctx context.Context, in []*input, now time.Time) error {
	s.abandon(now)
	if err := s.settle(ctx, in, now); err != nil {
		return err
	}
	return s.take(ctx, nil, now)
}

// startOver forgets everything that is in memory. What is being stored is forgotten once it is.
func (s *settler) startOver(now time.Time) {
	s.abandon(now)
	if f := s.flights.flying; f != nil {
		f.void = true
	}
	s.core.startOver(now)
}

// rest gives back what was taken and is not being stored.
func (s *settler) rest(now time.Time) []*input {
	s.abandon(now)
	return s.release()
}

// told gives back the inputs whose fate is known.
func (s *settler) told() []*input {
	over := s.flights.over
	s.flights.over = nil
	return over
}

// abandon drops the open plan: what it is made of is planned again.
func (s *settler) abandon(now time.Time) {
	f := &s.flights
	if f.open == nil {
		return
	}
	s.core.discard(f.open.draft, now)
	f.held = append(f.open.in, f.held...)
	f.open = nil
}

func (s *settler) release() []*input {
	held := s.flights.held
	s.flights.held, s.flights.behind = nil, touched{}
	return held
}

// sift holds back the inputs that have to wait, and returns the others. known are platform ids that the journal told.
func (s *settler) sift(in []*input, known map[call.Ref]call.ID) []*input {
	if s.flights.flying == nil && len(s.flights.held) == 0 {
		return in
	}
	ready := in[:0:0]
	for _, i := range in {
		if s.waits(i, known) {
			s.hold([]*input{i})
			continue
		}
		ready = append(ready, i)
	}
	return ready
}

// waits reports whether an input concerns a call that is being stored, or one of an input that is held.
func (s *settler) waits(in *input, known map[call.Ref]call.ID) bool {
	f := &s.flights
	id := func(id call.ID) bool {
		return f.behind.ids[id] || f.flying != nil && f.flying.draft.calls[id] != nil
	}
	for i := range in.events {
		if slices.ContainsFunc(in.events[i].Refs(), func(r call.Ref) bool {
			return f.behind.refs[r] || id(s.callOf(r, known))
		}) {
			return true
		}
	}
	return in.report != nil && id(in.report.run.step.Call) || in.order != nil && id(in.order.step.Call)
}

// callOf is the call of a platform id as far as it is known; "" for none.
func (s *settler) callOf(r call.Ref, known map[call.Ref]call.ID) call.ID {
	if id, ok := s.core.index.Lookup(r); ok {
		return id
	}
	if f := s.flights.flying; f != nil {
		if id, ok := f.draft.index.Lookup(r); ok {
			return id
		}
	}
	return known[r]
}

// hold keeps inputs back.
func (s *settler) hold(in []*input) {
	f := &s.flights
	f.held = append(f.held, in...)
	if f.behind.ids == nil {
		f.behind = touched{map[call.ID]bool{}, map[call.Ref]bool{}}
	}
	for _, i := range in {
		for j := range i.events {
			for _, r := range i.events[j].Refs() {
				f.behind.refs[r] = true
				if id := s.callOf(r, nil); id != "" {
					f.behind.ids[id] = true
				}
			}
		}
		if i.report != nil {
			f.behind.ids[i.report.run.step.Call] = true
		}
		if i.order != nil {
			f.behind.ids[i.order.step.Call] = true
		}
	}
}
