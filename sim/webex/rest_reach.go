package webex

// Whom consult calls and transfers that REST orders reach, and how those
// answer.

// kindEntryPoint is the destinationType of an entry point.
const kindEntryPoint = "entryPoint"

// destinationOf finds whom a consult call or a transfer goes to. A queue gives
// the agent who is free.
func (t *task) destinationOf(o order) (to *agent, queue string, r *refusal) {
	switch o.DestinationType {
	case "agent":
		if to = t.s.agent(o.To); to == nil {
			return nil, "", notNow("there is no such agent")
		}
	case "queue":
		if queueNames[o.To] == "" {
			return nil, "", notNow("there is no such queue")
		}
		return t.s.free(), o.To, nil
	case kindEntryPoint:
		if o.To == entryPointID {
			to = t.s.free() // the entry point's flow finds somebody
		}
	case "dialNumber", "entrypointDialNumber":
	default:
		return nil, "", notNow("unknown destinationType")
	}
	return to, "", nil
}

func (t *task) sendByRequest(l *leg, o order) *refusal {
	to, queue, r := t.destinationOf(o)
	if r != nil {
		return r
	}
	if queue != "" || o.DestinationType == kindEntryPoint {
		to = nil
	}
	next, r := t.send(l, to, queue, o.To, o.DestinationType)
	if r == nil && next != nil {
		t.s.farEnd(next)
	}
	return r
}

func (t *task) askByRequest(l *leg, o order) *refusal {
	to, queue, r := t.destinationOf(o)
	switch {
	case r != nil:
		return r
	case queue != "" && to == nil:
		t.s.failTask(l, "AgentCtqFailed", notNow("no agent of the queue is free"))
		return nil
	}
	if r = t.ask(l, to, o.To, o.DestinationType, o.HoldParticipants != nil && !*o.HoldParticipants); r != nil {
		return r
	}
	q := t.consult
	switch {
	case q.to != nil:
		t.s.farEnd(q.to)
		return nil
	case q.child != nil:
		t.s.farEnd(q.childLeg)
		return nil
	}
	t.s.life.Later(t.s.cfg.FarEnd, func() {
		if t.consult == q && !q.answered {
			_ = t.advise(nil)
		}
	})
	return nil
}

// unaskByRequest ends the consult call, a question to a queue that nobody
// answered yet, or the conference of its owner.
func (t *task) unaskByRequest(l *leg, o order) *refusal {
	q := t.consult
	switch {
	case q == nil && t.state == stateConference:
		return t.kick(l)
	case q != nil && q.kind == "queue" && !q.answered && l == q.from:
		t.endConsult("AgentCtqCancelled", "")
		return nil
	}
	return t.unask(l)
}

// farEnd lets an agent whom another called answer by himself, or miss the
// offer in the end.
func (s *Server) farEnd(l *leg) {
	t := l.task
	rings := func() bool {
		return l.live() && !l.joined && !l.wrapUp && (!l.consulted || t.consult != nil && t.consult.to == l && !t.consult.answered)
	}
	if s.cfg.AutoAnswer {
		s.life.Later(s.cfg.FarEnd, func() {
			if rings() {
				_ = t.accept(l)
			}
		})
	}
	s.life.Later(s.cfg.Rona, func() {
		if rings() {
			_ = t.miss(l, missRona, "")
		}
	})
}
