package engine

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/goccy/go-json"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/workflow"
)

// input is one thing that waits to become part of a group. One of its parts is set.
type input struct {
	events []call.Event
	waits  []*platform.Wait // nil, or one for each event; nil where nobody waits
	kept   *Kept
	report *report
	order  *order

	// err is what became of it: set when settled.
	err     error
	settled bool
	answer  chan error // buffered; nil when nobody waits
}

// report is what became of a running step.
type report struct {
	run     *running
	outcome Outcome
	at      time.Time // when the attempt began
	took    time.Duration
}

// draft is a group that is being planned, and what the core takes over once it is stored. Calls in it are copies. Nothing
// of a call that is in a draft is started: the landing of the draft looks what may start.
type draft struct {
	core  *core
	known Known
	now   time.Time

	group     Group
	order     []call.ID // of calls, in the order in which they were touched
	calls     map[call.ID]*hot
	index     *call.Index
	seen      map[string]bool // events of this group
	steps     map[string]int  // where a step is in group.Steps
	settled   []*running
	cancelled []string // steps that a person cancelled
	errs      []error  // by input
	doubles   int      // events that were known already
	planned   int      // steps
	followed  []*followed
	following *followed // by whom the steps of the event at hand are waited for; nil when nobody does
}

// draft begins a draft. It ends by [core.committed], [core.forget] or [core.discard].
func (c *core) draft() *draft {
	d := &draft{
		core: c, index: call.NewIndex(), calls: map[call.ID]*hot{}, seen: map[string]bool{}, steps: map[string]int{},
		known: Known{Refs: map[call.Ref]call.ID{}, Calls: map[call.ID]Work{}, Steps: map[StepRef]Step{}},
	}
	c.drafts = append(c.drafts, d)
	return d
}

// ask names what the draft has to know to plan the inputs.
func (d *draft) ask(in []*input) Ask {
	var a Ask
	refs, calls := map[call.Ref]bool{}, map[call.ID]bool{}
	need := func(id call.ID) {
		if d.core.hot[id] == nil && d.calls[id] == nil && !calls[id] {
			calls[id] = true
			a.Calls = append(a.Calls, id)
		}
	}
	for _, i := range in {
		for j := range i.events {
			for _, r := range i.events[j].Refs() {
				if id, ok := d.lookup(r); ok {
					need(id)
				} else if !refs[r] {
					refs[r] = true
					a.Refs = append(a.Refs, r)
				}
			}
		}
		if i.report != nil {
			s := &i.report.run.step.Step
			need(s.Call)
			if h := d.core.hot[s.Call]; h == nil || h.step(s.ID) < 0 {
				a.Steps = append(a.Steps, s.Ref())
			}
		}
		if i.order != nil {
			a.Steps = append(a.Steps, i.order.step)
			if !i.order.cancel {
				a.Steps = append(a.Steps, i.order.step.rest()...)
			}
		}
	}
	return a
}

// lookup is the call of a platform id, as far as it is known without the journal.
func (d *draft) lookup(r call.Ref) (call.ID, bool) {
	if id, ok := d.index.Lookup(r); ok {
		return id, true
	}
	return d.core.index.Lookup(r)
}

// plan decides what further inputs mean. known is the answer to their ask.
func (d *draft) plan(known Known, in []*input, now time.Time) {
	maps.Copy(d.known.Refs, known.Refs)
	maps.Copy(d.known.Calls, known.Calls)
	maps.Copy(d.known.Steps, known.Steps)
	d.now = now
	d.reserve(in)
	for _, i := range in {
		var err error
		for j := range i.events {
			if i.waits != nil {
				d.follow(i.waits[j])
			}
			d.event(i.events[j])
			d.following = nil
		}
		if i.kept != nil {
			d.group.Kept = append(d.group.Kept, *i.kept)
		}
		if i.report != nil {
			d.report(i.report)
		}
		if i.order != nil {
			err = d.obey(i.order)
		}
		d.errs = append(d.errs, err)
	}
}

// finish completes the group.
func (d *draft) finish() *Group {
	d.group.Calls = make([]Call, 0, len(d.order))
	for _, id := range d.order {
		h := d.calls[id]
		h.call.Due = d.core.next(h, d.settled...)
		d.group.Calls = append(d.group.Calls, h.call)
	}
	return &d.group
}

// reserve makes room for what the inputs bring at most, and for about as many steps: growing would copy it again and again.
func (d *draft) reserve(in []*input) {
	events := 0
	for _, i := range in {
		events += len(i.events)
	}
	d.group.Events = slices.Grow(d.group.Events, events)
	d.group.Steps = slices.Grow(d.group.Steps, events+len(in))
}

// touch returns the draft's copy of a call, or nil if there is no such call.
func (d *draft) touch(id call.ID) *hot {
	if h := d.calls[id]; h != nil {
		return h
	}
	var h *hot
	if base := d.core.hot[id]; base != nil {
		h = &hot{call: base.call, steps: slices.Clone(base.steps), refs: slices.Clip(base.refs), heard: slices.Clip(base.heard)}
	} else if w, ok := d.known.Calls[id]; ok {
		h = thaw(w)
	} else {
		return nil
	}
	d.calls[id] = h
	d.order = append(d.order, id)
	return h
}

// resolve finds the call of ev, which may be new.
func (d *draft) resolve(ev *call.Event) *hot {
	refs := ev.Refs()
	for _, r := range refs {
		if id, ok := d.lookup(r); ok {
			d.index.Learn(r, id)
		} else if id, ok := d.known.Refs[r]; ok {
			d.index.Learn(r, id)
		}
	}
	for _, r := range d.index.Resolve(ev) {
		if d.group.Refs == nil {
			d.group.Refs = map[call.Ref]call.ID{}
		}
		d.group.Refs[r] = ev.Call
	}
	h := d.touch(ev.Call)
	if h == nil {
		h = &hot{}
		d.calls[ev.Call] = h
		d.order = append(d.order, ev.Call)
	}
	for _, r := range refs {
		if id, _ := d.index.Lookup(r); id == ev.Call && !slices.Contains(h.refs, r) {
			h.refs = append(h.refs, r)
		}
	}
	return h
}

// stored reports whether an event is stored already. Its platform id is then, too, and leads to the call that has it.
func (d *draft) stored(ev *call.Event, key string) bool {
	ref := call.Ref{Connection: ev.Connection, Ref: ev.Ref}
	id, ok := d.lookup(ref)
	if !ok {
		id = d.known.Refs[ref]
	}
	h := d.calls[id]
	if h == nil {
		h = d.core.hot[id]
	}
	if h != nil {
		return slices.Contains(h.heard, key)
	}
	return slices.Contains(d.known.Calls[id].Events, key)
}

// event folds one event in, unless it is known, and plans what the rules want of it.
func (d *draft) event(ev call.Event) {
	key := ev.Key()
	if d.seen[key] || d.stored(&ev, key) {
		d.doubles++
		d.catchUp(&ev)
		return
	}
	d.seen[key] = true
	h := d.resolve(&ev)
	h.heard = append(h.heard, key)
	before := h.call.State
	h.call.State = call.Apply(before, &ev)
	d.group.Events = append(d.group.Events, ev)
	if len(ev.Log) > 0 {
		d.amend(h, &ev)
		return
	}
	d.group.Attempts = append(d.group.Attempts, d.core.heard.Heard(&ev, &h.call.State)...)
	planned := d.planned
	for _, l := range workflow.Decided(d.match, &before, &h.call.State, &ev) {
		d.start(h, &l.Event, &l.Plan, false)
	}
	if ev.IsMoment() {
		for _, p := range d.match(&ev, &h.call.State) {
			d.start(h, &ev, &p, false)
		}
	}
	d.correct(h, &ev, &before, d.planned > planned)
}

// match asks the rules. A rule that panics must not take the event with it.
func (d *draft) match(ev *call.Event, s *call.State) (plans []workflow.Plan) {
	defer func() {
		if p := recover(); p != nil {
			d.core.badRule(p)
			plans = nil
		}
	}()
	return d.core.rules.Match(workflow.Moment{Event: ev, State: s})
}

// start plans the run of one rule.
func (d *draft) start(h *hot, ev *call.Event, p *workflow.Plan, correction bool) {
	once := ""
	if !p.Once {
		once = ev.Key()
	}
	run := runID(ev.Call, ev.Leg, p.Workflow, p.Rule, once)
	if slices.Contains(h.call.Fired, run) {
		return
	}
	if p.Once {
		h.call.Fired = append(slices.Clip(h.call.Fired), run)
	}
	d.group.Runs = append(d.group.Runs, Run{
		ID: run, Call: ev.Call, Event: ev.Key(), Leg: ev.Leg, Agent: ev.Agent,
		Workflow: p.Workflow, Rule: p.Rule, Revision: p.Revision, Started: d.now, Shadow: p.Shadow, Correction: correction,
	})
	for i := range p.Steps {
		s := d.step(h, ev, p, run, i)
		d.store(s)
		d.planned++
		if !s.State.Final() {
			h.steps = append(h.steps, s)
			if d.following != nil && s.Lane != LaterLane { // nobody waits for weeks
				d.following.steps = append(d.following.steps, s.ID)
			}
		}
	}
}

// step plans one step of a run.
func (d *draft) step(h *hot, ev *call.Event, p *workflow.Plan, run string, i int) *step {
	planned, _ := d.core.overruled(p.Steps[i], h.call.State.Leg(ev.Leg))
	s := &step{plan: planned, Step: Step{
		ID: stepID(run, i), Run: run, Call: ev.Call, Leg: ev.Leg, Agent: ev.Agent,
		Workflow: p.Workflow, Seq: h.call.NextSeq, Lane: Lane(planned.Lane), Kind: planned.Kind,
		Key: effectKey(ev.Call, ev, p, &planned, run, i), State: Pending, Heard: ev.Received, Due: d.now,
	}}
	h.call.NextSeq++
	plan, err := json.Marshal(planned)
	s.Plan = plan
	switch {
	case err != nil:
		s.Plan = json.RawMessage("null")
		s.finish(Dead, "bad-plan", fmt.Sprintf("the step cannot be stored: %v", err), d.now)
	case p.Shadow:
		s.finish(Skipped, string(workflow.InShadow), "the workflow only watches", d.now)
	}
	return s
}

// finish makes a step final.
func (s *Step) finish(state StepState, reason, detail string, now time.Time) {
	s.State, s.Reason, s.Detail = state, reason, detail
	s.Due, s.Ended = time.Time{}, now
}

// store puts a step into the group, once.
func (d *draft) store(s *step) {
	if i, ok := d.steps[s.ID]; ok {
		s.Stored = d.group.Steps[i].Stored
		d.group.Steps[i] = s.Step
	} else {
		d.steps[s.ID] = len(d.group.Steps)
		d.group.Steps = append(d.group.Steps, s.Step)
	}
	s.Stored = s.State // when the group is stored; if it is not, s is forgotten
}

// step is the place of an unfinished step; -1 if there is none with this id.
func (h *hot) step(id string) int {
	return slices.IndexFunc(h.steps, func(s *step) bool { return s.ID == id })
}

// replace puts a changed step in the place of the old one, or takes it out when it is final.
func (h *hot) replace(s *step) {
	i := h.step(s.ID)
	switch {
	case i >= 0 && s.State.Final():
		h.steps = slices.Delete(h.steps, i, i+1)
	case i >= 0:
		h.steps[i] = s
	case !s.State.Final():
		h.steps = append(h.steps, s)
		slices.SortFunc(h.steps, func(a, b *step) int { return a.Seq - b.Seq })
	}
}

// with returns m with one more entry and leaves m alone.
func with[K comparable, V any](m map[K]V, k K, v V) map[K]V {
	n := make(map[K]V, len(m)+1)
	maps.Copy(n, m)
	n[k] = v
	return n
}
