// Package sqs is one simulated standard SQS queue in memory, with what a consumer does, in the AWS JSON protocol 1.0 that
// current SDKs speak. It is written from the Amazon SQS Developer Guide and API Reference.
//
// Not simulated: FIFO queues, dead-letter queues, message attributes, delays, sending by clients.
package sqs

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"cordboard/sim/connect/awsjson"
)

// Config says what queue there is.
type Config struct {
	URL        string        // as clients name it
	ARN        string        //
	Visibility time.Duration // how long a received message stays hidden; 0 means 30 s
	Keep       int           // bytes of waiting messages: the oldest go; 0 means 16 MiB
}

// Queue is one queue. All methods may be called from any goroutine.
type Queue struct {
	cfg Config

	mu      sync.Mutex
	waiting []*message             // visible ones, oldest first
	flying  map[string]*message    // received and not deleted, by their present receipt handle
	bytes   int                    // of the waiting ones
	sent    int                    // so far, for ids
	change  chan struct{}          // closed and replaced when a message becomes visible
	timers  map[string]*time.Timer // that make a message visible again, by receipt handle
}

type message struct {
	id       string
	body     []byte
	sent     time.Time
	first    time.Time // received
	received int
}

// New makes an empty queue.
func New(cfg Config) *Queue {
	if cfg.Visibility <= 0 {
		cfg.Visibility = 30 * time.Second
	}
	if cfg.Keep <= 0 {
		cfg.Keep = 16 << 20
	}
	return &Queue{cfg: cfg, flying: map[string]*message{}, change: make(chan struct{}), timers: map[string]*time.Timer{}}
}

// Send puts a message into the queue. It never waits.
func (q *Queue) Send(body []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sent++
	m := &message{id: fmt.Sprintf("3e55a9e0-0000-4000-8000-%012d", q.sent), body: body, sent: time.Now()}
	q.bytes += len(body)
	for q.bytes > q.cfg.Keep && len(q.waiting) > 0 {
		q.bytes -= len(q.waiting[0].body)
		q.waiting = q.waiting[1:]
	}
	q.show(m)
}

// show makes a message visible to receivers.
func (q *Queue) show(m *message) {
	q.waiting = append(q.waiting, m)
	close(q.change)
	q.change = make(chan struct{})
}

// Len says how many messages wait, and how many were received and not deleted.
func (q *Queue) Len() (waiting, inFlight int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting), len(q.flying)
}

// Close forgets what is in flight, so that no timer is left.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for handle, t := range q.timers {
		t.Stop()
		delete(q.timers, handle)
	}
}

// take receives up to n messages, waiting up to wait for the first.
func (q *Queue) take(ctx context.Context, n int, hidden, wait time.Duration) []receipt {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		q.mu.Lock()
		change := q.change
		if len(q.waiting) > 0 {
			list := q.receive(n, hidden)
			q.mu.Unlock()
			return list
		}
		q.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil
		case <-change:
		}
	}
}

type receipt struct {
	*message
	handle   string
	received int
	first    time.Time
}

func (q *Queue) receive(n int, hidden time.Duration) []receipt {
	var list []receipt
	for ; n > 0 && len(q.waiting) > 0; n-- {
		m := q.waiting[0]
		q.waiting = q.waiting[1:]
		q.bytes -= len(m.body)
		m.received++
		if m.first.IsZero() {
			m.first = time.Now()
		}
		handle := fmt.Sprintf("%s#%d", m.id, m.received)
		q.flying[handle] = m
		q.hide(handle, hidden)
		list = append(list, receipt{m, handle, m.received, m.first})
	}
	return list
}

// hide sets how long a message in flight stays hidden from now on; 0 shows it at once.
func (q *Queue) hide(handle string, d time.Duration) {
	if t := q.timers[handle]; t != nil {
		t.Stop()
		delete(q.timers, handle)
	}
	if d <= 0 {
		q.back(handle)
		return
	}
	q.timers[handle] = time.AfterFunc(d, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.back(handle)
	})
}

// back makes a message in flight visible again: whoever received it did not finish in time.
func (q *Queue) back(handle string) {
	m := q.flying[handle]
	if m == nil {
		return
	}
	delete(q.flying, handle)
	delete(q.timers, handle)
	q.bytes += len(m.body)
	q.show(m)
}

// remove deletes a message by its receipt handle. An old handle, of a message that has become visible again, does nothing
// (DeleteMessage: standard queues).
func (q *Queue) remove(handle string) error {
	if handle == "" {
		return awsjson.Errorf("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if t := q.timers[handle]; t != nil {
		t.Stop()
		delete(q.timers, handle)
	}
	delete(q.flying, handle)
	return nil
}

func (q *Queue) setVisibility(handle string, seconds int) error {
	if seconds < 0 || seconds > 43200 {
		return awsjson.Errorf("InvalidParameterValue", "Value %d for parameter VisibilityTimeout is invalid.", seconds)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.flying[handle] == nil {
		return awsjson.Errorf("MessageNotInflight", "The specified message isn't in flight.")
	}
	q.hide(handle, time.Duration(seconds)*time.Second)
	return nil
}

func md5Hex(body []byte) string {
	sum := md5.Sum(body)
	return hex.EncodeToString(sum[:])
}
