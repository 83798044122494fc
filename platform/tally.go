package platform

import (
	"fmt"
	"sync"
)

// Tally adds the states of a connection's sessions, one for each agent, up to the connection's status. Make one with
// NewTally; it is safe for concurrent use.
type Tally struct {
	mu     sync.Mutex
	of     map[string]State
	counts map[State]int
	all    int
	out    string // why nothing can be heard, whatever the sessions are
	why    string
	report func(Status)
	cancel func(error)
}

// NewTally returns a tally of that many sessions. It reports every change; when the last session is refused it calls cancel
// with the reason instead.
func NewTally(all int, report func(Status), cancel func(error)) *Tally {
	return &Tally{of: map[string]State{}, counts: map[State]int{}, all: all, report: report, cancel: cancel}
}

// Set notes an agent's state; err says why a session is down.
func (t *Tally) Set(agent string, s State, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.of[agent]
	if old == s {
		return
	}
	if old == Refused && (s == Connecting || s == Resyncing) {
		return // still refused until it is not
	}
	t.counts[old]--
	t.of[agent] = s
	t.counts[s]++
	if err != nil {
		t.why = err.Error()
	}
	if t.counts[Refused] == t.all {
		t.cancel(err)
		return
	}
	t.report(t.status())
}

// Out notes why nothing can be heard although sessions are up; "" when it can again.
func (t *Tally) Out(why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.out = why
	t.report(t.status())
}

func (t *Tally) status() Status {
	up, refused, waiting := t.counts[Up], t.counts[Refused], t.counts[Waiting]
	st := Status{SessionsUp: up, SessionsAll: t.all}
	switch {
	case t.out != "":
		st.State, st.Detail = Waiting, t.out
	case up == t.all:
		st.State = Up
	case refused+waiting > 0 && up > 0:
		st.State = Degraded
		st.Detail = fmt.Sprintf("%d of %d agents are refused, %d are lost; last: %s", refused, t.all, waiting, t.why)
	case t.counts[Resyncing] > 0 || up > 0:
		st.State = Resyncing
	case t.counts[Connecting] > 0:
		st.State = Connecting
	default:
		st.State, st.Detail = Waiting, t.why
	}
	return st
}
