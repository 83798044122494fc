package genesys

// A consult transfer: an agent talks to somebody about the customer, and then leaves, takes the customer back, or lets
// all three talk. Its object is the customer's participant; captured from real orgs are the members that mark it, that
// the agent is on hold for a moment at its beginning, and how cancelling looks. The rest is inferred.

// A destination is whom a consult or a transfer goes to: exactly one of the three.
type destination struct {
	user    *user
	queue   *queue
	address string
}

// Whom the consulting agent speaks to.
const (
	toDestination = "DESTINATION"
	toObject      = "OBJECT"
	toBoth        = "BOTH"
	toAll         = "CONFERENCE"
)

func (c *conversation) consulting() bool { return c.by != nil }

// consult begins one. It returns the participant that is asked.
func (c *conversation) consult(by *party, d destination, speakTo string) (*party, *apiError) {
	object := c.remote()
	switch {
	case c.consulting():
		return nil, notNow("A consult transfer is in progress already.")
	case object == nil || !object.session(voice).is(connected) || !by.session(voice).is(connected):
		return nil, notNow("The participants are not connected.")
	}
	own, theirs := by.session(voice), object.session(voice)
	theirs.confined = true
	if !own.held {
		own.held, own.holdAt = true, c.now()
		c.publish()
	}
	c.unhold(own)
	c.by = by
	object.consult, by.consult = object.id, object.id
	by.attributes["consultInitiator"] = "true"
	c.to = c.reach(d, object.id)
	c.speak(speakTo)
	return c.to, nil
}

// reach brings the destination into the conversation.
func (c *conversation) reach(d destination, object string) *party {
	switch {
	case d.user != nil:
		p := c.add(&party{purpose: isAgent, name: d.user.name, user: d.user, queue: c.queue, address: d.user.sip, consult: object})
		ss := p.call(alerting, "inbound", d.user.sip, c.customer)
		ss.alertAt = c.now()
		d.user.busy++
		c.publish()
		c.tell("user.start", p, ss, nil)
		c.answersByItself(p)
		return p
	case d.queue != nil:
		p := c.enqueue(d.queue, voice)
		p.consult = object
		c.publish()
		return p
	}
	p := c.add(&party{purpose: isExternal, name: d.address, address: rawAddress(d.address), consult: object})
	ss := p.call(dialing, "outbound", c.s.org.callerID, d.address)
	ss.dialAt = c.now()
	c.publish()
	c.answersByItself(p)
	return p
}

// consultAnswered is the one who is asked picking up.
func (c *conversation) consultAnswered(p *party) *apiError {
	if c.to != nil && c.to.purpose == isACD {
		c.dequeue(p.user)
		c.to = p
	}
	c.publish()
	return nil
}

// speak changes who hears whom: whoever is left out is confined.
func (c *conversation) speak(to string) {
	object := c.remote()
	if object == nil || c.to == nil {
		return
	}
	object.session(voice).confined = to == toDestination || to == ""
	if ss := c.to.session(voice); ss != nil {
		ss.confined = to == toObject
	}
	c.publish()
}

// cancelConsult takes the customer back.
func (c *conversation) cancelConsult() *apiError {
	if !c.consulting() {
		return notNow("There is no consult transfer.")
	}
	to := c.to
	c.consultOver()
	if ss := to.talk(); ss != nil && ss.live() {
		c.endSession(to, ss, "client")
		c.tellEnd(to, ss)
		if to.user != nil {
			c.s.afterWork(to.user)
		}
	}
	c.finish()
	return nil
}

// consultOver takes the marks of a consult away. The customer hears again.
func (c *conversation) consultOver() {
	if !c.consulting() {
		return
	}
	delete(c.by.attributes, "consultInitiator")
	c.by, c.to = nil, nil
	for _, p := range c.parties {
		p.consult = ""
		if ss := p.session(voice); ss != nil && ss.live() {
			ss.confined = false
		}
	}
}

// leaveConsult is one of the two agents leaving: the one who began hands the customer over, the other one ends it.
func (c *conversation) leaveConsult(p *party, ss *session) *apiError {
	to, began := c.to, p == c.by
	if !began {
		if p != to {
			c.leave(p, ss, "client")
			c.finish()
			return nil
		}
		c.consultOver()
		c.endSession(p, ss, "client")
		c.tellEnd(p, ss)
		c.s.afterWork(p.user)
		c.finish()
		return nil
	}
	c.consultOver()
	c.inherit(to, p)
	c.handOver(p, ss)
	return nil
}

// inherit makes the call the destination's: also its wrap-up.
func (c *conversation) inherit(to, from *party) {
	if to.user == nil {
		return
	}
	to.wrapupOwed = from.wrapupOwed
	if ss := to.session(voice); ss != nil {
		ss.acwOwed = from.wrapupOwed
	}
}

// handOver is an agent leaving a call that goes on. The reason changes between the messages, as captured: first the
// transfer, then that the other side let go.
func (c *conversation) handOver(p *party, ss *session) {
	c.endSession(p, ss, "transfer")
	c.tellEnd(p, ss)
	c.finishWork(p, ss)
	c.publish()
	ss.disconnectType = "peer"
	c.finish()
}
