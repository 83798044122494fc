package genesys

import "sync"

// An outbox is the bounded queue in front of one socket. Writers append whole messages and never wait; one goroutine
// takes all that is there and writes it.
type outbox struct {
	mu      sync.Mutex
	waiting [][]byte
	size    int
	limit   int
	done    bool // no more is taken; what is there is still written
	wake    chan struct{}
}

func newOutbox(limit int) *outbox { return &outbox{limit: limit, wake: make(chan struct{}, 1)} }

// push appends one message. It is false when more than the limit waits: the reader at the other end is hopeless.
func (o *outbox) push(message []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.done {
		return true
	}
	if o.size += len(message); o.size > o.limit {
		o.done, o.waiting = true, nil
		o.signal()
		return false
	}
	o.waiting = append(o.waiting, message)
	o.signal()
	return true
}

// finish takes no more; the writer ends when what is there has been written.
func (o *outbox) finish() {
	o.mu.Lock()
	o.done = true
	o.mu.Unlock()
	o.signal()
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// drain writes until the box is finished or write fails.
func (o *outbox) drain(write func([]byte) error) {
	for range o.wake {
		for {
			o.mu.Lock()
			messages, done := o.waiting, o.done
			o.waiting, o.size = nil, 0
			o.mu.Unlock()
			if len(messages) == 0 {
				if done {
					return
				}
				break
			}
			for _, m := range messages {
				if write(m) != nil {
					o.finish()
					return
				}
			}
		}
	}
}
