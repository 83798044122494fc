package workspace

import (
	"maps"
	"sync"
)

// Stats are counts since the start, and how many pages are there now.
type Stats struct {
	Pages    int
	Messages int64            // about calls, sent to pages
	Orders   map[string]int64 // that platforms took, by command
	Refused  map[string]int64 // requests and sockets, by reason
}

// Stats returns them.
func (w *Workspace) Stats() Stats {
	s := w.tally.stats()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, pages := range w.clients {
		s.Pages += len(pages)
	}
	return s
}

// tally counts.
type tally struct {
	mu sync.Mutex
	s  Stats
}

func (t *tally) told() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.s.Messages++
}

func (t *tally) taken(order string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.s.Orders == nil {
		t.s.Orders = map[string]int64{}
	}
	t.s.Orders[order]++
}

func (t *tally) refuse(why reason) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.s.Refused == nil {
		t.s.Refused = map[string]int64{}
	}
	t.s.Refused[string(why)]++
}

func (t *tally) stats() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.s
	s.Orders, s.Refused = maps.Clone(s.Orders), maps.Clone(s.Refused)
	return s
}
