package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// maxStale bounds how often a group is decided again because somebody else changed its calls meanwhile.
const maxStale = 10

// settler carries groups between the core and the journal. Like the core it belongs to one goroutine and starts none.
type settler struct {
	core    *core
	journal Journal
	// tell is given every group that was stored.
	tell func(*draft)
	// trouble is told of what went wrong and is tried again.
	trouble func(error)
}

// settle makes the inputs one group and stores it. Every input then has its answer, except reports that could not be
// stored: they stay unsettled and are to be passed again. An error means that the journal is broken.
func (s *settler) settle(ctx context.Context, in []*input, now time.Time) error {
	err := s.commit(ctx, in, now)
	if err == nil || errors.Is(err, ErrBroken) || len(in) == 1 {
		return s.answer(in, err)
	}
	// One of them may be what the journal cannot take, so each is tried alone. If none can be stored, it is not them.
	s.trouble(err)
	stored, failed := 0, 0
	for _, i := range in {
		if stored == 0 && failed >= 3 {
			_ = s.answer([]*input{i}, err)
			continue
		}
		if err = s.commit(ctx, []*input{i}, now); err == nil {
			stored++
		} else if !errors.Is(err, ErrFenced) {
			failed++
		}
		if broken := s.answer([]*input{i}, err); broken != nil {
			return broken
		}
	}
	return nil
}

// answer settles inputs with what became of them. A refusal by the core is already in their err.
func (s *settler) answer(in []*input, err error) error {
	if errors.Is(err, ErrBroken) {
		return err
	}
	if err != nil {
		s.trouble(err)
	}
	for _, i := range in {
		if err == nil {
			i.settled = true
			continue
		}
		i.err = err
		i.settled = i.report == nil
		if i.report != nil && errors.Is(err, ErrFenced) { // the new owner will perform it
			s.core.end(i.report.run)
			i.settled = true
		}
	}
	return nil
}

// commit plans the inputs and stores the plan, again and again while others are quicker.
func (s *settler) commit(ctx context.Context, in []*input, now time.Time) error {
	for range maxStale {
		var known Known
		ask := s.core.ask(in)
		if !ask.Empty() {
			var err error
			if known, err = s.journal.Known(ctx, ask); err != nil {
				return fmt.Errorf("reading the journal: %w", err)
			}
		}
		d := s.core.plan(known, in, now)
		if !d.group.Empty() {
			err := s.journal.Commit(ctx, d.group)
			if errors.Is(err, ErrStale) {
				s.trouble(err)
				s.core.forget(d, now)
				continue
			}
			if err != nil {
				s.core.forget(d, now)
				return fmt.Errorf("writing the journal: %w", err)
			}
		}
		s.core.committed(d, now)
		s.tell(d)
		for n, i := range in {
			i.err = d.errs[n]
		}
		return nil
	}
	return fmt.Errorf("after %d attempts: %w", maxStale, ErrStale)
}

// poll asks the journal for what is due, when it is time to.
func (s *settler) poll(ctx context.Context, now time.Time) error {
	until, due := s.core.poll(now)
	if !due {
		return nil
	}
	work, err := s.journal.Due(ctx, until, s.core.pollBatch(), s.core.holds)
	if errors.Is(err, ErrBroken) {
		return err
	}
	if err != nil {
		s.trouble(fmt.Errorf("reading due calls: %w", err))
		s.core.pollAt = now.Add(time.Second)
		return nil
	}
	s.core.polled(until, now, len(work))
	s.core.adopt(work, now)
	return nil
}
