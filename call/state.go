package call

import (
	"maps"
	"slices"
	"time"
)

// State is what all events of one call add up to. It is a value: [Apply] returns a new one and leaves the old alone.
type State struct {
	ID         ID       `json:"id"`
	Platform   Platform `json:"platform"`
	Connection string   `json:"connection"`
	// Version counts the events folded in; a store uses it to notice that somebody else wrote meanwhile.
	Version   int               `json:"version"`
	Mode      Mode              `json:"mode,omitempty"`
	Customer  string            `json:"customer,omitempty"`
	Direction string            `json:"direction,omitempty"`
	Campaign  string            `json:"campaign,omitempty"`
	Queue     string            `json:"queue,omitempty"`
	Vars      map[string]string `json:"vars,omitempty"`
	Legs      []Leg             `json:"legs"`
	Started   time.Time         `json:"started"`
	Last      time.Time         `json:"last"`
	// Reconciled is true when a part of the call was concluded from a snapshot after a gap.
	Reconciled bool `json:"reconciled,omitempty"`
}

// Leg is one agent's part in a call.
type Leg struct {
	ID        string   `json:"id"`
	Ref       string   `json:"ref"`
	Agent     string   `json:"agent"`
	Extension string   `json:"extension,omitempty"`
	Role      Role     `json:"role"`
	Wrapup    string   `json:"wrapup,omitempty"`
	Merged    bool     `json:"merged,omitempty"`
	Moments   []Moment `json:"moments"`
	// Log is what the leg's agent wrote into its log, by field.
	Log map[string]Entry `json:"log,omitempty"`
}

// Moment is one event of a leg, as far as the leg's story needs it.
type Moment struct {
	At       time.Time `json:"at"`
	Phase    Phase     `json:"phase"`
	CallType string    `json:"type"`
	Name     string    `json:"event"`
	Ref      string    `json:"ref,omitempty"`
	Role     Role      `json:"role,omitempty"`
	Merged   bool      `json:"merged,omitempty"`
	// Was is the dialog's former id, where the platform gave it another one at this moment.
	Was string `json:"was,omitempty"`
}

// Apply folds ev into s and returns the result; s is unchanged. The order in which the events of a call are applied
// does not matter for the legs, their moments and what is derived from them: moments are kept in the order of the
// platform's times. A zero State is the call before its first event.
func Apply(s State, ev *Event) State {
	n := s
	if n.ID == "" {
		n.ID, n.Platform, n.Connection, n.Started = ev.Call, ev.Platform, ev.Connection, ev.At
	}
	n.Version++
	if len(ev.Log) > 0 { // its time is the desk's, not the platform's
		n.Legs = applyLog(n.Legs, ev)
		return n
	}
	late := ev.At.Before(n.Last)
	if !late {
		n.Last = ev.At
	}
	if ev.At.Before(n.Started) {
		n.Started = ev.At
	}
	n.Mode = prefer(n.Mode, ev.Mode)
	n.Customer = prefer(n.Customer, ev.Customer)
	n.Direction = prefer(n.Direction, ev.Direction)
	n.Campaign = prefer(n.Campaign, ev.Campaign)
	n.Queue = prefer(n.Queue, ev.Queue)
	n.Vars = mergeVars(n.Vars, ev.Vars, late)
	n.Reconciled = n.Reconciled || ev.Reconciled
	n.Legs = applyLeg(n.Legs, ev)
	return n
}

// prefer keeps what is known: the first thing that a platform says of a call's frame holds, because later legs (a
// consult, a transfer) bring numbers and modes of their own.
func prefer[T ~string](known, said T) T {
	if known != "" {
		return known
	}
	return said
}

// mergeVars copies on write. A late message fills gaps but never overwrites what a newer one said.
func mergeVars(known, said map[string]string, late bool) map[string]string {
	if len(said) == 0 {
		return known
	}
	merged := make(map[string]string, len(known)+len(said))
	if late {
		maps.Copy(merged, said)
		maps.Copy(merged, known)
		return merged
	}
	maps.Copy(merged, known)
	maps.Copy(merged, said)
	return merged
}

// own returns a copy of the legs, and in it the leg of ev, which may be new.
func own(legs []Leg, ev *Event) ([]Leg, *Leg) {
	legs = slices.Clone(legs)
	i := slices.IndexFunc(legs, func(l Leg) bool { return l.ID == ev.Leg })
	if i < 0 {
		legs = append(legs, Leg{ID: ev.Leg, Ref: ev.Ref, Agent: ev.Agent, Role: ev.Role})
		i = len(legs) - 1
	}
	return legs, &legs[i]
}

// applyLog keeps the newest entry of every field.
func applyLog(legs []Leg, ev *Event) []Leg {
	legs, l := own(legs, ev)
	written := maps.Clone(l.Log)
	if written == nil {
		written = make(map[string]Entry, len(ev.Log))
	}
	for field, e := range ev.Log {
		if e.At = ev.At; !written[field].At.After(e.At) {
			written[field] = e
		}
	}
	l.Log = written
	return legs
}

func applyLeg(legs []Leg, ev *Event) []Leg {
	legs, l := own(legs, ev)
	l.Agent = prefer(l.Agent, ev.Agent) // the first message of a call may not say who makes it
	l.Extension = prefer(l.Extension, ev.Extension)
	if ev.Wrapup != "" {
		l.Wrapup = ev.Wrapup
	}
	if !ev.IsMoment() {
		return legs
	}
	m := Moment{At: ev.At, Phase: ev.Phase, CallType: ev.CallType, Name: ev.Name, Ref: ev.Ref, Role: ev.Role, Merged: ev.Merged}
	if ev.Rekeyed {
		m.Was = ev.Of
	}
	l.Moments = insertMoment(l.Moments, m)
	last := l.Moments[len(l.Moments)-1]
	if open := l.Present(); len(open) > 0 { // the end of another dialog may be dated after it
		last = open[len(open)-1]
	}
	l.Merged, l.Ref = last.Merged, last.Ref
	if last.At.Equal(ev.At) && last.Ref == ev.Ref && !ev.Merged {
		l.Role = ev.Role
	}
	return legs
}

// insertMoment keeps moments in the order of their times; of equal times the earlier phase comes first, and what
// arrived first stays first when even the phase is the same.
func insertMoment(moments []Moment, m Moment) []Moment {
	i := len(moments)
	for i > 0 && before(m, moments[i-1]) {
		i--
	}
	return slices.Insert(slices.Clone(moments), i, m)
}

func before(a, b Moment) bool {
	if !a.At.Equal(b.At) {
		return a.At.Before(b.At)
	}
	return slices.Index(phaseOrder, a.Phase) < slices.Index(phaseOrder, b.Phase)
}

var phaseOrder = Phases()
