package genesys

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"cordboard/call"
)

// part compares one agent's participant with what was told of the leg. Flips says whether the message may be believed
// about what comes and goes: another agent's topic may be seconds behind.
func (t *telling) part(l *leg, p *part, flips bool) {
	if l.dialled && isDialer(t.c.mode) { // the dialer dialled, not the agent
		l.dialled = false
	}
	l.setWrapup(p.wrapup)
	for i := range p.callbacks {
		t.offered(l, p, &p.callbacks[i])
	}
	for i := range p.calls {
		if s := &p.calls[i]; l.callback || l.dialled {
			t.dialled(l, p, s)
		} else {
			t.alerted(l, p, s)
		}
	}
	t.hold(l, p, flips)
	t.parted(l, p)
}

func (l *leg) setWrapup(code string) {
	if code == "" || code == l.wrapup {
		return
	}
	l.wrapup, l.unsaid = strings.Clone(code), true
}

// offered follows a callback or preview up to its acceptance.
func (t *telling) offered(l *leg, p *part, s *session) {
	l.setWrapup(s.wrapup)
	if s.state == alerting || t.concluded && s.initial == alerting {
		t.alert(l, alertTime(p, s))
	}
	if s.state == connected || !s.connected.IsZero() {
		l.accepted = true
		t.claim(l, claim{key: wordPreview, word: wordPreview, phase: call.Accepted, rank: rankPreview, at: s.connected})
	}
}

// alertTime is when a participant was alerted. Notifications say so only while it alerts; afterwards it cannot have been
// later than what came next.
func alertTime(p *part, s *session) time.Time {
	if s.state == alerting {
		return cmp.Or(p.started, p.connected)
	}
	return cmp.Or(p.started, s.connected, s.disconnected, p.ended)
}

func (t *telling) alert(l *leg, at time.Time) {
	t.claim(l, claim{key: wordAlerting, word: wordAlerting, rank: rankAlerting, at: at})
}

// alerted follows a call that was put to the agent.
func (t *telling) alerted(l *leg, p *part, s *session) {
	l.setWrapup(s.wrapup)
	i := l.span(s.id)
	if s.state == alerting || s.state == "offering" || t.concluded && s.initial == alerting {
		t.alert(l, alertTime(p, s))
	}
	if s.state == connected || s.over() && !s.connected.IsZero() {
		t.answered(l, i, cmp.Or(s.connected, flatTime(p)))
	}
}

// flatTime is the participant's connected time where it has no sessions of its own.
func flatTime(p *part) time.Time {
	if p.flat {
		return p.connected
	}
	return time.Time{}
}

// answered tells that the agent and the customer, or the colleague, talk.
func (t *telling) answered(l *leg, i int, at time.Time) {
	l.spans[i].answered, l.talked = true, true
	t.claim(l, claim{key: l.spanKey(wordConnected, i), word: wordConnected, rank: rankOf(i, spanConnected), at: at})
}

// dialled follows a call that the agent dials: the agent's own session is connected before the customer answers.
func (t *telling) dialled(l *leg, p *part, s *session) {
	i := l.span(s.id)
	peer := ""
	if len(p.calls) > 1 {
		peer = s.peer
	}
	answeredAt := t.c.answered(peer)
	rings := !s.over() && answeredAt.IsZero()
	if rings || t.concluded {
		at := s.connected
		if at.IsZero() && !l.callback {
			at = p.connected
		}
		t.dial(l, i, cmp.Or(at, answeredAt, s.disconnected))
	}
	if !answeredAt.IsZero() && (s.state == connected || s.over() && answeredAt.Before(cmp.Or(s.disconnected, p.ended, answeredAt.Add(1)))) {
		t.answered(l, i, answeredAt)
	}
}

func (t *telling) dial(l *leg, i int, at time.Time) {
	t.claim(l, claim{key: l.spanKey(wordDialing, i), word: wordDialing, phase: call.Dialing, rank: rankOf(i, spanDialing), at: at})
}

func (l *leg) spanKey(word string, i int) string {
	if session := l.spans[i].session; session != "" {
		return word + "/" + session
	}
	return word
}

// hold follows the agent's hold, and the customer's waiting while the agent consults a colleague.
func (t *telling) hold(l *leg, p *part, flips bool) {
	if !flips || l.over {
		return
	}
	now, start := notHeld, time.Time{}
	talks := false
	for i := range p.calls {
		s := &p.calls[i]
		talks = talks || s.state == connected
		if s.held && s.state == connected {
			now, start = isHeld, s.holdStart
		}
	}
	if !talks || !l.talks() {
		return
	}
	if now == notHeld && p.consult != "" && l.role != call.ConsultLeg && t.c.confined && t.c.consulted() {
		now = waits
	}
	if now == isHeld {
		t.holdNamed(l, start)
		return
	}
	if now == l.holding || now == waits && l.holding == isHeld {
		return // the customer waits on
	}
	rank := rankOf(max(len(l.spans)-1, 0), spanTalk)
	if now == waits {
		l.holds++
		l.holding, l.holdKey = waits, "waits/"+strconv.Itoa(l.holds)
		t.claim(l, claim{key: l.holdKey, phase: call.Held, rank: rank})
		return
	}
	l.holding = notHeld
	t.claim(l, claim{key: "resumed/" + l.holdKey, phase: l.talkPhase(), rank: rank, after: l.holdKey})
}

// holdNamed tells a hold by its start, which names it: a message that shows a hold that is over is a late one.
func (t *telling) holdNamed(l *leg, start time.Time) {
	key := "held/" + stamp(start)
	if start.IsZero() {
		if l.holding == isHeld {
			return
		}
		l.holds++
		key = "held/" + strconv.Itoa(l.holds)
	}
	if l.has(key) {
		return
	}
	l.holding, l.holdKey = isHeld, key
	t.claim(l, claim{key: key, word: wordHeld, phase: call.Held, rank: rankOf(max(len(l.spans)-1, 0), spanTalk), at: start})
}

// consulted reports whether a colleague is being consulted.
func (c *conversation) consulted() bool {
	for _, l := range c.legs {
		if l.role == call.ConsultLeg && !l.over && (l.live() || len(l.spans) == 0) {
			return true
		}
	}
	return false
}
