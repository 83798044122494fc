package finesse

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// holdFor bounds how long an event waits for BAStatus. A dialer's call first appears as OTHER_IN without variables, the
// same for every mode; the variables follow with the next message (inferred from the order of Acqueon's table "Supported
// Events for Salesforce Workflow Configuration").
const holdFor = 3 * time.Second

// holdConsult bounds how long a consulted agent's event waits for the feed of the agent who dialled, which alone says
// which call the consult belongs to. Between two sessions no order is promised.
const holdConsult = 300 * time.Millisecond

// inService is the SystemInfo status of a Finesse that works.
const inService = "IN_SERVICE"

// Decoder turns notifications and snapshots of all agents of one connection into call events. It implements
// [platform.Decoder]: no clock, no I/O, not safe for concurrent use.
//
// It takes messages of the sources finesse-xmpp (a whole message stanza or the Update document in it) and finesse-rest
// (a Dialogs collection, which is all that an agent has now, or one Dialog). The agent is the message's, or else the one
// that its node, source or addressee names.
//
// An event is the state of the agent's own participant; DELETE is DROPPED. It is told when the call type or that state
// changed. A message that only brings other call variables or a wrap-up reason gives an event without a name. A Dialogs
// collection that lacks a dialog ends it, marked Reconciled. While Finesse says that it is out of service no end is
// believed.
//
// The platform ids that no field joins are joined by inference: a preview's customer call to its reservation (same
// agent and BADialedListID or BAAccountNumber, or the agent's accepted reservation), a consult without associatedDialogUri
// to the held call of the agent who dialled it.
type Decoder struct {
	mem  memory
	tree tree
	// suspended is true while Finesse says that it is out of service: ends that come then may be false.
	suspended bool
}

var _ platform.Decoder = (*Decoder)(nil)

// NewDecoder returns a decoder that knows no call yet.
func NewDecoder() *Decoder { return &Decoder{mem: newMemory()} }

// Prime tells the decoder which legs were open before a restart, so that their modes, ids and ends continue. It is
// called before the first Decode.
func (d *Decoder) Prime(legs []platform.OpenLeg) {
	for _, o := range legs {
		key := legKey{o.Agent, o.Ref}
		if d.mem.legs[key] != nil || o.Ref == "" {
			continue
		}
		l := d.mem.open(key)
		l.id, l.role, l.callType, l.state, l.at, l.extension = o.Leg, o.Role, o.CallType, o.Name, o.At, o.Extension
		l.answered, l.recalled = tookPart(o.Name), true
		l.stint, l.life = stintOf(o.Leg)
		a := d.mem.agent(o.Agent)
		d.mem.learnExtension(a, o.Extension)
		if l.role == call.ReservationLeg {
			a.reservation = l
		}
		l.d.consult = l.d.consult || o.Role == call.ConsultLeg
		l.d.mode, l.d.campaign, l.d.customer = o.Mode, o.Campaign, o.Customer
	}
}

// Decode implements [platform.Decoder].
func (d *Decoder) Decode(m platform.Message) ([]call.Event, error) {
	events, _, err := d.decode(m, textOf(&m))
	return events, err
}

// Flush implements [platform.Decoder].
func (d *Decoder) Flush(now time.Time) []call.Event {
	var out []call.Event
	d.mem.waiting = slices.DeleteFunc(d.mem.waiting, func(l *leg) bool {
		if len(l.held) == 0 {
			return true
		}
		if !now.IsZero() && now.Before(l.due) {
			return false
		}
		out = append(out, l.held...)
		l.held = nil
		return true
	})
	return own(out)
}

// due is when Flush next has something to do; the zero time when nothing is held.
func (d *Decoder) due() time.Time {
	var first time.Time
	for _, l := range d.mem.waiting {
		if len(l.held) > 0 && (first.IsZero() || l.due.Before(first)) {
			first = l.due
		}
	}
	return first
}

// decode also returns what the session wants of a notification: the system's state and the answers to commands.
func (d *Decoder) decode(m platform.Message, raw []byte) ([]call.Event, []notice, error) {
	notices, err := d.tree.readNotices(string(raw))
	if err != nil {
		return nil, nil, err
	}
	var events []call.Event
	now := m.At
	for i := range notices {
		n := &notices[i]
		told, at, err := d.notice(&m, n, raw)
		if err != nil {
			return own(events), notices, err
		}
		events = append(events, told...)
		if now.IsZero() {
			now = at
		}
	}
	if !now.IsZero() && len(d.mem.waiting) > 0 {
		events = append(d.Flush(now), events...)
	}
	return own(events), notices, nil
}

func (d *Decoder) notice(m *platform.Message, n *notice, raw []byte) ([]call.Event, time.Time, error) {
	if n.system != "" {
		d.suspended = n.system != inService
	}
	if n.complete { // Finesse answers with 503 while it is out of service
		d.suspended = false
	}
	id := cmp.Or(m.Agent, agentOf(m.Node), agentOf(n.node), agentOf(n.source), n.user.id, localPart(n.to))
	var newest time.Time
	if id == "" {
		if len(n.dialogs) > 0 || n.complete {
			return nil, newest, errors.New("dialog of an unknown agent")
		}
		return nil, newest, nil
	}
	a := d.mem.agent(id)
	d.mem.learnExtension(a, m.Extension)
	if n.user.extension != "" && (n.user.id == "" || n.user.id == id) {
		d.mem.learnExtension(a, n.user.extension)
	}
	var out, gone []call.Event
	if n.complete { // first, so that nothing new is taken for a part of what is over
		for i := range n.dialogs {
			if dialog := n.dialogs[i].secondary; dialog != "" {
				d.mem.swallow(dialog)
			}
		}
		gone = d.vanished(m, n, raw, id, a)
	}
	for i := range n.dialogs {
		c := change{m: m, n: n, raw: raw, id: id, a: a, dlg: &n.dialogs[i], gone: n.event == "DELETE"}
		out = append(out, d.apply(&c)...)
		if c.at.After(newest) {
			newest = c.at
		}
	}
	return append(out, gone...), newest, nil
}

// vanished ends the legs that the agent's collection no longer has: what happened to them was not heard.
func (d *Decoder) vanished(m *platform.Message, n *notice, raw []byte, id string, a *agent) []call.Event {
	var out []call.Event
	for _, l := range slices.Clone(a.open) {
		if slices.ContainsFunc(n.dialogs, func(o dialog) bool { return o.id == l.dialog }) {
			continue
		}
		c := change{m: m, n: n, raw: raw, id: id, a: a, dlg: &dialog{id: l.dialog}, gone: true, concluded: true}
		out = append(out, d.apply(&c)...)
	}
	return out
}

func localPart(jid string) string {
	for i := range len(jid) {
		if jid[i] == '@' {
			return jid[:i]
		}
	}
	return ""
}
