package webex

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// task is one interaction with everybody's part in it.
type task struct {
	mode      call.Mode
	campaign  string
	customer  string
	direction string
	queue     string
	legs      map[string]*leg
	stint     map[string]int // how often an agent has come into it anew
	last      time.Time
}

// leg is one agent's part in a task.
type leg struct {
	id, agent, extension string
	ref                  string // the interaction's id that its newest moment came under
	role                 call.Role
	phase                call.Phase
	at                   time.Time // of its newest moment
	seen                 time.Time // when a message told of it last, by our clock
	told                 map[string]bool
	answered             bool // has talked
	merged               bool // swallowed by a conference or transfer
	socket               bool // its agent's own feed tells of it
}

func (l *leg) over() bool { return l.merged || l.phase == call.Ended || l.phase == call.Missed }

// learn keeps what a notice says of the whole call. What is known stays: later notices carry only a part.
func (t *task) learn(n *notice, campaigns func(string) call.Mode) {
	t.campaign = cmp.Or(t.campaign, n.campaign, n.details["campaignId"])
	t.direction = cmp.Or(t.direction, strings.ToLower(n.direction))
	t.queue = cmp.Or(t.queue, n.details["virtualTeamName"])
	if t.mode == "" {
		if t.mode = n.mode(); t.mode == "" && t.campaign != "" {
			t.mode = campaigns(t.campaign)
		}
	}
	switch t.direction {
	case "outbound": // ani is then the agent's side (Acqueon's page "Outbound Call": the sample)
		t.customer = cmp.Or(t.customer, n.details["dnis"])
	case "inbound":
		t.customer = cmp.Or(t.customer, n.details["ani"])
	}
}

// mode is the pacing mode as far as the notice shows it.
func (n *notice) mode() call.Mode {
	switch kind := strings.ToLower(n.details["campaignType"]); {
	case strings.HasPrefix(kind, "preview_direct"):
		return call.DirectPreview
	case strings.HasPrefix(kind, "preview"):
		return call.Preview
	case strings.HasPrefix(kind, "progressive"): // this and the next are inferred: only previews are documented
		return call.Progressive
	case strings.HasPrefix(kind, "predictive"):
		return call.Predictive
	}
	switch strings.ToUpper(n.outbound) {
	case "OUTDIAL":
		return call.Manual
	case "CALLBACK":
		return call.Inbound // the customer asked for it and waits in a queue like any caller (inferred)
	case "":
		if strings.EqualFold(n.direction, "INBOUND") {
			return call.Inbound
		}
	}
	return ""
}

// merge takes in what was heard under another id before it was known to be the same task.
func (t *task) merge(other *task) {
	t.mode = cmp.Or(t.mode, other.mode)
	t.campaign = cmp.Or(t.campaign, other.campaign)
	t.customer = cmp.Or(t.customer, other.customer)
	t.direction = cmp.Or(t.direction, other.direction)
	t.queue = cmp.Or(t.queue, other.queue)
	for id, l := range other.legs {
		if mine := t.legs[id]; mine == nil || l.at.After(mine.at) {
			if mine != nil {
				maps.Copy(l.told, mine.told)
			}
			t.legs[id] = l
		}
	}
}

// ownLeg finds the agent's part. An agent who comes into the call again, after having left it, has a new one.
func (t *task) ownLeg(agent string, begins bool, at time.Time) *leg {
	if n := t.stint[agent]; begins {
		if l := t.legs[ownID(agent, n)]; l != nil && l.over() && at.After(l.at) {
			t.stint[agent]++
		}
	}
	return t.leg(ownID(agent, t.stint[agent]), agent)
}

func ownID(agent string, stint int) string {
	if stint == 0 {
		return agent
	}
	return fmt.Sprintf("%s/%d", agent, stint+1)
}

// sideLeg is the side talk of an agent who consults.
func (t *task) sideLeg(agent string) *leg { return t.leg(agent+"/c", agent) }

func (t *task) leg(id, agent string) *leg {
	l := t.legs[id]
	if l == nil {
		l = &leg{id: id, agent: agent, told: map[string]bool{}}
		t.legs[id] = l
	}
	return l
}

// Prime tells the decoder of legs that the journal holds as open, before any message: they may have ended meanwhile.
func (d *Decoder) Prime(open []platform.OpenLeg) {
	for _, o := range open {
		t := d.tasks[o.Ref]
		if t == nil {
			t = &task{mode: o.Mode, campaign: o.Campaign, customer: o.Customer, legs: map[string]*leg{}, stint: map[string]int{}, last: o.At}
			d.tasks[o.Ref] = t
		}
		l := t.leg(o.Leg, o.Agent)
		l.ref, l.role, l.at, l.socket = o.Ref, o.Role, o.At, true
		l.phase, l.extension, l.answered = o.Phase, o.Extension, true
		switch o.Phase {
		case call.Offered, call.Reserved, call.Accepted, call.Dialing, call.Ringing:
			l.answered = false
		case "", call.Ended, call.Missed: // its dialog was merged away, and the agent's talk may go on
			l.phase = call.Answered
		}
	}
}

// conclude ends the open legs of an agent that nothing was heard of since his tasks were told again.
func (d *Decoder) conclude(agent string, began time.Time) []call.Event {
	var events []call.Event
	done := map[*leg]bool{}
	for _, id := range slices.Sorted(maps.Keys(d.tasks)) {
		t := d.tasks[id]
		for _, name := range slices.Sorted(maps.Keys(t.legs)) {
			l := t.legs[name]
			if l.agent != agent || l.over() || done[l] || l.phase == "" || !l.seen.Before(began) {
				continue
			}
			done[l] = true
			n := &notice{id: l.ref, agent: agent, at: began}
			if !n.at.After(l.at) { // the platform's clock is ahead of ours
				n.at = l.at.Add(time.Millisecond)
			}
			r := &reading{notice: n, task: t, concluded: true}
			word := dropped
			if l.role == call.ConsultLeg {
				word = consultEnded
			}
			r.emit(l, l.role, word, call.Ended, word != dropped)
			events = append(events, r.events...)
		}
	}
	return events
}
