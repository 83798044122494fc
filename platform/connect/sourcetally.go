package connect

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"cordboard/platform"
)

// The sources that we go and ask, as a connection's state names them. What is sent to us has no state.
const (
	streamSource = "the agent event stream"
	queueSource  = "the queue of contact events"
)

// tally adds the states of the sources up to the connection's status. It is safe for concurrent use.
type tally struct {
	mu      sync.Mutex
	names   []string
	states  map[string]platform.State
	why     map[string]error
	without string // what the REST API refuses
	began   bool
	report  func(platform.Status)
	cancel  func(error)
}

func newTally(report func(platform.Status), cancel func(error)) *tally {
	return &tally{states: map[string]platform.State{}, why: map[string]error{}, report: report, cancel: cancel}
}

// expect notes a source that is not up yet.
func (t *tally) expect(source string) {
	t.names = append(t.names, source)
	t.states[source] = platform.Connecting
}

// begin reports for the first time.
func (t *tally) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.began = true
	t.report(t.status())
}

// set notes a source's state; err says why it is down. When every source is refused the run ends.
func (t *tally) set(source string, s platform.State, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.states[source] == s && s == platform.Up {
		return
	}
	t.states[source], t.why[source] = s, err
	refused := 0
	for _, s := range t.states {
		if s == platform.Refused {
			refused++
		}
	}
	if refused > 0 && refused == len(t.states) {
		t.cancel(err)
		return
	}
	t.report(t.status())
}

// lacks notes that the REST API refuses an operation, which only costs what it would have told.
func (t *tally) lacks(operation string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.without = operation
	if t.began {
		t.report(t.status())
	}
}

func (t *tally) status() platform.Status {
	st := platform.Status{SessionsAll: len(t.names)}
	var down []string
	waiting := false
	for _, name := range t.names {
		switch s := t.states[name]; s {
		case platform.Up:
			st.SessionsUp++
		case platform.Waiting, platform.Refused:
			waiting = true
			down = append(down, fmt.Sprintf("%s: %v", name, t.why[name]))
		}
	}
	if t.without != "" {
		down = append(down, "the instance refuses "+t.without)
	}
	st.Detail = strings.Join(down, "; ")
	switch {
	case st.SessionsUp == st.SessionsAll && t.without == "":
		st.State = platform.Up
		if st.SessionsAll == 0 {
			st.Detail = "takes what is sent"
		}
	case st.SessionsUp == st.SessionsAll || waiting && st.SessionsUp > 0:
		st.State = platform.Degraded
	case waiting:
		st.State = platform.Waiting
	default:
		st.State = platform.Connecting
	}
	return st
}

// lost is the state of a source that failed.
func lost(err error) platform.State {
	if errors.Is(err, platform.ErrRefused) {
		return platform.Refused
	}
	return platform.Waiting
}
