package finesse

// How calls begin: offers, reservations, dialling and answering. The order of
// the messages for inbound and manual calls is the documents' (CTI event
// mappings) and recorded ones; for the campaign modes it is inferred from the
// order in which the recommended workflow tables list them.

// The addresses that belong to the site rather than to people.
const (
	routePoint = "8500" // what customers dial
	dialerPort = "8100" // where the dialer's calls come from
)

// port is the dialer's number, moved aside where an agent has it.
func (s *Server) port() string {
	if s.extensions[dialerPort] != nil {
		return "9" + dialerPort
	}
	return dialerPort
}

// offer makes a call appear at the agent.
func (c *call) offer(a *agent, mode string) {
	c.mode = mode
	switch mode {
	case modeInbound:
		c.s.setState(a, userReserved, "")
		d := c.customerDialog(a, "PREROUTE_ACD_IN")
		d.vars = c.callVars()
		c.s.post(d, a)
	case modePredictive, modeProgressive:
		c.s.setState(a, userReservedOut, "")
		c.main = c.dialerDialog(a, c.ids.Main, kindMain, "OTHER_IN")
		c.s.post(c.main, a)
	case modePreview, modeDirect:
		c.s.setState(a, userReservedPreview, "")
		kind := "OUTBOUND_PREVIEW"
		if mode == modeDirect {
			kind = "OUTBOUND_DIRECT_PREVIEW"
		}
		c.reservation = c.dialerDialog(a, c.ids.Reservation, kindReservation, kind)
		c.reservation.vars = c.callVars()
		c.s.post(c.reservation, a)
	}
}

// offerActive shows a call that is already up, as a snapshot after a
// reconnect does.
func (c *call) offerActive(a *agent, mode string) {
	c.mode, c.response = mode, "Accept"
	c.s.setState(a, userTalking, "")
	var d *dialog
	switch mode {
	case modeInbound:
		d = c.customerDialog(a, "PREROUTE_ACD_IN")
		d.vars = c.callVars()
	case modeManual:
		d = c.ownDialog(a, "OUT")
		c.dialled(d)
		d.add(d.to, nil, active)
		d.vars = c.callVars()
	default:
		d = c.outboundDialog(a)
		d.add(d.to, nil, active)
	}
	for _, p := range d.parties {
		p.to(active)
	}
	d.state = active
	c.s.post(d, a)
}

func (c *call) customerDialog(a *agent, callType string) *dialog {
	d := c.s.newDialog(c, c.ids.Main, kindMain)
	d.from, d.to, d.dnis, d.dialled = c.spec.Customer, routePoint, a.ext, routePoint
	d.callType, d.state = callType, alerting
	d.add(a.ext, a, alerting)
	d.add(c.spec.Customer, nil, initiated)
	c.main = d
	return d
}

func (c *call) dialerDialog(a *agent, id string, kind int, callType string) *dialog {
	d := c.s.newDialog(c, id, kind)
	d.from, d.to, d.dnis, d.dialled = c.s.port(), a.ext, a.ext, a.ext
	d.callType, d.state = callType, alerting
	d.add(a.ext, a, alerting)
	d.add(d.from, nil, initiated)
	return d
}

// ownDialog is a call that begins at the agent's own device.
func (c *call) ownDialog(a *agent, callType string) *dialog {
	d := c.s.newDialog(c, c.ids.Main, kindMain)
	d.from, d.callType, d.state = a.ext, callType, initiating
	d.add(a.ext, a, initiating)
	c.main = d
	return d
}

// outboundDialog is the customer call of a campaign as the agent's leg of it.
func (c *call) outboundDialog(a *agent) *dialog {
	d := c.s.newDialog(c, c.ids.Main, kindMain)
	d.state = alerting
	d.add(a.ext, a, alerting)
	c.main = d
	c.becomeOutbound(d, a)
	return d
}

// becomeOutbound reclassifies a dialog to the campaign's customer call.
func (c *call) becomeOutbound(d *dialog, a *agent) {
	d.callType = "OUTBOUND"
	d.from, d.to, d.dnis, d.dialled = a.ext, c.spec.Customer, c.spec.Customer, c.spec.Customer
	d.vars = c.campaignVars(c.status())
	if p := d.address(c.s.port()); p != nil {
		d.remove(p)
	}
}

// reserve binds the agent to a preview contact: first without, then with the
// dialer's variables. That they come one message later is inferred.
func (c *call) reserve(a *agent) *refusal {
	d := c.reservation
	if d == nil || !a.has(d) {
		return notNow("there is no reservation to bind to")
	}
	if d.state != alerting {
		return nil // the agent was faster
	}
	for _, p := range d.parties {
		p.to(active)
	}
	d.state = active
	c.s.put(d, a)
	d.vars = c.campaignVars(c.status() + "_RESERVATION")
	c.s.put(d, a)
	return nil
}

// accept takes the previewed contact.
func (c *call) accept(a *agent, request string) *refusal {
	d := c.reservation
	p := d.party(a)
	if p == nil || p.state != active {
		return notNow("the reservation cannot be accepted now")
	}
	c.response = "Accept"
	status := c.status() + "_RESERVATION"
	if c.mode == modeDirect { // inferred: here the word changes with the accept
		status = c.status()
	}
	d.vars = c.campaignVars(status)
	p.to(accepted)
	d.state = accepted
	c.s.putRequest(d, a, request)
	c.s.life.Changed()
	return nil
}

// skip passes on the previewed contact; response is the BAResponse.
func (c *call) skip(a *agent, response, request string) *refusal {
	d := c.reservation
	p := d.party(a)
	if p == nil || p.state != active {
		return notNow("the reservation cannot be passed on now")
	}
	c.response = response
	d.vars = set(d.vars, "BAResponse", response)
	c.s.putRequest(d, a, request)
	c.endReservation(a)
	c.s.setState(a, userReady, "")
	return nil
}

func (c *call) endReservation(a *agent) {
	d := c.reservation
	if d == nil || !a.has(d) {
		return
	}
	d.vars = set(d.vars, "BAStatus", blend(c.blended, c.status()+"_RESERVATION"))
	d.party(a).to(dropped)
	d.state = dropped
	c.s.delete(d, a)
	c.s.ended(d)
}

func blend(yes bool, status string) string {
	if yes {
		return "BLENDED_" + status
	}
	return status
}

// dial goes off the hook and dials. A manual call is published as POST twice
// (documented: two CTI events do so).
func (c *call) dial(a *agent, request string) {
	if c.mode == "" {
		c.mode = modeManual
	}
	if c.mode == modeManual {
		c.s.setState(a, userTalking, "")
	}
	d := c.ownDialog(a, "AGENT_INSIDE")
	c.s.post(d, a)
	if c.mode == modeDirect {
		c.becomeOutbound(d, a)
		c.s.put(d, a)
		c.endReservation(a)
		return
	}
	c.s.post(d, a)
	c.dialled(d)
	d.party(a).to(initiated)
	d.state = initiated
	c.s.putRequest(d, a, request)
}

func (c *call) dialled(d *dialog) {
	d.to = c.s.cfg.DialPrefix + c.spec.Customer
	d.dnis, d.dialled = d.to, d.to
}

// ring: the far end is reached, or a customer whom the dialer reached is put
// through to the agent.
func (c *call) ring(a *agent) *refusal {
	switch c.mode {
	case modePredictive, modeProgressive:
		d := c.main
		c.becomeOutbound(d, a)
		d.add(c.spec.Customer, nil, active)
		c.s.put(d, a)
	case modePreview:
		d := c.outboundDialog(a)
		d.add(c.spec.Customer, nil, active)
		c.s.post(d, a)
		c.endReservation(a)
	case modeManual, modeDirect:
		d := c.main
		if d == nil || d.party(a) == nil {
			return notNow("nothing was dialled")
		}
		if c.mode == modeManual {
			d.callType = "OUT"
			d.vars = c.callVars()
		}
		d.party(a).to(initiated)
		d.state = alerting
		d.add(d.to, nil, alerting)
		c.s.put(d, a)
	default:
		return notNow("nothing rings here")
	}
	return nil
}

// answer connects a ringing party.
func (c *call) answer(d *dialog, p *party, request string) *refusal {
	if p == nil || p.state != alerting {
		return notNow("nothing rings at this party")
	}
	if d.kind == kindReservation {
		return c.reserve(p.agent)
	}
	asker := p.agent
	if p.agent != nil {
		c.s.setState(p.agent, userTalking, "")
	}
	for _, other := range d.parties {
		if other == p || (other.state == initiated && !other.gone) {
			other.to(active)
			if other.agent != nil {
				c.s.setState(other.agent, userTalking, "")
			}
		}
	}
	d.state = active
	c.s.putAll(d, asker, request)
	c.s.life.Changed()
	return nil
}

// noAnswer takes a ringing call away from the agent: the recorded DELETE has
// dialog state ALERTING.
func (c *call) noAnswer(d *dialog, a *agent, then string) *refusal {
	p := d.party(a)
	if p == nil || p.state != alerting {
		return notNow("nothing rings at this agent")
	}
	p.to(dropped)
	p.cause = ""
	c.s.deleteShowing(d, a, everybody)
	if d.kind == kindConsult && d.owner != nil {
		c.dropLeg(d, d.owner)
	}
	c.s.setState(a, then, "")
	c.s.ended(d)
	return nil
}
