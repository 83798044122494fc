package webex

import (
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// ahead are messages of an interaction that were quicker than the one which says that it is a preview's call. They wait for
// it, but not for long.
type ahead struct {
	since    time.Time
	messages []platform.Message
}

// lead is how far one agent's feed may run ahead of another's without making two calls of one.
const lead = 10 * time.Second

// waits puts a message aside that may be of a preview's call under an id which nobody has heard of yet.
func (d *Decoder) waits(m platform.Message, n *notice) bool {
	if d.tasks[n.id] != nil || n.reservation != "" || n.kind == agentContact || !d.overtakes(n) {
		return false
	}
	a := d.early[n.id]
	if a == nil {
		a = &ahead{since: when(m, n)}
		d.early[n.id] = a
	}
	a.messages = append(a.messages, m)
	return true
}

// overtakes reports whether the notice may be of a call that came of a preview: it says so, whoever is told of it; or its
// agent has a preview that waits for the answer, and it is not one that begins another call.
func (d *Decoder) overtakes(n *notice) bool {
	switch what := tells[n.kind]; {
	case n.kind == "AgentOfferCampaignReservation":
		return false
	case n.previews():
		return true
	case what.word == offerContact || what.word == offerConsult || what.word == custAnswered:
		return false
	}
	for _, t := range d.tasks {
		if l := t.legs[ownID(n.agent, t.stint[n.agent])]; l != nil && l.role == call.ReservationLeg && !l.over() {
			return true
		}
	}
	return false
}

// catchUp decodes what waited for an interaction, now that it is known.
func (d *Decoder) catchUp(id string) []call.Event {
	a := d.early[id]
	if a == nil {
		return nil
	}
	delete(d.early, id)
	var events []call.Event
	for _, m := range a.messages {
		more, err := d.decode(m, false)
		if err == nil { // it was decoded before, up to the point where it was put aside
			events = append(events, more...)
		}
	}
	return events
}
