package bench

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// events are messages that leave when their time comes, all by one goroutine: thousands of timers a second would cost
// more than the messages.
type events struct {
	mu    sync.Mutex
	queue eventQueue
}

type event struct {
	at      time.Time
	message func() string
	left    func() // is called when it has left; may be nil
}

// grain is how exactly an event leaves at its time.
const grain = time.Millisecond

func (e *events) add(x event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	heap.Push(&e.queue, x)
}

// due takes what is due off the queue.
func (e *events) due(now time.Time) (all []event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(e.queue) > 0 && !e.queue[0].at.After(now) {
		all = append(all, heap.Pop(&e.queue).(event))
	}
	return all
}

// run lets events leave until ctx ends.
func (e *events) run(ctx context.Context, write func(due []event) error) error {
	tick := time.NewTicker(grain)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		all := e.due(time.Now())
		if len(all) == 0 {
			continue
		}
		if err := write(all); err != nil {
			return err
		}
		for _, x := range all {
			if x.left != nil {
				x.left()
			}
		}
	}
}

// eventQueue is a heap, the earliest event first.
type eventQueue []event

func (q eventQueue) Len() int           { return len(q) }
func (q eventQueue) Less(i, j int) bool { return q[i].at.Before(q[j].at) }
func (q eventQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }

// Push and Pop are for container/heap.
func (q *eventQueue) Push(x any) { *q = append(*q, x.(event)) }

// Pop is for container/heap.
func (q *eventQueue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}
