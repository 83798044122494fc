package genesys

// A preview: a contact shown to an agent as a callback, before any call. The call, if there is one, joins the same
// participants and leaves the callback open until the agent is done with it.

// show begins a preview: the contact waits in the queue for an agent.
func (c *conversation) show() {
	c.begin()
	c.tellPreContact()
	q := c.campaign.queue
	p := c.add(&party{purpose: isCustomer, name: c.contactName(), queue: q, attributes: c.dialerAttributes()})
	ss := p.open(c.previewSession(connected))
	ss.initial = alerting
	c.connect(p, ss)
	c.join(ss)
	c.tell("customer.start", p, ss, nil)
	c.tellOutbound(p, ss)
	c.enqueue(q, callback).sessions[0].preview = ss.preview
}

func (c *conversation) previewSession(state string) *session {
	k := c.campaign
	return &session{media: callback, state: state, initial: state, direction: c.direction, skippable: !k.skipDisabled, timeout: k.timeout,
		preview: &previewView{ID: newID(), Contact: c.contact.id, List: k.list.id, Campaign: k.id, Columns: k.columns}}
}

// offer shows the preview to an agent.
func (c *conversation) offer(u *user) *party {
	p := c.add(&party{purpose: isAgent, name: u.name, user: u, queue: c.queue, wrapupOwed: true})
	ss := p.open(c.previewSession(alerting))
	ss.preview = c.remote().session(callback).preview
	ss.alertAt, ss.acwOwed = c.now(), true
	u.busy++
	c.publish()
	c.tell("user.start", p, ss, nil)
	return p
}

// accept is the agent taking the preview. Nobody is being called yet.
func (c *conversation) accept(p *party) *apiError {
	ss := p.session(callback)
	if !ss.is(alerting) {
		return notNow("The callback is not alerting.")
	}
	c.connect(p, ss)
	c.join(ss)
	c.contacted = p.user
	c.s.setRouting(p.user, interacting)
	c.dequeue(p.user)
	c.publish()
	return nil
}

// place dials the preview's number: calls appear beside the callbacks, on the same participants.
func (c *conversation) place(p *party, number, column string) *apiError {
	if !p.session(callback).is(connected) {
		return notNow("The callback is not connected.")
	}
	if ss := p.session(voice); ss != nil && ss.live() {
		return notNow("The callback is being called already.")
	}
	if ss := c.remote().session(voice); ss != nil && ss.live() { // the agent has handed over a call that still rings
		return notNow("The customer is in a call already.")
	}
	if number != "" {
		c.customer = number
	}
	if column != "" {
		c.column = column
	}
	far := c.remote()
	remote := far.call(dialing, c.direction, c.s.org.callerID, c.customer)
	local := p.call(dialing, c.direction, p.user.sip, c.customer)
	remote.dialAt, local.dialAt, local.peer = c.now(), c.now(), remote.id
	c.connect(p, local)
	p.user.busy++
	c.publish()
	c.tell("user.start", p, local, nil)
	return nil
}

// closePreview ends the callback. Without a call and a code that is a skip; by says who: client, timeout, system.
func (c *conversation) closePreview(p *party, by string) *apiError {
	ss := p.session(callback)
	if ss == nil || !ss.live() {
		return notNow("The callback is over.")
	}
	if p.user == nil {
		return c.withdraw()
	}
	if ss.is(alerting) && by == "client" && c.acd() != nil {
		return c.noAnswer(p) // a preview that is declined waits for the next agent (inferred)
	}
	if call := p.session(voice); call != nil && call.live() {
		c.leave(p, call, "client")
	}
	called := p.session(voice) != nil
	if !called && ss.wrapup == nil {
		if by == "client" && !ss.skippable {
			return notNow("Previews of this campaign may not be skipped.")
		}
		c.skipped(p, ss, by)
		return nil
	}
	c.endPreview(p, ss, by)
	if ss.wrapup == nil {
		c.owe(p, ss)
	} else {
		c.completeACW(p, ss)
	}
	c.publish()
	if c.conclude() {
		c.publish()
	}
	c.settle()
	return nil
}

// skipped ends a preview that was not dialed. Whether its wrap-up or its end is told first is not fixed: in captured
// data the two lie within 200 ms of each other, either way round.
func (c *conversation) skipped(p *party, ss *session, by string) {
	tellWrapup := func() {
		ss.wrapup = &wrapupView{Code: codeSkipped, Tags: []string{}, EndTime: stamp(c.now())}
		p.wrapup = ss.wrapup
		c.record(codeSkipped)
		c.tellWrapup("wrapup", p, ss)
	}
	if !c.userEndFirst {
		tellWrapup()
	}
	c.endPreview(p, ss, by)
	if c.userEndFirst {
		tellWrapup()
	}
	ss.acw = &afterWork{acwSkipped, c.now(), c.now()}
	c.conclude()
	c.publish()
	c.s.afterWork(p.user)
	c.settle()
}

// endPreview ends the callbacks of the agent and of the customer.
func (c *conversation) endPreview(p *party, ss *session, by string) {
	c.endSession(p, ss, by)
	c.tellEnd(p, ss)
	if far := c.remote(); far != nil {
		if other := far.session(callback); other != nil && other.live() {
			c.endSession(far, other, "peer")
			c.tellEnd(far, other)
		}
	}
}

// withdraw takes a preview back before it led to a call.
func (c *conversation) withdraw() *apiError {
	far := c.remote()
	ss := far.session(callback)
	if !ss.is(connected) {
		return notNow("The callback is over.")
	}
	c.endSession(far, ss, "peer")
	c.tellEnd(far, ss)
	c.dequeue(nil)
	for _, p := range c.parties {
		own := p.session(callback)
		switch {
		case p.user == nil || own == nil || !own.live():
		case own.is(connected):
			return c.closePreview(p, "system")
		default:
			c.endSession(p, own, "system")
			c.tellEnd(p, own)
			c.s.afterWork(p.user)
		}
	}
	c.finish()
	return nil
}

// timedOut is what the campaign does with a preview that an agent kept too long: it is dialed, or with previewAutoEnd
// ended (documented at the campaign's previewTimeOutSeconds and previewAutoEnd; the words of its end are inferred).
func (c *conversation) timedOut(p *party) *apiError {
	if !c.campaign.autoEnd {
		return c.place(p, "", "")
	}
	if ss := p.session(callback); ss == nil || !ss.live() {
		return notNow("The callback is over.")
	}
	c.autoEnded = true
	return c.closePreview(p, "timeout")
}
