package dialer

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"cordboard/call"
)

// talk is one conversation with a customer, with the parts that agents have in it.
type talk struct {
	connection string
	refs       []string // the ids under which messages tell of it
	mode       call.Mode
	customer   string
	campaign   string
	vars       map[string]string
	chain      uint64 // of what was told by events without a name
	legs       []*leg
	first      *leg // the part of the agent who talked to the customer first
	recalled   bool // known from before a restart, without those of its legs that were over
}

// leg is one agent's part.
type leg struct {
	*talk
	id, ref          string
	agent, extension string
	role             call.Role
	aside            bool // a talk between agents
	word             word // the newest
	at               time.Time
	said             []string // the ids of the events that were told, and the marks of their messages
	wrapup           string
	life             string // differs when the agent comes back after the end
	answered         bool   // talked to the customer
	conferenced      bool
	told             bool // an event was
	over             bool
	silent           bool // over without a word
}

// memory is what the decoder knows of calls: the ones that are open, and the newest that are over, so that what is told
// again is known.
type memory struct {
	talks map[string]*talk
	// open are the legs of each agent that are not over.
	open    map[string][]*leg
	done    []*talk
	sweepAt time.Time
}

const (
	keepDone = 5000
	// longest is how long a leg may be open without a word: no call is that long, its end was lost.
	longest = 12 * time.Hour
	sweep   = time.Minute
)

func newMemory() memory {
	return memory{talks: map[string]*talk{}, open: map[string][]*leg{}}
}

// name makes a further id lead to the talk.
func (m *memory) name(t *talk, ref string) {
	if ref != "" && m.talks[ref] == nil {
		m.talks[ref] = t
		t.refs = append(t.refs, ref)
	}
}

// begin adds an agent's part to a talk.
func (m *memory) begin(t *talk, id, ref, agent string, aside bool) *leg {
	l := &leg{talk: t, id: id, ref: ref, agent: agent, aside: aside, role: call.CustomerLeg}
	if aside {
		l.role = call.ConsultLeg
	}
	t.legs = append(t.legs, l)
	m.open[agent] = append(m.open[agent], l)
	return l
}

// end closes a leg. The talk is forgotten some time after the end of its last leg.
func (m *memory) end(l *leg) {
	if l.over {
		return
	}
	l.over = true
	rest := slices.DeleteFunc(m.open[l.agent], func(o *leg) bool { return o == l })
	if m.open[l.agent] = rest; len(rest) == 0 {
		delete(m.open, l.agent)
	}
	if l.talk.isOpen() {
		return
	}
	m.done = append(m.done, l.talk)
	for len(m.done) > keepDone {
		m.forget(m.done[0])
		m.done = m.done[1:]
	}
}

// resume makes a leg that is over go on.
func (m *memory) resume(l *leg) {
	if l.over {
		l.over, l.silent = false, false
		m.open[l.agent] = append(m.open[l.agent], l)
	}
}

// again begins a further part of an agent who had left the call. It has a pop and a log of its own.
func (m *memory) again(was *leg) *leg {
	id, stint := was.id, 2
	if i := strings.LastIndex(id, stintMark); i >= 0 {
		if n, err := strconv.Atoi(id[i+len(stintMark):]); err == nil {
			id, stint = id[:i], n+1
		}
	}
	l := m.begin(was.talk, id+stintMark+strconv.Itoa(stint), was.ref, was.agent, was.aside)
	l.extension, l.at, l.said = was.extension, was.at, slices.Clone(was.said)
	return l
}

// stintMark stands before the number of an agent's second and later parts in a call.
const stintMark = "#"

func (m *memory) forget(t *talk) {
	if t.isOpen() {
		return
	}
	for _, ref := range t.refs {
		if m.talks[ref] == t {
			delete(m.talks, ref)
		}
	}
}

// knows reports whether the leg has told an event of this id or mark.
func (l *leg) knows(id string) bool { return id != "" && slices.Contains(l.said, id) }

func (t *talk) isOpen() bool {
	return slices.ContainsFunc(t.legs, func(l *leg) bool { return !l.over })
}

// main is the agent's part in the talk with the customer, or nil.
func (t *talk) main(agent string) *leg {
	return t.find(func(l *leg) bool { return l.agent == agent && !l.aside })
}

// side is the agent's newest talk with a colleague, or nil.
func (t *talk) side(agent string) *leg {
	return t.find(func(l *leg) bool { return l.agent == agent && l.aside })
}

// find returns the newest leg that is wanted, or nil.
func (t *talk) find(is func(*leg) bool) *leg {
	for _, l := range slices.Backward(t.legs) {
		if is(l) {
			return l
		}
	}
	return nil
}

// together reports whether another agent's talk with the customer has become a conference.
func (t *talk) together(l *leg) bool {
	return t.find(func(o *leg) bool { return o != l && !o.aside && o.conferenced && !o.over }) != nil
}

func stamp(at time.Time) string {
	if at.IsZero() {
		return "0"
	}
	return strconv.FormatInt(at.UnixMilli(), 36)
}
