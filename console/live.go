package console

import (
	"errors"
	"io"
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

// everything stands for more calls than one message names.
const everything = "*"

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

// take returns what changed since the last take, sorted; "*" when it is too much to name.
func (l *live) take(p *livePage) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids := slices.Sorted(maps.Keys(p.changed))
	clear(p.changed)
	if len(ids) > maxNamed || slices.Contains(ids, everything) {
		return []string{everything}
	}
	return ids
}

// slowest is how long a browser may take to receive a message; one that has gone without a word costs no more.
const slowest = 10 * time.Second

// liveStream serves the server-sent events of one page.
func (c *Console) liveStream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	p := c.live.open() // before hello: what changes from now on is told
	defer c.live.leave(p)
	if !send(w, "retry: 1000\nevent: hello\ndata: {}\n\n") {
		return
	}
	beat := time.NewTicker(15 * time.Second)
	defer beat.Stop()
	for {
		message := ": still here\n\n"
		select {
		case <-r.Context().Done():
			return
		case <-beat.C:
		case _, ok := <-p.wake:
			if !ok {
				return
			}
			message = "event: calls\ndata: " + strings.Join(c.live.take(p), " ") + "\n\n"
		}
		if !send(w, message) {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(redraw):
		}
	}
}

// send writes one message; false when the page is gone.
func send(w http.ResponseWriter, message string) bool {
	out := http.NewResponseController(w)
	if err := out.SetWriteDeadline(time.Now().Add(slowest)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return false
	}
	_, err := io.WriteString(w, message)
	return err == nil && out.Flush() == nil
}
