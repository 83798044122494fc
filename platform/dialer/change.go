package dialer

import (
	"cmp"
	"slices"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// change is one message's word about one agent's part in one call.
type change struct {
	m     *platform.Message
	raw   []byte
	body  *body
	word  word
	agent string
	key   string // the sender's name for the message
	at    time.Time
	timed bool // the message says its time

	callType string
	side     bool // the message says that it is about a talk between agents
}

func (d *Decoder) change(c *change) ([]call.Event, error) {
	c.callType, c.side = typeOf(string(c.body.CallType))
	t := d.mem.talks[string(c.body.ID)]
	if c.agent == "" && !c.whose(t) {
		if c.idle() {
			return nil, nil // nobody's business yet
		}
		return nil, errNoAgent
	}
	if t == nil {
		t = d.related(c)
	}
	if t != nil {
		d.mem.name(t, string(c.body.ID))
	}
	mode := d.mode(t, c)
	l, aside := d.leg(t, c)
	tells := d.table.has(mode, c.word, aside) || d.also[c.word]
	if l == nil {
		if c.ends() || !tells && (c.idle() || c.word == initiate) {
			return nil, nil // the end of what was over already, or nobody's business yet
		}
		if t == nil {
			t = &talk{connection: c.m.Connection}
			d.mem.name(t, string(c.body.ID))
		}
		l = d.mem.begin(t, d.legID(t, c, aside), string(c.body.ID), c.agent, aside)
		if t.recalled { // the agent may have been in it before
			l.life = "@" + stamp(c.at)
		}
	}
	d.learn(l, c, mode)
	return d.tell(l, c, tells), nil
}

// whose finds the agent of a message that names none: the only one that the call has.
func (c *change) whose(t *talk) bool {
	if t == nil {
		return false
	}
	for _, l := range t.legs {
		if c.agent != "" && l.agent != c.agent {
			c.agent = ""
			return false
		}
		c.agent = l.agent
	}
	return c.agent != ""
}

// idle reports whether the word is about the dialer's work, before an agent takes part.
func (c *change) idle() bool {
	switch c.word {
	case started, ringing, answered, machine, human, swapped:
		return true
	}
	return false
}

func (c *change) ends() bool { return c.word == acw || c.word == dropped }

// native reports whether the message is about a call of Amazon's own, which no dialer placed.
func (c *change) native() bool {
	return c.word == connecting || c.word == connected || c.callType == inbound
}

// related finds the talk that an id heard for the first time belongs to: the agent's present one, when the message is
// about a talk with a colleague; or the one that the message names as related.
func (d *Decoder) related(c *change) *talk {
	if t := d.mem.talks[c.body.find([]string{"initialContactId", "relatedContactId", "previousContactId"})]; t != nil { // Amazon's names
		return t
	}
	if !c.side && c.word != consult && !(c.native() && c.callType == inbound) {
		return nil
	}
	for _, l := range slices.Backward(d.mem.open[c.agent]) {
		if !l.aside && l.answered {
			return l.talk
		}
	}
	return nil
}

// leg finds the agent's part that the message is about, or nil, and whether it is a talk between agents.
func (d *Decoder) leg(t *talk, c *change) (l *leg, aside bool) {
	if t == nil {
		return nil, c.side || c.word == consult
	}
	main, side := t.main(c.agent), t.side(c.agent)
	switch {
	case c.native():
		return d.nativeLeg(t, c, main)
	case c.word == consult:
		if side != nil && side.over {
			side = t.find(func(l *leg) bool { return l.agent == c.agent && l.aside && l.knows(c.mark()) })
		}
		return side, true
	case c.ends() && (c.side || main == nil && side != nil):
		return side, true
	}
	return main, false
}

// nativeLeg finds the part that one of Amazon's own calls is about: every leg of it has an id of its own.
func (d *Decoder) nativeLeg(t *talk, c *change, main *leg) (*leg, bool) {
	aside := c.side
	if main != nil && (main.ref != string(c.body.ID) || main.mode == call.Manual && c.callType == inbound) {
		aside = true
	}
	if main == nil && t.find(func(o *leg) bool { return o.agent != c.agent && !o.over }) != nil {
		aside = true
	}
	l := t.find(func(l *leg) bool { return l.agent == c.agent && l.ref == string(c.body.ID) && l.aside == aside })
	return l, aside
}

// legID names a new leg: the agent's part in the talk with the customer goes by the agent; one with a colleague by its
// own id, or by the moment in which it began.
func (d *Decoder) legID(t *talk, c *change, aside bool) string {
	main := t.main(c.agent)
	switch {
	case !aside:
		return c.agent
	case main != nil && main.ref == string(c.body.ID) && c.timed && c.word == consult:
		return c.agent + "/c" + stamp(c.at)
	case main != nil && main.ref == string(c.body.ID):
		return c.agent + "/c" + stamp(main.at)
	case main != nil:
		return c.agent + "/" + string(c.body.ID)
	}
	return c.agent + "/c"
}

// mode is the call's pacing mode as far as it is known.
func (d *Decoder) mode(t *talk, c *change) call.Mode {
	if t != nil && t.mode != "" {
		return t.mode
	}
	if m := modeOf(c.body.find(d.vars.Mode)); m != "" {
		return m
	}
	switch {
	case c.word == preview:
		return call.Preview
	case c.callType == outbound && c.native():
		return call.Manual
	case c.callType == inbound:
		return call.Inbound
	}
	return ""
}

// learn updates what is known of the call and of the agent.
func (d *Decoder) learn(l *leg, c *change, mode call.Mode) {
	l.talk.mode, l.connection = mode, cmp.Or(l.connection, c.m.Connection)
	l.extension = cmp.Or(c.body.User.Extension, l.extension)
	if l.campaign == "" {
		l.campaign = c.body.find(d.vars.Campaign)
	}
	if l.customer == "" {
		l.customer = cmp.Or(c.body.find(d.vars.Customer), c.body.answer([]string{"fromAddress"}))
	}
}
