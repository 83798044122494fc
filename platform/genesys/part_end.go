package genesys

import (
	"cmp"
	"strings"
	"time"

	"cordboard/call"
)

// parted follows the end of an agent's part: the end of the talk, after-call work, and that nothing more will come.
func (t *telling) parted(l *leg, p *part) {
	if l.callback {
		t.hungUp(l, p)
		t.closed(l, p)
		return
	}
	if len(p.calls) == 0 && (len(l.spans) == 0 || p.ended.IsZero()) {
		return
	}
	live, swallowed, gone := false, false, true
	at := p.ended
	for i := range p.calls {
		s := &p.calls[i]
		live = live || !s.over()
		gone = gone && s.state == terminated
		swallowed = isSwallowed(s.disconnectType)
		if s.disconnected.After(at) || at.IsZero() {
			at = s.disconnected
		}
	}
	if live {
		return
	}
	l.endSpans()
	t.inherited(l, at)
	firm := t.firm
	if swallowed && p.ended.IsZero() && !t.concluded { // the talk goes on in a conference
		t.firm = false
	}
	t.disconnect(l, 0, at)
	if t.firm = firm; swallowed && p.ended.IsZero() && !t.concluded {
		return
	}
	t.work(l, p, p.calls, gone, at)
}

// isSwallowed reports whether a session ended because another one took it up.
func isSwallowed(disconnectType string) bool {
	switch strings.ToLower(disconnectType) {
	case "transfer.conference", "conference.transfer", "conference_transfer", "conference":
		return true
	}
	return false
}

func (l *leg) endSpans() {
	for i := range l.spans {
		l.spans[i].over = true
	}
}

// disconnect tells the end of a talk, or of an alert that nobody answered.
func (t *telling) disconnect(l *leg, i int, at time.Time) {
	phase := call.Wrapup
	if !l.talked && !l.dialled && !l.accepted {
		phase = call.Missed
	}
	key := wordDisconnected
	if i < len(l.spans) {
		key = l.spanKey(key, i)
	}
	t.claim(l, claim{key: key, word: wordDisconnected, phase: phase, rank: rankOf(i, spanDisconnected), at: at})
}

// hungUp follows the calls that a callback was dialled with.
func (t *telling) hungUp(l *leg, p *part) {
	for i := range l.spans {
		sp := &l.spans[i]
		s := p.call(sp.session)
		switch {
		case sp.over:
		case s != nil && s.over():
			sp.over = true
			t.disconnect(l, i, cmp.Or(s.disconnected, p.ended))
		case s == nil && !p.ended.IsZero(): // sessions that are over may be left out
			sp.over = true
			t.disconnect(l, i, p.ended)
		}
	}
}

func (p *part) call(session string) *session {
	for i := range p.calls {
		if p.calls[i].id == session {
			return &p.calls[i]
		}
	}
	return nil
}

// closed follows the end of a callback, which outlives the calls that it was dialled with.
func (t *telling) closed(l *leg, p *part) {
	if len(p.callbacks) == 0 {
		return
	}
	s := &p.callbacks[len(p.callbacks)-1]
	if !s.over() || l.live() {
		return
	}
	t.ending(l, s.disconnectType)
	at := cmp.Or(s.disconnected, p.ended)
	if len(l.spans) == 0 {
		t.disconnect(l, 0, at)
	}
	t.work(l, p, p.callbacks, s.state == terminated, at)
}

// ending notes how a preview was closed, in Genesys' word: client when the agent did, timeout, transfer when nobody took it.
func (t *telling) ending(l *leg, word string) {
	if t.c.preview && first(&l.ending, strings.ToLower(word)) {
		t.c.ending, t.c.dirty = l.ending, true
	}
}

// work follows the after-call work up to the end of the leg. Gone says that the platform's session is no more.
func (t *telling) work(l *leg, p *part, sessions []session, gone bool, ended time.Time) {
	state, start, end := "", p.acwStart, p.acwEnd
	for i := range sessions {
		s := &sessions[i]
		l.setWrapup(s.wrapup)
		if s.acw != "" && state != pending {
			state, start, end = s.acw, cmp.Or(s.acwStart, start), cmp.Or(s.acwEnd, end)
		}
	}
	if state == "" && !start.IsZero() {
		state = complete
		if end.IsZero() {
			state = pending
		}
	}
	switch {
	case l.over:
	case state == pending:
		t.claim(l, claim{key: wordACW, word: wordACW, phase: call.Wrapup, rank: rankACW, at: cmp.Or(start, ended)})
	case state == complete || state == skipped || gone:
		if state == complete && !l.callback {
			t.claim(l, claim{key: wordACW, word: wordACW, phase: call.Wrapup, rank: rankACW, at: cmp.Or(start, ended)})
		}
		t.final(l, cmp.Or(end, ended))
	}
}

// final tells that nothing more will come of a leg: with the word terminated, or with ACW for a callback whose wrap-up was
// done before it was closed.
func (t *telling) final(l *leg, at time.Time) {
	l.over = true
	l.endSpans()
	c := claim{key: wordTerminated, word: wordTerminated, phase: call.Ended, rank: rankTerminated, at: at}
	switch {
	case l.callback && l.accepted && !l.has(wordACW):
		c.key, c.word, c.rank = wordACW, wordACW, rankACW
	case !l.talked && !l.dialled && !l.accepted:
		c.phase = call.Missed
	}
	t.claim(l, c)
}
