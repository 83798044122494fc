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
	var rows, tokens []any
	for i := range calls {
		c := &calls[i]
		st := &c.State
		p, err := w.slotOf(ctx, c)
		if err != nil {
			return err
		}
		old := p
		if found := search.Of(c); p.indexed != found.Hash {
			for _, t := range found.List {
				tokens = append(tokens, t, p.n)
			}
			p.indexed = found.Hash
		}
		p.marks = marks{optional(c.Due), truth(st.Open()), column.Nanos(st.Started)}
		w.slots[st.ID] = p
		if c.Stored == 0 {
			rows = append(rows, p.n, string(st.ID), 1, st.Connection, p.open, p.due, p.started, column.Nanos(st.Last), p.indexed, bodies[i])
		} else if err := w.replace(ctx, c, old.marks, p, bodies[i]); err != nil {
			return err
		}
	}
	_, err := w.calls.write(ctx, rows)
	if err := stale(err, "a new call is stored already"); err != nil {
		return err
	}
	_, err = w.tokens.write(ctx, tokens)
	return err
}

// slotOf finds the slot of a call, or gives it one if it is new.
func (w *writer) slotOf(ctx context.Context, c *engine.Call) (p slot, err error) {
	if c.Stored == 0 {
		p.n = w.next
		w.next++
		return p, nil
	}
	p, ok, err := w.look(ctx, c.State.ID)
	if err == nil && !ok {
		err = fmt.Errorf("call %q, version %d: %w", c.State.ID, c.Stored, engine.ErrStale)
	}
	return p, err
}

// replace writes a call that is stored.
func (w *writer) replace(ctx context.Context, c *engine.Call, old marks, p slot, body string) error {
	stmt, args := w.same, []any{column.Nanos(c.State.Last), p.indexed, body}
	switch {
	case p.open != old.open || p.started != old.started:
		stmt, args = w.mark, append(args, p.due, p.open, p.started)
	case p.due != old.due:
		stmt, args = w.due, append(args, p.due)
	}
	done, err := stmt.ExecContext(ctx, append(args, p.n, c.Stored)...)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return fmt.Errorf("call %q, version %d: %w", c.State.ID, c.Stored, engine.ErrStale)
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

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
