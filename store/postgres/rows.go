package postgres

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/store/internal/column"
	"cordboard/store/internal/search"
)

// rows is a group as columns: a statement takes all rows of a table at once.
type rows struct {
	fresh, moved      callRows
	refs              refRows
	events            eventRows
	planned, reported stepRows // new ones, and those that are stored already
	trouble           troubleRows
	kept              keptRows
	attempts          attemptRows
	from              map[string]struct{} // the connections of the events
	numbers           map[string]int64    // of all calls that the others name by id; filled by Store.number
}

type callRows struct {
	ids, connections, bodies            []string
	stored, due, started, last, indexed []int64
	open, heard                         []bool // heard: the group brings an event of it
	tokens                              [][]string
}

type refRows struct{ refs, connections, calls []string }

type eventRows struct {
	keys, calls, bodies, runs []string
	packed                    [][]byte
}

type stepRows struct {
	ids, calls, states, bodies []string
	seqs, at                   []int64
	places                     []int // in the group
}

// troubleRows are the steps that people look for, and those that they need not look for any more.
type troubleRows struct {
	ids, calls, states, over, overCalls []string
	at                                  []int64
}

type keptRows struct {
	at                []int64
	reasons, messages []string
}

// newRows makes the columns of a group, but for the bodies of events and steps: see write.
func newRows(g *engine.Group) (*rows, error) {
	r := &rows{from: map[string]struct{}{}}
	for _, add := range []func(*engine.Group) error{r.addEvents, r.addCalls, r.addSteps, r.addKept} {
		if err := add(g); err != nil {
			return nil, err
		}
	}
	for ref, id := range g.Refs {
		r.refs.refs = append(r.refs.refs, escape(ref.Ref))
		r.refs.connections = append(r.refs.connections, escape(ref.Connection))
		r.refs.calls = append(r.refs.calls, escape(string(id)))
	}
	r.attempts.add(g.Attempts)
	return r, nil
}

// addCalls takes the calls in the order of their ids, so that two nodes lock them in the same order.
func (r *rows) addCalls(g *engine.Group) error {
	bodies, err := column.Bodies(g.Calls, func(c *engine.Call) string { return "call " + string(c.State.ID) })
	if err != nil {
		return err
	}
	heard := make(map[call.ID]bool, len(g.Events))
	for i := range g.Events {
		heard[g.Events[i].Call] = true
	}
	order := make([]int, len(g.Calls))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(string(g.Calls[a].State.ID), string(g.Calls[b].State.ID)) })
	for _, i := range order {
		c := &g.Calls[i]
		st := &c.State
		found, id := search.Of(c), escape(string(st.ID))
		to := &r.moved
		if c.Stored == 0 {
			to = &r.fresh
		}
		to.ids, to.connections, to.bodies = append(to.ids, id), append(to.connections, escape(st.Connection)), append(to.bodies, bodies[i])
		to.stored, to.due = append(to.stored, c.Stored), append(to.due, optional(c.Due))
		to.started, to.last = append(to.started, column.Nanos(st.Started)), append(to.last, column.Nanos(st.Last))
		to.indexed, to.open, to.heard = append(to.indexed, found.Hash), append(to.open, st.Open()), append(to.heard, heard[st.ID])
		to.tokens = append(to.tokens, escaped(found.List))
	}
	return nil
}

func (r *rows) addEvents(g *engine.Group) error {
	for i := range g.Events {
		ev := &g.Events[i]
		r.from[ev.Connection] = struct{}{}
		r.events.keys = append(r.events.keys, escape(ev.Key()))
		r.events.calls = append(r.events.calls, escape(string(ev.Call)))
	}
	return nil
}

// write writes the bodies of events and steps. It is most of the work, so the server can do something meanwhile.
func (r *rows) write(g *engine.Group) (err error) {
	if r.events.bodies, err = column.Bodies(g.Events, func(ev *call.Event) string { return "event " + ev.ID }); err != nil {
		return err
	}
	r.events.packed = column.Packed(g.Events)
	if r.events.runs, err = column.Runs(g); err != nil {
		return err
	}
	bodies, err := column.Bodies(g.Steps, func(st *engine.Step) string { return "step " + st.ID })
	if err != nil {
		return err
	}
	for _, to := range []*stepRows{&r.planned, &r.reported} {
		to.bodies = make([]string, len(to.places))
		for i, place := range to.places {
			to.bodies[i] = bodies[place]
		}
	}
	return nil
}

// addSteps takes the last of the steps that a group brings twice.
func (r *rows) addSteps(g *engine.Group) error {
	last, fresh := make(map[string]int, len(g.Steps)), make(map[string]bool, len(g.Steps))
	for i := range g.Steps {
		st := &g.Steps[i]
		last[st.ID] = i
		fresh[st.ID] = fresh[st.ID] || st.Stored == ""
	}
	for i := range g.Steps {
		st := &g.Steps[i]
		if last[st.ID] != i {
			continue
		}
		to := &r.reported
		if fresh[st.ID] {
			to = &r.planned
		}
		id, named, at := escape(st.ID), escape(string(st.Call)), column.Nanos(st.Due)
		if st.State.Final() {
			at = column.Nanos(st.Ended)
		}
		to.ids, to.calls = append(to.ids, id), append(to.calls, named)
		to.states, to.places = append(to.states, string(st.State)), append(to.places, i)
		to.seqs, to.at = append(to.seqs, int64(st.Seq)), append(to.at, at)
		switch t := &r.trouble; {
		case troubled(st.State):
			t.ids, t.calls = append(t.ids, id), append(t.calls, named)
			t.states, t.at = append(t.states, string(st.State)), append(t.at, at)
		case troubled(st.Stored):
			t.over, t.overCalls = append(t.over, id), append(t.overCalls, named)
		}
	}
	return nil
}

// troubled reports whether people look for steps in a state.
func troubled(s engine.StepState) bool {
	return s == engine.Retrying || s == engine.Parked || s == engine.Dead
}

func (r *rows) addKept(g *engine.Group) error {
	for _, k := range g.Kept {
		m := k.Message
		if !json.Valid(m.Message) { // it is kept because it is broken: it need not be JSON
			m.SetText(m.Message)
		}
		text, err := column.Body(&m)
		if err != nil {
			return fmt.Errorf("kept message: %w", err)
		}
		r.kept.at = append(r.kept.at, column.Nanos(m.At))
		r.kept.reasons = append(r.kept.reasons, escape(k.Reason))
		r.kept.messages = append(r.kept.messages, text)
	}
	return nil
}
