package webex

// Consult calls to an entry point. Its flow makes a contact of its own, the
// child, for the colleague who answers: another interaction id, related to the
// first by relationshipType and parentInteractionId. When the two calls become
// one the colleague hears ContactMerged, which names the child (the web SDK
// knows all of these names; who hears what is inferred).

// child makes the contact by which an entry point asks an agent.
func (t *task) child(q *consult, to *agent) {
	c := t.s.newTask(t.call, t.s.ids.uuid(), modeInbound)
	c.parent, c.origin, c.destination = t, t.origin, t.destination
	c.customer.number = q.from.agent.dn // whom the colleague talks to
	c.variables = append([]cad(nil), t.variables...)
	q.child, q.childLeg = c, c.reserve(to)
	c.offer(q.childLeg)
}

// relate says whose child a contact is.
func (t *task) relate(p map[string]string) {
	if t.parent == nil {
		return
	}
	p["relationshipType"], p["parentInteractionId"] = "consult", t.parent.id
	p["parent_ANI"], p["parent_DNIS"] = t.parent.origin, t.parent.destination
	if q := t.parent.consult; q != nil {
		a := q.from.agent
		p["parent_Agent_DN"], p["parent_Agent_Name"], p["parent_Agent_TeamName"] = a.dn, a.name, teamName
	}
}

// endChild ends the colleague's contact; he has no wrap-up of it.
func (q *consult) endChild(reason string) {
	c := q.child
	if c == nil || !q.childLeg.live() {
		return
	}
	c.finish(reason)
	q.childLeg.left, c.customer.left = true, true
	c.s.tellContact(q.childLeg, "ContactEnded", func(m *contact) { m.Reason = reason })
	c.s.hookTask(c, "task:ended", "ended", q.childLeg)
	c.over(q.childLeg)
}

// adopt takes the colleague over into the main call.
func (t *task) adopt(q *consult) *leg {
	old := q.childLeg
	l := t.addLeg(old.agent)
	l.offered, l.joined, l.seen = true, true, old.seen
	q.child.finish("")
	q.child.over(old)
	return l
}

// tellMerged tells the colleague that his contact and the main call are one.
func (t *task) tellMerged(l *leg, child *task) {
	t.s.tellContact(l, "ContactMerged", func(m *contact) { m.ChildInteraction, m.PendingWrapUp = child.id, t.pending() })
}
