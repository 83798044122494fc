package finesse

import (
	"fmt"
	"sync"

	"cordboard/platform"
)

// tally adds the states of all sessions up to the connection's status. It is safe for concurrent use.
type tally struct {
	mu     sync.Mutex
	of     map[string]platform.State
	counts map[platform.State]int
	all    int
	out    bool // out of service
	why    string
	report func(platform.Status)
	cancel func(error)
}

func newTally(all int, report func(platform.Status), cancel func(error)) *tally {
	return &tally{of: map[string]platform.State{}, counts: map[platform.State]int{}, all: all, report: report, cancel: cancel}
}

// set notes an agent's state; err says why a session is down. When the last agent is refused the run ends.
func (t *tally) set(agent string, s platform.State, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.of[agent]
	if old == s {
		return
	}
	if old == platform.Refused && (s == platform.Connecting || s == platform.Resyncing) {
		return // still refused until it is not
	}
	t.counts[old]--
	t.of[agent] = s
	t.counts[s]++
	if err != nil {
		t.why = err.Error()
	}
	if t.counts[platform.Refused] == t.all {
		t.cancel(err)
		return
	}
	t.report(t.status())
}

func (t *tally) service(up bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.out = !up
	t.report(t.status())
}

func (t *tally) status() platform.Status {
	up, refused, waiting := t.counts[platform.Up], t.counts[platform.Refused], t.counts[platform.Waiting]
	st := platform.Status{SessionsUp: up, SessionsAll: t.all}
	switch {
	case t.out:
		st.State, st.Detail = platform.Waiting, "Finesse says that it is out of service"
	case up == t.all:
		st.State = platform.Up
	case refused+waiting > 0 && up > 0:
		st.State = platform.Degraded
		st.Detail = fmt.Sprintf("%d of %d agents are refused, %d are lost; last: %s", refused, t.all, waiting, t.why)
	case t.counts[platform.Resyncing] > 0 || up > 0:
		st.State = platform.Resyncing
	case t.counts[platform.Connecting] > 0:
		st.State = platform.Connecting
	default:
		st.State, st.Detail = platform.Waiting, t.why
	}
	return st
}

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
