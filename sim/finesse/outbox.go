package finesse

import "sync"

// An outbox is the bounded queue in front of one socket. Writers append whole
// stanzas and never wait; one goroutine takes all that is there and writes it.
type outbox struct {
	mu    sync.Mutex
	buf   []byte
	ends  []int // where each stanza ends in buf
	limit int
	done  bool // no more is taken; what is there is still written
	full  func()
	wake  chan struct{}
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

func newOutbox(limit int, full func()) *outbox {
	return &outbox{limit: limit, full: full, wake: make(chan struct{}, 1)}
}

// push appends one stanza. When more than the limit waits, the reader at the
// other end is hopeless: full is called and nothing more is taken.
func (o *outbox) push(write func([]byte) []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.done {
		return
	}
	if o.buf == nil {
		o.buf = (*buffers.Get().(*[]byte))[:0]
	}
	o.buf = write(o.buf)
	o.ends = append(o.ends, len(o.buf))
	if len(o.buf) > o.limit {
		o.done, o.buf, o.ends = true, nil, nil
		o.full()
	}
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// finish takes no more; the writer ends when what is there has been written.
func (o *outbox) finish() {
	o.mu.Lock()
	o.done = true
	o.mu.Unlock()
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

func (o *outbox) take() (buf []byte, ends []int, done bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	buf, ends = o.buf, o.ends
	o.buf, o.ends = nil, nil
	return buf, ends, o.done
}

// drain writes until the box is finished or write fails.
func (o *outbox) drain(write func(buf []byte, ends []int) error) {
	for range o.wake {
		for {
			buf, ends, done := o.take()
			if len(ends) == 0 {
				if done {
					return
				}
				break
			}
			err := write(buf, ends)
			if cap(buf) <= 256<<10 {
				buffers.Put(&buf)
			}
			if err != nil {
				o.finish()
				return
			}
		}
	}
}
