package connect

import (
	"slices"
	"strconv"
	"time"

	"cordboard/call"
)

// moment is something that happens in a leg.
type moment struct {
	key    string // names it within the leg
	word   string // the page's; empty where it has none at all
	phase  call.Phase
	at     time.Time
	merged bool
}

// The moments of an agent's part. Each func takes what a source says, tells it once, and passes over what is known.

// offer: the contact is put to the agent, or the agent makes a call.
func (d *Decoder) offer(p *part, at time.Time) {
	word, phase := connecting, call.Ringing
	switch {
	case p.contact.method == byPreview:
		word, phase = preview, call.Offered
	case !p.accepts():
		phase = call.Dialing
	case p.contact.method != byAPI && p.contact.campaign == "":
		phase = call.Offered
	}
	if p.once("offer") {
		d.tell(p, moment{key: word, word: word, phase: phase, at: at})
	}
}

// accept: the agent took the preview; nobody is dialled yet.
func (d *Decoder) accept(p *part, at time.Time) {
	d.offer(p, at) // where no source told of the offer
	if p.once("accepted") {
		d.tell(p, moment{key: "accepted", phase: call.Accepted, at: at})
	}
}

// dial: the customer of a preview is dialled.
func (d *Decoder) dial(p *part, at time.Time) {
	if !p.told[connected] && p.once(connecting) {
		d.tell(p, moment{key: connecting, word: connecting, phase: call.Dialing, at: at})
	}
}

// talk: agent and customer talk.
func (d *Decoder) talk(p *part, at time.Time) {
	if p.once(connected) {
		p.talked = at
		d.tell(p, moment{key: connected, word: connected, phase: call.Answered, at: at})
		if p.contact.method == byTransfer {
			d.lookAsides(p.contact)
		}
	}
}

// look takes in that at a time the customer waited or did not. Sources date the same hold a little differently, and one
// may have missed it: what counts is when the customer's waiting began or ended as far as all of them say.
func (d *Decoder) look(p *part, at time.Time, waits bool) {
	i, known := slices.BinarySearchFunc(p.looks, at, func(l look, at time.Time) int { return l.at.Compare(at) })
	if known {
		return
	}
	p.looks = slices.Insert(p.looks, i, look{at, waits})
	held := false
	for i, l := range p.looks {
		if l.waits == held {
			continue
		}
		key, m := "resumed", moment{phase: call.Answered, at: l.at}
		if held = l.waits; held {
			key, m = hold, moment{word: hold, phase: call.Held, at: l.at}
		}
		if m.key = key + stamp(l.at); !p.toldNear(key, i) && p.once(m.key) {
			d.tell(p, m)
		}
	}
	if len(p.looks) > mostLooks {
		p.looks = slices.Delete(p.looks, 0, 2)
	}
}

// toldNear reports whether another source has told the same beginning or end of a hold, dated a little later.
func (p *part) toldNear(key string, i int) bool {
	first := p.looks[i]
	for _, l := range p.looks[i+1:] {
		if l.waits != first.waits || l.at.Sub(first.at) > near {
			return false
		}
		if p.told[key+stamp(l.at)] {
			return true
		}
	}
	return false
}

// join: the customer and a third party talk with the agent.
func (d *Decoder) join(p *part, at time.Time) {
	if p.once("conferenced" + stamp(at)) {
		d.tell(p, moment{key: "conferenced" + stamp(at), phase: call.Conferenced, at: at})
	}
}

// partAgain: the third party has left, agent and customer talk on.
func (d *Decoder) partAgain(p *part, at time.Time) {
	if p.once("alone" + stamp(at)) {
		d.tell(p, moment{key: "alone" + stamp(at), phase: call.Answered, at: at})
	}
}

// wrap: the talk is over, after-call work runs.
func (d *Decoder) wrap(p *part, at time.Time) {
	if !p.missed && p.once(acw) {
		p.wrapped = at
		d.tell(p, moment{key: acw, word: acw, phase: call.Wrapup, at: at})
	}
}

// miss: the agent did not take it.
func (d *Decoder) miss(p *part, at time.Time) {
	if p.live() && p.once("missed") {
		p.missed, p.ended = true, at
		d.tell(p, moment{key: "missed", phase: call.Missed, at: at})
	}
}

// leave: the agent is done with the contact.
func (d *Decoder) leave(p *part, at time.Time) {
	if p.missed {
		return
	}
	if p.accepts() && p.told["offer"] && !p.told["accepted"] && !p.told[connected] && !p.told[acw] {
		d.miss(p, at)
		return
	}
	if !p.once(dropped) {
		return
	}
	p.ended = at
	d.closeAsides(p, at)
	d.tell(p, moment{key: dropped, word: dropped, phase: call.Ended, at: at})
}

// mostLooks bounds what is remembered of a part's holds.
const mostLooks = 128

// stamp is a time as a part of a key.
func stamp(at time.Time) string { return "@" + strconv.FormatInt(at.UnixMilli(), 36) }
