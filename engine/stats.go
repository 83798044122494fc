package engine

import "maps"

// Stats are totals since the start, and how things stand now.
type Stats struct {
	Events   int64 // stored
	Doubles  int64 // known already
	Kept     int64 // undecodable messages
	Groups   int64 // transactions
	Runs     int64
	Planned  int64               // steps
	Attempts map[StepState]int64 // by what came of them
	Stale    int64               // groups decided again because somebody else was quicker
	Failed   int64               // groups that the journal did not take
	Fenced   int64               // groups that the journal refused because another node had taken over
	Terms    int64               // how often everything in memory was forgotten, because another node may have taken over
	Missed   int64               // changes that watchers missed

	Hot     int            // calls in memory
	Queue   int            // inputs waiting for the next group
	Ready   int            // steps that may start and wait for a free place
	Running map[string]int // steps being performed, by kind
}

// Stats returns how the engine is doing.
func (e *Engine) Stats() Stats {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.stats
	s.Attempts = maps.Clone(s.Attempts)
	s.Missed = e.feed.lost()
	s.Queue = len(e.queue)
	return s
}

// count books a stored group.
func (e *Engine) count(d *draft) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := &e.stats
	s.Events += int64(len(d.group.Events))
	s.Doubles += int64(d.doubles)
	s.Kept += int64(len(d.group.Kept))
	s.Runs += int64(len(d.group.Runs))
	if !d.group.Empty() {
		s.Groups++
	}
	if s.Attempts == nil {
		s.Attempts = map[StepState]int64{}
	}
	s.Planned += int64(d.planned)
	for i := range d.group.Steps {
		if st := &d.group.Steps[i]; st.State != Pending {
			s.Attempts[st.State]++
		}
	}
}

// publish shows how things stand.
func (e *Engine) publish() {
	c := e.settler.core
	running := make(map[string]int, len(c.count))
	for kind, n := range c.count {
		if n > 0 {
			running[kind] = n
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stats.Hot, e.stats.Ready, e.stats.Running = len(c.hot), len(c.queued), running
}
