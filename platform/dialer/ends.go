package dialer

import (
	"slices"
	"time"

	"cordboard/call"
)

// consequences are the ends that the word brings to other legs.
func (d *Decoder) consequences(l *leg, c *change) []call.Event {
	var out []call.Event
	if l.aside {
		return nil
	}
	if c.word == preview || c.word == initiate || c.word == custAnswered { // somebody else was offered the call and did not take it
		for _, o := range l.talk.legs {
			if o != l && !o.over && o.at.Before(c.at) && (o.word == preview || o.word == initiate) {
				out = append(out, d.silence(o, c, call.Missed))
			}
		}
	}
	if side := l.talk.side(l.agent); c.word.back() && side != nil && !side.over {
		out = append(out, d.silence(side, c, call.Ended))
	}
	if !l.answered && (c.word == initiate || c.word == custAnswered) {
		for _, o := range slices.Clone(d.mem.open[l.agent]) {
			if o.talk != l.talk && o.mode != call.Manual && o.mode != call.Inbound {
				out = append(out, d.conclude(o, c.at))
			}
		}
	}
	return out
}

// overtaken ends a leg whose beginning is heard when what ended it was heard before: a talk with a colleague from which the
// agent is back, or an offer that somebody else has taken.
func (d *Decoder) overtaken(l *leg, c *change) []call.Event {
	switch c.word {
	case consult:
		if main := l.talk.main(l.agent); main != nil && main.at.After(c.at) && main.word.back() {
			c.at = main.at
			return []call.Event{d.silence(l, c, call.Ended)}
		}
	case preview:
		if o := l.talk.find(func(o *leg) bool { return o.agent != l.agent && !o.aside && o.at.After(c.at) }); o != nil {
			c.at = o.at
			return []call.Event{d.silence(l, c, call.Missed)}
		}
	}
	return nil
}

// leftBehind ends the talks of colleagues about a call that nobody has any more.
func (d *Decoder) leftBehind(l *leg, c *change) []call.Event {
	if l.aside || l.mode == call.Manual || l.mode == call.Inbound {
		return nil // Amazon tells the end of each leg
	}
	if l.talk.find(func(o *leg) bool { return !o.aside && !o.over }) != nil {
		return nil
	}
	var out []call.Event
	for _, o := range l.talk.legs {
		if !o.over {
			out = append(out, d.silence(o, c, call.Ended))
		}
	}
	return out
}

// silence ends a leg without a word.
func (d *Decoder) silence(l *leg, c *change, phase call.Phase) call.Event {
	ev := l.event(c.at, c.m.At)
	ev.ID, ev.Phase, ev.Raw = l.ref+"/"+l.id+l.life+"/end~"+stamp(l.at), phase, c.raw
	d.mem.end(l)
	l.silent = true
	return ev
}

// conclude ends a leg whose end was lost.
func (d *Decoder) conclude(l *leg, at time.Time) call.Event {
	c := change{word: dropped}
	ev := l.event(at, time.Time{})
	ev.ID, ev.Name, ev.Phase, ev.Reconciled = c.id(l), string(dropped), call.Ended, true
	ev.CallType, ev.RawType = l.typeOf("")
	l.said, l.word, l.at = append(l.said, ev.ID), dropped, at
	d.mem.end(l)
	return ev
}
