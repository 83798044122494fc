package sqlite

import (
	"context"
	"database/sql"
	"errors"
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
		return s.writer.store(ctx, &g, &e)
	})
	if err != nil {
		s.writer.next = next
		return s.judge("commit", err)
	}
	return s.usable() // a checkpoint may have failed beside it
}

// store writes a group inside a transaction.
func (w *writer) store(ctx context.Context, g *engine.Group, e *encoded) error {
	numbers := make(map[call.ID]int64, len(g.Calls))
	if err := w.storeCalls(ctx, g.Calls, e.calls, numbers); err != nil {
		return err
	}
	number := func(id call.ID) (int64, error) {
		n, ok := numbers[id]
		if ok {
			return n, nil
		}
		n, err := w.number(ctx, id)
		numbers[id] = n
		return n, err
	}
	if err := w.storeRefs(ctx, g.Refs, number); err != nil {
		return err
	}
	if err := w.storeEvents(ctx, g.Events, e, number); err != nil {
		return err
	}
	if err := w.storeSteps(ctx, g.Steps, e.steps, number); err != nil {
		return err
	}
	if err := w.kept.write(ctx, e.kept); err != nil {
		return err
	}
	return w.add(ctx, column.TotalsOf(g))
}

// storeCalls inserts new calls, replaces the others, and tells their numbers.
func (w *writer) storeCalls(ctx context.Context, calls []engine.Call, bodies []string, numbers map[call.ID]int64) error {
	var fresh, tokens []any
	for i := range calls {
		c := &calls[i]
		st := &c.State
		found := search.Of(c)
		n, indexed := w.next, int64(0)
		if c.Stored == 0 {
			fresh = append(fresh, n, string(st.ID), 1, st.Connection, truth(st.Open()), optional(c.Due),
				column.Nanos(st.Started), column.Nanos(st.Last), found.Hash, bodies[i])
			w.next++
		} else {
			err := w.change.QueryRowContext(ctx, truth(st.Open()), optional(c.Due), column.Nanos(st.Started), column.Nanos(st.Last), bodies[i],
				string(st.ID), c.Stored).Scan(&n, &indexed)
			if errors.Is(err, sql.ErrNoRows) {
				return fmt.Errorf("call %q, version %d: %w", st.ID, c.Stored, engine.ErrStale)
			}
			if err != nil {
				return err
			}
		}
		numbers[st.ID] = n
		if indexed == found.Hash {
			continue
		}
		for _, t := range found.List {
			tokens = append(tokens, t, n)
		}
		if c.Stored != 0 {
			if _, err := w.reindex.ExecContext(ctx, found.Hash, n); err != nil {
				return err
			}
		}
	}
	if err := stale(w.calls.write(ctx, fresh), "a new call is stored already"); err != nil {
		return err
	}
	return w.tokens.write(ctx, tokens)
}

func (w *writer) storeRefs(ctx context.Context, refs map[call.Ref]call.ID, number func(call.ID) (int64, error)) error {
	rows := make([]any, 0, len(refs)*w.refs.columns)
	for r, id := range refs {
		n, err := number(id)
		if err != nil {
			return fmt.Errorf("ref %q: %w", r.Ref, err)
		}
		rows = append(rows, r.Ref, r.Connection, n)
	}
	return w.refs.write(ctx, rows)
}

func (w *writer) storeEvents(ctx context.Context, events []call.Event, e *encoded, number func(call.ID) (int64, error)) error {
	rows := make([]any, 0, len(events)*w.events.columns)
	for i := range events {
		n, err := number(events[i].Call)
		if err != nil {
			return fmt.Errorf("event %q: %w", events[i].ID, err)
		}
		var runs, raw any
		if e.runs[i] != "" {
			runs = e.runs[i]
		}
		if len(events[i].Raw) > 0 {
			raw = events[i].Raw
		}
		rows = append(rows, n, events[i].Key(), e.events[i], runs, raw)
	}
	return stale(w.events.write(ctx, rows), "an event is stored already")
}

func (w *writer) storeSteps(ctx context.Context, steps []engine.Step, bodies []string, number func(call.ID) (int64, error)) error {
	rows := make([]any, 0, len(steps)*w.steps.columns)
	for i := range steps {
		n, err := number(steps[i].Call)
		if err != nil {
			return fmt.Errorf("step %q: %w", steps[i].ID, err)
		}
		at := steps[i].Due
		if steps[i].State.Final() {
			at = steps[i].Ended
		}
		rows = append(rows, n, steps[i].ID, steps[i].Seq, string(steps[i].State), column.Nanos(at), bodies[i])
	}
	return w.steps.write(ctx, rows)
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
