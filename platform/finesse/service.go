package finesse

import "sync"

// service knows whether Finesse is in service and wakes the sessions when it is back.
type service struct {
	mu   sync.Mutex
	out  bool
	wake chan struct{}
}

func newService() *service { return &service{wake: make(chan struct{})} }

// set notes what SystemInfo says and reports whether it is a change.
func (s *service) set(up bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.out != up {
		return false
	}
	s.out = !up
	if up {
		close(s.wake)
		s.wake = make(chan struct{})
	}
	return true
}

func (s *service) down() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out
}

// back is closed when Finesse comes back into service the next time.
func (s *service) back() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wake
}
