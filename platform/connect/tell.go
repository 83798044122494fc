package connect

import (
	"cmp"
	"hash/fnv"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"cordboard/call"
)

// pending is a moment that is to be told, as soon as enough is known of its call.
type pending struct {
	part      *part
	aside     *aside // the side talk that it is about; nil for the agent's talk with the customer
	moment    moment
	raw       []byte
	heard     time.Time
	concluded bool
	n         int64 // of the message that brought it
}

func (d *Decoder) tell(p *part, m moment) {
	if p.began.IsZero() || m.at.Before(p.began) && len(p.told) == 1 {
		p.began = m.at
	}
	d.push(pending{part: p, moment: m})
}

func (d *Decoder) tellAside(a *aside, m moment) { d.push(pending{part: a.part, aside: a, moment: m}) }

func (d *Decoder) push(w pending) {
	w.raw, w.heard, w.concluded, w.n = d.m.Message, d.m.At, d.concluded, d.held.n
	d.held.hold()
	c := w.part.contact
	c.pending = append(c.pending, w)
	d.touch(c)
}

// touch notes that the contact has to be looked at when the present message is taken in.
func (d *Decoder) touch(c *contact) {
	if !c.touched {
		c.touched = true
		d.touched = append(d.touched, c)
	}
}

// settleAll tells what can be told of the contacts that the present message was about.
func (d *Decoder) settleAll() []call.Event {
	var out []call.Event
	for len(d.touched) > 0 {
		c := d.touched[0]
		d.touched = d.touched[1:]
		c.touched = false
		out = append(out, d.emit(c)...)
	}
	return out
}

// emit tells what waits of a contact, if enough is known of it, or else begins to wait and asks.
func (d *Decoder) emit(c *contact) []call.Event {
	d.settle(c)
	if len(c.pending) == 0 {
		return d.news(c)
	}
	if !c.waited && !d.framed(c) || d.unsureEnd(c) {
		d.ask(c)
		if c.due.IsZero() {
			c.due = d.now.Add(d.patience)
			d.waitFor(c, c.due)
		}
		if d.patience > 0 {
			return nil
		}
		d.giveUp(c)
	}
	return d.release(c)
}

// giveUp goes on with what is known. A preview of which nobody can say whether the customer was dialled was: most are.
func (d *Decoder) giveUp(c *contact) {
	c.waited = true
	c.dialled = c.dialled || d.unsureEnd(c)
}

// framed reports whether what a workflow needs is known: the mode, the customer's number and the agent.
func (d *Decoder) framed(c *contact) bool {
	if !c.settled || d.customer(c) == "" && !c.described {
		return false
	}
	for i := range c.pending {
		if d.names[c.pending[i].part.agent] == "" {
			return false
		}
	}
	return true
}

// unsureEnd reports whether an end is to be told of a preview that may or may not have been dialled: the agent event stream
// does not say, the browser does.
func (d *Decoder) unsureEnd(c *contact) bool {
	if c.method != byPreview || c.dialled || c.discarded {
		return false
	}
	for i := range c.pending {
		w := &c.pending[i]
		end := w.moment.word == acw || w.moment.word == dropped
		if end && w.part.told["accepted"] && (w.part.seen[browser.index()].IsZero() || w.part.recalls(browser)) {
			return true
		}
	}
	return false
}

// customer is the number of the customer, as far as it is known of the contact or of the one that the call began with.
func (d *Decoder) customer(c *contact) string {
	if c.customer == "" {
		if r := d.root(c); r != nil {
			return r.customer
		}
	}
	return c.customer
}

// ask notes what should be asked for, once.
func (d *Decoder) ask(c *contact) {
	for i := range c.pending {
		if agent := c.pending[i].part.agent; agent != "" && d.names[agent] == "" {
			d.wants.user(agent)
		}
	}
	if c.campaign != "" && (!c.settled || c.method == byPreview) { // of a preview only the campaign's name is wanting
		d.wants.campaign(c.campaign)
	}
	if !c.asked && (d.customer(c) == "" || c.campaign == "" && !c.settled || c.method == byPreview) {
		c.asked = true
		d.wants.contact(c.id)
	}
}

// release tells everything that waits.
func (d *Decoder) release(c *contact) []call.Event {
	slices.SortStableFunc(c.pending, func(a, b pending) int { return a.moment.at.Compare(b.moment.at) })
	out := make([]call.Event, 0, len(c.pending))
	for i := range c.pending {
		out = append(out, d.event(&c.pending[i]))
		d.held.free(c.pending[i].n)
	}
	c.pending, c.due, c.told = nil, time.Time{}, true
	return out
}

// event is the call event of a moment, with what is known of its call by now.
func (d *Decoder) event(w *pending) call.Event {
	p, c, m := w.part, w.part.contact, &w.moment
	ev := d.frame(p)
	ev.CallType, ev.At, ev.Received, ev.Raw = c.callType(), m.at, w.heard, w.raw
	ev.Phase, ev.Merged, ev.Reconciled = m.phase, m.merged, w.concluded
	if m.word == preview {
		ev.CallType = regularCall
	}
	if w.aside != nil {
		ev.Leg, ev.Role = w.aside.leg, call.ConsultLeg
		switch c.mode {
		case call.Manual:
			ev.CallType = manualAside
		case call.DirectPreview:
			ev.CallType = outbound
		}
	}
	ev.ID = ev.Leg + "/" + m.key
	if d.table.has(c.mode, ev.CallType, m.word, w.aside != nil) {
		ev.Name = m.word
	}
	d.say(c, &ev)
	return ev
}

// frame fills in what every event of a part carries.
func (d *Decoder) frame(p *part) call.Event {
	c := p.contact
	ev := call.Event{
		Connection: d.connection, Platform: d.platform, Ref: c.id, Of: c.of, Leg: p.leg, Role: c.role(), Agent: d.name(p.agent),
		Mode: c.mode, Customer: d.customer(c), Direction: c.direction(), Campaign: d.campaignName(c), Queue: c.queue,
	}
	return ev
}

// name is what the house calls the agent: the user name, which is also whose desk it is.
func (d *Decoder) name(agent string) string { return cmp.Or(d.names[agent], agent) }

func (d *Decoder) campaignName(c *contact) string {
	return cmp.Or(d.campaigns[c.campaign].name, pick(c.vars, d.variables.Campaign), c.campaign)
}

// say puts what was not told of the contact yet into an event.
func (d *Decoder) say(c *contact, ev *call.Event) {
	ev.Vars, ev.Wrapup = c.unsaid.vars, c.unsaid.wrapup
	c.unsaid = unsaid{}
}

// news is the event without a name that brings what became known after the moments were told.
func (d *Decoder) news(c *contact) []call.Event {
	if !c.told || !c.unsaid.any() {
		return nil
	}
	ev := d.frame(c.parts[0])
	ev.At, ev.Received, ev.Raw = d.at, d.m.At, d.m.Message
	d.say(c, &ev)
	ev.ID = ev.Leg + "/data" + stamp(d.at) + "/" + strconv.FormatUint(sum(&ev), 36)
	return []call.Event{ev}
}

// sum is a hash of what an event brings.
func sum(ev *call.Event) uint64 {
	h := fnv.New64a()
	for _, s := range []string{string(ev.Mode), ev.Customer, ev.Campaign, ev.Queue, ev.Wrapup} {
		io.WriteString(h, s)
		h.Write([]byte{0})
	}
	for _, name := range slices.Sorted(maps.Keys(ev.Vars)) {
		io.WriteString(h, name)
		h.Write([]byte{0})
		io.WriteString(h, ev.Vars[name])
		h.Write([]byte{0})
	}
	return h.Sum64()
}
