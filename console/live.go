package console

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// redraw is the shortest pause between two messages to one page.
const redraw = 500 * time.Millisecond

// maxNamed bounds how many changed calls one message names; beyond it, it says "many".
const maxNamed = 50

// live tells open pages which calls changed. A slow page costs nothing: what it has not been told yet is a set.
type live struct {
	mu     sync.Mutex
	pages  map[*livePage]bool
	closed bool
}

type livePage struct {
	changed map[string]bool
	wake    chan struct{}
}

func newLive() *live { return &live{pages: map[*livePage]bool{}} }

func (l *live) changed(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p := range l.pages {
		if len(p.changed) <= maxNamed {
			p.changed[id] = true
		}
		select {
		case p.wake <- struct{}{}:
		default:
		}
	}
}

func (l *live) open() *livePage {
	p := &livePage{changed: map[string]bool{}, wake: make(chan struct{}, 1)}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		close(p.wake)
		return p
	}
	l.pages[p] = true
	return p
}

func (l *live) leave(p *livePage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.pages, p)
}

// close ends every stream: pages try again and find the server's successor.
func (l *live) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for p := range l.pages {
		close(p.wake)
		delete(l.pages, p)
	}
}

// take returns what changed since the last take, sorted; many is true when there was too much to name.
func (l *live) take(p *livePage) (ids []string, many bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids = slices.Sorted(maps.Keys(p.changed))
	clear(p.changed)
	return ids, len(ids) > maxNamed
}

// liveStream serves the server-sent events of one page.
func (c *Console) liveStream(w http.ResponseWriter, r *http.Request) {
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprint(w, "retry: 1000\nevent: hello\ndata: {}\n\n")
	if err := out.Flush(); err != nil {
		return
	}
	p := c.live.open()
	defer c.live.leave(p)
	beat := time.NewTicker(15 * time.Second)
	defer beat.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-beat.C:
			fmt.Fprint(w, ": still here\n\n")
		case _, ok := <-p.wake:
			if !ok {
				return
			}
			ids, many := c.live.take(p)
			if many {
				ids = []string{"*"}
			}
			fmt.Fprintf(w, "event: calls\ndata: %s\n\n", strings.Join(ids, " "))
		}
		if err := out.Flush(); err != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(redraw):
		}
	}
}
