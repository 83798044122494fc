package finesse

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// change is one message's word about one dialog of one agent.
type change struct {
	m   *platform.Message
	n   *notice
	raw []byte

	id        string // agent
	a         *agent
	dlg       *dialog
	gone      bool // DELETE
	concluded bool // from a snapshot that lacks the dialog

	own   *participant
	state string
	at    time.Time
}

func (d *Decoder) apply(c *change) []call.Event {
	c.own = c.dlg.own(c.a.extension, d.mem.devices)
	if c.own != nil && c.a.extension == "" {
		d.mem.learnExtension(c.a, c.own.address)
	}
	c.state = c.dlg.state
	if c.own != nil {
		c.state = c.own.state
	}
	c.at = c.moment()
	if c.gone {
		c.state = stateDropped
	}
	if d.suspended && !c.concluded && c.state == stateDropped {
		return nil
	}
	l := d.mem.legs[legKey{c.id, c.dlg.id}]
	if l != nil && c.own != nil && !c.gone && c.at.Before(l.at) {
		return d.late(l, c)
	}
	if l != nil && l.stint > 0 && c.gone && c.own != nil && c.at.Before(l.at) {
		return nil // the end of the agent's earlier part, once more
	}
	if l != nil && l.ended {
		if !c.revives(l) {
			return d.dataOf(l, c)
		}
		l = d.comeBack(l, c)
	}
	if l == nil {
		l = d.begin(c)
	}
	l.recalled = false
	d.learn(l, c)
	events := d.tell(l, c)
	if len(d.mem.waiting) > 0 {
		events = append(events, d.freed(l)...)
	}
	return events
}

// moment is the platform's time of the change: the own participant's, or else the time of hearing. A DELETE may still
// show the state before the end, with that state's time.
func (c *change) moment() time.Time {
	at := c.m.At
	if c.own == nil || c.own.changed.IsZero() {
		return at.UTC()
	}
	if c.gone && c.own.state != stateDropped && at.After(c.own.changed) {
		return at.UTC()
	}
	return c.own.changed
}

// revives reports whether a dialog that had ended is a new part of the agent in the same dialog (a transfer back), and
// not a late or repeated message.
func (c *change) revives(l *leg) bool {
	if c.state == stateDropped || c.state == "" || !c.at.After(l.at) {
		return false
	}
	return l.presumed || c.n.event != "PUT"
}

// comeBack makes the leg of an agent who is in a dialog again: offered once more what was not taken before, or given back.
// It is a leg of its own, with a pop and a log of its own, unless that the agent had left was only concluded.
func (d *Decoder) comeBack(was *leg, c *change) *leg {
	d.mem.forget(was)
	l := d.begin(c)
	if l.stint = was.stint; was.presumed {
		l.id, l.life = was.id, "@"+stamp(c.at)
		return l
	}
	l.stint++
	l.life = stintMark + strconv.Itoa(l.stint+1)
	l.id += l.life
	return l
}

// begin makes the leg of a dialog that was not known for this agent.
func (d *Decoder) begin(c *change) *leg {
	l := d.mem.open(legKey{c.id, strings.Clone(c.dlg.id)})
	l.id, l.role, l.extension = c.id, call.CustomerLeg, c.a.extension
	if c.dlg.callType == "CONSULT" || c.dlg.associated != "" {
		l.d.consult = true
	}
	switch {
	case isReservation(c.dlg.callType, c.dlg.value("BAStatus")):
		l.id, l.role = c.id+"/r", call.ReservationLeg
		c.a.reservation = l
	case l.d.consult && c.dlg.secondary == "" && !isMergeType(c.dlg.callType):
		l.role = call.ConsultLeg
		if c.initiates() {
			l.id = c.id + "/" + c.dlg.id
		}
	case c.folded() == "TRANSFER": // which CCX writes into BAStatus
		l.role = call.TransferLeg
	case c.folded() == "CONFERENCE":
		l.role = call.ConferenceLeg
	}
	return l
}

// initiates reports whether the agent is the one who dialled a consult call.
func (c *change) initiates() bool {
	switch ext := c.a.extension; {
	case ext != "" && c.dlg.from == ext:
		return true
	case ext != "" && c.dlg.to == ext:
		return false
	}
	return c.dlg.associated != "" || c.state == stateInitiating || c.state == stateInitiated
}

// learn updates what is known of the dialog over all feeds.
func (d *Decoder) learn(l *leg, c *change) {
	s, dlg := l.d, c.dlg
	if dlg.associated != "" {
		s.associated, s.consult = dlg.associated, true
	}
	s.consult = s.consult || dlg.callType == "CONSULT"
	if dlg.secondary != "" {
		s.secondary = dlg.secondary
		d.mem.swallow(dlg.secondary)
	}
	if status := strings.ToUpper(dlg.value("BAStatus")); status != "" {
		l.status = status
	}
	s.campaign = cmp.Or(dlg.value("BACampaign"), s.campaign)
	s.queue = cmp.Or(s.queue, dlg.queue)
	if l.extension == "" {
		l.extension = c.a.extension
	}
	if dlg.callType != "" {
		l.rawType = dlg.callType
	}
	l.changeRole(c)
	d.link(l, c)
	if mode := d.mode(l, c); mode != "" {
		s.mode = mode
	}
	s.customer = d.customer(l, c)
}

// changeRole follows a dialog that became something else: a reservation the customer's call, a consult the call that
// survives a merge.
func (l *leg) changeRole(c *change) {
	switch {
	case l.role == call.ReservationLeg && l.rawType == "OUTBOUND" && !isReservation(l.rawType, l.status):
		l.role = call.CustomerLeg
	case l.role == call.ConsultLeg && isMergeType(c.dlg.callType) && (c.state == stateActive || c.state == stateHeld):
		l.survived = true
		l.role = call.TransferLeg
		if c.dlg.callType == "CONFERENCE" {
			l.role = call.ConferenceLeg
		}
	}
}

// merged reports whether the end of a dialog is the trace of a merge: its talk goes on in another dialog.
func (d *Decoder) merged(l *leg, c *change) bool {
	if d.mem.swallowed[l.dialog] {
		return true
	}
	if l.survived || l.d.secondary != "" {
		return false
	}
	return l.d.consult && isMergeType(cmp.Or(c.dlg.callType, l.callType))
}

// folded is the message's call type in the catalog's words.
func (c *change) folded() string {
	return foldType(c.dlg.callType, strings.ToUpper(c.dlg.value("BAStatus")))
}

// clock is the time of hearing, or else the platform's.
func (c *change) clock() time.Time {
	if c.m.At.IsZero() {
		return c.at
	}
	return c.m.At
}

func stamp(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }
