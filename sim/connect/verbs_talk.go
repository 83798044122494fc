package connect

// What happens in a conversation: hold, consult calls, conferences, transfers.

// holding puts the customer on hold or takes the customer back.
func (c *call) holding(a *agent, on bool) error {
	n, conn, err := c.talking(a)
	if err != nil {
		return err
	}
	if (conn.state == onHold) == on {
		return notNow("the customer is that already")
	}
	at := c.now()
	n.hold(conn, on, at)
	a.be(busy, at)
	c.touch(a)
	return nil
}

// talking is the agent's contact and the customer's connection in it, both up.
func (c *call) talking(a *agent) (*contact, *connection, error) {
	n, err := c.live(a)
	if err != nil {
		return nil, nil, err
	}
	conn := n.customerConn()
	if n.state != connected || conn == nil || (conn.state != connected && conn.state != onHold) {
		return nil, nil, notNow("the agent does not talk to the customer")
	}
	return n, conn, nil
}

// consult calls a colleague, or a number outside when to is nil. The customer goes on hold. The colleague's own contact is
// a new one (contact record: a transfer creates a new record).
func (c *call) consult(a, to *agent, number, quick string) error {
	n, customer, err := c.talking(a)
	if err != nil {
		return err
	}
	if n.third() != nil || n == c.leg && !c.main.over() {
		return notNow("there is a third party already")
	}
	if n == c.leg { // the first agent is gone: this is the call now
		c.main = n
	}
	if to != nil && len(to.contacts) > 0 {
		return notNow("agent %s is not free", to.username)
	}
	at := c.now()
	n.hold(customer, true, at)
	third := n.add(connection{kind: "outbound", state: connecting, number: number, quick: quick, peer: to}, at)
	c.touch(a)
	method := "EXTERNAL_OUTBOUND"
	if to != nil {
		method = "TRANSFER"
	}
	id := c.ids.Second
	if c.leg != nil { // a second consult call of the same call
		id = c.s.uuid()
	}
	c.leg = c.newContact(id, method, at)
	c.leg.previous, c.leg.initial = n.id, or(n.initial, n.id)
	c.leg.attributes = n.attributes
	third.far = c.leg
	c.event("INITIATED", c.leg, at)
	if to == nil {
		return nil
	}
	c.enqueue(c.leg)
	c.flush() // the colleague's leg is seen connecting first
	// As soon as the contact is routed to the colleague's queue the connection reads connected, long before the colleague
	// is there (Streams documentation: connection.isConnected).
	third.to(connected, c.now())
	a.be(joining, c.last)
	c.touch(a)
	c.ring(c.leg, to)
	return nil
}

// consultAnswer is the colleague picking up.
func (c *call) consultAnswer(a *agent) error {
	if c.leg == nil {
		return notNow("there is no consult call")
	}
	if c.leg.over() {
		return errOver
	}
	if a != nil {
		return c.answer(a)
	}
	if !c.leg.t.answered.IsZero() {
		return notNow("the third party has answered already")
	}
	at := c.now()
	c.leg.t.answered = at
	c.event("CONNECTED_TO_SYSTEM", c.leg, at)
	if n := c.main; n.third() != nil {
		n.third().to(connected, at)
		n.agent.be(joining, at)
		c.touch(n.agent)
	}
	return nil
}

// conference takes everybody into one conversation.
func (c *call) conference(a *agent) error {
	n, customer, err := c.talking(a)
	if err != nil {
		return err
	}
	third := n.third()
	if third == nil || third.state == connecting {
		return notNow("there is no third party to take in")
	}
	at := c.now()
	n.hold(customer, false, at)
	n.hold(third, false, at)
	a.be(busy, at)
	c.touch(a)
	return nil
}

// swap talks to the other one of customer and third party (Streams: toggleActiveConnections).
func (c *call) swap(a *agent) error {
	n, customer, err := c.talking(a)
	if err != nil {
		return err
	}
	third := n.third()
	if third == nil || third.state == connecting {
		return notNow("there is no third party to change to")
	}
	at := c.now()
	back := customer.state == onHold
	n.hold(customer, !back, at)
	n.hold(third, back, at)
	c.touch(a)
	return nil
}

// transfer leaves the customer with the third party: the agent's contact ends, the other one goes on.
func (c *call) transfer(a *agent) error {
	n, err := c.live(a)
	if err != nil {
		return err
	}
	if n.third() == nil {
		return notNow("there is no third party to hand the customer to")
	}
	c.agentLeaves(n, "AGENT_DISCONNECT")
	return nil
}

// agentLeaves ends one agent's contact while the call goes on.
func (c *call) agentLeaves(n *contact, reason string) {
	at := c.now()
	c.out(n, reason, at)
	if o := c.other(n); o != nil {
		for _, conn := range o.conns { // the one who stays sees the connection of the one who left end
			if conn.far == n {
				conn.to(disconnected, at)
				c.touch(o.agent)
			}
		}
	}
}

// leave is the second agent going away while the first one talks on.
func (c *call) leave(a *agent) error {
	n, err := c.live(a)
	if err != nil {
		return err
	}
	c.agentLeaves(n, "AGENT_DISCONNECT")
	return nil
}

// customerLeaves ends the customer's connection while the agent talks on with a third party.
func (c *call) customerLeaves() error {
	n := c.main
	if n == nil || n.over() {
		return errOver
	}
	if n.third() == nil {
		return notNow("nobody is left to talk with when the customer leaves")
	}
	at := c.now()
	n.release(at)
	n.customerConn().to(disconnected, at)
	n.agent.be(busy, at)
	c.touch(n.agent)
	return nil
}

// dropThird ends the connection of a contact's third party, and with it what there is of a contact behind it: the third
// party hung up, or the agent took it out.
func (c *call) dropThird(n *contact) error {
	if n == nil || n.over() {
		return errOver
	}
	third := n.third()
	if third == nil {
		return notNow("there is no third party")
	}
	at := c.now()
	third.to(disconnected, at)
	n.agent.be(busy, at)
	c.touch(n.agent)
	far := third.far
	if !far.t.disconnected.IsZero() {
		return nil
	}
	c.out(far, "THIRD_PARTY_DISCONNECT", at)
	return nil
}
