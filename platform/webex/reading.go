package webex

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"cordboard/call"
)

// reading is one notice while its events are worked out.
type reading struct {
	*notice
	task      *task
	hook      bool // told by a webhook
	concluded bool // no message told it
	heard     time.Time
	raw       []byte
	events    []call.Event
}

// asConsult are the words of a consult that is an interaction of its own, because it was asked for through an entry point:
// what would be a call of its own is the consulted agent's part in the parent's.
var asConsult = map[string]told{
	offerContact: tells["AgentOfferConsult"],
	custAnswered: tells["AgentConsulting"],
	contactEnded: tells["AgentConsultEnded"],
}

// tell works out the events of a notification.
func (r *reading) tell(what told) {
	if parent := r.parent(); parent != "" && parent != r.id {
		if consult, ok := asConsult[what.word]; ok {
			what = consult
		}
	}
	begins := what.word == offerContact || what.word == custAnswered || what.word == offerConsult
	l := r.task.ownLeg(r.agent, begins, r.at)
	consulted := r.isConsulted(l)
	if what.part == side && !consulted {
		l = r.task.sideLeg(r.agent)
	}
	if r.hook && what.again && l.socket {
		return // the agent's own feed tells the same moment, at another time
	}
	if l.merged && what.word == consultEnded {
		return
	}
	phase := what.phase
	if phase == "" {
		phase = r.phaseOf(what.word, l)
	}
	role := r.roleOf(l, what, consulted)
	if phase == call.Offered {
		phase = r.offer(role)
	}
	if phase == call.Ended && what.word == consultEnded && role != call.ConsultLeg {
		return // the consult became a conference or a transfer: this leg goes on
	}
	r.emit(l, role, what.word, phase, what.again)
	if swallows(what.word) && !consulted {
		r.swallow(what.word)
	}
	r.endSide()
}

// endSide ends a side talk that nobody ended: it is over when its agent's talk with the customer is.
func (r *reading) endSide() {
	mine, side := r.task.legs[ownID(r.agent, r.task.stint[r.agent])], r.task.legs[r.agent+"/c"]
	if mine == nil || side == nil || side.over() || mine.at.Before(side.at) || !mine.over() && mine.phase != call.Wrapup {
		return
	}
	told := r.at
	r.at = mine.at
	r.emit(side, side.role, consultEnded, call.Ended, true)
	r.at = told
}

// isConsulted reports whether the agent is the one who was asked.
func (r *reading) isConsulted(l *leg) bool {
	return r.consulted || r.parent() != "" && r.parent() != r.id || r.people[r.agent].consulted || r.kind == "AgentOfferConsult" || l.role == call.ConsultLeg && l.id == r.agent
}

// takes reports whether the agent is the one who gets a call that was handed over. That he has it already may have been
// heard before.
func (r *reading) takes(l *leg) bool {
	if r.taker != "" {
		return r.taker == r.agent
	}
	me := r.people[r.agent]
	return r.isConsulted(l) || l.role == call.TransferLeg && me.joined && !me.left && !r.mustWrapUp()
}

// phaseOf reads a moment's phase off the picture of the interaction.
func (r *reading) phaseOf(word string, l *leg) call.Phase {
	_, talking := r.others(r.agent)
	me := r.people[r.agent]
	switch word {
	case contactEnded, outFailed:
		if r.state == "conference" && me.joined && !me.left && talking > 0 && !r.mustWrapUp() {
			return call.Conferenced
		}
		return r.afterTalk()
	case blindTransferred, queueTransferred, contactUnassigned:
		return r.handedOver()
	case consultTransfer, conferenceHanded:
		if r.takes(l) {
			return call.Transferred
		}
		return r.handedOver()
	case joinedConference, leftConference, conferenceEnded:
		if me.left || r.mustWrapUp() {
			return r.afterTalk()
		}
	}
	return r.talk(talking)
}

// talk is the phase of an agent who is in the call.
func (r *reading) talk(others int) call.Phase {
	switch {
	case r.state == "conference" && others > 0:
		return call.Conferenced
	case r.consulted || r.people[r.agent].consulted && strings.HasPrefix(r.state, "consult"):
		return call.Consulting
	case r.held && r.kind == "ContactRecordingStarted":
		return call.Held
	}
	return call.Answered
}

// offer is what an offer means: a dialer has the customer on the line already, an agent's own call is only now dialled.
func (r *reading) offer(role call.Role) call.Phase {
	switch r.task.mode {
	case call.Progressive, call.Predictive:
		if role == call.CustomerLeg {
			return call.Ringing
		}
	case call.Manual:
		if role == call.CustomerLeg {
			return call.Dialing
		}
	}
	return call.Offered
}

// mustWrapUp reports whether after-call work waits for the agent.
func (r *reading) mustWrapUp() bool {
	return slices.Contains(r.pending, r.agent) || r.people[r.agent].wrapUp && !r.people[r.agent].wrappedUp
}

func (r *reading) afterTalk() call.Phase {
	if r.mustWrapUp() {
		return call.Wrapup
	}
	return call.Ended
}

// handedOver is the phase of the agent who gave the call away: after-call work follows, unless he has left for good.
func (r *reading) handedOver() call.Phase {
	if me := r.people[r.agent]; me.left && !r.mustWrapUp() {
		return call.Ended
	}
	return call.Wrapup
}

// roleOf is what a leg is to the call at a moment. It is read off the notice where it can be, because notices may come in
// any order.
func (r *reading) roleOf(l *leg, what told, consulted bool) call.Role {
	joined, _ := r.others(r.agent)
	switch {
	case l.id == r.agent+"/c":
		return call.ConsultLeg
	case consulted && (what.word == conferenced || what.word == joinedConference):
		return call.ConferenceLeg
	case consulted && (what.word == consultTransfer || what.word == conferenceHanded || what.word == custAnswered):
		return call.TransferLeg
	case consulted && (l.role == "" || what.part == side || what.word == offerConsult):
		return call.ConsultLeg
	case r.kind == "AgentOfferCampaignReservation", l.role == "" && r.previews() && r.state == "new" && joined == 0:
		return call.ReservationLeg
	case l.role == call.ReservationLeg && what.word == custAnswered:
		return call.CustomerLeg
	case l.role != "":
		return l.role
	case (what.word == conferenced || what.word == joinedConference) && r.owner != "" && r.owner != r.agent:
		return call.ConferenceLeg // that he was asked is still to come
	case joined > 0:
		return call.TransferLeg // somebody talked before this agent came
	}
	return call.CustomerLeg
}

// swallows reports whether with this word the side talk of the agent who consulted becomes a part of the call.
func swallows(word string) bool {
	return word == conferenced || word == consultTransfer || word == conferenceHanded
}

// swallow ends the side talk of a consult, marked as merged: no workflow takes it for the end of anything.
func (r *reading) swallow(word string) {
	l := r.task.legs[r.agent+"/c"]
	if l == nil || l.over() {
		return
	}
	r.emit(l, l.role, word, call.Ended, true)
	l.merged = true
	if len(r.events) > 0 {
		r.events[len(r.events)-1].Merged = true
	}
}

// emit makes the event of a moment, unless it was told before. Moments that may come again are told apart by their time.
func (r *reading) emit(l *leg, role call.Role, word string, phase call.Phase, again bool) {
	id := r.id + "/" + l.id + "/" + word
	if again {
		at := r.at
		if word == held && !r.heldAt.IsZero() {
			at = r.heldAt
		}
		id += "/" + strconv.FormatInt(at.UnixMilli(), 10)
	}
	l.socket = l.socket || !r.hook
	if r.heard.After(l.seen) {
		l.seen = r.heard
	}
	if l.told[id] {
		r.link(l)
		return
	}
	l.told[id] = true
	r.linked(l)
	was := l.ref
	if !r.at.Before(l.at) {
		l.role, l.phase, l.at, l.ref = role, phase, r.at, r.id
		l.merged = false
	}
	l.answered = l.answered || word == custAnswered
	if dn := r.people[r.agent].dn; dn != "" {
		l.extension = dn
	}
	ev := call.Event{
		ID: id, Platform: call.Webex, Ref: r.id, Leg: l.id, Role: role, Agent: l.agent, Extension: l.extension,
		Mode: r.task.mode, CallType: r.callType(), Name: word, RawType: strings.ToUpper(r.task.direction), Phase: phase, At: r.at,
		Customer: r.task.customer, Direction: r.task.direction, Campaign: r.task.campaign, Queue: r.task.queue,
		Vars: r.vars(), Reconciled: r.concluded, Raw: r.raw,
	}
	if (phase == call.Ended || phase == call.Wrapup) && l.id != r.agent+"/c" { // nobody wraps up a side talk
		ev.Wrapup = r.wrapup
	}
	if r.rekeyed() {
		ev.Of, ev.Rekeyed = r.reservation, true
	} else if parent := r.parent(); parent != r.id {
		ev.Of = parent
	} else if r.concluded && was != "" && was != r.id {
		ev.Of = was
	}
	if ev.RawType == ev.CallType {
		ev.RawType = ""
	}
	r.events = append(r.events, ev)
}

// rekeyed reports whether the notice says that the interaction had another id as a preview.
func (r *reading) rekeyed() bool { return r.reservation != "" && r.reservation != r.id }

// linked notes that the call's two ids are told to be one.
func (r *reading) linked(l *leg) {
	if r.rekeyed() {
		l.told[r.reservation] = true
	}
}

// link tells that two ids are one call where only that is news: a webhook was quicker with the moment itself.
func (r *reading) link(l *leg) {
	if !r.rekeyed() || l.told[r.reservation] {
		return
	}
	r.linked(l)
	r.events = append(r.events, call.Event{
		ID: r.id + "/" + l.id + "/was/" + r.reservation, Platform: call.Webex, Ref: r.id, Of: r.reservation, Rekeyed: true,
		Leg: l.id, Role: l.role, Agent: l.agent, Mode: r.task.mode, Phase: l.phase, At: r.at, Customer: r.task.customer,
		Campaign: r.task.campaign, Vars: r.vars(), Raw: r.raw,
	})
}

// callType is the page's word: calls that an agent dials are OUTBOUND (inferred), all others Regular-Call.
func (r *reading) callType() string {
	if r.task.mode == call.Manual {
		return outbound
	}
	return regularCall
}

// flowVars are the processing details that a workflow may want: those that Acqueon's page lists as call variables, and what
// names the campaign and the entry point.
var flowVars = []string{"Campaign Group", "LCMKey", "ani", "campaignId", "ronaTimeout", "virtualTeamName", "agent_ani", "EP_ID", "campaignType"}

// vars are the call's variables: the data that the flow and the agent set, and what the page calls call variables.
func (r *reading) vars() map[string]string {
	if len(r.details)+len(r.data) == 0 {
		return nil
	}
	vars := make(map[string]string, len(r.data)+len(flowVars)+1)
	for _, name := range flowVars {
		if value, ok := r.details[name]; ok {
			vars[name] = value
		}
	}
	if dnis, ok := r.details["dnis"]; ok {
		vars["dn"] = dnis
	}
	maps.Copy(vars, r.data)
	return vars
}

// picture works out what a picture of a task, told after a new subscription, says that was not known.
func (r *reading) picture() {
	l := r.task.ownLeg(r.agent, false, r.at)
	l.seen = r.heard
	consulted := r.isConsulted(l)
	what := r.pictured(l, consulted)
	for _, w := range what {
		if l.phase != w.phase {
			r.emit(l, r.roleOf(l, w, consulted), w.word, w.phase, w.again)
		}
	}
	if s := r.task.legs[r.agent+"/c"]; s != nil && !s.over() && strings.HasPrefix(r.state, "consult") {
		s.seen = r.heard
	}
}

// pictured is what a picture says about the agent, in the order in which it came to be.
func (r *reading) pictured(l *leg, consulted bool) []told {
	me := r.people[r.agent]
	answered := told{word: custAnswered, phase: call.Answered}
	switch {
	case me.wrappedUp:
		return []told{{word: dropped, phase: call.Ended}}
	case me.wrapUp || r.state == "wrapup":
		return []told{{word: acw, phase: call.Wrapup}}
	case r.state == "new" || !me.joined:
		return []told{{word: offerContact, phase: call.Offered}}
	case r.state == "conference":
		return []told{{word: conferenced, phase: call.Conferenced, again: true}}
	case consulted:
		return []told{{word: consulting, part: side, phase: call.Consulting, again: true}}
	case r.held:
		if l.answered || l.phase == call.Held {
			return []told{{word: held, phase: call.Held, again: true}}
		}
		return []told{answered, {word: held, phase: call.Held, again: true}}
	}
	if l.answered && l.phase != call.Answered && !l.over() {
		return []told{{word: unheld, phase: call.Answered, again: true}}
	}
	return []told{answered}
}
