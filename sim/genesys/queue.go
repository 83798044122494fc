package genesys

// What the platform does to bring a customer and an agent together: the queue, the alert, the answer.

// alertingSeconds is how long a queue lets an agent's phone ring.
const alertingSeconds = 8

// enqueue puts the customer into a queue: a participant of its own that ends when an agent answers.
func (c *conversation) enqueue(q *queue, media string) *party {
	c.queue = q
	p := c.add(&party{purpose: isACD, name: q.name, queue: q})
	ss := p.open(&session{media: media, state: connected, initial: connected, direction: c.direction, self: q.name, other: c.customer})
	if other := c.remote(); other != nil {
		if peer := other.session(media); peer != nil {
			ss.peer = peer.id
		}
	}
	c.connect(p, ss)
	c.tell("acd.start", p, ss, nil)
	return p
}

// dequeue ends the queue's participant: answered by somebody, or given up by the customer.
func (c *conversation) dequeue(answeredBy *user) {
	p := c.acd()
	if p == nil {
		return
	}
	ss := p.talk()
	ss.state, ss.endedAt, p.ended = terminated, c.now(), c.now()
	ss.disconnectType = "transfer"
	if answeredBy == nil {
		ss.disconnectType = "peer"
	}
	c.tell("acd.end", p, ss, func(e *detailEvent) {
		e.DisconnectType, e.Outcome = detailDisconnect(ss.disconnectType), "ABANDON"
		if answeredBy != nil {
			e.Outcome, e.AnsweredBy = "ANSWERED", answeredBy.id
			e.Requested, e.Used = []string{"STANDARD"}, "STANDARD"
		}
		e.Connected = ms(ss.endedAt.Sub(ss.connectedAt))
	})
}

// alert lets an agent's phone ring.
func (c *conversation) alert(u *user, owesWrapup bool) *party {
	consult := ""
	if c.consulting() { // whoever the queue finds for a consult is only asked
		consult, owesWrapup = c.remote().id, false
	}
	p := c.add(&party{purpose: isAgent, name: u.name, user: u, queue: c.queue, address: u.sip, wrapupOwed: owesWrapup, consult: consult})
	ss := p.call(alerting, c.direction, u.sip, c.customer)
	ss.alertAt, ss.acwOwed = c.now(), owesWrapup
	if other := c.remote(); other != nil {
		if peer := other.session(voice); peer != nil {
			ss.peer = peer.id
		}
	}
	u.busy++
	c.publish()
	c.tell("user.start", p, ss, nil)
	return p
}

// answer connects an agent whose phone rings.
func (c *conversation) answer(p *party) *apiError {
	ss := p.session(voice)
	if !ss.is(alerting) {
		return notNow("The communication is not alerting.")
	}
	c.connect(p, ss)
	c.join(ss)
	c.s.setRouting(p.user, interacting)
	if p.consult != "" {
		return c.consultAnswered(p)
	}
	if c.acd() != nil {
		p.source = "ACD"
	}
	if c.campaign != nil && c.contacted == nil {
		c.contacted = p.user
	}
	c.dequeue(p.user)
	if other := c.remote(); other != nil {
		c.join(other.session(voice))
	}
	c.attended(p)
	c.publish()
	return nil
}

// noAnswer ends an alert that nobody took. An agent of a queue is not offered more until the routing status changes.
func (c *conversation) noAnswer(p *party) *apiError {
	ss := p.talk()
	if !ss.is(alerting) {
		return notNow("The communication is not alerting.")
	}
	c.endSession(p, ss, "transfer.noanswer")
	c.tellEnd(p, ss)
	if p.consult != "" {
		c.consultOver()
	} else if c.acd() != nil {
		c.s.setRouting(p.user, notResponded)
	}
	c.publish()
	if c.conclude() {
		c.publish()
	}
	c.settle()
	return nil
}

// inbound is a call that came in and waits in the queue.
func (c *conversation) inbound(q *queue) {
	c.begin()
	p := c.add(&party{purpose: isCustomer, name: "Customer", address: "tel:" + c.customer, queue: q, attributes: c.vars})
	ss := p.call(offering, c.direction, c.s.org.callerID, c.customer)
	c.connect(p, ss)
	c.join(ss)
	c.tell("customer.start", p, ss, nil)
	c.greet(ss)
	c.enqueue(q, voice)
	c.publish()
}

// greet is the flow that every call passes on its way into the queue. Its events are not simulated.
func (c *conversation) greet(peer *session) {
	p := c.add(&party{purpose: isIVR, name: "Welcome"})
	ss := p.call(offering, c.direction, c.s.org.callerID, c.customer)
	ss.peer = peer.id
	c.connect(p, ss)
	ss.state, ss.endedAt, ss.disconnectType, p.ended = terminated, c.now(), "transfer", c.now()
}

// manual is a call that a user makes. From a queue it counts as that queue's, with wrap-up; otherwise it is the user's
// own (purposes as captured from real orgs).
func (c *conversation) manual(u *user, q *queue) *party {
	c.begin()
	far, own := &party{purpose: isExternal, name: c.customer}, &party{purpose: isUser, name: u.name, user: u, address: u.sip}
	if q != nil {
		c.queue = q
		far.purpose, own.purpose, own.wrapupOwed = isCustomer, isAgent, true
		far.queue, own.queue = q, q
	}
	far.attributes = c.vars
	c.add(far)
	c.add(own)
	remote := far.call(dialing, c.direction, c.s.org.callerID, c.customer)
	local := own.call(dialing, c.direction, u.sip, c.customer)
	remote.dialAt, local.dialAt, local.acwOwed = c.now(), c.now(), own.wrapupOwed
	local.peer = remote.id
	c.connect(own, local)
	u.busy++
	c.s.setRouting(u, interacting)
	c.publish()
	c.tell("user.start", own, local, nil)
	return own
}

// farAnswers is the number outside picking up a call that somebody here made.
func (c *conversation) farAnswers(p *party) *apiError {
	ss := p.session(voice)
	if !ss.is(dialing) {
		return notNow("The communication is not dialing.")
	}
	c.connect(p, ss)
	c.join(ss)
	if c.campaign != nil && p == c.remote() {
		c.disposition = person
	}
	for _, other := range c.talking(p) {
		c.join(other.session(voice))
	}
	c.tell("customer.start", p, ss, nil)
	c.attended(p)
	c.publish()
	return nil
}
