package desk

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// tab is one socket of a desk. What is sent to it waits in a short queue that a goroutine empties while there is
// something to send, and a timer pings it: an idle tab costs one goroutine, which reads.
type tab struct {
	id    string
	host  string
	since time.Time
	conn  *websocket.Conn
	limit time.Duration // for one write
	every time.Duration // pause between two pings, and time for the answer to one
	leave func()        // takes it from its desk, at once: a browser that is dead answers no close

	mu      sync.Mutex
	queue   [][]byte
	writing bool
	closing bool
	ended   bool
	pings   *time.Timer
	writers sync.WaitGroup
}

// keepAlive pings from now on. A tab that does not answer one ping is closed.
func (t *tab) keepAlive() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pings = time.AfterFunc(t.every, t.ping)
}

func (t *tab) ping() {
	t.mu.Lock()
	if t.closing || t.ended {
		t.mu.Unlock()
		return
	}
	t.writers.Add(1)
	t.mu.Unlock()
	defer t.writers.Done()

	ctx, cancel := context.WithTimeout(context.Background(), t.every)
	defer cancel()
	if err := t.conn.Ping(ctx); err != nil {
		t.close(CloseSilent, "no answer to a ping")
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.ended {
		t.pings.Reset(t.every)
	}
}

// end waits for everything that still uses the socket. Nothing is sent to the tab any more: it has left its desk.
func (t *tab) end() {
	t.mu.Lock()
	t.ended = true
	if t.pings != nil {
		t.pings.Stop()
	}
	closing := t.closing
	t.mu.Unlock()
	if !closing {
		t.conn.CloseNow()
	}
	t.writers.Wait()
}

// send queues one message. A tab that lets too many wait is closed, so that one slow browser costs nobody else.
func (t *tab) send(message any) {
	b, err := json.Marshal(message)
	if err != nil { // only our own types come here
		panic(err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closing {
		return
	}
	if len(t.queue) >= maxQueued {
		t.closeLocked(CloseTooSlow, "too many messages wait for this tab")
		return
	}
	t.queue = append(t.queue, b)
	if !t.writing {
		t.writing = true
		t.writers.Go(t.drain)
	}
}

// drain writes until nothing waits.
func (t *tab) drain() {
	for {
		t.mu.Lock()
		if len(t.queue) == 0 || t.closing {
			t.writing, t.queue = false, nil
			t.mu.Unlock()
			return
		}
		next := t.queue[0]
		t.queue = t.queue[1:]
		t.mu.Unlock()

		ctx, cancel := context.WithTimeout(context.Background(), t.limit)
		err := t.conn.Write(ctx, websocket.MessageText, next)
		cancel()
		if err != nil {
			t.close(CloseTooSlow, "a message could not be sent in time")
		}
	}
}

// close ends the socket; the first reason counts.
func (t *tab) close(code websocket.StatusCode, reason string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closeLocked(code, reason)
}

func (t *tab) closeLocked(code websocket.StatusCode, reason string) {
	if t.closing {
		return
	}
	t.closing = true
	t.writers.Go(func() {
		t.leave()
		// Close waits for the browser's answer for a few seconds and then cuts.
		t.conn.Close(code, reason)
	})
}
