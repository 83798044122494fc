package connect

import (
	"slices"
	"time"
)

// learnPicture takes in what an agent's browser shows.
func (d *Decoder) learnPicture(p *picture) {
	for i := range p.contacts {
		d.learnShown(p, &p.contacts[i])
	}
	d.learnAbsent(p.agent, p.at, browser, func(id string) bool {
		for i := range p.contacts {
			if p.contacts[i].id == id {
				return true
			}
		}
		return false
	})
}

func (d *Decoder) learnShown(p *picture, s *shown) {
	far := s.far()
	c := d.contact(identity{id: s.id, initial: s.initial, related: s.related, method: s.method})
	customer := s.customer
	if customer == "" && far != nil {
		customer = far.number
	}
	c.learn(customer, "", s.queue)
	c.learnVars(s.vars, p.at, d.variables)
	d.settle(c)
	if s.at.IsZero() {
		s.at = p.at
	}
	offered, talks := offers(s.state), s.state == "connected"
	t := d.part(c, p.agent, s.at, offered || talks)
	t.show(browser, p.at)
	if far != nil && c.method == byPreview {
		c.dialled = true
	}
	switch s.state {
	case "missed", "rejected":
		d.miss(t, s.at)
		return
	case "error":
		if !t.told[connected] {
			d.miss(t, s.at)
			return
		}
	}
	switch {
	case offered:
		d.offer(t, s.at)
	case talks && c.method == byPreview:
		d.accept(t, s.at)
	}
	if talks || offered && c.method == byOutbound {
		d.learnFar(t, s, far)
	}
	switch {
	case s.state == "ended" || s.state == "error":
		t.farGone = t.farGone || far != nil && !far.live() && s.at.Sub(far.at) > near
		t.closed = s.at
		d.endAsides(t, s.at)
		d.wrap(t, s.at)
	default:
		for _, l := range s.others() {
			d.learnAside(t, l, far, p.at)
		}
		d.learnGoneAsides(t, s, p.at)
		if !t.closed.IsZero() { // a picture that comes late
			d.endAsides(t, t.closed)
		}
	}
	if t.told[dropped] {
		d.closeAsides(t, t.ended)
	}
}

// offers reports whether a contact in this state still waits for the agent, or an agent's own call for the far end.
func offers(state string) bool {
	switch state {
	case "incoming", "pending", "connecting", "init":
		return true
	}
	return false
}

// learnFar compares the customer's line with what was told.
func (d *Decoder) learnFar(t *part, s *shown, far *line) {
	c := t.contact
	switch {
	case far == nil:
		if c.method != byPreview && s.state == "connected" { // a contact without lines
			d.talk(t, s.at)
		}
		return
	case far.state == "connecting" || far.state == "init":
		if c.method == byPreview {
			d.dial(t, far.at)
		}
		return
	}
	began, held := s.at, s.at // an answered customer was on the line before the agent
	switch c.method {
	case byPreview:
		began, held = far.at, far.at
	case byOutbound:
		began = far.at
	}
	switch far.state {
	case "connected":
		d.talk(t, began)
		d.look(t, later(began, far.at), false)
	case hold:
		d.talk(t, held)
		d.look(t, far.at, true)
	case "disconnected":
		t.farGone = t.told[connected]
	}
}

// learnGoneAsides ends the side talks whose lines are not shown any more.
func (d *Decoder) learnGoneAsides(t *part, s *shown, at time.Time) {
	for _, a := range t.asides {
		on := false
		for i := range s.lines {
			on = on || a.leg == t.leg+"/c/"+s.lines[i].id
		}
		if !on && a.seen.Before(at) {
			d.endAside(a, at, false)
		}
	}
}

// learnAbsent ends the agent's parts that the source showed before and shows no more.
func (d *Decoder) learnAbsent(agent string, at time.Time, by source, shown func(id string) bool) {
	live := d.agents[agent]
	for _, p := range live {
		if p.live() && p.shows(by, at) && !shown(p.contact.id) {
			d.concluded = p.recalls(by)
			d.leave(p, at)
			d.concluded = false
		}
	}
	if live = slices.DeleteFunc(live, func(p *part) bool { return !p.live() }); len(live) == 0 {
		delete(d.agents, agent)
		return
	}
	d.agents[agent] = live
}
