package genesys

// How calls end, and the work after them.

// leave ends one party's call; the others go on as far as there is anybody to talk to.
func (c *conversation) leave(p *party, ss *session, why string) {
	alone := p.member() && len(c.members(p)) == 0
	c.endSession(p, ss, why)
	if far := c.remote(); alone && far != nil && far != p {
		if other := far.session(voice); other != nil && other.live() {
			c.endSession(far, other, "peer")
			c.tellEnd(far, other)
		}
	}
	c.tellEnd(p, ss)
	c.finishWork(p, ss)
}

// members are the people on this side, and those whom they brought in, who are in the call or about to be.
func (c *conversation) members(not *party) []*party {
	var list []*party
	for _, p := range c.parties {
		if p == not || p == c.remote() || p.purpose == isACD {
			continue
		}
		if ss := p.session(voice); ss != nil && ss.live() {
			list = append(list, p)
		}
	}
	return list
}

// finishWork begins the wrap-up where one is owed. A preview's is owed by its callback, which is still open.
func (c *conversation) finishWork(p *party, ss *session) {
	if p.user == nil {
		return
	}
	if ss.media == voice && ss.acwOwed && !ss.connectedAt.IsZero() {
		c.owe(p, ss)
		return
	}
	if p.session(callback) == nil {
		c.s.afterWork(p.user)
	}
}

// customerLeaves is the customer putting the phone down. Real orgs tell of the customer first and of the agents a
// moment later.
func (c *conversation) customerLeaves() *apiError {
	far := c.remote()
	if far == nil {
		return notNow("There is no customer.")
	}
	ss := far.session(voice)
	if ss == nil && far.session(callback) != nil {
		return c.withdraw()
	}
	if ss == nil || !ss.live() {
		return notNow("The customer has left.")
	}
	c.endSession(far, ss, "endpoint")
	c.tellEnd(far, ss)
	if len(c.members(nil)) > 0 {
		c.publish()
	}
	c.dequeue(nil)
	c.consultOver()
	for _, p := range c.members(nil) {
		other := p.session(voice)
		c.endSession(p, other, "peer")
		c.tellEnd(p, other)
		c.finishWork(p, other)
	}
	c.finish()
	return nil
}

// finish publishes what is so and then that what is over is terminated.
func (c *conversation) finish() {
	c.publish()
	if c.conclude() {
		c.publish()
	}
	c.settle()
}

// partyLeaves is an agent putting the phone down, or declining a call that rings.
func (c *conversation) partyLeaves(p *party) *apiError {
	ss := p.session(voice)
	if ss == nil || !ss.live() {
		return notNow("The communication is over.")
	}
	if ss.is(alerting) && p.consult == "" && c.acd() != nil {
		return c.noAnswer(p) // a declined queue call is not answered (inferred)
	}
	if c.consulting() && p.user != nil && ss.is(connected) {
		return c.leaveConsult(p, ss)
	}
	c.leave(p, ss, "client")
	c.finish()
	return nil
}
