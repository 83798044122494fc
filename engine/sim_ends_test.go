package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"cordboard/call"
)

// crash is what the simulated process dies of.
type crash struct{}

// simJournal puts faults between the core and its journal.
type simJournal struct {
	*memory
	w *world
}

var errSim = errors.New("simulated fault")

func (j *simJournal) Known(ctx context.Context, ask Ask) (Known, error) {
	if j.w.fault("read error", 200) {
		return Known{}, errSim
	}
	k, err := j.memory.Known(ctx, ask)
	if j.w.mutant == "no dedupe" {
		for id, w := range k.Calls {
			w.Events = nil
			k.Calls[id] = w
		}
	}
	if j.w.mutant == "steps out of order" {
		for _, w := range k.Calls {
			reverse(w.Steps)
		}
	}
	return k, err
}

func (j *simJournal) Commit(ctx context.Context, g Group) error {
	w := j.w
	switch {
	case w.fault("crash before commit", 150):
		panic(crash{})
	case w.fault("disk full", 100):
		return errSim
	case w.fault("stale", 60):
		j.interfere(g)
	}
	if w.mutant == "lost writes" && w.rng.IntN(50) == 0 {
		w.crashSoon = true
		return nil
	}
	if w.mutant == "no dedupe" || w.mutant == "no versions" {
		j.store(&g)
	} else if err := j.memory.Commit(ctx, g); err != nil {
		return err
	}
	switch {
	case w.fault("crash after commit", 150):
		panic(crash{})
	case w.fault("commit answer lost", 100):
		return errSim
	}
	return nil
}

// interfere changes a call of the group as another process would: it cancels a step that is not being performed.
func (j *simJournal) interfere(g Group) {
	c, ok := j.calls[g.Calls[j.w.rng.IntN(len(g.Calls))].State.ID]
	if !ok {
		return
	}
	var changed []Step
	for _, id := range j.open[c.State.ID] {
		if s := j.steps[id]; j.w.settler.core.running[id] == nil && j.w.rng.IntN(4) == 0 {
			j.w.hit("foreign cancellation")
			j.w.cancelled[id] = true
			s.finish(Skipped, "cancelled-by", "another node", j.w.now)
			changed = append(changed, s)
			break
		}
	}
	j.store(&Group{Calls: []Call{c}, Steps: changed})
}

func (j *simJournal) Due(ctx context.Context, until time.Time, most int, holding func(call.ID) bool) ([]Work, error) {
	if j.w.mutant == "no due" {
		return nil, nil
	}
	if j.w.fault("due error", 200) {
		return nil, errSim
	}
	work, err := j.memory.Due(ctx, until, most, holding)
	if j.w.mutant == "steps out of order" {
		for _, w := range work {
			reverse(w.Steps)
		}
	}
	return work, err
}

func reverse(steps []Step) {
	for i := range len(steps) / 2 {
		a, b := &steps[i], &steps[len(steps)-1-i]
		a.Seq, b.Seq = b.Seq, a.Seq
	}
	slices.Reverse(steps)
}

// simCRM is a CRM with upserts by key.
type simCRM struct {
	w       *world
	records map[string][]map[string]string // by key; more than one is a double
	log     map[call.ID][]effect           // what was done, in order
	invalid map[string]bool                // steps that it refuses for good
}

type effect struct {
	step string
	seq  int
	key  string
	what string
}

// do writes the record of a step, or fails in one of the ways of a CRM.
func (c *simCRM) do(s *Step, what string) Outcome {
	w := c.w
	if w.fault("crm invalid", 40) {
		c.invalid[s.ID] = true
	}
	switch {
	case c.invalid[s.ID]:
		return Kill("crm-refused", "invalid")
	case w.fault("crm busy", 6):
		return Again("crm-busy", "row lock")
	case w.fault("crm limited", 30):
		return Park("parked-limit", "quota", w.now.Add(time.Duration(w.rng.IntN(7200))*time.Second))
	case w.fault("crm limited, no time", 60):
		return Park("parked-limit", "quota", time.Time{})
	case w.fault("action panics", 100):
		return Kill("bug", "panic")
	}
	c.log[s.Call] = append(c.log[s.Call], effect{s.ID, s.Seq, s.Key, what})
	if s.Kind != "http" {
		c.upsert(s, what)
	}
	if w.fault("crm answer lost", 8) {
		return Again("crm-busy", "timeout")
	}
	out := Did(json.RawMessage(fmt.Sprintf(`{"id":"id-%s"}`, s.Key)))
	if s.Kind != "http" {
		out.Record = &RecordRef{Object: "Task", ID: "id-" + s.Key}
	}
	return out
}

func (c *simCRM) upsert(s *Step, what string) {
	have := c.records[s.Key]
	if len(have) == 0 || c.w.mutant == "plain create" && s.Kind == "create" {
		have = append(have, map[string]string{})
	}
	have[0][what], have[0]["last"] = "set", what
	c.records[s.Key] = have
}

// simDesk is an agent's browser: it shows a key once.
type simDesk struct {
	w     *world
	shown map[string]int             // by key
	keys  map[string]map[string]bool // keys by what they show
}

func (d *simDesk) do(s *Step, what string) Outcome {
	if d.w.fault("no desk", 10) {
		return Skip("no-desk", "")
	}
	if d.w.fault("desk busy", 30) {
		return Again("busy", "")
	}
	if d.w.fault("desk parked", 30) {
		return Park("busy", "", time.Time{})
	}
	if d.shown[s.Key] == 0 || d.w.mutant == "forgetful desk" {
		d.shown[s.Key]++
	} else {
		d.w.hit("pop shown already")
	}
	if d.keys[what] == nil {
		d.keys[what] = map[string]bool{}
	}
	d.keys[what][s.Key] = true
	if s.Kind == popKind {
		return Did(popResult(s))
	}
	return Did(nil)
}

func popResult(s *Step) json.RawMessage { return json.RawMessage(fmt.Sprintf(`{"id":"003-%s"}`, s.ID)) }

// line is a connection: it tells its events in order and goes back to the last one acknowledged.
type line struct {
	events []call.Event
	acked  int
	flight *input
	size   int // events in flight
}

func (l *line) send(rng *rand.Rand, now time.Time) *input {
	n := min(1+rng.IntN(4), len(l.events)-l.acked)
	l.flight, l.size = &input{events: slices.Clone(l.events[l.acked : l.acked+n])}, n
	for i := range l.flight.events {
		l.flight.events[i].Received = now
	}
	return l.flight
}
