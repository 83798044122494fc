package finesse

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"cordboard/call"
)

// How long the decoder remembers what is over: enough for repeated DELETEs and for the calls that follow from one
// another, little enough that a day of calls does not add up.
const maxEnded = 4096

// shared is what is known of a dialog over the feeds of all its agents.
type shared struct {
	mode       call.Mode
	customer   string
	campaign   string
	queue      string
	associated string // the held call of a consult
	secondary  string // the dialog that this one swallowed
	of         string // the call it belongs to where no field says so (inferred)
	consult    bool   // was ever a consult call
	legs       int
}

// legKey is one agent's part in one dialog.
type legKey struct{ agent, dialog string }

// leg is what was last said of one agent's part in a dialog.
type leg struct {
	legKey
	d         *shared
	id        string
	role      call.Role
	extension string
	callType  string // folded
	rawType   string
	status    string // the last BAStatus that was not empty
	state     string
	at        time.Time
	answered  bool
	ended     bool
	life      string // sets the end, and the data, of a later part of the agent in the dialog apart from those of the first
	stint     int    // how often the agent was in the dialog before
	said      []said // the moments heard, in the order of hearing
	vars      []variable
	wrapup    string
	content   uint64 // hash of the variables and the wrap-up reason told last
	chain     uint64 // running hash of all contents told
	varsSum   uint64
	recalled  bool // known from before a restart, and not heard of since
	presumed  bool // ended by a snapshot, not by a message
	survived  bool // a consult dialog into which the customer's call was merged
	waited    bool // has held events back once
	held      []call.Event
	due       time.Time
}

// stintMark stands before the number of an agent's second and later parts in a dialog.
const stintMark = "#"

// stintOf is how often the agent was in the dialog before the part that a leg's id names, and the mark in that id.
func stintOf(id string) (stint int, mark string) {
	i := strings.LastIndex(id, stintMark)
	if i < 0 {
		return 0, ""
	}
	n, err := strconv.Atoi(id[i+len(stintMark):])
	if err != nil {
		return 0, ""
	}
	return n - 1, id[i:]
}

// agent is one agent of the connection.
type agent struct {
	extension   string
	open        []*leg // in the order of first hearing
	reservation *leg   // the newest preview
}

type memory struct {
	dialogs map[string]*shared
	legs    map[legKey]*leg
	agents  map[string]*agent
	devices map[string]*agent // by extension
	ended   []*leg            // first in, first forgotten
	waiting []*leg            // legs that hold events back

	swallowed    map[string]bool // dialogs that another dialog names as its secondary
	swallowOrder []string
}

func newMemory() memory {
	return memory{
		dialogs: map[string]*shared{}, legs: map[legKey]*leg{}, agents: map[string]*agent{},
		devices: map[string]*agent{}, swallowed: map[string]bool{},
	}
}

func (m *memory) swallow(dialog string) {
	if m.swallowed[dialog] {
		return
	}
	dialog = strings.Clone(dialog)
	m.swallowed[dialog] = true
	m.swallowOrder = append(m.swallowOrder, dialog)
	if len(m.swallowOrder) > maxEnded {
		delete(m.swallowed, m.swallowOrder[0])
		m.swallowOrder = m.swallowOrder[1:]
	}
}

func (m *memory) agent(id string) *agent {
	a := m.agents[id]
	if a == nil {
		a = &agent{}
		m.agents[strings.Clone(id)] = a
	}
	return a
}

// learnExtension notes the agent's device; agents may sit at another one tomorrow.
func (m *memory) learnExtension(a *agent, extension string) {
	if extension == "" || extension == a.extension {
		return
	}
	if m.devices[a.extension] == a {
		delete(m.devices, a.extension)
	}
	extension = strings.Clone(extension)
	a.extension = extension
	m.devices[extension] = a
}

func (m *memory) dialog(id string) *shared {
	d := m.dialogs[id]
	if d == nil {
		d = &shared{}
		m.dialogs[id] = d
	}
	return d
}

func (m *memory) open(key legKey) *leg {
	l := &leg{legKey: key, d: m.dialog(key.dialog)}
	l.d.legs++
	m.legs[key] = l
	a := m.agent(key.agent)
	a.open = append(a.open, l)
	return l
}

func (m *memory) end(l *leg) {
	l.ended = true
	l.settle()
	a := m.agent(l.agent)
	a.open = slices.DeleteFunc(a.open, func(o *leg) bool { return o == l })
	m.ended = append(m.ended, l)
	if len(m.ended) > maxEnded+4*len(m.agents) {
		m.forget(m.ended[0])
		m.ended[0] = nil
		m.ended = m.ended[1:]
	}
}

// settle lets go of what is not needed of an ended leg. Strings are parts of the message they came with and are copied,
// so that the message can go.
func (l *leg) settle() {
	if l.role != call.ReservationLeg {
		l.vars = nil
	}
	for i := range l.said {
		l.said[i].callType, l.said[i].state = strings.Clone(l.said[i].callType), strings.Clone(l.said[i].state)
	}
	for _, s := range []*string{&l.callType, &l.rawType, &l.status, &l.state, &l.wrapup} {
		*s = strings.Clone(*s)
	}
	for _, s := range []*string{&l.d.customer, &l.d.campaign, &l.d.queue, &l.d.associated, &l.d.secondary, &l.d.of} {
		*s = strings.Clone(*s)
	}
}

func (m *memory) forget(l *leg) {
	if m.legs[l.legKey] == l {
		delete(m.legs, l.legKey)
	}
	if a := m.agents[l.agent]; a != nil && a.reservation == l {
		a.reservation = nil
	}
	if l.d.legs--; l.d.legs <= 0 {
		delete(m.dialogs, l.dialog)
	}
}

// talk returns the agent's newest other leg in the first of the wanted states that any leg is in. What is only recalled
// from before a restart may be long over, so it says nothing until the agent's own feed has told of it.
func (a *agent) talk(except *leg, states ...string) *leg {
	for _, state := range states {
		for i := len(a.open) - 1; i >= 0; i-- {
			if l := a.open[i]; l != except && !l.recalled && l.state == state && (state != stateAccepted || l.role == call.ReservationLeg) {
				return l
			}
		}
	}
	return nil
}
