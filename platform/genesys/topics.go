package genesys

import (
	"slices"
	"sync"
)

// details are the detail events of one conversation that a socket is asked for ("Available topics"): what tells a moment
// before the next snapshot does, and the wrap-up.
var details = []string{"outbound", "user.end", "customer.start", "wrapup", "acw", "attributes"}

// topics are what one channel is subscribed to: the agents' conversations always, and the detail events of the
// conversations that go on, as long as there is room. It is safe for concurrent use.
type topics struct {
	mu      sync.Mutex
	agents  []string
	convs   []string        // conversations whose details are asked for, in the order of asking
	fresh   []string        // of these, not told to the org yet
	dead    int             // subscribed conversations that are over
	changed chan struct{}   // wakes the line
	holds   map[string]bool // convs as a set
}

func newTopics(agents []string) *topics {
	return &topics{agents: agents, changed: make(chan struct{}, 1), holds: map[string]bool{}}
}

// add asks for a conversation's details; false means that the channel is full.
func (t *topics) add(conversation string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.agents)+(len(t.convs)+t.dead+1)*len(details) > maxTopics {
		return false
	}
	if !t.holds[conversation] {
		t.holds[conversation] = true
		t.convs, t.fresh = append(t.convs, conversation), append(t.fresh, conversation)
		t.wake()
	}
	return true
}

// remove gives a conversation's topics back; it reports whether they were this channel's.
func (t *topics) remove(conversation string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.holds[conversation] {
		return false
	}
	delete(t.holds, conversation)
	same := func(c string) bool { return c == conversation }
	t.convs = slices.DeleteFunc(t.convs, same)
	if before := len(t.fresh); before > len(slices.DeleteFunc(slices.Clone(t.fresh), same)) {
		t.fresh = slices.DeleteFunc(t.fresh, same)
		return true
	}
	t.dead++
	t.wake()
	return true
}

func (t *topics) wake() {
	select {
	case t.changed <- struct{}{}:
	default:
	}
}

// all is everything that the channel should be subscribed to; afterwards nothing is fresh or dead.
func (t *topics) all() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fresh, t.dead = nil, 0
	return append(agentTopics(t.agents), detailTopics(t.convs)...)
}

// news is what has to be told to the org: topics to add, or, when so many are dead that the list is better replaced,
// everything.
func (t *topics) news() (add []string, replace bool) {
	t.mu.Lock()
	crowded := t.dead*len(details) > maxTopics/4
	fresh := t.fresh
	if !crowded {
		t.fresh = nil
	}
	t.mu.Unlock()
	if crowded {
		return t.all(), true
	}
	return detailTopics(fresh), false
}

func agentTopics(agents []string) []string {
	all := make([]string, 0, len(agents))
	for _, a := range agents {
		all = append(all, "v2.users."+a+".conversations")
	}
	return all
}

func detailTopics(conversations []string) []string {
	all := make([]string, 0, len(conversations)*len(details))
	for _, c := range conversations {
		for _, what := range details {
			all = append(all, "v2.detail.events.conversation."+c+"."+what)
		}
	}
	return all
}

// share spreads agents over as few channels as leave room for the details of a call for each, and as many as there may be.
func share(agents []string, withDetails bool) [][]string {
	each := maxTopics
	if withDetails {
		each = maxTopics / (1 + len(details))
	}
	n := min(max((len(agents)+each-1)/each, 1), maxChannels)
	shares := make([][]string, n)
	for i, a := range agents {
		shares[i%n] = append(shares[i%n], a)
	}
	return shares
}
