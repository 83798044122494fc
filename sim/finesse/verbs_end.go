package finesse

// How calls end. With wrap-up the agent's participant stays in WRAP_UP, in a
// dialog that is still ACTIVE, until the agent or a timer ends it: then comes
// the DELETE. Without, PUT DROPPED comes twice and then DELETE (Developer
// Guide, CTI event mappings).

// afterTalk is the participant state after the conversation.
func (c *call) afterTalk() string {
	if c.s.cfg.NoWrapUp {
		return dropped
	}
	return wrapUp
}

// hangup ends the party's part in the dialog. When a customer hangs up, one
// message tells both; when the agent does, the customer's DROPPED follows in a
// second one, as recorded. wrapUpReason is set between the two if given.
func (c *call) hangup(d *dialog, p *party, request, reason string) *refusal {
	if p == nil || !p.live() {
		return notNow("the party is not in this call")
	}
	if d.kind == kindConsult {
		c.dropConsult(d, p.agent, request)
		return nil
	}
	if d.kind == kindReservation {
		return notNow("a reservation is accepted, rejected or closed")
	}
	if p.state == alerting && p.agent != nil {
		return c.noAnswer(d, p.agent, userReady)
	}
	if p.agent == nil {
		p.to(dropped)
		last := c.lastOne(d)
		if last != nil && last.agent != nil {
			c.s.setState(last.agent, c.userAfterTalk(last.agent), "")
			last.to(c.afterTalk())
		}
		c.tellEnd(d, nil, "")
		c.settle(d, last)
		return nil
	}
	c.s.setState(p.agent, c.userAfterTalk(p.agent), "")
	p.to(c.afterTalk())
	c.tellEnd(d, p.agent, request)
	if reason != "" {
		d.wrapUp = reason
	}
	if last := c.lastOne(d); last != nil {
		if last.agent == nil {
			last.to(dropped)
		} else {
			c.s.setState(last.agent, c.userAfterTalk(last.agent), "")
			last.to(c.afterTalk())
		}
		c.tellEnd(d, p.agent, "")
		c.settle(d, last)
	}
	c.settle(d, p)
	return nil
}

// userAfterTalk is WORK for an agent who will be NOT_READY, WORK_READY for one
// who will be READY (documented).
func (c *call) userAfterTalk(a *agent) string {
	switch {
	case c.s.cfg.NoWrapUp:
		return a.after()
	case a.pending == userNotReady:
		return userWork
	}
	return userWorkReady
}

// lastOne is the party that is left alone, or nil.
func (c *call) lastOne(d *dialog) *party {
	if d.liveParties() != 1 {
		return nil
	}
	for _, p := range d.parties {
		if p.live() && !p.gone {
			return p
		}
	}
	return nil
}

// tellEnd publishes a dialog whose parties just ended; putAll leaves out those
// who are through, but without wrap-up they are the ones to be told.
func (c *call) tellEnd(d *dialog, asker *agent, request string) {
	c.s.putAll(d, asker, request)
	if !c.s.cfg.NoWrapUp {
		return
	}
	for _, p := range d.parties {
		if p.agent != nil && p.state == dropped && p.agent.has(d) {
			id := ""
			if p.agent == asker {
				id = request
			}
			c.s.putRequest(d, p.agent, id)
		}
	}
}

// settle sets the wrap-up timer, or without wrap-up ends the party's dialog.
func (c *call) settle(d *dialog, p *party) {
	if p == nil || p.agent == nil {
		return
	}
	switch {
	case p.state == dropped:
		if d.liveParties() == 0 {
			d.state = dropped
		}
		if p.agent.has(d) {
			c.s.putRequest(d, p.agent, "")
			c.wrapupDone(d, p.agent, "")
		}
	case p.state == wrapUp && c.s.cfg.WrapUpTimer > 0:
		a := p.agent
		c.s.life.Later(c.s.cfg.WrapUpTimer, func() {
			if a.has(d) && p.state == wrapUp {
				c.wrapupDone(d, a, "")
			}
		})
	}
	c.s.life.Changed()
}

// wrapupDone ends the agent's work on the dialog: DELETE, then READY.
func (c *call) wrapupDone(d *dialog, a *agent, reason string) *refusal {
	p := d.party(a)
	if p == nil || p.live() || !a.has(d) {
		return notNow("there is no wrap-up to end")
	}
	c.finish(d, p, reason)
	if a.state != userNotReady && a.state != userLogout && len(a.dialogs) == 0 {
		c.s.setState(a, a.after(), "")
	}
	return nil
}

// finish sends the DELETE; for the agent who leaves, the dialog is DROPPED
// even when it goes on for others.
func (c *call) finish(d *dialog, p *party, reason string) {
	state, wrap := d.state, d.wrapUp
	if reason != "" {
		d.wrapUp = reason
	}
	p.to(dropped)
	d.state = dropped
	c.s.delete(d, p.agent)
	others := false
	for _, other := range d.parties {
		others = others || (other.agent != nil && other.agent.has(d))
	}
	if others {
		d.state, d.wrapUp = state, wrap
		d.remove(p)
	}
	c.s.ended(d)
}

// leave takes one party out of a conference. Since 9.1 the WRAP_UP message
// goes to all participants (documented). With revert the call then looks as it
// did before the conference; silent tells nobody but the one who leaves.
func (c *call) leave(p *party, request string, revert, silent bool) *refusal {
	m := c.main
	if p == nil || !p.live() {
		return notNow("the party is not in this call")
	}
	if !revert && !silent {
		return c.hangup(m, p, request, "")
	}
	if p.agent != nil {
		c.s.setState(p.agent, c.userAfterTalk(p.agent), "")
		p.to(c.afterTalk())
		c.s.putRequest(m, p.agent, request)
		c.finish(m, p, "")
		c.s.setState(p.agent, p.agent.after(), "")
	} else {
		m.remove(p)
	}
	if m.callType == "CONFERENCE" && c.status() != "" {
		m.callType = "OUTBOUND"
	}
	if revert {
		c.s.putAll(m, nil, "")
	}
	return nil
}

// dropConsult ends a consult call that came to nothing; it has no wrap-up
// (inferred).
func (c *call) dropConsult(d *dialog, asker *agent, request string) {
	for _, p := range d.parties {
		p.to(dropped)
	}
	if asker != nil && request != "" {
		c.s.putRequest(d, asker, request)
	}
	for _, p := range d.parties {
		if p.agent != nil {
			c.dropLeg(d, p.agent)
		}
	}
}

func (c *call) dropLeg(d *dialog, a *agent) {
	if !a.has(d) {
		return
	}
	d.state = dropped
	d.party(a).to(dropped)
	c.s.delete(d, a)
	switch {
	case len(a.dialogs) == 0:
		c.s.setState(a, a.after(), "")
	case a.state == userTalking:
		c.s.setState(a, userHold, "")
	}
	d.merged = true
	c.s.ended(d)
}

// setData changes variables and the wrap-up reason and tells everybody.
func (c *call) setData(d *dialog, a *agent, vars []variable, reason, request string) {
	for _, v := range vars {
		d.vars = set(d.vars, v.name, v.value)
	}
	if reason != "" {
		d.wrapUp = reason
	}
	c.s.putAll(d, a, request)
}
