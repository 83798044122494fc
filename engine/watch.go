package engine

import (
	"sync"

	"cordboard/call"
)

// Change is what one group stored, for pages that show it live. It is shared: readers do not change it.
type Change struct {
	Events []call.Event
	Calls  []Call
	Runs   []Run
	Steps  []Step
	Kept   []Kept
	// Missed counts the changes that this reader missed just before this one.
	Missed int
}

// backlog is how many changes a reader may lag behind.
const backlog = 256

// feed hands changes to whoever watches.
type feed struct {
	mu      sync.Mutex
	readers map[*reader]struct{}
	missed  int64
}

type reader struct {
	ch     chan Change
	missed int
}

func (f *feed) watch() (<-chan Change, func()) {
	r := &reader{ch: make(chan Change, backlog)}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.readers == nil {
		f.readers = map[*reader]struct{}{}
	}
	f.readers[r] = struct{}{}
	return r.ch, sync.OnceFunc(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.readers, r)
		close(r.ch)
	})
}

func (f *feed) tell(g *Group) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for r := range f.readers {
		select {
		case r.ch <- Change{g.Events, g.Calls, g.Runs, g.Steps, g.Kept, r.missed}:
			r.missed = 0
		default:
			r.missed++
			f.missed++
		}
	}
}

func (f *feed) lost() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.missed
}
