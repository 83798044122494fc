package sqlite

import (
	"context"
	"fmt"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/store/internal/column"
	"cordboard/store/internal/search"
)

// Commit implements [engine.Journal]. Beside the journal's errors it returns one wrapping [ErrFull] while the disk is full.
func (s *Store) Commit(ctx context.Context, g engine.Group) error {
	if g.Empty() {
		return s.usable()
	}
	e, err := encode(&g)
	defer func() { _ = e.others() }()
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	next := s.writer.next
	err = s.writer.transact(ctx, func(ctx context.Context) error {
		return s.writer.store(ctx, &g, e)
	})
	if err != nil {
		s.writer.next = next
		clear(s.writer.slots)
	}
	return s.judge("commit", err)
}

// store writes a group inside a transaction.
func (w *writer) store(ctx context.Context, g *engine.Group, e *encoded) error {
	if err := w.storeCalls(ctx, g.Calls, e.calls); err != nil {
		return err
	}
	if err := w.storeRefs(ctx, g.Refs); err != nil {
		return err
	}
	if err := e.others(); err != nil {
		return err
	}
	if err := w.storeEvents(ctx, g.Events, e); err != nil {
		return err
	}
	if err := w.storeSteps(ctx, g.Steps, e.steps); err != nil {
		return err
	}
	if _, err := w.kept.write(ctx, e.kept); err != nil {
		return err
	}
	return w.add(ctx, column.TotalsOf(g))
}

// storeCalls inserts new calls and replaces the others.
func (w *writer) storeCalls(ctx context.Context, calls []engine.Call, bodies []string) error {
	if len(w.slots) > slotsMost {
		clear(w.slots)
	}
	rows := make([]any, 0, len(calls)*w.calls.columns)
	var tokens []any
	for i := range calls {
		c := &calls[i]
		st := &c.State
		p, err := w.slotOf(ctx, c)
		if err != nil {
			return err
		}
		found := search.Of(c)
		if p.indexed != found.Hash {
			for _, t := range found.List {
				tokens = append(tokens, t, p.n)
			}
			p.indexed = found.Hash
		}
		w.slots[st.ID] = p
		rows = append(rows, p.n, string(st.ID), c.Stored+1, st.Connection, truth(st.Open()), optional(c.Due),
			column.Nanos(st.Started), column.Nanos(st.Last), p.indexed, bodies[i])
	}
	written, err := w.calls.write(ctx, rows)
	if err := stale(err, "a new call is stored already"); err != nil {
		return err
	}
	if written < int64(len(calls)) {
		return fmt.Errorf("%d of %d calls: %w", int64(len(calls))-written, len(calls), engine.ErrStale)
	}
	_, err = w.tokens.write(ctx, tokens)
	return err
}

func (w *writer) storeRefs(ctx context.Context, refs map[call.Ref]call.ID) error {
	rows := make([]any, 0, len(refs)*w.refs.columns)
	for r, id := range refs {
		n, err := w.number(ctx, id)
		if err != nil {
			return fmt.Errorf("ref %q: %w", r.Ref, err)
		}
		rows = append(rows, r.Ref, r.Connection, n)
	}
	_, err := w.refs.write(ctx, rows)
	return err
}

func (w *writer) storeEvents(ctx context.Context, events []call.Event, e *encoded) error {
	rows := make([]any, 0, len(events)*w.events.columns)
	for i := range events {
		n, err := w.number(ctx, events[i].Call)
		if err != nil {
			return fmt.Errorf("event %q: %w", events[i].ID, err)
		}
		var runs, packed any
		if e.runs[i] != "" {
			runs = e.runs[i]
		}
		if e.packed[i] != nil {
			packed = e.packed[i]
		}
		rows = append(rows, n, events[i].Key(), e.events[i], runs, packed)
	}
	_, err := w.events.write(ctx, rows)
	return stale(err, "an event is stored already")
}

func (w *writer) storeSteps(ctx context.Context, steps []engine.Step, bodies []string) error {
	rows := make([]any, 0, len(steps)*w.steps.columns)
	for i := range steps {
		n, err := w.number(ctx, steps[i].Call)
		if err != nil {
			return fmt.Errorf("step %q: %w", steps[i].ID, err)
		}
		at := steps[i].Due
		if steps[i].State.Final() {
			at = steps[i].Ended
		}
		rows = append(rows, n, steps[i].ID, steps[i].Seq, string(steps[i].State), column.Nanos(at), bodies[i])
	}
	_, err := w.steps.write(ctx, rows)
	return err
}

// stale gives the refusal of a row that exists the meaning it has for the engine: somebody else wrote it meanwhile.
func stale(err error, what string) error {
	if duplicate(err) {
		return fmt.Errorf("%s: %w", what, engine.ErrStale)
	}
	return err
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}
