package sqlite

import (
	"context"
	"fmt"
	"sync"
	"time"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/store/internal/column"
	"cordboard/store/internal/search"
)

// book is the daybook with what it holds that is not in the tables yet.
type book struct {
	mu      sync.Mutex
	day     *daybook
	pending []*entry
	size    int  // of the pending ones
	stuck   bool // there was no space to post them
	next    int64
	slots   slots
	buffer  []byte
}

// Commit implements [engine.Journal]: it writes the group into the daybook. Beside the journal's errors it returns one wrapping
// [ErrFull] while the disk is full.
func (s *Store) Commit(ctx context.Context, g engine.Group) error {
	if g.Empty() {
		return s.usable()
	}
	bodies, err := encode(&g)
	defer func() { _ = bodies.others() }()
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	if err := s.makeRoom(ctx); err != nil {
		return err
	}
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	c, err := s.changes(ctx, &g)
	if err != nil {
		return err
	}
	e, err := c.entry(&g, bodies)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("sqlite: commit: %w", err)
	}
	return s.judge("commit", s.book.write(e, c))
}

// write stores an entry, with the changes that it makes.
func (b *book) write(e *entry, c *changes) error {
	b.buffer = e.encode(b.buffer[:0])
	e.size, e.number, e.at = len(b.buffer), b.day.next, time.Now()
	if err := b.day.write(b.buffer); err != nil {
		return err
	}
	c.keep(e)
	b.next = c.next
	b.slots.shrink(b.day.posted)
	b.pending = append(b.pending, e)
	b.size += e.size
	return nil
}

// changes begins the changes of a group: it reads what is stored of its calls and not remembered.
func (s *Store) changes(ctx context.Context, g *engine.Group) (*changes, error) {
	c := &changes{slots: &s.book.slots, next: s.book.next, found: make(map[call.ID]slot, len(g.Calls))}
	var ids []call.ID
	asked := map[call.ID]struct{}{}
	need := func(id call.ID) {
		if _, known := c.all[id]; known {
			return
		}
		if _, fresh := c.fresh[id]; fresh {
			return
		}
		if _, twice := asked[id]; !twice {
			asked[id] = struct{}{}
			ids = append(ids, id)
		}
	}
	for i := range g.Calls {
		need(g.Calls[i].State.ID)
	}
	for i := range g.Events {
		need(g.Events[i].Call)
	}
	for i := range g.Steps {
		need(g.Steps[i].Call)
	}
	for _, id := range g.Refs {
		need(id)
	}
	return c, s.find(ctx, ids, c.found)
}

// entry makes a group the rows that it leaves in the tables. It refuses what the tables would refuse.
func (c *changes) entry(g *engine.Group, bodies *encoded) (*entry, error) {
	e := &entry{}
	if err := c.calls(e, g.Calls, bodies.calls); err != nil {
		return nil, err
	}
	for r, id := range g.Refs {
		n, err := c.number(id)
		if err != nil {
			return nil, fmt.Errorf("ref %q: %w", r.Ref, err)
		}
		e.refs = append(e.refs, r.Ref, r.Connection, n)
	}
	if err := bodies.others(); err != nil {
		return nil, err
	}
	if err := c.events(e, g.Events, bodies); err != nil {
		return nil, err
	}
	if err := c.steps(e, g.Steps, bodies.steps); err != nil {
		return nil, err
	}
	e.kept, e.attempts = bodies.kept, attemptRows(g.Attempts)
	totals := column.TotalsOf(g)
	e.totals = totals.Columns()
	return e, nil
}

func (c *changes) calls(e *entry, calls []engine.Call, bodies []string) error {
	e.calls = make([]any, 0, len(calls)*callColumns)
	for i := range calls {
		ec := &calls[i]
		st := &ec.State
		tokens := search.Of(ec)
		was, is, err := c.enter(ec, tokens.Hash, marks{optional(ec.Due), truth(st.Open()), column.Nanos(st.Started)})
		if err != nil {
			return err
		}
		if was.indexed != is.indexed {
			for _, t := range tokens.List {
				e.tokens = append(e.tokens, t, is.n)
			}
		}
		e.calls = append(e.calls, is.n, string(st.ID), is.version, st.Connection, is.open, value(is.due), is.started, column.Nanos(st.Last), is.indexed, bodies[i])
		e.was = append(e.was, before{fresh: was.version == 0, known: true, marks: was.marks})
	}
	return nil
}

func (c *changes) events(e *entry, events []call.Event, bodies *encoded) error {
	e.events = make([]any, 0, len(events)*eventColumns)
	for i := range events {
		ev := &events[i]
		n, err := c.number(ev.Call)
		if err != nil {
			return fmt.Errorf("event %q: %w", ev.ID, err)
		}
		key := ev.Key()
		if err := c.event(ev.Call, key); err != nil {
			return err
		}
		var runs, packed any
		if bodies.runs[i] != "" {
			runs = bodies.runs[i]
		}
		if bodies.packed[i] != nil {
			packed = bodies.packed[i]
		}
		e.events = append(e.events, n, key, bodies.events[i], runs, packed)
	}
	return nil
}

func (c *changes) steps(e *entry, steps []engine.Step, bodies []string) error {
	e.steps = make([]any, 0, len(steps)*stepColumns)
	for i := range steps {
		st := &steps[i]
		n, err := c.number(st.Call)
		if err != nil {
			return fmt.Errorf("step %q: %w", st.ID, err)
		}
		at := st.Due
		if st.State.Final() {
			at = st.Ended
		}
		e.steps = append(e.steps, n, st.ID, int64(st.Seq), string(st.State), column.Nanos(at), bodies[i])
	}
	return nil
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
