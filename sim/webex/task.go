package webex

import (
	"slices"
	"strings"
	"time"
)

// The pacing modes, as arguments of the verbs "reserve", "offer" and "dial".
const (
	modeInbound     = "inbound"
	modeManual      = "manual"
	modePreview     = "preview"
	modeDirect      = "direct-preview"
	modeProgressive = "progressive"
	modePredictive  = "predictive"
)

// The states of an interaction. Hold is none of them: it is a flag of the
// main call.
const (
	stateNew        = "new"
	stateConnected  = "connected"
	stateConsult    = "consult"
	stateConsulting = "consulting"
	stateConference = "conference"
	stateWrapUp     = "wrapUp"
)

// A task is one interaction: a call, or the reservation of a contact that an
// agent may preview. Scripts and REST requests move the same methods. Guarded
// by Server.mu.
type task struct {
	s           *Server
	call        *call // the script's, or the one that REST began
	id          string
	mode        string
	reservation *task // of a previewed call: what was reserved before
	parent      *task // of a consult call to an entry point: the call that it is about
	accepted    bool  // of a reservation: the agent took the contact
	key         string
	campaign    string
	origin      string // ani
	destination string // dnis
	queue       string
	before      []string // queues that it left
	state       string
	legs        []*leg // agents, in the order in which they came
	customer    outsider
	outside     *outsider // somebody outside who joined the conference
	owner       *agent
	held        time.Time // zero: the main call is not on hold
	consult     *consult
	variables   []cad
	recording   string // "", started, paused
	parked      bool
	created     time.Time
	answered    time.Time
	ended       time.Time
	why         string // it ended
	spans       spans
	wrapUpName  string
}

// A leg is one agent's part in a task.
type leg struct {
	task      *task
	agent     *agent
	offered   bool
	consulted bool // asked for advice and not (yet) in the main call
	advised   bool // answered the consult call
	joined    bool // in the main call
	left      bool
	wrapUp    bool
	wrapped   bool
	wrapSince time.Time
	consult   string // consultState
	since     time.Time
	seen      int // messages told so far
}

// An outsider is a party without a desktop.
type outsider struct {
	number       string
	joined, left bool
}

// A consult is one agent's question to a colleague or a number outside.
type consult struct {
	id       string // of its media
	from, to *leg   // to is nil for a number outside and for an entry point
	number   string
	child    *task // of an entry point: the colleague's own contact
	childLeg *leg
	kind     string // agent, queue, dialNumber, entryPoint
	answered bool
	held     bool // it is the consult call that is on hold
	since    time.Time
}

// cad is one call associated variable.
type cad struct{ name, value string }

// flowNames are variables that the campaign product's flow writes into
// callProcessingDetails; all others are call associated data.
var flowNames = []string{"LCMKey", "Campaign Group", "agent_ani"}

// now is the time for this task's messages: the script's own, when it is
// played with Timed.
func (t *task) now() time.Time {
	if t.call != nil && !t.call.clock.IsZero() {
		return t.call.clock
	}
	return time.Now()
}

// leg is the agent's latest part; nil when there was none.
func (t *task) leg(a *agent) *leg {
	for i := len(t.legs) - 1; i >= 0; i-- {
		if t.legs[i].agent == a {
			return t.legs[i]
		}
	}
	return nil
}

// live is the agent's part that has not ended; nil when there is none.
func (t *task) live(a *agent) *leg {
	if l := t.leg(a); l != nil && l.live() {
		return l
	}
	return nil
}

// live says that the agent has something to do with the task: an offer, a
// conversation or a wrap-up.
func (l *leg) live() bool { return slices.Contains(l.agent.legs, l) }

// talking says that the agent is in the main call.
func (l *leg) talking() bool { return l.joined && !l.left }

// talkers are the agents in the main call.
func (t *task) talkers() []*leg {
	var list []*leg
	for _, l := range t.legs {
		if l.talking() {
			list = append(list, l)
		}
	}
	return list
}

// addLeg brings an agent in.
func (t *task) addLeg(a *agent) *leg {
	l := &leg{task: t, agent: a, since: t.now()}
	t.legs = append(t.legs, l)
	a.legs = append(a.legs, l)
	if t.owner == nil {
		t.owner = a
	}
	return l
}

// over ends an agent's part for good.
func (t *task) over(l *leg) {
	l.left = true
	l.agent.drop(l)
	if !t.ended.IsZero() && !slices.ContainsFunc(t.legs, (*leg).live) {
		delete(t.s.tasks, t.id)
	}
	t.s.life.Changed()
}

// stateFor is the state that an agent's messages show: whoever is in wrap-up
// sees that, even if others go on talking.
func (t *task) stateFor(l *leg) string {
	if l.wrapUp {
		return stateWrapUp
	}
	return t.state
}

// pending are the agents whose wrap-up is still to come or under way.
func (t *task) pending() []string {
	var list []string
	for _, l := range t.legs {
		if l.wrapUp && !l.wrapped {
			list = append(list, l.agent.id)
		}
	}
	return list
}

func (t *task) inbound() bool { return t.mode == modeInbound }
func (t *task) preview() bool { return t.mode == modePreview || t.mode == modeDirect }

// outboundType is null for inbound contacts.
func (t *task) outboundType() *string {
	switch t.mode {
	case modeInbound:
		return nil
	case modeManual:
		return new("OUTDIAL")
	}
	return new("CAMPAIGN")
}

func (t *task) set(name, value string) {
	for i := range t.variables {
		if t.variables[i].name == name {
			t.variables[i].value = value
			return
		}
	}
	t.variables = append(t.variables, cad{name, value})
}

// newTask makes an interaction and shows it to those who are subscribed to
// tasks.
func (s *Server) newTask(c *call, id, mode string) *task {
	t := &task{s: s, call: c, id: id, mode: mode, queue: queueID, state: stateNew}
	t.created = t.now()
	customer := c.spec.Customer
	t.origin, t.destination = ownNumber, customer
	if t.inbound() {
		t.origin, t.destination = customer, ownNumber
	}
	t.customer = outsider{number: customer, joined: mode == modeInbound || mode == modePredictive || mode == modeProgressive}
	if mode != modeInbound && mode != modeManual {
		t.campaign = c.campaignFor(mode)
	}
	for _, name := range c.names() {
		t.set(name, c.spec.Vars[name])
	}
	s.tasks[id] = t
	s.recent = append(s.recent, t)
	if len(s.recent) > maxRecent+maxRecent/4 { // cut seldom, so that an append stays cheap
		s.recent = slices.Clone(s.recent[len(s.recent)-maxRecent:])
	}
	s.hookTask(t, "task:new", "create", nil)
	return t
}

const maxRecent = 20000

// short is a reason that can be compared: lower case, words only.
func short(s string) string { return strings.ToLower(strings.ReplaceAll(s, " ", "_")) }
