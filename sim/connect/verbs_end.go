package connect

import (
	"maps"
	"slices"
	"time"
)

// How calls end.

// hangup is the customer, or with a set that agent, ending the call. An agent who leaves two others behind leaves them.
// reason is the customer's disconnect reason; "" means CUSTOMER_DISCONNECT.
func (c *call) hangup(a *agent, reason string) error {
	if c.over() {
		return errOver
	}
	if a == nil {
		c.everybodyOut(or(reason, "CUSTOMER_DISCONNECT"))
		return nil
	}
	n, err := c.live(a)
	if err != nil {
		return err
	}
	if c.staysWithout(n) {
		c.agentLeaves(n, "AGENT_DISCONNECT")
		return nil
	}
	c.everybodyOut("AGENT_DISCONNECT")
	return nil
}

// staysWithout says that the customer still talks to somebody when this contact is gone.
func (c *call) staysWithout(n *contact) bool {
	o := c.other(n)
	if o == nil || o.over() {
		return false
	}
	if n == c.leg {
		return true
	}
	third := n.third()
	return third != nil && third.state == connected && n.customerConn().state == connected
}

// everybodyOut ends every contact of the call that is still up.
func (c *call) everybodyOut(reason string) {
	at := c.now()
	for _, n := range []*contact{c.main, c.leg} {
		if n != nil && n.t.disconnected.IsZero() {
			c.out(n, reason, at)
		}
	}
}

// out ends one contact. Without after-call work it is complete at once (contact events: COMPLETED).
func (c *call) out(n *contact, reason string, at time.Time) {
	n.disconnect(reason, at)
	c.wrapUp(n, at)
	c.event("DISCONNECTED", n, at)
	if n.t.wrapUp.IsZero() {
		n.t.cleared = at
		c.event("COMPLETED", n, at)
	}
}

// wrapUp puts the agent of a contact that has ended into after-call work, if the two ever talked. A contact that only rang
// is missed (inferred for a caller who gives up).
func (c *call) wrapUp(n *contact, at time.Time) {
	a := n.agent
	if a == nil {
		return
	}
	c.touch(a)
	if n.t.connected.IsZero() {
		if n.method == "OUTBOUND" {
			n.to(failed, at)
			a.be(failedCustomer, at)
			return
		}
		n.to(missed, at)
		a.be(missedCall, at)
		return
	}
	n.to(ended, at)
	n.t.wrapUp = at
	a.be(afterCallWork, at)
	// Third parties are out of the picture in after-call work.
	n.conns = slices.DeleteFunc(n.conns, func(conn *connection) bool { return conn.role == thirdParty })
}

// skip is the agent discarding a preview, before or after looking at it.
func (c *call) skip(a *agent) error {
	n, err := c.live(a)
	if err != nil {
		return err
	}
	if n.method != "CAMPAIGN_PREVIEW" || !n.t.previewEnd.IsZero() {
		return notNow("contact %s is not being previewed", n.id)
	}
	at := c.now()
	n.t.previewEnd = at
	c.out(n, "OUTBUND_PREVIEW_DISCARDED", at) // the spelling is the vendor's (contact events: disconnect reason code)
	if n.state == missed {
		n.to(rejected, at)
	}
	return nil
}

// noAnswer is a contact that rang too long: the agent missed it and it waits in the queue again; or a customer who did not
// pick up.
func (c *call) noAnswer(a *agent, state string) error {
	n, err := c.live(a)
	if err != nil {
		return err
	}
	if conn := n.customerConn(); n.state == connected && conn != nil && conn.state == connecting { // after a preview
		c.everybodyOut("TELECOM_NOT_ANSWERED")
		return nil
	}
	if n.state != connecting {
		return notNow("contact %s does not ring", n.id)
	}
	if n.method == "OUTBOUND" {
		c.everybodyOut("TELECOM_NOT_ANSWERED")
		return nil
	}
	c.backToQueue(n, a, state)
	return nil
}

// backToQueue leaves a memory of the contact at the agent who missed or rejected it, and takes the contact itself away.
func (c *call) backToQueue(n *contact, a *agent, state string) {
	at := c.now()
	ghost := *n
	ghost.conns = nil
	for _, conn := range n.conns {
		ghost.conns = append(ghost.conns, new(*conn))
	}
	ghost.own().to(disconnected, at)
	ghost.to(state, at)
	ghost.t.cleared = at // nothing more is told of it
	for i := range a.contacts {
		if a.contacts[i] == n {
			a.contacts[i] = &ghost
		}
	}
	n.agent, n.state, n.conns = nil, "", nil
	a.be(missedCall, at)
	c.touch(a)
}

// wrapupDone clears the agent's contact: the end of after-call work, or of a contact that was missed.
func (c *call) wrapupDone(a *agent) error {
	n := c.of(a)
	if n == nil {
		return errOver
	}
	if !n.over() {
		return notNow("contact %s is not finished", n.id)
	}
	at := c.now()
	a.drop(n, at)
	c.touch(a)
	if n.t.cleared.IsZero() {
		n.t.cleared = at
		c.event("COMPLETED", n, at)
	}
	return nil
}

// setData changes the contact's attributes. All contacts of a call share them (UpdateContactAttributes: the current contact
// and its related ones).
func (c *call) setData(values map[string]string) error {
	if c.main == nil {
		return notNow("there is no contact yet")
	}
	at := c.now()
	maps.Copy(c.main.attributes, values)
	for _, n := range []*contact{c.main, c.leg} {
		if n == nil || !n.t.disconnected.IsZero() && !n.t.cleared.IsZero() {
			continue
		}
		n.t.updated = at
		c.event("CONTACT_DATA_UPDATED", n, at, "UserDefinedAttributes")
		c.touch(n.agent)
	}
	return nil
}
