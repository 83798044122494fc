package engine

import (
	"cmp"
	"container/heap"
	"container/list"
	"encoding/json"
	"slices"
	"time"

	"cordboard/call"
	"cordboard/workflow"
)

// Rules says which rules an event fires. It is pure and safe for concurrent use; [workflow.Set] is one.
type Rules interface {
	Match(m workflow.Moment) []workflow.Plan
}

// core decides. It holds the calls that have something to do soon, and a number of others because they may be needed
// again; everything else is in the journal only. It knows no clock, does no I/O and starts nothing: it is told what
// happened and when, plans a [Group] on copies ([core.draft]), and takes the plan over once it is stored
// ([core.committed]) or drops it ([core.forget], [core.discard]). It belongs to one goroutine.
type core struct {
	rules   Rules
	policy  func(kind string) Policy
	limit   func(lane Lane, kind string) int
	seed    uint64
	callLog string        // the object whose records are logs of calls
	cap     int           // about how many calls with something to do to hold
	horizon time.Duration // what is due later leaves memory

	hot     map[call.ID]*hot
	index   *call.Index // refs of hot calls only
	ended   *list.List  // ids of hot calls that are over and without unfinished steps, the newest touched first
	idle    *list.List  // of those that go on, without unfinished steps, likewise
	waiting *list.List  // of the other hot calls, likewise
	spot    map[call.ID]spot
	running map[string]*running // by step id
	busy    map[call.ID][]*running
	count   map[string]int     // running steps by kind
	ready   map[string][]ready // steps that may start, by kind
	kinds   []laneKind         // the keys of ready: those of screens come first
	queued  map[string]bool    // ids of the steps in ready
	timers  timers
	pollAt  time.Time // when to ask the journal for what is due
	drafts  []*draft  // what is planned and not stored yet, the oldest first

	badRule func(any) // told of a panic in rules
	heard   Listener
}

// hot is a call in memory: one that this node has stored or was handed, so that it may perform its steps. Its steps are unfinished and ordered by Seq; a *step never changes, it is replaced.
type hot struct {
	call  Call
	steps []*step
	refs  []call.Ref
	heard []string // the keys of its events
}

// spot is where a hot call stands in a list.
type spot struct {
	list *list.List
	*list.Element
}

// step is an unfinished step with its plan decoded.
type step struct {
	Step
	plan workflow.Planned
}

// lane is what a step may wait behind: one for the work of a call, one for each agent's screen, so that a slow browser does
// not hold up the next agent of the same call, and one for each run that waits for its time.
type lane struct {
	Lane
	of string // the agent, or the run
}

func (s *Step) lane() lane {
	switch s.Lane {
	case ScreenLane:
		return lane{ScreenLane, s.Agent}
	case LaterLane:
		return lane{LaterLane, s.Run}
	}
	return lane{Lane: WorkLane}
}

// running is a step that is being performed.
type running struct {
	step *step
	// early is the result made known before the end.
	early json.RawMessage
}

type ready struct {
	call call.ID
	step string
}

// laneKind is a kind of steps with the lane that it is performed in.
type laneKind struct {
	lane Lane
	kind string
}

// compare puts screens first, and what may take weeks anyway last.
func (k laneKind) compare(o laneKind) int {
	order := []Lane{ScreenLane, WorkLane, LaterLane}
	return cmp.Or(slices.Index(order, k.lane)-slices.Index(order, o.lane), cmp.Compare(k.kind, o.kind))
}

func newCore() *core {
	return &core{
		policy:  func(string) Policy { return DefaultPolicy() },
		limit:   func(Lane, string) int { return 256 },
		cap:     10_000,
		horizon: 30 * time.Second,
		hot:     map[call.ID]*hot{},
		index:   call.NewIndex(),
		ended:   list.New(),
		idle:    list.New(),
		waiting: list.New(),
		spot:    map[call.ID]spot{},
		running: map[string]*running{},
		busy:    map[call.ID][]*running{},
		count:   map[string]int{},
		ready:   map[string][]ready{},
		queued:  map[string]bool{},
		badRule: func(any) {},
		heard:   deaf{},
	}
}

// thaw makes what the journal answered a hot call.
func thaw(w Work) *hot {
	h := &hot{call: w.Call, heard: w.Events}
	for _, s := range w.Steps {
		if s.State.Final() {
			continue
		}
		t := &step{Step: s}
		// A plan that cannot be read has no needs; performing the step says so.
		_ = json.Unmarshal(s.Plan, &t.plan)
		h.steps = append(h.steps, t)
	}
	slices.SortFunc(h.steps, func(a, b *step) int { return a.Seq - b.Seq })
	return h
}

// put makes h the call's present state in memory.
func (c *core) put(h *hot) {
	id := h.call.State.ID
	c.hot[id] = h
	for _, r := range h.refs {
		c.index.Learn(r, id)
	}
	if at, ok := c.spot[id]; ok {
		at.list.Remove(at.Element)
	}
	l := c.waiting
	switch {
	case len(h.steps) > 0:
	case h.call.State.Open():
		l = c.idle
	default:
		l = c.ended
	}
	c.spot[id] = spot{l, l.PushFront(id)}
}

// drop takes a call out of memory. What it has to do is in the journal.
func (c *core) drop(id call.ID) {
	h := c.hot[id]
	if h == nil {
		return
	}
	for _, r := range h.refs {
		c.index.Forget(r)
	}
	c.spot[id].list.Remove(c.spot[id].Element)
	delete(c.spot, id)
	delete(c.hot, id)
}

// changing reports whether a call is in a draft.
func (c *core) changing(id call.ID) bool {
	return slices.ContainsFunc(c.drafts, func(d *draft) bool { return d.calls[id] != nil })
}

func (c *core) end(d *draft) {
	c.drafts = slices.DeleteFunc(c.drafts, func(o *draft) bool { return o == d })
}

// committed takes a stored plan over.
func (c *core) committed(d *draft, now time.Time) {
	c.end(d)
	for _, r := range d.settled {
		c.over(r)
	}
	for _, id := range d.order {
		h := d.calls[id]
		h.call.Stored++
		c.put(h)
	}
	for _, id := range d.order {
		c.schedule(id, now)
	}
	c.evict(now)
}

// forget drops the calls of a plan that was not stored: they are read again when they are needed.
func (c *core) forget(d *draft, now time.Time) {
	c.end(d)
	for _, id := range d.order {
		c.drop(id)
	}
	c.pollBy(now.Add(time.Second))
}

// discard drops a plan of which nothing was tried to store.
func (c *core) discard(d *draft, now time.Time) {
	c.end(d)
	for _, id := range d.order {
		c.schedule(id, now)
	}
}

// adopt takes in calls that the journal handed out.
func (c *core) adopt(work []Work, now time.Time) {
	for _, w := range work {
		id := w.Call.State.ID
		if c.hot[id] == nil {
			c.put(thaw(w))
		}
		c.schedule(id, now)
	}
	c.evict(now)
}

// over says that a step is no longer being performed.
func (c *core) over(r *running) {
	s := r.step
	if c.running[s.ID] != r {
		return
	}
	delete(c.running, s.ID)
	c.count[s.Kind]--
	rest := slices.DeleteFunc(c.busy[s.Call], func(o *running) bool { return o == r })
	if len(rest) == 0 {
		delete(c.busy, s.Call)
		return
	}
	c.busy[s.Call] = rest
}

// early makes a result known before its step is over.
func (c *core) early(id string, result json.RawMessage, now time.Time) {
	r := c.running[id]
	if r == nil || len(result) == 0 {
		return
	}
	r.early = result
	c.schedule(r.step.Call, now)
}

// timers are the times at which hot calls have something to do, the earliest first.
type timers []timer

type timer struct {
	due  time.Time
	call call.ID
}

func (t timers) Len() int           { return len(t) }
func (t timers) Less(i, j int) bool { return t[i].due.Before(t[j].due) }
func (t timers) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }

// Push and Pop are for container/heap.
func (t *timers) Push(x any) { *t = append(*t, x.(timer)) }

// Pop is for container/heap.
func (t *timers) Pop() any {
	old := *t
	last := old[len(old)-1]
	*t = old[:len(old)-1]
	return last
}

// fire schedules the calls whose time has come.
func (c *core) fire(now time.Time) {
	for len(c.timers) > 0 && !c.timers[0].due.After(now) {
		c.schedule(heap.Pop(&c.timers).(timer).call, now)
	}
}
