package webex

import "time"

// What happens while agents talk: hold, recording, consult calls, conferences.
// The messages and their types are those of the web SDK; who else hears of a
// change, and the consult and conference members, are inferred.

// hold puts the customer on hold; during a consult call the agent may name the
// consult's media instead.
func (t *task) hold(l *leg, mediaID string) *refusal {
	if q := t.consult; q != nil && mediaID == q.id {
		return t.holdConsult(l, true)
	}
	switch {
	case l == nil || !l.talking():
		return notNow("the agent is not in the call")
	case mediaID != "" && mediaID != t.id:
		return notNow("unknown media resource")
	case !t.held.IsZero():
		return notNow("the call is on hold already")
	}
	t.held = t.now()
	t.s.hookTask(t, "task:on-hold", "on-hold", l)
	t.s.hookAgent(l, "on-hold")
	t.tellTalkers("AgentContactHeld", nil)
	return nil
}

// unhold takes the customer back.
func (t *task) unhold(l *leg, mediaID string, auto bool) *refusal {
	if q := t.consult; q != nil && mediaID == q.id {
		return t.holdConsult(l, false)
	}
	switch {
	case l == nil || !l.talking():
		return notNow("the agent is not in the call")
	case mediaID != "" && mediaID != t.id:
		return notNow("unknown media resource")
	case t.held.IsZero():
		return notNow("the call is not on hold")
	}
	t.spans.hold += t.now().Sub(t.held)
	t.held = time.Time{}
	t.s.hookTask(t, "task:hold-done", "hold-done", l)
	t.s.hookAgent(l, "hold-done")
	t.tellTalkers("AgentContactUnheld", func(c *contact) {
		if auto {
			c.AutoResumed = &auto
		}
	})
	return nil
}

func (t *task) holdConsult(l *leg, on bool) *refusal {
	q := t.consult
	if l == nil || l != q.from && l != q.to || !q.answered || q.held == on {
		return notNow("the consult call cannot be held or taken back now")
	}
	q.held = on
	kind := "AgentContactHeld"
	if !on {
		kind = "AgentContactUnheld"
	}
	for _, p := range []*leg{q.from, q.to} {
		if p != nil {
			t.s.tellContact(p, kind, func(c *contact) { c.MediaResourceID = q.id })
		}
	}
	return nil
}

// tellTalkers tells all agents in the main call.
func (t *task) tellTalkers(kind string, more func(*contact)) {
	for _, l := range t.talkers() {
		t.s.tellContact(l, kind, more)
	}
	t.s.life.Changed()
}

// pause stops the recording for a while, resume goes on.
func (t *task) pause(l *leg) *refusal {
	if l == nil || !l.talking() || t.recording != "started" {
		return notNow("there is no recording to pause")
	}
	t.recording = "paused"
	t.tellTalkers("ContactRecordingPaused", nil)
	return nil
}

func (t *task) resume(l *leg, auto bool) *refusal {
	if l == nil || !l.talking() || t.recording != "paused" {
		return notNow("there is no recording to resume")
	}
	t.recording = "started"
	t.tellTalkers("ContactRecordingResumed", func(c *contact) { c.AutoResumed = &auto })
	return nil
}

// ask begins a consult call: to a colleague, to a number outside when to is
// nil, or to an entry point that finds the colleague. The customer is put on hold first unless keep says otherwise.
func (t *task) ask(l *leg, to *agent, number, kind string, keep bool) *refusal {
	switch {
	case l == nil || !l.talking():
		return notNow("the agent is not in the call")
	case t.consult != nil:
		return notNow("there is a consult call already")
	case to == l.agent || to != nil && (!to.signedIn || t.live(to) != nil):
		return notNow("the agent cannot be consulted")
	}
	if t.held.IsZero() && !keep {
		if r := t.hold(l, ""); r != nil {
			return r
		}
	}
	q := &consult{id: t.s.ids.uuid(), from: l, number: number, kind: kind, since: t.now()}
	t.consult, l.consult, l.since = q, "consultInitiated", t.now()
	if t.state != stateConference {
		t.state = stateConsult
	}
	entry := kind == kindEntryPoint && to != nil
	if to != nil && !entry {
		q.to = t.addLeg(to)
		q.to.offered, q.to.consulted, q.to.consult = true, true, "consultReserved"
	}
	t.s.tellContact(l, "AgentConsultCreated", nil)
	t.s.life.Changed()
	switch {
	case entry:
		t.child(q, to)
		return nil
	case to == nil:
		return nil
	}
	t.s.hookAgent(q.to, "ringing")
	t.s.tellContact(q.to, "AgentContactReserved", func(c *contact) { c.RonaTimeout = ronaSeconds })
	t.s.tellContact(q.to, "AgentOfferConsult", func(c *contact) { c.RonaTimeout = ronaSeconds })
	return nil
}

// advise is the colleague's answer: two agents talk, the customer waits.
func (t *task) advise(a *agent) *refusal {
	q := t.consult
	if q != nil && q.child != nil && a == q.childLeg.agent {
		return q.child.assign(q.childLeg)
	}
	if q == nil || q.answered || a != nil && (q.to == nil || q.to.agent != a) {
		return notNow("there is no consult call to answer")
	}
	q.answered, q.since = true, t.now()
	q.from.consult = "consulting"
	if t.state != stateConference {
		t.state = stateConsulting
	}
	t.s.hookTask(t, "task:consulting", "consulting", q.from)
	for _, l := range []*leg{q.from, q.to} {
		if l == nil {
			continue
		}
		l.consult, l.since, l.advised = "consulting", t.now(), l == q.to
		t.s.hookAgent(l, "consulting")
	}
	for _, l := range []*leg{q.from, q.to} {
		if l != nil {
			t.s.tellContact(l, "AgentConsulting", nil)
		}
	}
	t.s.life.Changed()
	return nil
}

// unask ends a consult call from either side; the customer stays on hold. The
// colleague has no wrap-up of it.
func (t *task) unask(l *leg) *refusal {
	if p := t.parent; p != nil && p.consult != nil && p.consult.childLeg == l {
		return p.unask(p.consult.from)
	}
	q := t.consult
	if q == nil || l == nil || l != q.from && l != q.to {
		return notNow("there is no consult call to end")
	}
	t.endConsult("AgentConsultEnded", "")
	return nil
}

// endConsult closes the consult call and tells both sides in messages of the
// given kinds; an empty kind tells nothing.
func (t *task) endConsult(kind, reason string) {
	q := t.consult
	from, to := q.from, q.to
	from.consult = ""
	if t.state != stateConference {
		t.state = stateConnected
	}
	if q.answered {
		t.s.hookTask(t, "task:consult-done", "consult-done", from)
		t.s.hookAgent(from, "consult-done")
	}
	if to != nil {
		to.left, to.consult = true, ""
		t.s.hookAgent(to, "consult-done")
	}
	for _, l := range []*leg{from, to} {
		if l != nil && kind != "" && !l.wrapUp {
			t.s.tellContact(l, kind, func(c *contact) { c.Reason = reason })
		}
	}
	t.consult = nil
	q.endChild(reason)
	if to != nil {
		t.over(to)
	}
	t.s.life.Changed()
}

// missConsult is a colleague who does not answer: he hears of it as of any
// missed offer, the asking agent that the consult call failed.
func (t *task) missConsult(how, reason string) *refusal {
	q, m := t.consult, misses[how]
	if q.answered {
		return notNow("the consult call was answered")
	}
	if reason == "" {
		reason = m.reason
	}
	if to := q.to; to != nil {
		to.left = true
		t.s.tellContact(to, m.kind, func(c *contact) { c.Reason, c.ReasonCode = reason, 1001 })
		t.s.hookAgent(to, "not-responding")
	}
	q.from.consult = ""
	if t.state != stateConference {
		t.state = stateConnected
	}
	failed := "AgentConsultFailed"
	if q.kind == "queue" {
		failed = "AgentCtqFailed"
	}
	t.s.tellContact(q.from, failed, func(c *contact) { c.Reason, c.ReasonCode = reason, 1001 })
	t.consult = nil
	if to := q.to; to != nil {
		t.over(to)
		t.s.setState(to.agent, stateRona, ronaCodeID, how, nil)
	}
	return nil
}
