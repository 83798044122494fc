package connect

import "time"

// How calls begin. Which connections a contact has at each moment, and which of them is the initial one, is what Streams'
// own questions (isInbound, getThirdPartyConnections) take for granted; for preview contacts it is inferred.

// offer makes the contact ring at the agent.
func (c *call) offer(a *agent, mode string) error {
	if a == nil {
		return notNow("only an agent of the instance can be offered a contact")
	}
	if err := c.begin(or(mode, or(c.mode, modeInbound))); err != nil {
		return err
	}
	if c.over() {
		return errOver
	}
	switch c.mode {
	case modeManual:
		return notNow("a manual call is not offered, it is dialled")
	case modeProgressive, modePredictive, modeAgentless, modeAPI:
		if c.main.t.answered.IsZero() {
			c.customerAnswers("")
		}
	}
	if len(a.contacts) > 0 {
		return notNow("agent %s is not free", a.username)
	}
	c.ring(c.main, a)
	return nil
}

// ring shows a contact at an agent who has to take it.
func (c *call) ring(n *contact, a *agent) {
	at := c.now()
	n.conns = nil
	a.take(n)
	n.to(connecting, at)
	preview := n == c.main && c.mode == modeDirect
	n.add(connection{role: theAgent, kind: "agent", state: connecting, initial: preview}, at)
	if !preview {
		n.add(connection{role: theCustomer, kind: "inbound", state: connected, initial: true, number: n.customer}, at)
	}
	a.be(pendingBusy, at)
	c.touch(a)
}

// answer connects a ringing contact with its agent: for a preview that means only that the agent looks at it.
func (c *call) answer(a *agent) error {
	n, err := c.live(a)
	if err != nil {
		return err
	}
	if n.state != connecting || n.method == "OUTBOUND" {
		return notNow("contact %s does not ring", n.id)
	}
	at := c.now()
	n.to(connected, at)
	n.own().to(connected, at)
	n.t.connected = at
	a.be(busy, at)
	c.touch(a)
	if n.method == "CAMPAIGN_PREVIEW" && n == c.main {
		n.t.accepted = at
		c.event("CONTACT_DATA_UPDATED", n, at, "AgentInfo.AcceptedByAgentTimestamp")
	}
	c.event("CONNECTED_TO_AGENT", n, at)
	return nil
}

// dial calls the customer: the agent's manual call, the call that ends a preview, or, with no agent yet, a campaign's.
func (c *call) dial(a *agent, mode string) error {
	mode = or(mode, or(c.mode, modeManual))
	switch mode {
	case modeDirect:
		return c.dialPreview(a)
	case modeManual:
		return c.dialManual(a)
	}
	return c.begin(mode)
}

func (c *call) dialManual(a *agent) error {
	if a == nil {
		return notNow("only an agent of the instance can dial a manual call")
	}
	if c.main != nil {
		return notNow("the call has been dialled")
	}
	if len(a.contacts) > 0 {
		return notNow("agent %s is not free", a.username)
	}
	if err := c.begin(modeManual); err != nil {
		return err
	}
	at := c.last
	n := c.main
	n.queue = &sales // the routing profile's default outbound queue; contact events leave it out
	a.take(n)
	n.to(connecting, at)
	n.add(connection{role: theAgent, kind: "agent", state: connecting}, at)
	n.add(connection{role: theCustomer, kind: "outbound", state: connecting, initial: true, number: n.customer}, at)
	a.be(callingCustomer, at)
	c.touch(a)
	return nil
}

// dialPreview ends the preview: the agent called, or the time for it was over (Streams: engagePreviewContact;
// postAcceptTimeoutConfig of the outbound strategy).
func (c *call) dialPreview(a *agent) error {
	n, err := c.live(a)
	if err != nil {
		return err
	}
	if n.t.accepted.IsZero() || !n.t.previewEnd.IsZero() {
		return notNow("contact %s is not being previewed", n.id)
	}
	at := c.now()
	n.t.previewEnd, n.t.started = at, at
	n.add(connection{role: theCustomer, kind: "outbound", state: connecting, number: n.customer}, at)
	c.touch(a)
	return nil
}

// customerAnswers is the far end picking up; amd is what answering machine detection makes of it, "" for a person.
func (c *call) customerAnswers(amd string) error {
	n := c.main
	if n == nil {
		return notNow("nobody has called the customer")
	}
	if c.over() {
		return errOver
	}
	if !n.t.answered.IsZero() {
		return notNow("the customer has answered already")
	}
	at := c.now()
	switch c.mode {
	case modeManual:
		c.manualAnswered(n, at)
	case modeDirect:
		conn := n.customerConn()
		if conn == nil {
			return notNow("nobody has called the customer")
		}
		conn.to(connected, at)
		n.t.answered = at
		c.event("CONNECTED_TO_SYSTEM", n, at)
		c.touch(n.agent)
	default:
		c.campaignAnswered(n, or(amd, "HUMAN_ANSWERED"), at)
	}
	return nil
}

func (c *call) manualAnswered(n *contact, at time.Time) {
	n.to(connected, at)
	for _, conn := range n.conns {
		conn.to(connected, at)
	}
	n.t.answered, n.t.connected = at, at
	n.agent.be(busy, at)
	c.event("CONNECTED_TO_SYSTEM", n, at)
	c.event("CONNECTED_TO_AGENT", n, at)
	c.touch(n.agent)
}

// campaignAnswered queues the call for an agent if a person is there.
func (c *call) campaignAnswered(n *contact, amd string, at time.Time) {
	n.t.answered = at
	if n.campaign != nil {
		n.amd, n.t.started = amd, at.Add(-time.Millisecond)
	}
	c.event("CONNECTED_TO_SYSTEM", n, at)
	if amd == "HUMAN_ANSWERED" && c.mode != modeAgentless {
		c.enqueue(n)
	}
}
