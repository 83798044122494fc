package genesys

import (
	"cmp"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// telling is one message on its way to becoming events of one conversation.
type telling struct {
	d         *Decoder
	c         *conversation
	m         *platform.Message
	raw       []byte
	firm      bool // moments are told at once
	concluded bool // read by REST: nobody told us
	events    []call.Event
}

// claim says that a moment of a leg has come.
type claim struct {
	key   string     // of the moment, unique within the leg
	word  string     // "" for a moment without one
	phase call.Phase // of alerting and connected it is worked out when they are told
	rank  int
	at    time.Time // the platform's time; zero for the time of hearing
	due   time.Time // when a soft claim is told, if nothing better has come
	heard time.Time
	after string // key of a moment that came before this one, whatever the clocks say
	// together says that a colleague joins the talk with the customer, and the agent who asked stays.
	together bool
}

// claim tells a moment unless it was told before. A soft claim waits.
func (t *telling) claim(l *leg, c claim) {
	if l.has(c.key) {
		return
	}
	if t.firm {
		t.tell(l, c)
		return
	}
	t.later(l, c)
}

// later lets a claim wait.
func (t *telling) later(l *leg, c claim) {
	if l.has(c.key) || slices.ContainsFunc(l.waiting, func(w claim) bool { return w.key == c.key }) {
		return
	}
	c.heard, c.due = t.m.At, never
	if !t.m.At.IsZero() {
		c.due = t.m.At.Add(holdFor)
	}
	l.waiting = append(l.waiting, c)
	t.d.waiting.add(t.c, c.due)
}

// due tells the claims that have waited long enough.
func (t *telling) due(l *leg, now time.Time) {
	for i := 0; i < len(l.waiting); {
		w := l.waiting[i]
		if !now.IsZero() && now.Before(w.due) {
			i++
			continue
		}
		if w.key == startKey {
			t.started(l, true)
			continue
		}
		l.waiting = slices.Delete(l.waiting, i, i+1)
		w.at = cmp.Or(w.at, w.heard)
		t.ripe(l, w)
	}
}

// ripe tells a claim that nothing better has come for.
func (t *telling) ripe(l *leg, w claim) {
	switch {
	case w.key == finalKey:
		if !l.over {
			t.final(l, w.at)
		}
		return
	case l.over && w.rank >= rankACW:
		return
	}
	t.mark(l, w)
	t.tell(l, w)
}

// mark notes on the leg what a claim means for it.
func (t *telling) mark(l *leg, w claim) {
	for i := range l.spans {
		switch w.rank {
		case rankOf(i, spanConnected):
			l.spans[i].answered, l.talked = true, true
		case rankOf(i, spanDisconnected):
			l.spans[i].over = true
		}
	}
}

// withdraw drops a claim that has turned out wrong.
func (l *leg) withdraw(key string) {
	l.waiting = slices.DeleteFunc(l.waiting, func(w claim) bool { return w.key == key })
}

func (t *telling) tell(l *leg, c claim) {
	l.withdraw(c.key)
	if c.together {
		t.join(l, c.at)
	}
	if c.at.IsZero() {
		if c.at = t.m.At; c.at.IsZero() || c.rank > rankPreview && c.at.Before(l.last()) {
			c.at = l.last()
		}
	}
	if l.guessed && len(l.told) == 0 {
		l.role = t.c.guess(l, c.at)
	}
	switch c.word { // what the leg is to the call may have become known since
	case wordAlerting:
		c.phase = t.c.offerPhase(l)
	case wordConnected:
		c.phase = l.talkPhase()
	}
	at := l.place(c.at.UTC(), c.rank)
	if c.rank%rankSpan == spanTalk && at.Equal(l.last()) {
		at = at.Add(time.Microsecond) // what happens within a talk is told apart from what was before it by its time alone
	}
	for _, m := range l.told {
		if m.key == c.after && !at.After(m.at) {
			at = m.at.Add(time.Microsecond)
		}
	}
	l.told = append(l.told, told{c.key, c.rank, at})
	ev := t.event(l)
	ev.ID = t.c.id + "/" + l.id + "/" + c.key
	ev.Name, ev.Phase, ev.At = c.word, c.phase, at
	t.events = append(t.events, ev)
}

// event fills in what every event of a leg carries.
func (t *telling) event(l *leg) call.Event {
	c := t.c
	return call.Event{
		Connection: cmp.Or(t.m.Connection, c.connection), Platform: call.Genesys, Ref: c.id, Leg: l.id, Role: l.role, Agent: l.agent,
		Mode: c.mode, CallType: c.callType(), Received: t.m.At,
		Customer: c.customer, Direction: c.direction, Campaign: t.d.campaign(c), Queue: t.d.named(t.d.queues, c.queue),
		Reconciled: t.concluded, Raw: t.raw,
	}
}

// campaign is the campaign's name, or its id while the name is not known.
func (d *Decoder) campaign(c *conversation) string {
	return cmp.Or(d.campaigns[c.contact.campaign].name, c.contact.campaign)
}

func (d *Decoder) named(names map[string]string, id string) string {
	return cmp.Or(names[id], id)
}

// done completes the message's events with its data, and holds them back while the call's mode is still to come.
func (t *telling) done(heard *leg) []call.Event {
	t.attach(heard)
	c := t.c
	if len(t.events) == 0 {
		return nil
	}
	if c.waitsForMode() {
		if len(c.held) == 0 {
			if c.due = never; !t.m.At.IsZero() {
				c.due = t.m.At.Add(holdFor)
			}
			t.d.waiting.add(c, c.due)
		}
		c.held = append(c.held, t.events...)
		return nil
	}
	return append(t.d.release(c), t.events...)
}

// release completes the events that were held back and lets them go.
func (d *Decoder) release(c *conversation) []call.Event {
	events := c.held
	c.held = nil
	if len(events) > 0 && c.dirty { // the answer that was waited for is news itself
		events[0].Vars, c.dirty = c.vars(), false
	}
	for i := range events {
		ev := &events[i]
		ev.Mode, ev.Campaign = c.mode, d.campaign(c)
		ev.Customer, ev.Direction = cmp.Or(ev.Customer, c.customer), cmp.Or(ev.Direction, c.direction)
		if !ev.DataOnly() {
			ev.CallType = c.callType()
		}
		if ev.Phase == call.Offered && isDialer(c.mode) {
			ev.Phase = call.Ringing
		}
	}
	return events
}

// attach puts new variables and wrap-ups on the message's events, or on events of their own that name no moment: always
// so after a gap, because the moments that are told then may be known, and nothing of a known event counts.
func (t *telling) attach(heard *leg) {
	c := t.c
	for _, l := range c.legs {
		if !l.unsaid {
			continue
		}
		wrapup := t.d.named(t.d.wrapups, l.wrapup)
		i := lastOf(t.events, l)
		if i < 0 || t.concluded {
			i = t.data(l, "wrapup", wrapup)
		}
		t.events[i].Wrapup, l.unsaid = wrapup, false
	}
	if !c.dirty || len(c.legs) == 0 {
		return
	}
	vars := c.vars()
	i := 0
	if len(t.events) == 0 || t.concluded {
		if heard == nil {
			heard = c.legs[len(c.legs)-1]
		}
		i = t.data(heard, "vars", canonical(vars))
	}
	t.events[i].Vars, c.dirty = vars, false
}

func lastOf(events []call.Event, l *leg) int {
	for i := len(events) - 1; i >= 0; i-- {
		if events[i].Leg == l.id {
			return i
		}
	}
	return -1
}

// data adds an event that names no moment, and returns its place. Its id is made of all data that the leg was told so
// far, so that a value which comes back is told again.
func (t *telling) data(l *leg, kind, content string) int {
	h := fnv.New64a()
	h.Write([]byte(kind + content + strconv.FormatUint(l.chain, 36)))
	l.chain = h.Sum64()
	ev := t.event(l)
	ev.ID = t.c.id + "/" + l.id + "/data/" + strconv.FormatUint(l.chain, 36)
	ev.CallType = ""
	if ev.At = t.m.At.UTC(); t.m.At.IsZero() {
		ev.At = l.last()
	}
	t.events = append(t.events, ev)
	return len(t.events) - 1
}

func canonical(vars map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		b.WriteString(name + "\x1f" + vars[name] + "\x1e")
	}
	return b.String()
}

// stamp is the time as it stands in ids.
func stamp(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }
