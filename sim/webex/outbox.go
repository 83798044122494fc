package webex

import "sync"

// An outbox is the bounded queue in front of one socket. Writers append
// messages and never wait; one goroutine writes them. A message may be shared
// by several outboxes and is never changed.
type outbox struct {
	mu    sync.Mutex
	queue [][]byte
	size  int
	limit int
	done  bool // no more is taken; what is there is still written
	full  func()
	wake  chan struct{}
}

func newOutbox(limit int, full func()) *outbox {
	return &outbox{limit: limit, full: full, wake: make(chan struct{}, 1)}
}

// push appends one message. When more than the limit waits, the reader at the
// other end is hopeless: full is called and nothing more is taken.
func (o *outbox) push(m []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.done {
		return
	}
	o.queue = append(o.queue, m)
	o.size += len(m)
	if o.size > o.limit {
		o.done, o.queue, o.size = true, nil, 0
		o.full()
	}
	o.signal()
}

// finish takes no more; drain ends when what is there has been written.
func (o *outbox) finish() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.done = true
	o.signal()
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

func (o *outbox) take() ([][]byte, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	queue := o.queue
	o.queue, o.size = nil, 0
	return queue, o.done
}

// drain writes until the box is finished or write fails.
func (o *outbox) drain(write func([]byte) error) {
	for range o.wake {
		for {
			queue, done := o.take()
			if len(queue) == 0 {
				if done {
					return
				}
				break
			}
			for _, m := range queue {
				if write(m) != nil {
					o.finish()
					return
				}
			}
		}
	}
}
