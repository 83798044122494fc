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

	flights flights
}

// settle makes the inputs one group and stores it. Every input then has its answer, except reports that could not be
// stored: they stay unsettled and are to be passed again. An error means that the journal is broken. Nothing else may be
// planned or being stored.
func (s *settler) settle(ctx context.Context, in []*input, now time.Time) error {
	err := s.commit(ctx, in, now)
	if err == nil {
		return s.answer(in, nil)
	}
	return s.sort(ctx, in, err, now)
}

// sort settles inputs of which the journal refused a group. One of them may be what the journal cannot take, so each is
// tried alone. If none can be stored, it is not them.
func (s *settler) sort(ctx context.Context, in []*input, err error, now time.Time) error {
	if errors.Is(err, ErrBroken) || len(in) == 1 {
		return s.answer(in, err)
	}
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
			s.core.over(i.report.run)
			i.settled = true
		}
	}
	return nil
}

// commit plans the inputs and stores the plan, again and again while others are quicker.
func (s *settler) commit(ctx context.Context, in []*input, now time.Time) error {
	for range maxStale {
		d := s.core.draft()
		known, err := s.known(ctx, d, in)
		if err != nil {
			s.core.discard(d, now)
			return err
		}
		d.plan(known, in, now)
		if g := d.finish(); !g.Empty() {
			err := s.journal.Commit(ctx, *g)
			if errors.Is(err, ErrStale) {
				s.trouble(err)
				s.core.forget(d, now)
				continue
			}
			if err != nil {
				s.core.forget(d, now)
				return refused(err)
			}
		}
		s.book(d, in, now)
		return nil
	}
	return fmt.Errorf("after %d attempts: %w", maxStale, ErrStale)
}

// known reads what a draft has to know of the inputs.
func (s *settler) known(ctx context.Context, d *draft, in []*input) (Known, error) {
	ask := d.ask(in)
	if ask.Empty() {
		return Known{}, nil
	}
	known, err := s.journal.Known(ctx, ask)
	if err != nil {
		return Known{}, fmt.Errorf("reading the journal: %w", err)
	}
	return known, nil
}

func refused(err error) error { return fmt.Errorf("writing the journal: %w", err) }

// book takes over what was stored.
func (s *settler) book(d *draft, in []*input, now time.Time) {
	s.core.committed(d, now)
	s.tell(d)
	for n, i := range in {
		i.err = d.errs[n]
	}
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
