package genesys

import (
	"strings"
)

// What the outbound dialer does: a call of a campaign, before any agent is in it.

// Call analysis, as dispositions name it.
const (
	person  = "disposition.classification.callable.person"
	machine = "disposition.classification.callable.machine"
	busy    = "disposition.classification.callable.busy"
	silent  = "disposition.classification.callable.noanswer"
)

// systemCodes are the wrap-up codes that the dialer itself gives.
var systemCodes = map[string]string{machine: "ININ-OUTBOUND-MACHINE", busy: "ININ-OUTBOUND-BUSY", silent: "ININ-OUTBOUND-NO-ANSWER"}

const (
	codeSkipped = "ININ-OUTBOUND-PREVIEW-SKIPPED"
	codeTimeout = "ININ-WRAP-UP-TIMEOUT"
	codeNobody  = "ININ-OUTBOUND-FAILED-TO-REACH-AGENT"
)

// attributes are what the dialer leaves on the customer's participant.
func (c *conversation) dialerAttributes() map[string]string {
	out := map[string]string{"dialerContactId": c.contact.id, "dialerContactListId": c.campaign.list.id, "dialerCampaignId": c.campaign.id}
	if c.interaction != "" {
		out["dialerInteractionId"] = c.interaction
	}
	for name, value := range c.vars {
		out[name] = value
	}
	return out
}

// dial is a campaign's call on its way to the customer.
func (c *conversation) dial() {
	c.begin()
	c.interaction = newID()
	c.tellPreContact()
	p := c.add(&party{purpose: isCustomer, name: c.contactName(), address: c.customer, queue: c.campaign.queue,
		attributes: c.dialerAttributes()})
	ss := p.call(dialing, c.direction, c.s.org.callerID, c.customer)
	ss.dialAt = c.now()
	c.tellOutbound(p, ss)
}

// external is a call of an external campaign: the agent makes it, and the campaign knows of it (inferred).
func (c *conversation) external(u *user) {
	c.interaction, c.contacted = newID(), u
	c.vars = c.dialerAttributes()
	c.tellPreContact()
	c.manual(u, c.campaign.queue)
	p := c.remote()
	c.tellOutbound(p, p.session(voice))
}

// reached is the customer picking up. A machine, or a campaign without agents, ends there; a person goes to the queue.
func (c *conversation) reached(analysis string) *apiError {
	p := c.remote()
	ss := p.session(voice)
	if !ss.is(dialing) {
		return notNow("The communication is not dialing.")
	}
	c.disposition = analysis
	if analysis == busy || analysis == silent {
		return c.notReached(p, ss)
	}
	c.connect(p, ss)
	c.join(ss)
	c.tell("customer.start", p, ss, nil)
	if analysis == person && c.campaign.queue != nil {
		c.enqueue(c.campaign.queue, voice)
	}
	return nil
}

// notReached ends a call that nobody picked up.
func (c *conversation) notReached(p *party, ss *session) *apiError {
	c.endSession(p, ss, "endpoint")
	c.record(systemCodes[c.disposition])
	c.conclude()
	c.settle()
	return nil
}

// hangUp is the dialer ending its call with a machine or a message.
func (c *conversation) hangUp() *apiError {
	p := c.remote()
	ss := p.session(voice)
	if !ss.is(connected) {
		return notNow("The communication is not connected.")
	}
	c.endSession(p, ss, "system")
	c.tellEnd(p, ss)
	c.record(or(systemCodes[c.disposition], "ININ-OUTBOUND-"+strings.ToUpper(c.mode)))
	c.conclude()
	c.settle()
	return nil
}
