package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"cordboard/call"
)

// memory is a journal without a disk. What is in it survives the "crashes" of a test.
type memory struct {
	mu     sync.Mutex
	calls  map[call.ID]Call
	steps  map[string]Step
	open   map[call.ID][]string // ids of unfinished steps
	all    map[call.ID][]string // ids of all steps
	refs   map[call.Ref]call.ID
	keys   map[call.ID][]string // of events
	events []call.Event
	runs   []Run
	kept   []Kept

	// before, when set, is asked before a group is stored; an error refuses it.
	before func(*Group) error
}

func newMemory() *memory {
	return &memory{
		calls: map[call.ID]Call{}, steps: map[string]Step{}, open: map[call.ID][]string{}, all: map[call.ID][]string{},
		refs: map[call.Ref]call.ID{}, keys: map[call.ID][]string{},
	}
}

func (m *memory) work(id call.ID) Work {
	w := Work{Call: m.calls[id], Events: m.keys[id]}
	for _, s := range m.open[id] {
		w.Steps = append(w.Steps, read(m.steps[s]))
	}
	slices.SortFunc(w.Steps, func(a, b Step) int { return a.Seq - b.Seq })
	return w
}

// read is a step as a store hands it out.
func read(s Step) Step {
	s.Stored = s.State
	return s
}

func (m *memory) Known(ctx context.Context, ask Ask) (Known, error) {
	if err := ctx.Err(); err != nil {
		return Known{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	k := Known{Refs: map[call.Ref]call.ID{}, Calls: map[call.ID]Work{}, Steps: map[StepRef]Step{}}
	calls := slices.Clone(ask.Calls)
	for _, r := range ask.Refs {
		if id, ok := m.refs[r]; ok {
			k.Refs[r] = id
			calls = append(calls, id)
		}
	}
	for _, ref := range ask.Steps {
		if s, ok := m.steps[ref.Step]; ok && s.Call == ref.Call {
			k.Steps[ref] = read(s)
			calls = append(calls, s.Call)
		}
	}
	for _, id := range calls {
		if _, ok := m.calls[id]; ok {
			k.Calls[id] = m.work(id)
		}
	}
	return k, nil
}

func (m *memory) Commit(ctx context.Context, g Group) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.before != nil {
		if err := m.before(&g); err != nil {
			return err
		}
	}
	if err := m.check(&g); err != nil {
		return err
	}
	m.store(&g)
	return nil
}

func (m *memory) check(g *Group) error {
	own := map[call.ID]bool{}
	for i := range g.Calls {
		c := &g.Calls[i]
		own[c.State.ID] = true
		if m.calls[c.State.ID].Stored != c.Stored {
			return fmt.Errorf("call %s: %w", c.State.ID, ErrStale)
		}
	}
	fresh := map[string]bool{}
	for i := range g.Events {
		ev := &g.Events[i]
		fresh[ev.Key()] = true
		if slices.Contains(m.keys[ev.Call], ev.Key()) {
			return fmt.Errorf("event %q is stored: %w", ev.Key(), ErrStale)
		}
	}
	for i := range g.Runs {
		if key := g.Runs[i].Event; !fresh[key] {
			return fmt.Errorf("a run of the event %q, which is not in the group", key)
		}
	}
	for i := range g.Steps {
		s := &g.Steps[i]
		if !own[s.Call] {
			return fmt.Errorf("a step of the call %q, which is not in the group", s.Call)
		}
		if old := m.steps[s.ID].State; old != s.Stored {
			return fmt.Errorf("step %s is stored as %q, not as %q", s.ID, old, s.Stored)
		}
	}
	return nil
}

func (m *memory) store(g *Group) {
	for i := range g.Events {
		ev := &g.Events[i]
		m.keys[ev.Call] = append(slices.Clip(m.keys[ev.Call]), ev.Key())
	}
	m.events = append(m.events, g.Events...)
	m.runs = append(m.runs, g.Runs...)
	m.kept = append(m.kept, g.Kept...)
	maps.Copy(m.refs, g.Refs)
	for _, c := range g.Calls {
		c.Stored++
		m.calls[c.State.ID] = c
	}
	for _, s := range g.Steps {
		old, known := m.steps[s.ID]
		m.steps[s.ID] = s
		if !known {
			m.all[s.Call] = append(m.all[s.Call], s.ID)
		}
		switch wasOpen := known && !old.State.Final(); {
		case wasOpen && s.State.Final():
			m.open[s.Call] = slices.DeleteFunc(m.open[s.Call], func(id string) bool { return id == s.ID })
		case !wasOpen && !s.State.Final():
			m.open[s.Call] = append(m.open[s.Call], s.ID)
		}
	}
}

func (m *memory) Due(ctx context.Context, until time.Time, most int, holding func(call.ID) bool) ([]Work, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var due []Call
	for id, steps := range m.open {
		c := m.calls[id]
		if len(steps) > 0 && !c.Due.IsZero() && !c.Due.After(until) && (holding == nil || !holding(id)) {
			due = append(due, c)
		}
	}
	slices.SortFunc(due, func(a, b Call) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.State.ID, b.State.ID))
	})
	var out []Work
	for _, c := range due[:min(len(due), most)] {
		out = append(out, m.work(c.State.ID))
	}
	return out, nil
}

// ofCall returns all steps of a call, ordered.
func (m *memory) ofCall(id call.ID) []Step {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Step
	for _, s := range m.all[id] {
		out = append(out, m.steps[s])
	}
	slices.SortFunc(out, func(a, b Step) int { return a.Seq - b.Seq })
	return out
}

// Events, Runs and Steps let journaltest read back.
func (m *memory) Events(_ context.Context, id call.ID) ([]call.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []call.Event
	for i := range m.events {
		if m.events[i].Call == id {
			out = append(out, m.events[i])
		}
	}
	return out, nil
}

func (m *memory) Runs(_ context.Context, id call.ID) ([]Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Run
	for i := range m.runs {
		if m.runs[i].Call == id {
			out = append(out, m.runs[i])
		}
	}
	return out, nil
}

func (m *memory) Steps(_ context.Context, id call.ID) ([]Step, error) { return m.ofCall(id), nil }

// refuse sets what is asked before a group is stored.
func (m *memory) refuse(before func(*Group) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.before = before
}

// adopt takes over what is in another journal, as if both had always been one.
func (m *memory) adopt(o *memory) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls, m.steps, m.open, m.all, m.refs, m.keys, m.events, m.runs, m.kept = o.calls, o.steps, o.open, o.all, o.refs, o.keys, o.events, o.runs, o.kept
}
