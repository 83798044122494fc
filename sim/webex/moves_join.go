package webex

import "time"

// How a call goes on with other agents: conferences and transfers.

// join makes a conference of the main and the consult call.
func (t *task) join(l *leg) *refusal {
	q := t.consult
	if q == nil || !q.answered || l != q.from {
		return notNow("there is no consult call to join")
	}
	for _, p := range t.conferees() {
		t.s.tellContact(p, "AgentConsultConferencing", nil)
	}
	t.release(l)
	l.consult = ""
	joiner := q.number
	if q.child != nil {
		q.to = t.adopt(q)
	}
	if q.to != nil {
		joiner = q.to.agent.id
		q.to.consulted, q.to.joined, q.to.consult, q.to.since = false, true, "", t.now()
	} else {
		t.outside = &outsider{number: q.number, joined: true}
	}
	t.consult, t.state = nil, stateConference
	yes := true
	if q.child != nil {
		t.tellMerged(q.to, q.child)
	}
	t.s.hookTask(t, "task:conferencing", "conferencing", l)
	for _, p := range t.talkers() {
		t.s.hookAgent(p, "conferencing")
		t.s.tellContact(p, "AgentConsultConferenced", func(c *contact) { c.IsConferencing, c.ParticipantID = &yes, joiner })
	}
	t.tellTalkers("ParticipantJoinedConference", func(c *contact) { c.IsConferencing, c.ParticipantID = &yes, joiner })
	return nil
}

// conferees are the agents in the main call and the one who is consulted.
func (t *task) conferees() []*leg {
	list := t.talkers()
	if q := t.consult; q != nil && q.to != nil && !q.to.joined {
		list = append(list, q.to)
	}
	return list
}

// release takes the customer off hold without a message of its own.
func (t *task) release(l *leg) {
	if !t.held.IsZero() {
		t.spans.hold += t.now().Sub(t.held)
		t.held = time.Time{}
		t.s.hookTask(t, "task:hold-done", "hold-done", l)
	}
}

// parties counts who is left in the conference besides the customer.
func (t *task) parties() int {
	n := len(t.talkers())
	if t.outside != nil && !t.outside.left {
		n++
	}
	return n
}

// exit lets one agent leave a conference that goes on. His wrap-up begins; the
// others hear that he left, and the next one owns the call.
func (t *task) exit(l *leg) *refusal { return t.leaveConference(l, "") }

// handOver is the transfer of a conference: the owner leaves and says so.
func (t *task) handOver(l *leg) *refusal { return t.leaveConference(l, "AgentConferenceTransferred") }

func (t *task) leaveConference(l *leg, also string) *refusal {
	if l == nil || !l.talking() || t.state != stateConference || t.parties() < 2 {
		return notNow("the agent is in no conference")
	}
	others := t.talkers()
	t.leave(l)
	if t.parties() < 2 {
		t.state = stateConnected
		t.s.hookTask(t, "task:conference-done", "conference-done", l)
	}
	if also != "" {
		t.s.hookTask(t, "task:conference-transferred", "conference-transferred", l)
	}
	t.s.hookAgent(l, "conference-done")
	changed := t.owner == l.agent
	if changed {
		t.inherit()
	}
	conference := t.state == stateConference
	for _, p := range others {
		t.s.tellContact(p, "ParticipantLeftConference", func(c *contact) {
			c.ParticipantID, c.IsConferencing, c.PendingWrapUp = l.agent.id, &conference, t.pending()
		})
		if also != "" {
			t.s.tellContact(p, also, func(c *contact) { c.PendingWrapUp = t.pending() })
		}
	}
	if changed {
		t.tellTalkers("ContactOwnerChanged", nil)
	}
	t.afterwards(l)
	return nil
}

// leaveOutside is a number outside that hangs up: in a consult call or in a
// conference.
func (t *task) leaveOutside() *refusal {
	if q := t.consult; q != nil && q.to == nil {
		t.endConsult("AgentConsultEnded", "")
		return nil
	}
	o := t.outside
	if o == nil || o.left {
		return notNow("nobody outside is in the call")
	}
	o.left = true
	if t.parties() < 2 && t.state == stateConference {
		t.state = stateConnected
		t.s.hookTask(t, "task:conference-done", "conference-done", nil)
	}
	conference := t.state == stateConference
	t.tellTalkers("ParticipantLeftConference", func(c *contact) { c.ParticipantID, c.IsConferencing = o.number, &conference })
	return nil
}

// inherit makes the agent who is there longest the owner.
func (t *task) inherit() {
	if rest := t.talkers(); len(rest) > 0 {
		t.owner = rest[0].agent
	}
}

// kick ends the conference from its owner's side: the others go, the owner
// stays with the customer (consult/end during a conference).
func (t *task) kick(l *leg) *refusal {
	if l == nil || !l.talking() || t.state != stateConference || t.owner != l.agent {
		return notNow("the agent owns no conference")
	}
	all := t.talkers()
	t.state = stateConnected
	if t.outside != nil {
		t.outside.left = true
	}
	for _, p := range all {
		if p != l {
			t.leave(p)
		}
	}
	t.s.hookTask(t, "task:conference-done", "conference-done", l)
	for _, p := range all {
		t.s.hookAgent(p, "conference-done")
		t.s.tellContact(p, "AgentConsultConferenceEnded", func(c *contact) { c.PendingWrapUp = t.pending() })
	}
	for _, p := range all {
		if p != l {
			t.afterwards(p)
		}
	}
	return nil
}

// transfer passes the call on to the colleague who was consulted. Both hear it; told says
// whether the colleague also gets an assignment, as for any new call.
func (t *task) transfer(l *leg, told bool) *refusal {
	q := t.consult
	if q == nil || !q.answered || l != q.from {
		return notNow("there is no consult call to transfer to")
	}
	t.release(l)
	l.consult = ""
	t.s.hookTask(t, "task:consult-done", "consult-done", l)
	t.leave(l)
	if q.child != nil {
		q.to = t.adopt(q)
	}
	to := q.to
	t.consult, t.state = nil, stateConnected
	if to != nil {
		to.consulted, to.joined, to.consult, to.since, t.owner = false, true, "", t.now(), to.agent
	} else {
		t.outside = &outsider{number: q.number, joined: true}
	}
	t.s.tellContact(l, "AgentConsultTransferred", func(c *contact) { c.PendingWrapUp = t.pending(); t.destine(c, to, q.number, q.kind) })
	if q.child != nil {
		t.tellMerged(to, q.child)
		told = false
	} else if to != nil {
		t.s.tellContact(to, "AgentConsultTransferred", func(c *contact) { c.PendingWrapUp = t.pending(); t.destine(c, to, q.number, q.kind) })
	}
	if to != nil {
		t.s.hookTask(t, "task:connected", "connected", to)
		t.s.hookAgent(to, "connected")
		if told {
			t.s.tellContact(to, "AgentContactAssigned", nil)
		}
	}
	t.afterwards(l)
	return nil
}

// destine says where a transfer went.
func (t *task) destine(c *contact, to *leg, number, kind string) {
	c.DestAgentID, c.DestinationType = number, kind
	if to != nil {
		c.DestAgentID = to.agent.id
	}
}

// send passes the call on without asking: to an agent, to a queue, or to a
// number outside. The agent who does so is through with it.
func (t *task) send(l *leg, to *agent, queue, number, kind string) (*leg, *refusal) {
	switch {
	case l == nil || !l.talking() || t.consult != nil:
		return nil, notNow("the agent has no call to transfer")
	case to != nil && (!to.signedIn || to == l.agent || t.live(to) != nil):
		return nil, notNow("the agent cannot take the call")
	}
	t.release(l)
	told := "AgentBlindTransferred"
	if queue != "" {
		told, number = "AgentVteamTransferred", queue
		t.before, t.queue = append(t.before, t.queue), queue
	}
	t.leave(l)
	t.state = stateNew
	t.s.tellContact(l, told, func(c *contact) {
		c.PendingWrapUp, c.DestAgentID, c.DestinationType = t.pending(), number, kind
		if to != nil {
			c.DestAgentID = to.id
		}
	})
	t.afterwards(l)
	switch {
	case to != nil:
		next := t.reserve(to)
		t.offer(next)
		return next, nil
	case queue != "":
		t.park()
	default:
		t.state, t.outside = stateConnected, &outsider{number: number, joined: true}
	}
	return nil, nil
}
