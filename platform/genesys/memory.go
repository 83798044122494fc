package genesys

import (
	"maps"
	"slices"
	"strings"
	"time"

	"cordboard/call"
)

// How many conversations the decoder remembers that nothing more is expected of: late and repeated messages, and what a
// dialer says of contacts that never reach an agent.
const maxIdle = 16384

// conversation is what was last said of one conversation.
type conversation struct {
	id         string
	connection string
	mode       call.Mode
	dialing    string // the campaign's dialing mode, in Genesys' word
	preview    bool
	contact    contact
	ending     string // how the newest preview was closed
	direction  string // "inbound" or "outbound"; "" while unknown
	customer   string
	queue      string
	attrs      map[string]string
	answers    []answer  // of the customer, by session
	present    bool      // the customer is in the call
	left       time.Time // when the customer left it
	confined   bool      // the customer waits
	waited     bool      // the customer waited since the last consult began
	newest     time.Time
	changes    [32]uint64 // hashes of the newest messages, so that a repeated one is known
	nextSlot   int

	legs []*leg // in the order of first hearing

	dirty   bool // the variables changed since they were told last
	held    []call.Event
	due     time.Time // when held events go out without their mode
	patient bool      // events were held before, in vain
	whole   bool      // a snapshot was seen: what it does not show is not there
}

// answer is the moment at which the customer's session was connected.
type answer struct {
	session string
	at      time.Time
}

// leg is one agent's part in a conversation: one participant.
type leg struct {
	id, agent string
	role      call.Role
	callback  bool // began as a callback or preview
	dialled   bool // the agent dials, nobody is offered
	own       bool // the agent's own topic has told of it
	accepted  bool // the agent took the callback
	talked    bool
	joined    string // while three parties talk: the key of the moment that began it
	over      bool
	recalled  bool // known from before a restart
	guessed   bool // no snapshot has shown it
	spans     []span
	holding   holding
	holdKey   string
	holds     int
	told      []told
	waiting   []claim
	wrapup    string
	ending    string // how its preview was closed
	unsaid    bool   // the wrap-up changed since it was told last
	chain     uint64 // running hash of the data told without a moment
}

// span is one voice session of the leg: a preview may be dialled several times.
type span struct {
	session  string
	answered bool
	over     bool
}

type holding int

const (
	notHeld holding = iota
	isHeld          // by the agent
	waits           // while the agent consults somebody
)

// told is a moment that was told, with its place in the life of a leg.
type told struct {
	key  string
	rank int
	at   time.Time
}

func (l *leg) has(key string) bool {
	return slices.ContainsFunc(l.told, func(t told) bool { return t.key == key })
}

// place moves a time to where its rank belongs among the moments that were told: clocks differ, and some moments have no
// time of the platform's.
func (l *leg) place(at time.Time, rank int) time.Time {
	for _, t := range l.told {
		if t.rank < rank && at.Before(t.at) {
			at = t.at
		}
	}
	for _, t := range l.told {
		if t.rank > rank && at.After(t.at) {
			at = t.at
		}
	}
	return at
}

// last is the time of the newest moment told.
func (l *leg) last() (at time.Time) {
	for _, t := range l.told {
		if t.at.After(at) {
			at = t.at
		}
	}
	return at
}

// span returns the index of a voice session, which may be new. Only callbacks have more than one: elsewhere a second
// session of a participant carries on what the first began.
func (l *leg) span(session string) int {
	if !l.callback {
		session = ""
	}
	i := slices.IndexFunc(l.spans, func(s span) bool { return s.session == session })
	if i < 0 {
		l.spans = append(l.spans, span{session: strings.Clone(session)})
		i = len(l.spans) - 1
	}
	return i
}

// live reports whether any voice session of the leg goes on.
func (l *leg) live() bool {
	return slices.ContainsFunc(l.spans, func(s span) bool { return !s.over })
}

// talks reports whether the agent is in a talk now.
func (l *leg) talks() bool {
	return !l.over && slices.ContainsFunc(l.spans, func(s span) bool { return s.answered && !s.over })
}

// leg returns the leg of a participant, or nil.
func (c *conversation) leg(participant string) *leg {
	for _, l := range c.legs {
		if l.id == participant {
			return l
		}
	}
	return nil
}

// of returns the agent's newest leg, or nil.
func (c *conversation) of(agent string) *leg {
	for i := len(c.legs) - 1; i >= 0; i-- {
		if c.legs[i].agent == agent {
			return c.legs[i]
		}
	}
	return nil
}

// open reports whether anything more is expected of the conversation's legs.
func (c *conversation) open() bool {
	return slices.ContainsFunc(c.legs, func(l *leg) bool { return !l.over })
}

// repeated reports whether the very same message came before, and remembers it. Only a message that names the change
// that it tells can be known again: two snapshots may look the same with another one between them.
func (c *conversation) repeated(n *note) bool {
	if n.correlation == "" {
		return false
	}
	if slices.Contains(c.changes[:], n.hash) {
		return true
	}
	c.changes[c.nextSlot] = n.hash
	c.nextSlot = (c.nextSlot + 1) % len(c.changes)
	return false
}

// answered is when the customer's session was connected; of any session when none is named.
func (c *conversation) answered(session string) time.Time {
	for _, a := range c.answers {
		if a.session == session || session == "" {
			return a.at
		}
	}
	return time.Time{}
}

// setAnswer notes the customer's answer.
func (c *conversation) setAnswer(session string, at time.Time) {
	if at.IsZero() || slices.ContainsFunc(c.answers, func(a answer) bool { return a.session == session }) {
		return
	}
	c.answers = append(c.answers, answer{strings.Clone(session), at})
}

// learn takes participant attributes in. Those of a stale message only fill gaps.
func (c *conversation) learn(attributes []attribute, stale bool) {
	for _, a := range attributes {
		if a.name == "consultInitiator" {
			continue
		}
		if old, known := c.attrs[a.name]; known && (stale || old == a.value) {
			continue
		}
		if c.attrs == nil {
			c.attrs = map[string]string{}
		}
		c.attrs[strings.Clone(a.name)] = strings.Clone(a.value)
		c.dirty = true
		switch a.name {
		case "dialerContactId":
			c.learnContact(contact{contact: a.value})
		case "dialerContactListId":
			c.learnContact(contact{list: a.value})
		case "dialerCampaignId":
			c.learnContact(contact{campaign: a.value})
		}
	}
}

// learnContact takes the dialer's ids in.
func (c *conversation) learnContact(from contact) {
	c.dirty = first(&c.contact.campaign, from.campaign) || c.dirty
	c.dirty = first(&c.contact.list, from.list) || c.dirty
	c.dirty = first(&c.contact.contact, from.contact) || c.dirty
	c.dirty = first(&c.contact.column, from.column) || c.dirty
}

// first keeps what is known, or else what is said, of which it keeps a copy: the message may go. It reports whether that
// is news.
func first(known *string, said string) bool {
	if *known != "" || said == "" {
		return false
	}
	*known = strings.Clone(said)
	return true
}

// vars are the call's variables: the participants' attributes, the dialer's ids under the names that Genesys gives them as
// attributes, and how a preview was closed.
func (c *conversation) vars() map[string]string {
	vars := make(map[string]string, len(c.attrs)+5)
	maps.Copy(vars, c.attrs)
	for name, value := range map[string]string{
		"dialerContactId": c.contact.contact, "dialerContactListId": c.contact.list, "dialerCampaignId": c.contact.campaign,
		"dialerPhoneColumn": c.contact.column, "dialingMode": c.dialing,
		"dialerPreviewEnd": c.ending,
	} {
		if value != "" {
			vars[name] = value
		}
	}
	if len(vars) == 0 {
		return nil
	}
	return vars
}

// memory is every conversation that is remembered.
type memory struct {
	all   map[string]*conversation
	order []*conversation // first in, first forgotten
	idle  int             // how many may be idle
}

func newMemory() memory { return memory{all: map[string]*conversation{}, idle: maxIdle} }

// conversation returns what is known of a conversation, which may be nothing yet.
func (m *memory) conversation(id string) *conversation {
	c := m.all[id]
	if c == nil {
		c = &conversation{id: strings.Clone(id)}
		m.all[c.id] = c
		m.order = append(m.order, c)
		m.forget()
	}
	return c
}

// forget drops the oldest conversations of which nothing more is expected while there are too many. It looks at a few each
// time, so that many open ones cost nothing.
func (m *memory) forget() {
	for tries := 64; len(m.order) > m.idle && tries > 0; tries-- {
		c := m.order[0]
		m.order[0] = nil
		m.order = m.order[1:]
		if c.open() || len(c.held) > 0 {
			m.order = append(m.order, c)
			continue
		}
		delete(m.all, c.id)
	}
}
