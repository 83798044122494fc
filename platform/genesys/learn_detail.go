package genesys

import (
	"slices"
	"strings"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// detail takes a detail event in.
func (d *Decoder) detail(m *platform.Message, n *note, raw []byte) []call.Event {
	e := &n.detail
	known := d.mem.all[e.conversation]
	if known == nil && !e.matters() {
		return nil
	}
	c := d.mem.conversation(e.conversation)
	c.connection = m.Connection
	if c.repeated(n) {
		return nil
	}
	t := telling{d: d, c: c, m: m, raw: raw, firm: m.Source != sourceSocket}
	t.frameOf(e)
	l := t.legOf(e)
	d.settle(c)
	switch e.what {
	case "user.start":
		t.userStart(l, e)
	case "user.end":
		t.userEnd(l, e)
	case "customer.start":
		t.customerStart(e)
	case "customer.end":
		c.present = c.present && e.media != voice
	case "acd.end":
		t.taken(e)
	case "acw":
		t.worked(l, e)
	case "wrapup":
		if l != nil {
			l.setWrapup(e.wrapup)
		}
	case "postContact":
		t.postContact(e)
	}
	return t.done(l)
}

// matters reports whether an event is worth remembering a conversation for.
func (e *detail) matters() bool {
	switch e.what {
	case "user.start", "user.end", "customer.start", "acd.end":
		return e.isCall()
	case "outbound", "preContact", "postContact", "attributes":
		return e.isCall() || e.media == ""
	}
	return false
}

func (e *detail) isCall() bool { return e.media == voice || e.media == callback }

// frameOf takes in what a detail event says of the call as a whole.
func (t *telling) frameOf(e *detail) {
	c := t.c
	switch e.what {
	case "attributes":
		c.learn(e.attributes, false)
	case "outbound":
		c.learnContact(e.contact)
		defer t.startAll()
		c.preview = c.preview || e.media == callback
	case "preContact", "postContact":
		c.learnContact(e.contact)
		defer t.startAll()
		c.direction = outbound
		if dialing := strings.ToLower(e.dialing); dialing != "" && dialing != "unknown" && c.dialing == "" {
			c.dialing, c.dirty = strings.Clone(dialing), true
			c.preview = c.preview || dialing == "preview"
		}
	}
	if !e.isCall() && e.number == "" {
		return
	}
	if strings.HasPrefix(e.what, "customer.") || e.what == "outbound" || len(c.legs) == 0 {
		if e.direction == "INBOUND" || e.direction == "OUTBOUND" {
			first(&c.direction, strings.ToLower(e.direction))
		}
		first(&c.customer, clean(e.customer()))
	}
}

// startAll tells how legs began that waited to hear of the dialer.
func (t *telling) startAll() {
	t.d.settle(t.c)
	for _, l := range t.c.legs {
		t.started(l, false)
	}
}

// legOf returns the leg that the event is about. Where there are no snapshots, the event may begin one.
func (t *telling) legOf(e *detail) *leg {
	c := t.c
	l := c.leg(e.participant)
	if l != nil || !t.firm || e.what != "user.start" && e.what != "user.end" || e.user == "" || e.participant == "" || !e.isCall() {
		return l
	}
	l = &leg{id: strings.Clone(e.participant), agent: strings.Clone(e.user), role: call.CustomerLeg, guessed: true}
	c.legs = append(c.legs, l)
	return l
}

// guess is what an agent was to the call at a time, as far as the others' parts tell: consulted while another one talks,
// next after one who has talked, or the first.
func (c *conversation) guess(l *leg, at time.Time) call.Role {
	role := call.CustomerLeg
	for _, before := range c.legs {
		began, ended := before.moment(spanConnected), before.moment(spanDisconnected)
		if before == l || began.IsZero() || began.After(at) {
			continue
		}
		role = call.TransferLeg
		if ended.IsZero() || ended.After(at) {
			return call.ConsultLeg
		}
	}
	return role
}

// moment is when a leg was told to be connected, or disconnected, first.
func (l *leg) moment(place int) time.Time {
	for _, m := range l.told {
		if m.rank == rankOf(0, place) {
			return m.at
		}
	}
	return time.Time{}
}

// userStart begins an agent's session: an alert, or a call that the agent dials.
func (t *telling) userStart(l *leg, e *detail) {
	if l == nil || !e.isCall() {
		return
	}
	if len(t.c.legs) > 1 && len(l.told) == 0 {
		t.firm = false // the end of the others' parts may still be to come
	}
	if e.media == callback {
		l.callback = true
		t.d.settle(t.c)
		t.alert(l, e.at)
		return
	}
	i := l.span(e.session)
	switch {
	case l.callback || l.dialled:
		t.dial(l, i, e.at)
	case l.role == call.CustomerLeg && t.c.direction != inbound && len(l.told) == 0:
		t.later(l, claim{key: startKey, at: e.at})
		t.started(l, false)
	default:
		t.alert(l, e.at)
	}
}

// startKey stands for the beginning of a leg while it is open whether the agent dials or a dialer has: that shows in who
// was on the line first, or in the campaign.
const startKey = "start"

// started tells how a leg began as soon as that is known, or when it is sure that nothing more will be said.
func (t *telling) started(l *leg, sure bool) {
	i := slices.IndexFunc(l.waiting, func(w claim) bool { return w.key == startKey })
	if i < 0 {
		return
	}
	at, answeredAt := l.waiting[i].at, t.c.answered("")
	dialer := t.c.contact.campaign != "" && t.c.dialing != "external"
	if !sure && !dialer && answeredAt.IsZero() {
		return
	}
	l.withdraw(startKey)
	l.dialled = !dialer && (answeredAt.IsZero() || answeredAt.After(at))
	t.d.settle(t.c)
	if l.dialled {
		t.dial(l, 0, at)
		return
	}
	t.alert(l, at)
}

// customerStart connects the customer with the agent who dialled.
func (t *telling) customerStart(e *detail) {
	if e.media != voice {
		return
	}
	t.c.setAnswer(e.session, e.at)
	t.c.present = true
	for _, l := range t.c.legs {
		t.started(l, false)
		if i := len(l.spans) - 1; i >= 0 && (l.callback || l.dialled) && !l.spans[i].over {
			t.answeredSoon(l, i, e.at)
		}
	}
}

// answeredSoon tells an answer as firmly as its source is.
func (t *telling) answeredSoon(l *leg, i int, at time.Time) {
	if t.firm {
		t.answered(l, i, at)
		return
	}
	t.later(l, claim{key: l.spanKey(wordConnected, i), word: wordConnected, rank: rankOf(i, spanConnected), at: at})
}

// taken tells that the agent whom a queue chose has answered.
func (t *telling) taken(e *detail) {
	if !strings.EqualFold(e.acdOutcome, "ANSWERED") || !t.firm {
		return
	}
	l := t.c.of(e.user)
	switch {
	case l == nil || l.over:
	case e.media == callback:
		l.accepted = true
		t.claim(l, claim{key: wordPreview, word: wordPreview, phase: call.Accepted, rank: rankPreview, at: e.at})
	case !l.callback && !l.dialled:
		t.answered(l, l.span(""), e.at)
	}
}

// userEnd ends an agent's session.
func (t *telling) userEnd(l *leg, e *detail) {
	if l == nil || !e.isCall() {
		return
	}
	if e.media == callback {
		l.callback = true
		t.callbackEnd(l, e)
		return
	}
	i := l.span(e.session)
	t.started(l, true)
	if t.firm && e.interacting > 0 && !l.callback && !l.dialled { // what a lost event would have told
		t.answered(l, i, e.at.Add(-e.interacting-e.held))
	}
	t.firm = t.firm || l.callback
	if isSwallowed(e.disconnectType) {
		t.firm = false
	}
	if t.firm {
		l.spans[i].over = true
	}
	t.disconnect(l, i, e.at)
	if t.firm && !l.talked && !l.dialled && !l.callback { // who did not answer has no work after it
		t.finalSoon(l, e.at)
	}
	for _, b := range t.c.legs {
		if t.firm && b.role == call.ConsultLeg && b.talks() && t.c.present && len(t.c.talkingBeside(b)) == 0 {
			t.handOver(b, e.at)
		}
	}
}

// callbackEnd closes a callback or preview. One that was dialled has its wrap-up behind it; of one that was skipped the
// snapshot says how.
func (t *telling) callbackEnd(l *leg, e *detail) {
	t.firm = true
	l.accepted = l.accepted || e.interacting > 0
	t.ending(l, e.disconnectType)
	if len(l.spans) == 0 {
		t.disconnect(l, 0, e.at)
		t.firm = false
	}
	for i := range l.spans {
		if !l.spans[i].over {
			l.spans[i].over = true
			t.disconnect(l, i, e.at)
		}
	}
	t.finalSoon(l, e.at)
}

// finalSoon tells the end of a leg as firmly as its source is.
func (t *telling) finalSoon(l *leg, at time.Time) {
	if l.over {
		return
	}
	if t.firm {
		t.final(l, at)
		return
	}
	t.later(l, claim{key: finalKey, at: at})
}

// finalKey stands for whichever moment ends a leg once it is due.
const finalKey = "final"

// worked tells that after-call work is done; it may be told again when the agent changes the wrap-up.
func (t *telling) worked(l *leg, e *detail) {
	if l == nil {
		return
	}
	l.setWrapup(e.wrapup)
	if l.callback {
		return
	}
	if t.firm {
		t.claim(l, claim{key: wordACW, word: wordACW, phase: call.Wrapup, rank: rankACW, at: e.at.Add(-e.wrapping)})
	}
	t.finalSoon(l, e.at)
}

// postContact is the dialer's last word on a contact: the preview is closed.
func (t *telling) postContact(e *detail) {
	l := t.c.of(e.user)
	if l == nil {
		return
	}
	l.setWrapup(e.wrapup)
	if t.firm = false; l.callback && t.c.preview && !l.over {
		if len(l.spans) == 0 {
			t.disconnect(l, 0, e.at)
		}
		t.finalSoon(l, e.at)
	}
}
