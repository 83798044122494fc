package webex

import (
	"encoding/json"
	"time"
)

// How a task ends: ContactEnded comes first and says whose wrap-up is still to
// come (agentsPendingWrapUp), AgentWrapup begins it and AgentWrappedUp ends it.

// leave takes an agent out of the main call and decides about his wrap-up. It
// tells nothing.
func (t *task) leave(l *leg) {
	l.left = true
	if !t.s.cfg.NoWrapUp && !(t.call != nil && t.call.noWrapUp) {
		l.wrapUp, l.wrapSince = true, t.now()
	}
}

// afterwards begins the wrap-up of an agent who has left, or ends his part
// when there is none.
func (t *task) afterwards(l *leg) {
	if !l.wrapUp {
		t.over(l)
		t.s.hookAgent(l, "available")
		return
	}
	t.s.hookAgent(l, "wrapup")
	t.s.tellContact(l, "AgentWrapup", func(c *contact) { c.WrapUpCode = json.RawMessage("null") })
	if d := t.s.cfg.WrapUpTimer; d > 0 {
		t.s.life.Later(d, func() { _ = t.wrap(l, "", "") })
	}
	t.s.life.Changed()
}

// wrap ends the agent's wrap-up.
func (t *task) wrap(l *leg, reason, code string) *refusal {
	if l == nil || !l.wrapUp || l.wrapped {
		return notNow("there is no wrap-up to end")
	}
	if code == "" {
		code = wrapUpCodeID
	}
	l.wrapped = true
	t.wrapUpName = reason
	t.spans.wrap += t.now().Sub(l.wrapSince)
	t.s.hookWrapped(l, code)
	quoted, _ := json.Marshal(code)
	t.s.tellContact(l, "AgentWrappedUp", func(c *contact) { c.WrapUpCode, c.Reason = quoted, reason })
	t.over(l)
	t.s.hookAgent(l, "available")
	return nil
}

// hangUp ends the contact for everybody: the customer left, or an agent ended
// it.
func (t *task) hangUp(reason string) *refusal {
	if !t.ended.IsZero() {
		return notNow("the contact has ended")
	}
	if q := t.consult; q != nil { // the question goes with the call
		if q.to != nil {
			q.to.left, q.to.consult = true, ""
			t.s.tellContact(q.to, "AgentConsultEnded", func(c *contact) { c.Reason = reason })
			t.over(q.to)
		}
		q.from.consult, t.consult = "", nil
		q.endChild(reason)
	}
	talkers := t.talkers()
	waiting := t.waiting()
	t.finish(reason)
	t.customer.left, t.parked = true, false
	for _, l := range talkers {
		t.leave(l)
	}
	if len(t.pending()) > 0 {
		t.state = stateWrapUp
	}
	for _, l := range append(waiting, talkers...) {
		l.left = true
		t.s.tellContact(l, "ContactEnded", func(c *contact) { c.PendingWrapUp, c.Reason = t.pending(), reason })
	}
	t.s.hookTask(t, "task:ended", "ended", last(talkers))
	for _, l := range waiting {
		t.over(l)
	}
	for _, l := range talkers {
		t.afterwards(l)
	}
	if len(talkers)+len(waiting) == 0 {
		delete(t.s.tasks, t.id)
	}
	t.s.life.Changed()
	return nil
}

// waiting are the agents whose device rings.
func (t *task) waiting() []*leg {
	var list []*leg
	for _, l := range t.legs {
		if l.live() && !l.joined && !l.wrapUp && !l.consulted {
			list = append(list, l)
		}
	}
	return list
}

func last(list []*leg) *leg {
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}

// hangUpBy ends the contact from an agent's side. In wrap-up or before the
// answer it means what it can mean then.
func (t *task) hangUpBy(l *leg) *refusal {
	switch {
	case l == nil || l.left:
		return notNow("the agent is not in the call")
	case l.consulted, t.parent != nil:
		return t.unask(l)
	case t.preview() && t.reservation == nil:
		return t.pass(l.agent, "Preview cancelled")
	}
	return t.hangUp("Agent Left")
}

// change sets variables and tells the agents who are in the call.
func (t *task) change(values map[string]string) {
	for _, name := range sorted(values) {
		t.set(name, values[name])
	}
	for _, l := range t.legs {
		if l.live() {
			t.s.tellContact(l, "ContactUpdated", nil)
		}
	}
}

// spans are the sums that reports know of a task.
type spans struct{ hold, wrap time.Duration }
