package finesse

import (
	"strconv"
	"time"
)

// The dialog and participant states; HELD and WRAP_UP exist for participants
// only (Developer Guide, state participant parameter values).
const (
	initiating = "INITIATING"
	initiated  = "INITIATED"
	alerting   = "ALERTING"
	active     = "ACTIVE"
	held       = "HELD"
	accepted   = "ACCEPTED"
	wrapUp     = "WRAP_UP"
	dropped    = "DROPPED"
)

// The kinds of dialog that one call consists of.
const (
	kindMain = iota
	kindReservation
	kindConsult
)

// A variable is one call variable as it stands in mediaProperties.
type variable struct{ name, value string }

// A dialog is one Finesse dialog, the same for all its participants except
// for what callTypeFor and associatedFor say. Guarded by Server.mu.
type dialog struct {
	id, secondary    string
	kind             int
	from, to         string
	dnis, dialled    string
	callType, wrapUp string
	vars             []variable
	state            string
	parties          []*party
	start            time.Time
	call             *call
	owner            *agent // of a consult dialog: the agent who consults
	of               *dialog
	reached          bool // of a consult dialog: the far end rings or has rung
	merged           bool // a consult leg that a transfer or conference swallowed
}

// A party is one participant.
type party struct {
	address string
	agent   *agent // nil when no agent of this site has the address
	device  bool   // AGENT_DEVICE
	state   string
	cause   string
	changed time.Time
	gone    bool // left by a blind transfer: shown in the first and the last message only
}

func (p *party) to(state string) {
	p.state, p.changed = state, time.Now()
	if state == dropped {
		p.cause = "OTHER"
	}
}

// live says whether the party still takes part in the conversation.
func (p *party) live() bool { return p.state != dropped && p.state != wrapUp }

func (d *dialog) uri() string { return "/finesse/api/Dialog/" + d.id }

func (d *dialog) party(a *agent) *party {
	for _, p := range d.parties {
		if p.agent == a && a != nil {
			return p
		}
	}
	return nil
}

func (d *dialog) address(number string) *party {
	for _, p := range d.parties {
		if p.address == number {
			return p
		}
	}
	return nil
}

func (d *dialog) add(number string, a *agent, state string) *party {
	p := &party{address: number, agent: a, device: a != nil, state: state, changed: time.Now()}
	d.parties = append(d.parties, p)
	if a != nil && !a.has(d) {
		a.dialogs = append(a.dialogs, d)
	}
	return p
}

func (d *dialog) remove(gone *party) {
	for i, p := range d.parties {
		if p == gone {
			d.parties = append(d.parties[:i:i], d.parties[i+1:]...)
			return
		}
	}
}

func (d *dialog) liveParties() int {
	n := 0
	for _, p := range d.parties {
		if p.live() && !p.gone {
			n++
		}
	}
	return n
}

// callTypeFor is the call type as one agent sees it. Inferred: on the
// consulting agent's feed a consult call turns from CONSULT to OUT when the
// far end is reached (third parties saw UCCE do so), on the consulted agent's
// feed it stays CONSULT.
func (d *dialog) callTypeFor(a *agent) string {
	if d.kind != kindConsult || d.merged {
		return d.callType
	}
	if a == d.owner && d.reached {
		return "OUT"
	}
	return "CONSULT"
}

// associatedFor is the URI of the held call on the consulting agent's feed and
// empty for everybody else (inferred from the documents' description).
func (d *dialog) associatedFor(a *agent) string {
	if d.kind == kindConsult && a == d.owner && d.of != nil {
		return d.of.uri()
	}
	return ""
}

// The action lists per state, in the order in which they were recorded.
var (
	actionsAlerting = []string{"ANSWER"}
	actionsDialling = []string{"UPDATE_CALL_DATA", "DROP"}
	actionsActive   = []string{"TRANSFER_SST", "CONSULT_CALL", "HOLD", "UPDATE_CALL_DATA", "SEND_DTMF", "DROP"}
	actionsHeld     = []string{"UPDATE_CALL_DATA", "DROP", "RETRIEVE"}
	actionsJoin     = []string{"UPDATE_CALL_DATA", "DROP", "RETRIEVE", "TRANSFER", "CONFERENCE"}
	actionsWrapUp   = []string{"UPDATE_CALL_DATA"}
	actionsPreview  = []string{"ACCEPT", "CLOSE", "REJECT"}
)

// actions lists what the party may do now. CONFERENCE and TRANSFER are there
// on a held call while another call of the same agent is active.
func (d *dialog) actions(p *party) []string {
	switch p.state {
	case alerting:
		return actionsAlerting
	case initiating, initiated:
		return actionsDialling
	case active:
		if d.kind == kindReservation && p.agent != nil {
			return actionsPreview
		}
		return actionsActive
	case held:
		if p.agent != nil && d.call.joinable(p.agent, d) {
			return actionsJoin
		}
		return actionsHeld
	case wrapUp:
		return actionsWrapUp
	}
	return nil
}

func (s *Server) newDialog(c *call, id string, kind int) *dialog {
	d := &dialog{id: id, kind: kind, call: c, start: time.Now()}
	s.dialogs[id] = d
	return d
}

func (s *Server) nextDialogID() string {
	s.lastDialog++
	return strconv.Itoa(s.lastDialog)
}
