package genesys

import (
	"time"

	"cordboard/call"
)

// roles follows a consulted colleague into the talk with the customer: the agent who asked has left, or all three talk.
func (t *telling) roles(s *snapshot) {
	for i := range s.parts {
		b := t.c.leg(s.parts[i].id)
		if b == nil || b.role != call.ConsultLeg || !b.talks() {
			continue
		}
		others := t.c.talkingBeside(b)
		switch {
		case !t.c.present:
		case len(others) == 0:
			t.handOver(b, t.c.lastEnd(b))
		case t.together(s, b, others):
			t.conference(b)
		}
	}
	for _, l := range t.c.legs {
		if l.joined == "" || !l.talks() || len(t.c.talkingBeside(l)) > 0 {
			continue
		}
		if t.c.present {
			t.claim(l, claim{key: "alone/" + l.joined, phase: call.Answered, rank: rankOf(0, spanTalk), at: t.c.lastEnd(l), after: l.joined})
		}
		l.joined = ""
	}
}

// talkingBeside are the other agents who talk to the customer.
func (c *conversation) talkingBeside(b *leg) []*leg {
	var others []*leg
	for _, l := range c.legs {
		if l != b && l.role != call.ConsultLeg && l.talks() {
			others = append(others, l)
		}
	}
	return others
}

// lastEnd is when the last of the others ended the talk.
func (c *conversation) lastEnd(b *leg) (at time.Time) {
	for _, l := range c.legs {
		for _, m := range l.told {
			if l != b && m.rank%rankSpan == spanDisconnected && m.rank < rankACW && m.at.After(at) {
				at = m.at
			}
		}
	}
	return at
}

// joinedKey names the moment at which a consulted colleague comes to the customer, with the agent who asked or alone.
const joinedKey = wordConnected + "/joined"

// together reports whether nobody waits any more, although the customer did: either the consult is over and both agents
// are still there, or the agent speaks to both.
func (t *telling) together(s *snapshot, b *leg, others []*leg) bool {
	if t.c.confined {
		return false
	}
	p := s.part(b.id)
	if p.consult == "" {
		return true
	}
	for _, l := range append(others, b) {
		q := s.part(l.id)
		if q == nil {
			return false
		}
		for i := range q.calls {
			if q.calls[i].confined || q.calls[i].held {
				return false
			}
		}
	}
	return t.c.waited
}

// conference tells that all talk.
func (t *telling) conference(b *leg) {
	t.claim(b, claim{key: joinedKey, word: wordConnected, rank: rankOf(0, spanTalk), together: true})
}

// join makes the leg, and those who talked before it, parts of a conference.
func (t *telling) join(b *leg, at time.Time) {
	b.role, b.joined = call.ConferenceLeg, joinedKey
	for _, l := range t.c.talkingBeside(b) {
		if l.joined != "" {
			continue
		}
		l.joined, l.holding = "joined/"+b.id, notHeld
		t.tell(l, claim{key: l.joined, phase: call.Conferenced, rank: rankOf(0, spanTalk), at: at})
	}
}

// inherited tells at the end of a consulted colleague's part, if it is news, that he had the customer to himself before:
// the agent who asked had left, and the customer had not.
func (t *telling) inherited(b *leg, end time.Time) {
	if b.role != call.ConsultLeg || !b.talked {
		return
	}
	left := t.c.lastEnd(b)
	if left.IsZero() || !left.Before(end) || !t.c.left.IsZero() && !t.c.left.After(left) {
		return
	}
	t.handOver(b, left)
}

// handOver tells that the customer is now with the colleague.
func (t *telling) handOver(b *leg, at time.Time) {
	b.role = call.TransferLeg
	t.claim(b, claim{key: joinedKey, word: wordConnected, rank: rankOf(0, spanTalk), at: at})
}
