package engine

import (
	"container/heap"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"cordboard/call"
	"cordboard/workflow"
)

// start is a step to perform now, with what it may refer to.
type start struct {
	step    *step
	results workflow.Results
	known   *RecordRef
}

// heads yields the first unfinished step of every lane.
func (h *hot) heads(yield func(*step) bool) {
	var seen [8]lane
	lanes := seen[:0]
	for _, s := range h.steps {
		l := s.lane()
		if slices.Contains(lanes, l) {
			continue
		}
		lanes = append(lanes, l)
		if !yield(s) {
			return
		}
	}
}

// blocked reports whether s refers to a pop on its agent's screen that has not told its result yet, or from a screen to
// a reply that is still to come. Records need no such care: they are written in the lane of the step itself. What is over
// counts as not running any more.
func (c *core) blocked(h *hot, s *step, over ...*running) bool {
	if s.Lane == ScreenLane && slices.Contains(s.plan.Needs, "reply") && slices.ContainsFunc(h.steps, func(o *step) bool {
		return o.Seq < s.Seq && o.replies() && o.Leg == s.Leg && o.Workflow == s.Workflow
	}) {
		return true
	}
	if !slices.Contains(s.plan.Needs, "pop") {
		return false
	}
	for _, o := range h.steps {
		if o.Seq >= s.Seq {
			return false
		}
		if o.Kind != popKind || o.Agent != s.Agent {
			continue
		}
		if r := c.running[o.ID]; r == nil || r.early == nil || slices.Contains(over, r) {
			return true
		}
	}
	return false
}

// replies reports whether later steps may refer to what the step's request is answered.
func (s *step) replies() bool { return s.plan.As != "" && s.plan.Object == "" }

// popKind is the kind of the steps whose results others refer to as "pop".
const popKind = "pop"

// next is when the first of the call's steps may be performed, once what is over is booked; zero when none is left.
func (c *core) next(h *hot, over ...*running) time.Time {
	var first time.Time
	for s := range h.heads {
		if !c.blocked(h, s, over...) && (first.IsZero() || s.Due.Before(first)) {
			first = s.Due
		}
	}
	return first
}

// schedule queues the steps of a call that may start, and sets a timer for the ones that wait. A call that has nothing
// to do before the horizon leaves memory, and so does one with work to do while a whole memory full of others has too:
// it comes back when there are free places.
func (c *core) schedule(id call.ID, now time.Time) {
	h := c.hot[id]
	if h == nil || c.changing(id) {
		return
	}
	var soon, later, full bool
	for s := range h.heads {
		switch {
		case c.blocked(h, s): // what it waits for is the head of another lane
		case c.occupied(s) || c.queued[s.ID]:
			soon = true
		case !s.Due.After(now) && s.Lane != ScreenLane && len(c.queued) >= c.cap:
			later, full = true, true
			c.pollBy(now)
		case !s.Due.After(now):
			c.enqueue(s)
			soon = true
		case s.Due.Sub(now) <= c.horizon:
			heap.Push(&c.timers, timer{s.Due, id})
			soon = true
		default:
			later = true
		}
	}
	switch {
	case later && !soon:
		c.drop(id)
	case full: // another lane keeps the call in memory, so the journal will not hand it out
		heap.Push(&c.timers, timer{now.Add(time.Second), id})
	}
}

// occupied reports whether a step is being performed in the lane of s.
func (c *core) occupied(s *step) bool {
	for _, r := range c.busy[s.Call] {
		if r.step.lane() == s.lane() {
			return true
		}
	}
	return false
}

func (c *core) enqueue(s *step) {
	if _, known := c.ready[s.Kind]; !known {
		c.kinds = append(c.kinds, laneKind{s.Lane, s.Kind})
		slices.SortFunc(c.kinds, laneKind.compare)
	}
	c.ready[s.Kind] = append(c.ready[s.Kind], ready{s.Call, s.ID})
	c.queued[s.ID] = true
}

// start returns the steps to perform now, as many as the limits of their kinds allow, and counts them as running. Screens
// come first: somebody looks at them, and what is started first has a processor first.
func (c *core) start(now time.Time) []start {
	c.fire(now)
	var out []start
	for _, k := range c.kinds {
		kind, queue := k.kind, c.ready[k.kind]
		for len(queue) > 0 {
			r := queue[0]
			s := c.startable(r, now)
			if s != nil && c.count[kind] >= c.limit(s.Lane, kind) {
				break
			}
			queue[0] = ready{}
			queue = queue[1:]
			delete(c.queued, r.step)
			if s != nil {
				out = append(out, c.begin(s))
			}
		}
		if len(queue) == 0 {
			queue = nil
		}
		c.ready[kind] = queue
	}
	return out
}

// startable returns the step of a queue entry if it still may start; much may have happened since it was queued.
func (c *core) startable(r ready, now time.Time) *step {
	h := c.hot[r.call]
	if h == nil || c.changing(r.call) {
		return nil
	}
	for s := range h.heads {
		if s.ID == r.step {
			if s.Due.After(now) || c.occupied(s) || c.blocked(h, s) {
				return nil
			}
			return s
		}
	}
	return nil
}

func (c *core) begin(s *step) start {
	r := &running{step: s}
	c.running[s.ID] = r
	c.busy[s.Call] = append(c.busy[s.Call], r)
	c.count[s.Kind]++
	h := c.hot[s.Call]
	st := start{step: s}
	if ref, ok := h.call.Records[s.Key]; ok {
		st.known = &ref
	}
	if len(s.plan.Later) > 0 || len(s.plan.Needs) > 0 {
		st.results = c.results(h, s)
	}
	return st
}

// results gathers what s may refer to: the newest pop on its agent's screen, and the call's records by name. Of two
// records of one name the workflow's own on this leg counts, then this leg's, then the newest.
func (c *core) results(h *hot, s *step) workflow.Results {
	res := workflow.Results{Pop: h.call.Pops[s.Agent], Record: map[string]json.RawMessage{}}
	for _, r := range h.call.Replies {
		if r.Leg == s.Leg && r.Workflow == s.Workflow {
			res.Reply = with(res.Reply, r.As, r.Result)
		}
	}
	newest := -1
	for _, r := range c.busy[s.Call] {
		o := r.step
		if o.Kind == popKind && o.Agent == s.Agent && o.Seq < s.Seq && o.Seq > newest && r.early != nil {
			res.Pop, newest = r.early, o.Seq
		}
	}
	best := map[string]int{}
	for _, key := range slices.Sorted(maps.Keys(h.call.Records)) {
		ref := h.call.Records[key]
		name := ref.Object
		if ref.As != "" {
			name = ref.As
		}
		rank := ref.Seq
		if ref.Leg == s.Leg {
			rank += 1 << 30
		}
		if key == recordKey(s.Call, s.Leg, s.Workflow, ref.Object, ref.As) {
			rank += 1 << 31
		}
		if old, ok := best[name]; ok && old > rank {
			continue
		}
		best[name] = rank
		res.Record[name] = ref.Result
		if len(ref.Result) == 0 {
			res.Record[name], _ = json.Marshal(map[string]string{"id": ref.ID}) // strings always marshal
		}
	}
	return res
}
