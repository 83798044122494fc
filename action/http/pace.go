package http

import (
	"maps"
	"sync"
	"time"
)

// pace is when the next request may go to one origin: evenly, as often as the configuration says, and not before a time that the
// origin itself named.
type pace struct {
	every time.Duration // between two requests; 0 asks for nothing

	mu     sync.Mutex
	next   time.Time            // when the next request may go
	closed time.Time            // before which the origin wants none
	booked map[string]time.Time // of steps that have been told to come back, by their keys
}

// staleBooking is how long after its time a step that does not come back is waited for.
const staleBooking = 10 * time.Minute

// book returns when a step may send its request. One that is told to come back keeps its time, so that a thousand of them come one
// by one and are told only once.
func (p *pace) book(key string, now time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, mine := p.booked[key]
	if !mine {
		at = later(now, p.next)
		if p.every > 0 {
			p.next = at.Add(p.every)
		}
	}
	delete(p.booked, key)
	if at = later(at, p.closed); p.every > 0 && at.Sub(now) > turn {
		if p.booked == nil {
			p.booked = map[string]time.Time{}
		}
		p.booked[key] = at
		p.sweep(now)
	}
	return at
}

// sweep forgets the times of steps that somebody ended.
func (p *pace) sweep(now time.Time) {
	if len(p.booked)%1024 == 0 {
		maps.DeleteFunc(p.booked, func(_ string, at time.Time) bool { return now.Sub(at) > staleBooking })
	}
}

// close keeps requests back until a time.
func (p *pace) close(until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = later(p.closed, until)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
