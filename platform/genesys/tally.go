package genesys

import (
	"fmt"
	"sync"

	"cordboard/platform"
)

// tally adds the states of all lines up to the connection's status. It is safe for concurrent use.
type tally struct {
	mu       sync.Mutex
	states   []platform.State // by line
	rejected map[int]int      // topics that were refused, by line
	why      string           // of the newest trouble
	missing  string           // what was missing where topics were refused
	report   func(platform.Status)
}

func newTally(report func(platform.Status)) *tally {
	return &tally{report: report, rejected: map[int]int{}}
}

// say tells a state of the connection before there are lines.
func (t *tally) say(s platform.State, detail string) {
	t.report(platform.Status{State: s, Detail: detail})
}

// expect notes how many lines there will be.
func (t *tally) expect(lines int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.states = make([]platform.State, lines)
	for i := range t.states {
		t.states[i] = platform.Connecting
	}
}

// set notes a line's state; err says why it is down.
func (t *tally) set(line int, s platform.State, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.why = err.Error()
	}
	if t.states[line] == s && s != platform.Waiting {
		return
	}
	t.states[line] = s
	t.report(t.status())
}

// refused notes how many of a line's topics the org refuses.
func (t *tally) refused(line, topics int, why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rejected[line] = topics
	if topics > 0 {
		t.missing = why
	}
}

func (t *tally) status() platform.Status {
	count := map[platform.State]int{}
	for _, s := range t.states {
		count[s]++
	}
	all, up := len(t.states), count[platform.Up]
	st := platform.Status{SessionsUp: up, SessionsAll: all}
	rejected := 0
	for _, n := range t.rejected {
		rejected += n
	}
	switch {
	case up == all && rejected == 0:
		st.State = platform.Up
	case up == all:
		st.State = platform.Degraded
		st.Detail = fmt.Sprintf("Genesys refuses the topics of %d agents: %s", rejected, t.missing)
	case up > 0 && count[platform.Waiting] > 0:
		st.State = platform.Degraded
		st.Detail = fmt.Sprintf("%d of %d channels are lost; last: %s", count[platform.Waiting], all, t.why)
	case up > 0 || count[platform.Resyncing] > 0:
		st.State = platform.Resyncing
	case count[platform.Waiting] > 0:
		st.State, st.Detail = platform.Waiting, t.why
	default:
		st.State = platform.Connecting
	}
	return st
}
