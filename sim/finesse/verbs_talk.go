package finesse

// What happens while people talk: hold, consult, conference, transfer. Shapes
// are documented or recorded; the sequence around a conference is inferred.

func (c *call) hold(d *dialog, p *party, request string) *refusal {
	if p == nil || p.state != active {
		return notNow("only an active call can be held")
	}
	c.s.setState(p.agent, userHold, "")
	p.to(held)
	c.s.putAll(d, p.agent, request)
	return nil
}

func (c *call) retrieve(d *dialog, p *party, request string) *refusal {
	if p == nil || p.state != held {
		return notNow("only a held call can be retrieved")
	}
	c.s.setState(p.agent, userTalking, "")
	p.to(active)
	c.s.putAll(d, p.agent, request)
	return nil
}

// startConsult calls a number about the agent's call, which is held first if
// it is not yet. copyBA says whether the dialer's variables go along, which
// sites do differently.
func (c *call) startConsult(a *agent, to, request string, copyBA bool) *refusal {
	m := c.main
	if m == nil || m.party(a) == nil || (c.consult != nil && !c.consult.merged) {
		return notNow("no call to consult about, or a consult call is there already")
	}
	if p := m.party(a); p.state == active {
		if r := c.hold(m, p, request); r != nil {
			return r
		}
		request = ""
	} else if p.state != held {
		return notNow("only an active or held call allows a consult call")
	}
	if c.consult != nil {
		c.ids.Consult = c.s.nextDialogID()
	}
	d := c.s.newDialog(c, c.ids.Consult, kindConsult)
	c.consult, c.far = d, to
	d.owner, d.of, d.callType, d.state = a, m, "CONSULT", initiating
	d.from, d.to, d.dnis, d.dialled = a.ext, to, to, to
	d.vars = c.callVars()
	if copyBA {
		d.vars = append([]variable(nil), m.vars...)
	}
	c.s.setState(a, userTalking, "")
	own := d.add(a.ext, a, initiating)
	c.s.post(d, a)
	own.to(initiated)
	d.state = initiated
	c.s.putRequest(d, a, request)
	target := c.s.signedIn(to)
	d.state, d.reached = alerting, true
	far := d.add(to, target, alerting)
	far.device = len(to) <= 6
	c.s.post(d, target)
	c.s.put(d, a)
	c.s.life.Changed()
	return nil
}

// swallow ends the consult leg that a transfer or conference merged: DELETE
// under the new call type for both agents (inferred).
func (c *call) swallow(callType string) {
	d := c.consult
	d.merged, d.callType, d.state = true, callType, dropped
	for _, p := range d.parties {
		p.to(dropped)
	}
	for _, p := range d.parties {
		if p.agent != nil {
			c.s.delete(d, p.agent)
		}
	}
	c.s.ended(d)
}

// conference joins the held call and the consult call. quiet leaves out the
// message about the joined call to the agent who made it; plain leaves out
// the secondaryId: both were seen missing.
func (c *call) conference(a *agent, request string, quiet, plain bool) *refusal {
	m := c.main
	if !c.joinable(a, m) {
		return notNow("a held call and an active consult call are needed")
	}
	m.party(a).to(active)
	m.callType = "CONFERENCE"
	if !plain {
		m.secondary = c.consult.id
	}
	far := c.consult.address(c.far)
	joined := m.add(far.address, far.agent, active)
	joined.device = far.device
	if !quiet {
		c.s.putRequest(m, a, request)
	}
	c.swallow("CONFERENCE")
	c.s.post(m, far.agent)
	m.secondary = ""
	c.s.life.Changed()
	return nil
}

// transfer hands the held call to the consulted party. The consulted agent
// gets the surviving call as a POST that is ACTIVE already; there is no
// ALERTING (recorded). What the first agent sees is inferred.
func (c *call) transfer(a *agent, request string) *refusal {
	m := c.main
	if !c.joinable(a, m) {
		return notNow("a held call and an active consult call are needed")
	}
	far := c.consult.address(c.far)
	m.callType, m.secondary = "TRANSFER", c.consult.id
	joined := m.add(far.address, far.agent, active)
	joined.device = far.device
	own := m.party(a)
	c.s.setState(a, c.userAfterTalk(a), "")
	own.to(c.afterTalk())
	c.s.putRequest(m, a, request)
	c.swallow("TRANSFER")
	c.s.post(m, far.agent)
	m.secondary = ""
	c.settle(m, own)
	return nil
}

// blindTransfer sends the call on without asking. The next agent's POST has
// dialog state ACTIVE while the own party is ALERTING (recorded). Inferred:
// the first agent has no wrap-up and sees DELETE at once.
func (c *call) blindTransfer(a *agent, to, request string) *refusal {
	m := c.main
	p := m.party(a)
	if p == nil || p.state != active {
		return notNow("only an active call can be transferred")
	}
	m.callType = "TRANSFER"
	p.to(dropped)
	if request != "" {
		c.s.putRequest(m, a, request)
	}
	m.state = dropped
	c.s.delete(m, a)
	m.state = active
	p.gone = true
	c.s.setState(a, a.after(), "")
	target := c.s.signedIn(to)
	m.dnis, c.far = to, to
	next := m.add(to, target, alerting)
	next.device = len(to) <= 6
	c.s.reserveFor(target)
	if target != nil {
		c.s.postShowing(m, target, everybody)
	}
	c.s.life.Changed()
	return nil
}

// signedIn is the agent at the extension, nil when nobody is signed in there.
func (s *Server) signedIn(ext string) *agent {
	if a := s.extensions[ext]; a != nil && a.state != userLogout {
		return a
	}
	return nil
}

// reserveFor marks the agent whom a transferred call reaches; a number outside
// of the site has none.
func (s *Server) reserveFor(a *agent) {
	if a != nil {
		s.setState(a, userReserved, "")
	}
}
