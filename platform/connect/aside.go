package connect

import (
	"time"

	"cordboard/call"
)

// aside is an agent's side talk with a third party: a consult. Only the browser shows it.
type aside struct {
	part   *part
	leg    string
	told   map[string]bool
	seen   time.Time // when it was shown last
	merged bool      // it became a part of the talk with the customer
	over   bool
	end    time.Time // when it was over
	talked time.Time // since when the third party is on the line
	// waits is since when the line reads connected, although the colleague may still be rung: a line to an agent or a
	// queue does so as soon as the contact is in the queue (Streams documentation).
	waits time.Time
	due   time.Time // until then it waits to hear of the colleague's own contact
	// recalled means that it is from before a restart, and how the line reads was not heard of yet: only a colleague's own
	// contact can tell of the answer.
	recalled bool
}

// aside finds the side talk on a line, or begins it.
func (p *part) aside(connection string) *aside {
	leg := p.leg + "/c/" + connection
	for _, a := range p.asides {
		if a.leg == leg {
			return a
		}
	}
	a := &aside{part: p, leg: leg, told: map[string]bool{}}
	p.asides = append(p.asides, a)
	return a
}

func (a *aside) once(key string) bool {
	if a.told[key] {
		return false
	}
	a.told[key] = true
	return true
}

// learnAside compares a third party's line with what was told of it. far is the customer's.
func (d *Decoder) learnAside(p *part, l, far *line, at time.Time) {
	a := p.aside(l.id)
	a.seen = later(a.seen, at)
	if !l.live() {
		d.endAside(a, l.at, false)
		return
	}
	if a.over {
		return
	}
	if a.once(connecting) {
		d.tellAside(a, moment{key: connecting, word: connecting, phase: call.Consulting, at: l.at})
	}
	if !l.talks() {
		return
	}
	switch {
	case !l.routed:
		d.answerAside(a, l.at)
	case !a.told[connected] && (a.waits.IsZero() || a.recalled):
		a.waits, a.due, a.recalled = l.at, d.now.Add(2*d.patience), false // a queue takes its time
		d.waitFor(p.contact, a.due)
		d.lookAside(a, d.now)
	}
	switch together := far != nil && far.talks() && a.told[connected]; {
	case together && !a.merged:
		at := later(l.at, far.at)
		d.join(p, at)
		a.merged = true
		d.tellAside(a, moment{key: "merged" + stamp(at), phase: call.Ended, at: at, merged: true})
	case !together && a.merged && far != nil && far.state == hold:
		a.merged = false
		d.tellAside(a, moment{key: "apart" + stamp(far.at), phase: call.Consulting, at: far.at})
	}
}

func (d *Decoder) answerAside(a *aside, at time.Time) {
	a.waits = time.Time{}
	if a.once(connected) {
		a.talked = at
		d.tellAside(a, moment{key: connected, word: connected, phase: call.Consulting, at: at})
	}
}

// lookAside tells that the colleague has answered as soon as the colleague's own contact says so, or when nothing was
// heard of such a contact for a while; now is zero when nothing more will come. A colleague who answers after the agent has
// left the line takes the customer over, and was not consulted.
func (d *Decoder) lookAside(a *aside, now time.Time) {
	if a.waits.IsZero() {
		return
	}
	rung, from := false, a.waits.Add(-near)
	due := now.IsZero() || !now.Before(a.due)
	for _, c := range d.family(a.part.contact) {
		if c.method != byTransfer || c == a.part.contact {
			continue
		}
		for _, p := range c.parts {
			if !p.talked.Before(from) && a.lasts(p.talked) && (due || !p.talked.After(now.Add(near))) {
				d.answerAside(a, later(a.waits, p.talked))
				return
			}
			rung = rung || !p.began.Before(from)
		}
		rung = rung || len(c.parts) == 0
	}
	switch {
	case due && !rung && !a.recalled:
		d.answerAside(a, a.waits)
	case due && a.over:
		a.waits = time.Time{}
	}
}

// lasts reports whether the agent was still on the line at a time, as far as is known.
func (a *aside) lasts(at time.Time) bool {
	return (a.end.IsZero() || !at.After(a.end)) && (a.part.wrapped.IsZero() || !at.After(a.part.wrapped))
}

// lookAsides is for the moment in which a colleague has answered.
func (d *Decoder) lookAsides(c *contact) {
	for _, other := range d.family(c) {
		for _, p := range other.parts {
			for _, a := range p.asides {
				d.lookAside(a, d.now)
			}
		}
	}
}

// endAside ends a side talk: the third party has left, or it became a part of something else.
func (d *Decoder) endAside(a *aside, at time.Time, merged bool) {
	if a.over || len(a.told) == 0 {
		return
	}
	a.over, a.end = true, at
	if !a.waits.IsZero() { // what tells of the answer may come after this
		a.due = later(a.due, d.now.Add(d.patience))
		d.waitFor(a.part.contact, a.due)
		d.lookAside(a, d.now)
	}
	at = later(at, a.talked) // what was told of the answer before this was heard stays so
	switch {
	case !a.merged:
		d.tellAside(a, moment{key: "ended", phase: call.Ended, at: at, merged: merged})
	case !merged:
		d.partAgain(a.part, at)
	}
}

// endAsides is for the moment in which the agent's talk with the customer is over. What is still on the line goes on without
// the agent, the customer with it: a transfer. Only when the customer had left before, the consult ends here; the page has
// words for that in manual calls.
func (d *Decoder) endAsides(p *part, at time.Time) {
	for _, a := range p.asides {
		switch {
		case a.over || len(a.told) == 0 || a.told[acw]:
		case p.farGone && !a.merged:
			d.tellAside(a, moment{key: acw, word: acw, phase: call.Wrapup, at: at})
			a.told[acw], a.waits = true, time.Time{}
		default:
			d.endAside(a, at, true)
		}
	}
}

// closeAsides is for the moment in which the agent is done with the contact.
func (d *Decoder) closeAsides(p *part, at time.Time) {
	for _, a := range p.asides {
		switch {
		case a.over || len(a.told) == 0:
		case a.told[acw]:
			a.over = true
			d.tellAside(a, moment{key: dropped, word: dropped, phase: call.Ended, at: at})
		default:
			d.endAside(a, at, true)
		}
	}
}
