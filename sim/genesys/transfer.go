package genesys

import "time"

// replace is a blind transfer: the participant's place is taken by somebody else. Attended, the agent stays until the
// other one answers (inferred).
func (c *conversation) replace(p *party, d destination, attended bool) *apiError {
	ss := p.session(voice)
	if !ss.is(connected) {
		return notNow("The communication is not connected.")
	}
	if c.consulting() {
		return notNow("A consult transfer is in progress.")
	}
	c.noteTransfer(p, d, attended)
	if attended {
		c.heir = p
		c.enter(d, p)
		return nil
	}
	leaver := p
	c.endSession(leaver, ss, "transfer")
	c.tellEnd(leaver, ss)
	c.finishWork(leaver, ss)
	c.enter(d, p)
	ss.disconnectType = "peer"
	c.publish()
	if c.conclude() {
		c.publish()
	}
	return nil
}

// enter brings the one who takes over into the conversation.
func (c *conversation) enter(d destination, from *party) {
	switch {
	case d.user != nil:
		p := c.alert(d.user, from.wrapupOwed)
		c.answersByItself(p)
	case d.queue != nil:
		c.enqueue(d.queue, voice)
		c.publish()
		if !c.scripted {
			c.route(from.user)
		}
	default:
		p := c.add(&party{purpose: isExternal, name: d.address, address: rawAddress(d.address)})
		ss := p.call(dialing, "outbound", c.s.org.callerID, d.address)
		ss.dialAt = c.now()
		c.publish()
		c.answersByItself(p)
	}
}

// attended lets the agent of an attended transfer go, now that p has answered.
func (c *conversation) attended(p *party) {
	leaver := c.heir
	if leaver == nil || leaver == p {
		return
	}
	c.heir = nil
	if ss := leaver.session(voice); ss.is(connected) {
		c.inherit(p, leaver)
		c.endSession(leaver, ss, "transfer")
		c.tellEnd(leaver, ss)
		c.finishWork(leaver, ss)
	}
}

func (c *conversation) noteTransfer(p *party, d destination, attended bool) {
	kind, to := "unattended", map[string]string{}
	if attended {
		kind = "attended"
	}
	switch {
	case d.user != nil:
		to["userId"] = d.user.id
	case d.queue != nil:
		to["queueId"] = d.queue.id
	default:
		to["address"] = d.address
	}
	who := ""
	if p.user != nil {
		who = p.user.id
	}
	c.transfers = append(c.transfers, transferView{ID: newID(), State: "complete", Issued: stamp(c.now()), Type: kind,
		Initiator: map[string]string{"userId": who}, ModifiedBy: map[string]string{"id": who}, Destination: to})
}

// routeAgain is how long a call waits until the queue looks for an agent again.
const routeAgain = 200 * time.Millisecond

// route finds an agent for a call that waits in a queue, now or as soon as one is free.
func (c *conversation) route(not *user) {
	if c.over() || c.acd() == nil {
		return
	}
	u := c.s.org.free(not)
	if u == nil {
		c.s.life.Later(routeAgain, func() { c.route(not) })
		return
	}
	c.answersByItself(c.alert(u, true))
}

// answersByItself lets a far end pick up after a while, unless a script says when it does.
func (c *conversation) answersByItself(p *party) {
	s := c.s
	if c.scripted || s.cfg.FarEnd < 0 || p.user != nil && !s.cfg.AutoAnswer {
		return
	}
	s.life.Later(s.cfg.FarEnd, func() {
		if p.user != nil {
			_ = c.answer(p)
			return
		}
		_ = c.farAnswers(p)
	})
}

// merge is a conference out of several conversations: those who are outside in the others come into this one
// (inferred; documented is that the others are merged in).
func (c *conversation) merge(others []*conversation) *apiError {
	for _, o := range others {
		if o == c || o.over() {
			return notNow("The conversation %s cannot be merged.", o.id)
		}
	}
	for _, o := range others {
		for _, p := range o.talking() {
			ss := p.session(voice)
			if !p.member() {
				in := c.add(&party{purpose: p.purpose, name: p.name, address: p.address, attributes: p.attributes})
				if in.purpose == isCustomer {
					in.purpose = isExternal
				}
				talk := in.call(connected, ss.direction, ss.self, ss.other)
				c.connect(in, talk)
				c.join(talk)
			}
			o.endSession(p, ss, "transfer.conference")
			o.tellEnd(p, ss)
			if p.user != nil {
				o.finishWork(p, ss)
			}
		}
		o.finish()
	}
	for _, p := range c.parties {
		if ss := p.session(voice); ss != nil && ss.live() {
			ss.confined = false
			if ss.held {
				c.unhold(ss)
			}
		}
	}
	c.publish()
	return nil
}
