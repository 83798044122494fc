package genesys

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// conversation takes a snapshot in.
func (d *Decoder) conversation(m *platform.Message, n *note, raw []byte) []call.Event {
	s := &n.snapshot
	if d.mem.all[s.id] == nil && !s.matters() {
		return nil
	}
	c := d.mem.conversation(s.id)
	if c.connection = m.Connection; c.repeated(n) {
		return nil
	}
	t := telling{d: d, c: c, m: m, raw: raw, firm: true, concluded: m.Source == sourceREST}
	if n.gone {
		t.conclude(c.legs)
		return t.done(nil)
	}
	t.frame(s)
	d.settle(c)
	heard := t.parts(s, n.user)
	d.settle(c)
	for i := range s.parts {
		if l := c.leg(s.parts[i].id); l != nil {
			t.part(l, &s.parts[i], n.user == "" || n.user == l.agent || !l.own)
		}
	}
	t.roles(s)
	if t.concluded {
		t.conclude(slices.DeleteFunc(slices.Clone(c.legs), func(l *leg) bool { return s.ended.IsZero() && s.part(l.id) != nil }))
	}
	return t.done(heard)
}

// matters reports whether a conversation is a call between a customer and an agent. Calls between colleagues, and other
// media, are not.
func (s *snapshot) matters() bool {
	return s.customer() != nil && slices.ContainsFunc(s.parts, func(p part) bool { return p.isAgent() && len(p.calls)+len(p.callbacks) > 0 })
}

// customer is the participant that the call is about, or nil: a transfer may add further outsiders.
func (s *snapshot) customer() *part {
	for _, purpose := range [...]string{"customer", "external"} {
		for i := range s.parts {
			if s.parts[i].purpose == purpose {
				return &s.parts[i]
			}
		}
	}
	return nil
}

func (s *snapshot) part(id string) *part {
	for i := range s.parts {
		if s.parts[i].id == id {
			return &s.parts[i]
		}
	}
	return nil
}

func (p *part) isAgent() bool {
	return p.id != "" && p.user != "" && (p.purpose == "agent" || p.purpose == "user") && !p.watches
}

// newest is the latest time that the snapshot tells: what is older than what was heard is stale.
func (s *snapshot) newest() (at time.Time) {
	later := func(all ...time.Time) {
		for _, x := range all {
			if x.After(at) {
				at = x
			}
		}
	}
	for i := range s.parts {
		p := &s.parts[i]
		later(p.connected, p.ended, p.acwEnd)
		for _, sessions := range [...][]session{p.calls, p.callbacks} {
			for j := range sessions {
				x := &sessions[j]
				later(x.connected, x.disconnected, x.holdStart, x.acwStart, x.acwEnd)
			}
		}
	}
	return at
}

// frame takes in what is said of the call as a whole.
func (t *telling) frame(s *snapshot) {
	c := t.c
	c.whole = true
	newest := s.newest()
	stale := newest.Before(c.newest)
	if !stale {
		c.newest = newest
	}
	if p := s.customer(); p != nil {
		t.customer(p)
		c.learn(p.attributes, stale)
	}
	for i := range s.parts {
		p := &s.parts[i]
		for j := range p.callbacks {
			if from := p.callbacks[j].preview; from != (contact{}) {
				c.preview = true
				c.learnContact(from)
			}
		}
		if p.isAgent() {
			c.learn(p.attributes, stale)
			first(&c.queue, p.queue)
			if p.queue != "" && p.queueName != "" {
				t.d.queues[strings.Clone(p.queue)] = strings.Clone(p.queueName)
			}
		}
	}
}

// customer takes the customer's participant in.
func (t *telling) customer(p *part) {
	c := t.c
	first(&c.customer, clean(p.address))
	c.present, c.confined = false, false
	for _, sessions := range [...][]session{p.calls, p.callbacks} {
		for i := range sessions {
			x := &sessions[i]
			first(&c.direction, strings.ToLower(x.direction))
			first(&c.customer, clean(x.other))
		}
	}
	for i := range p.calls {
		x := &p.calls[i]
		if x.state == connected || x.over() && !x.connected.IsZero() {
			c.setAnswer(x.id, cmp.Or(x.connected, t.m.At))
		}
		if x.state == connected {
			c.present = true
			c.confined = c.confined || x.confined
		}
		if x.disconnected.After(c.left) {
			c.left = x.disconnected
		}
	}
	c.waited = c.waited || c.confined
}

// parts begins the legs of agents who are new, and returns the leg of the user whose topic it is.
func (t *telling) parts(s *snapshot, user string) (heard *leg) {
	c := t.c
	for i := range s.parts {
		p := &s.parts[i]
		if !p.isAgent() {
			continue
		}
		l := c.leg(p.id)
		if l == nil {
			if len(p.calls)+len(p.callbacks) == 0 {
				continue
			}
			l = &leg{id: strings.Clone(p.id), agent: strings.Clone(p.user)}
			c.legs = append(c.legs, l)
		}
		if role := s.roleOf(i); len(l.told) == 0 && !l.recalled && role != l.role {
			if l.role = role; role == call.ConsultLeg {
				c.waited = c.confined
			}
		}
		l.guessed = false
		c.begin(l, p)
		if p.user == user {
			l.own = true
			heard = l
		}
	}
	return heard
}

// roleOf is what an agent is to the call when it reaches him: consulted by one who talks, next after one who has talked,
// or the first. After a gap a consult shows in that both talked at the same time.
func (s *snapshot) roleOf(i int) call.Role {
	p := &s.parts[i]
	role := call.CustomerLeg
	for j := range s.parts[:i] {
		before := &s.parts[j]
		if !before.isAgent() || !before.talked() {
			continue
		}
		role = call.TransferLeg
		if p.consult != "" && before.live() && !p.initiates() || p.overlaps(before) {
			return call.ConsultLeg
		}
	}
	return role
}

// overlaps reports whether a participant was connected before another one had ended.
func (p *part) overlaps(before *part) bool {
	for i := range p.calls {
		for j := range before.calls {
			began, ended := p.calls[i].connected, before.calls[j].disconnected
			if !began.IsZero() && !before.calls[j].connected.IsZero() && (ended.IsZero() || began.Before(ended)) {
				return true
			}
		}
	}
	return false
}

func (p *part) initiates() bool {
	return slices.Contains(p.attributes, attribute{"consultInitiator", "true"})
}

func (p *part) live() bool {
	return slices.ContainsFunc(p.calls, func(s session) bool { return s.state == connected })
}

// talked reports whether the participant was ever connected by voice.
func (p *part) talked() bool {
	return slices.ContainsFunc(p.calls, func(s session) bool { return s.state == connected || !s.connected.IsZero() })
}

// begin notes how a leg began, as far as it is not known.
func (c *conversation) begin(l *leg, p *part) {
	l.callback = l.callback || len(p.callbacks) > 0
	l.withdraw(startKey)
	if c.contact.campaign != "" && c.dialing != "external" {
		return // a dialer's: nobody dials but who accepted a preview
	}
	if l.callback || l.dialled || l.role != call.CustomerLeg || len(l.told) > 0 || len(p.calls) == 0 {
		return
	}
	s := &p.calls[len(p.calls)-1]
	dials := s.initial == dialing || s.initial == contacting || s.state == dialing || s.state == contacting
	l.dialled = dials && s.state != alerting && !strings.EqualFold(s.direction, inbound)
}

// conclude ends legs that the platform does not know any more, or of which it says that all is over.
func (t *telling) conclude(legs []*leg) {
	t.firm, t.concluded = true, true
	for _, l := range legs {
		if !l.over {
			t.final(l, time.Time{})
		}
	}
}
