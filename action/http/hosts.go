package http

import (
	"context"
	"sync"
	"time"
)

// hosts bounds how many requests to one host are under way, so that a slow one holds up nobody else.
type hosts struct {
	limit int
	mu    sync.Mutex
	slots map[string]*slot
}

type slot struct {
	places chan struct{}
	users  int
}

// enter waits for a place at the host, but not for long; false means that there was none.
func (h *hosts) enter(ctx context.Context, host string) (leave func(), ok bool) {
	s := h.use(host)
	select {
	case s.places <- struct{}{}:
	default:
		late := time.NewTimer(turn)
		defer late.Stop()
		select {
		case s.places <- struct{}{}:
		case <-late.C:
			h.release(host, s)
			return nil, false
		case <-ctx.Done():
			h.release(host, s)
			return nil, false
		}
	}
	return func() {
		<-s.places
		h.release(host, s)
	}, true
}

func (h *hosts) use(host string) *slot {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.slots == nil {
		h.slots = map[string]*slot{}
	}
	s := h.slots[host]
	if s == nil {
		s = &slot{places: make(chan struct{}, h.limit)}
		h.slots[host] = s
	}
	s.users++
	return s
}

func (h *hosts) release(host string, s *slot) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.users--; s.users == 0 {
		delete(h.slots, host)
	}
}
