package webex

import (
	"slices"
	"time"
)

// How a task comes to an agent. The order of the messages is that of the web
// SDK's state machine; what brings a contact back after a missed offer is
// inferred.

// A refusal is why something cannot be done now. Reason is what the failure
// message says.
type refusal struct {
	reason string
	code   int
}

func (r *refusal) Error() string { return r.reason }

// notNow refuses what does not fit the state that the task is in.
func notNow(reason string) *refusal { return &refusal{reason, 1005} }

// reserve binds an agent to a contact: the first message of every part.
func (t *task) reserve(a *agent) *leg {
	l := t.live(a)
	if l == nil {
		l = t.addLeg(a)
	}
	t.parked = false
	if !t.customer.joined || len(t.talkers()) == 0 {
		t.owner = a
	}
	t.s.hookTask(t, "task:connect", "connect", l)
	t.s.hookAgent(l, "ringing")
	t.s.tellContact(l, "AgentContactReserved", func(c *contact) { c.RonaTimeout = ronaSeconds })
	t.s.life.Changed()
	return l
}

// offer lets the agent's device ring.
func (t *task) offer(l *leg) {
	l.offered = true
	t.s.tellContact(l, "AgentOfferContact", func(c *contact) { c.RonaTimeout = ronaSeconds })
	t.s.life.Changed()
}

// assign connects the agent with the customer. Of a previewed contact the call
// has an id of its own, and this message is the one that names the old, to the
// agent who had the preview.
func (t *task) assign(l *leg) *refusal {
	switch {
	case l == nil || l.left || !l.offered && t.reservation == nil:
		return notNow("there is no offer to answer")
	case l.joined:
		return notNow("the task is assigned already")
	}
	t.connect(l)
	t.s.tellContact(l, "AgentContactAssigned", func(c *contact) {
		if t.reservation != nil && l == t.legs[0] {
			c.Reservation, c.ReservationKey = &t.reservation.id, &t.reservation.key
		}
	})
	t.record()
	if p := t.parent; p != nil && p.consult != nil && p.consult.childLeg == l {
		return p.advise(nil)
	}
	return nil
}

// connect puts the agent into the main call, as its owner.
func (t *task) connect(l *leg) {
	l.offered, l.joined, l.consulted, l.consult, l.since = true, true, false, "", t.now()
	t.customer.joined, t.owner, t.parked = true, l.agent, false
	t.state = stateConnected
	if len(t.talkers()) > 1 {
		t.state = stateConference
	}
	if t.answered.IsZero() {
		t.answered = t.now()
	}
	t.s.hookTask(t, "task:connected", "connected", l)
	t.s.hookAgent(l, "connected")
	t.s.life.Changed()
}

// record starts the recording, once for each call.
func (t *task) record() {
	if t.recording != "" || t.parent != nil || t.call != nil && t.call.silent {
		return
	}
	t.recording = "started"
	for _, l := range t.talkers() {
		t.s.tellContact(l, "ContactRecordingStarted", nil)
	}
}

// The ways in which an offer comes to nothing.
const (
	missRona    = "rona"            // nobody picked up in time
	missAssign  = "assign-failed"   // the agent picked up and could not be connected
	missInvite  = "invite-failed"   // the agent's device could not be reached
	missOutdial = "outbound-failed" // the customer could not be reached
)

var misses = map[string]struct{ kind, reason string }{
	missRona:    {"AgentOfferContactRona", "RONA_TIMER_EXPIRED"},
	missAssign:  {"AgentContactAssignFailed", "CONNECTION_FAILED"},
	missInvite:  {"AgentInviteFailed", "DEVICE_NOT_REACHABLE"},
	missOutdial: {"AgentOutboundFailed", "CUSTOMER_UNAVAILABLE"},
}

// miss ends an offer without a call. The agent goes idle with the reason RONA
// where he did not pick up (documented), and the contact back to its queue; a
// call that the agent dialled ends.
func (t *task) miss(l *leg, how, reason string) *refusal {
	m, ok := misses[how]
	switch {
	case !ok:
		return notNow("unknown way to miss an offer: " + how)
	case l == nil || l.joined || l.left:
		return notNow("there is no offer to miss")
	}
	if q := t.consult; q != nil && q.to == l {
		return t.missConsult(how, reason)
	}
	if reason == "" {
		reason = m.reason
	}
	if how != missOutdial {
		l.left = true
	}
	t.s.tellContact(l, m.kind, func(c *contact) { c.Reason, c.ReasonCode = reason, 1001 })
	t.s.hookAgent(l, "not-responding")
	if t.parent != nil {
		t.finish(reason)
		t.over(l)
		t.s.setState(l.agent, stateRona, ronaCodeID, how, nil)
		return t.parent.missConsult(how, reason)
	}
	if t.mode == modeManual {
		t.s.hookFailed(t, reason)
		t.finish(reason)
		l.left = true
		t.s.tellContact(l, "ContactEnded", func(c *contact) { c.Reason = reason })
		t.over(l)
		return nil
	}
	t.over(l)
	if t.preview() { // it goes back to its campaign
		t.finish(reason)
	}
	t.park()
	if how != missOutdial {
		t.s.setState(l.agent, stateRona, ronaCodeID, how, nil)
	}
	return nil
}

// park puts the contact into its queue.
func (t *task) park() {
	if t.customer.left || t.preview() {
		return
	}
	t.parked, t.state = true, stateNew
	t.s.hookTask(t, "task:parked", "parked", nil)
	t.s.life.Changed()
}

// present offers a contact of a preview campaign: a card on the desktop, no call
// yet.
func (t *task) present(a *agent) {
	l := t.addLeg(a)
	l.offered, t.owner = true, a
	t.key = "rk-" + t.id[:8]
	t.s.hookTask(t, "task:connect", "connect", l)
	t.s.tellContact(l, "AgentOfferCampaignReservation", func(c *contact) {
		c.ReservationKey, c.CampaignID, c.ReservedChannel = &t.key, t.campaign, a.channel
	})
	t.s.life.Changed()
}

// take accepts a previewed contact: from now on the dialer calls.
func (t *task) take(a *agent) *refusal {
	l := t.live(a)
	if l == nil || t.reservation != nil || !t.preview() || t.accepted {
		return notNow("there is no preview to accept")
	}
	t.accepted = true
	t.s.tellContact(l, "CampaignContactUpdated", func(c *contact) { c.CampaignID = t.campaign })
	t.s.life.Changed()
	return nil
}

// pass ends a reservation without a call: skipped, removed, or the customer
// could not be reached after the agent accepted.
func (t *task) pass(a *agent, reason string) *refusal {
	l := t.live(a)
	if l == nil || t.reservation != nil || !t.preview() {
		return notNow("there is no preview to pass on")
	}
	t.finish(reason)
	l.left = true
	t.s.tellContact(l, "ContactEnded", func(c *contact) { c.Reason = reason })
	t.s.hookTask(t, "task:ended", "ended", l)
	t.over(l)
	return nil
}

// reach is the customer's answer to an accepted preview: the call appears
// under an id of its own and the reservation is gone without a message of its
// own, because the assignment names it.
func (t *task) reach(a *agent, id string) (*task, *refusal) {
	old := t.live(a)
	if old == nil || !t.accepted {
		return nil, notNow("the contact was not accepted")
	}
	n := t.s.newTask(t.call, id, t.mode)
	n.reservation, n.campaign, n.variables, n.created = t, t.campaign, slices.Clone(t.variables), t.created
	n.customer.joined = true
	l := n.addLeg(a)
	l.offered, l.seen = true, old.seen
	t.finish("")
	t.over(old)
	return n, n.assign(l)
}

// finish marks the end of the contact itself.
func (t *task) finish(reason string) {
	if t.ended.IsZero() {
		t.ended, t.why = t.now(), reason
	}
	if !t.held.IsZero() {
		t.spans.hold += t.ended.Sub(t.held)
		t.held = time.Time{}
	}
}
