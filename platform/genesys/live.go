package genesys

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// live knows which conversations go on, and since when nothing was heard of each. The pump writes it; lines read it. It is
// safe for concurrent use.
type live struct {
	mu  sync.Mutex
	all map[string]*alive
}

// alive is a conversation that goes on, or that ended a moment ago.
type alive struct {
	agents []string // users who have a part in it
	heard  time.Time
	over   bool
}

// recent is for how long a conversation that is over is still asked about after a gap: its last words, such as a wrap-up,
// may have been lost.
const recent = time.Minute

func newLive() *live { return &live{all: map[string]*alive{}} }

// note takes in that something was heard of a conversation; it reports whether it is new, and whether it has just ended.
func (l *live) note(id, agent string, open bool, now time.Time) (began, ended bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.all[id]
	if a == nil {
		if !open {
			return false, false
		}
		a, began = &alive{}, true
		l.all[id] = a
	}
	if agent != "" && !slices.Contains(a.agents, agent) {
		a.agents = append(a.agents, agent)
	}
	a.heard = now
	ended, a.over = !open && !a.over, !open
	return began, ended
}

// tidy forgets what ended long enough ago.
func (l *live) tidy(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, a := range l.all {
		if a.over && now.Sub(a.heard) > recent {
			delete(l.all, id)
		}
	}
}

// of are the conversations that any of the agents has a part in.
func (l *live) of(agents map[string]bool) (ids []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, a := range l.all {
		if slices.ContainsFunc(a.agents, func(u string) bool { return agents[u] }) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// silent are the conversations that go on and of which nothing was heard for a while, at most n: the longest first. They
// count as heard of now.
func (l *live) silent(now time.Time, after time.Duration, n int) (ids []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, a := range l.all {
		if !a.over && now.Sub(a.heard) >= after {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(l.all[a].heard.Compare(l.all[b].heard), cmp.Compare(a, b)) })
	ids = ids[:min(n, len(ids))]
	for _, id := range ids {
		l.all[id].heard = now
	}
	return ids
}
