package connect

import (
	"cmp"

	"cordboard/call"
)

// learnEvent takes in what a contact event, or the REST API's description of a contact, says has happened so far.
func (d *Decoder) learnEvent(e *contactEvent) {
	c := d.contact(identity{e.id, e.initial, e.previous, e.related, e.method})
	c.learn(e.customer, e.campaign, "")
	c.learnVars(e.vars, e.at, d.variables)
	c.discarded = c.discarded || e.discarded
	if c.method == byPreview && !c.discarded && (!e.answered.IsZero() || !e.previewEnd.IsZero()) {
		c.dialled = true
	}
	d.settle(c)
	switch c.method {
	case byOutbound:
		d.learnOwnCall(c, e)
	case byPreview:
		d.learnPreview(c, e)
	default:
		if e.agent != "" && !e.connected.IsZero() {
			d.talk(d.part(c, e.agent, e.connected, true), e.connected)
		}
	}
	d.learnEnds(c, e)
}

// learnOwnCall is about a call that an agent dialled; which agent it was, not every event says.
func (d *Decoder) learnOwnCall(c *contact, e *contactEvent) {
	began := e.initiated
	if began.IsZero() && e.kind == "INITIATED" {
		began = e.at
	}
	p := d.part(c, e.agent, cmp.Or(began, e.at), false)
	if !began.IsZero() {
		d.offer(p, began)
	}
	if !e.answered.IsZero() {
		d.talk(p, e.answered)
	}
}

func (d *Decoder) learnPreview(c *contact, e *contactEvent) {
	if accepted := cmp.Or(e.accepted, e.connected); e.agent != "" && !accepted.IsZero() {
		d.accept(d.part(c, e.agent, accepted, true), accepted)
	}
	c.answered = cmp.Or(c.answered, e.answered)
	if c.answered.IsZero() {
		return
	}
	for _, p := range c.parts {
		if p.told["accepted"] && !p.missed {
			d.talk(p, c.answered)
		}
	}
}

// learnEnds takes in that a contact was disconnected, and that nothing more will come of it.
func (d *Decoder) learnEnds(c *contact, e *contactEvent) {
	if e.disconnected.IsZero() && !e.completed && e.end.IsZero() {
		return
	}
	for _, p := range d.concerned(c, e) {
		if !e.disconnected.IsZero() && !(c.mode == call.DirectPreview && c.discarded) {
			d.wrap(p, e.disconnected)
		}
		switch {
		case !e.end.IsZero():
			d.leave(p, e.end)
		case e.completed: // an event's own time has whole seconds only
			d.leave(p, later(later(e.at, e.disconnected), p.began))
		}
	}
	c.over = c.over || e.completed
}

// concerned are the parts that a contact's end is about: that of the agent whom the event names, or those of everybody who
// took it.
func (d *Decoder) concerned(c *contact, e *contactEvent) []*part {
	if e.agent != "" {
		return []*part{d.part(c, e.agent, cmp.Or(e.connected, e.accepted, e.disconnected, e.at), false)}
	}
	var all []*part
	for _, p := range c.parts {
		if !p.missed && (p.told[connected] || p.told["accepted"] || !p.accepts()) {
			all = append(all, p)
		}
	}
	return all
}
