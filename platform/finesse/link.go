package finesse

import (
	"strings"
	"time"

	"cordboard/call"
)

// reservationReach is how long after its end a preview's reservation is still taken for that of the agent's next call.
const reservationReach = 2 * time.Minute

// link finds the call that a dialog belongs to where no field of it says so. All of it is inferred.
func (d *Decoder) link(l *leg, c *change) {
	if l.d.of != "" || l.d.associated != "" || l.role == call.ReservationLeg {
		return
	}
	switch raw := c.dlg.callType; {
	case raw == "CONSULT":
		from := d.mem.devices[c.dlg.from]
		if from == nil && c.initiates() {
			from = c.a
		}
		if from == nil {
			return
		}
		if held := from.talk(l, stateHeld, stateActive); held != nil && held.dialog != l.dialog {
			l.d.of = held.dialog
		}
	case raw == "AGENT_INSIDE", raw == "OTHER_IN", raw == "", strings.HasPrefix(raw, "OUTBOUND"):
		if r := reservationOf(l, c); r != nil {
			l.d.of = r.dialog
		}
	}
}

// reservationOf is the agent's preview whose customer call this is.
func reservationOf(l *leg, c *change) *leg {
	r := c.a.reservation
	if r == nil || r == l || r.recalled {
		return nil
	}
	if r.ended && c.at.Sub(r.at) > reservationReach {
		return nil
	}
	for _, name := range []string{"BADialedListID", "BAAccountNumber"} {
		mine, theirs := c.dlg.value(name), valueOf(r.vars, name)
		if mine != "" && theirs != "" {
			if mine == theirs {
				return r
			}
			return nil
		}
	}
	if r.state == stateAccepted && !r.ended {
		return r
	}
	return nil
}

func valueOf(vars []variable, name string) string {
	return (&dialog{vars: vars}).value(name)
}

// mode finds the pacing mode: what the message says, what any feed said of the dialog, what is known of the call it
// belongs to, and at last what the agent is doing otherwise. Empty means that nobody knows yet.
func (d *Decoder) mode(l *leg, c *change) call.Mode {
	s := l.d
	if m := statusMode(l.status); m != "" {
		return m
	}
	if m := typeMode(c.dlg.callType); m != "" {
		return m
	}
	if s.mode != "" {
		return s.mode
	}
	for _, other := range []string{s.associated, s.secondary, s.of} {
		if o := d.mem.dialogs[other]; other != "" && o != nil && o.mode != "" {
			return o.mode
		}
	}
	return d.inferredMode(l, c)
}

func (d *Decoder) inferredMode(l *leg, c *change) call.Mode {
	raw := l.rawType
	var open *leg
	switch {
	case raw == "CONSULT":
		open = c.a.talk(l, stateHeld, stateActive)
	case isDialed(raw):
		open = c.a.talk(l, stateAccepted, stateHeld)
	case isMergeType(raw):
		open = c.a.talk(l, stateHeld)
	case waitsForStatus(raw):
		open = c.a.talk(l, stateAccepted)
	}
	if open != nil && open.d.mode != "" {
		return open.d.mode
	}
	switch {
	case l.d.consult || d.mem.swallowed[l.dialog]: // says nothing of the customer's call
		return ""
	case isDialed(raw):
		return call.Manual
	case isMergeType(raw) && d.isOurs(c, c.dlg.from): // an agent had dialled the call that now came over
		return call.Manual
	case isMergeType(raw):
		return call.Inbound
	}
	return ""
}

// customer finds the customer's number; what was found first stays, because a transferred call may show others.
func (d *Decoder) customer(l *leg, c *change) string {
	s := l.d
	if s.customer != "" {
		return s.customer
	}
	for _, other := range []string{s.associated, s.of, s.secondary} {
		if o := d.mem.dialogs[other]; other != "" && o != nil && o.customer != "" {
			return o.customer
		}
	}
	if s.consult && l.role == call.ConsultLeg {
		return ""
	}
	if n := c.dlg.value("BACustomerNumber"); n != "" {
		return n
	}
	if l.role == call.ReservationLeg { // from the dialer's port to the agent: nobody else is on the line
		return ""
	}
	dlg := c.dlg
	var candidates []string
	switch {
	case s.mode == call.Inbound:
		candidates = []string{dlg.from}
	case s.mode != "" && l.rawType == "OTHER_IN":
		return ""
	case s.mode != "":
		candidates = []string{dlg.to, dlg.dialed, dlg.dnis}
	case l.rawType == "OTHER_IN" && c.state != stateAlerting: // nobody's dialer: a direct call
		candidates = []string{dlg.from}
	}
	for _, n := range candidates {
		if n != "" && !d.isOurs(c, n) {
			return n
		}
	}
	return ""
}

// isOurs reports whether an address is an agent's device.
func (d *Decoder) isOurs(c *change, address string) bool {
	return address != "" && (address == c.a.extension || d.mem.devices[address] != nil || c.dlg.isAgent(address))
}
