package engine

import (
	"time"

	"cordboard/call"
)

// pollBatch is how many calls one question to the journal brings at most.
func (c *core) pollBatch() int { return max(1, min(512, c.cap/2)) }

// pollBy asks for a poll at t or earlier.
func (c *core) pollBy(t time.Time) {
	if t.Before(c.pollAt) {
		c.pollAt = t
	}
}

// full reports whether there is enough to do: then the rest waits in the journal.
func (c *core) full() bool { return len(c.queued) > c.cap/2 }

// poll says whether it is time to ask the journal for due calls, and until when they may be due. While memory is short
// only what is due already comes in; otherwise what is due before the horizon, so that it starts on its time.
func (c *core) poll(now time.Time) (until time.Time, due bool) {
	if now.Before(c.pollAt) || c.full() {
		return time.Time{}, false
	}
	if c.waiting.Len() > c.cap {
		return now, true
	}
	return now.Add(c.horizon), true
}

// polled sets the next poll: at once when there is more than was asked for. Other nodes' calls are noticed by it too.
func (c *core) polled(until, now time.Time, got int) {
	switch {
	case got >= c.pollBatch():
		c.pollAt = now
	case until.After(now):
		c.pollAt = now.Add(c.horizon)
	default:
		c.pollAt = now.Add(time.Second)
	}
}

// wake is when the core next has something to do by itself; zero when nothing waits.
func (c *core) wake() time.Time {
	w := c.pollAt
	if c.full() {
		w = time.Time{}
	}
	if len(c.timers) > 0 && (w.IsZero() || c.timers[0].due.Before(w)) {
		w = c.timers[0].due
	}
	return w
}

// evict keeps the number of hot calls near the cap. First the calls go that are over and have nothing to do, then those that
// go on, the longest untouched first: at the largest site 18,000 calls go on at once, and each has events to come. If a CRM
// is down and a hundred thousand retries are due, calls that wait for their time go too, the newest first: the journal hands
// them out again. What is being performed, is about to be, or waits for a screen stays.
func (c *core) evict(now time.Time) {
	for c.ended.Len() > c.cap/5 {
		c.drop(c.ended.Back().Value.(call.ID))
	}
	for c.idle.Len() > 5*c.cap {
		c.drop(c.idle.Back().Value.(call.ID))
	}
	e := c.waiting.Front()
	for looked := 0; e != nil && looked < maxLook && c.waiting.Len() > 2*c.cap; looked++ {
		id := e.Value.(call.ID)
		e = e.Next()
		if h := c.hot[id]; len(c.busy[id]) == 0 && !h.screens() && !c.starts(h) {
			c.pollBy(later(c.next(h), now))
			c.drop(id)
		}
	}
}

// maxLook bounds how many calls one eviction looks at.
const maxLook = 4096

// starts reports whether a step of the call waits for a free place only.
func (c *core) starts(h *hot) bool {
	for s := range h.heads {
		if c.queued[s.ID] {
			return true
		}
	}
	return false
}

// screens reports whether something waits for a screen.
func (h *hot) screens() bool {
	for _, s := range h.steps {
		if s.Lane == ScreenLane {
			return true
		}
	}
	return false
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// holds reports whether a call is in memory, or about to be.
func (c *core) holds(id call.ID) bool {
	return c.hot[id] != nil || c.changing(id)
}
