package workflow

import (
	"time"

	"cordboard/call"
)

// callView is the call as expressions see it, at the moment of one event and from that event's leg. Durations and
// times are computed at the event's time and never with the clock. It marshals to JSON for what is evaluated later.
type callView struct {
	ID         string            `json:"id"`
	Platform   string            `json:"platform"`
	Connection string            `json:"connection"`
	Mode       string            `json:"mode"`
	Direction  string            `json:"direction"`
	Customer   string            `json:"customer"`
	Campaign   string            `json:"campaign"`
	Queue      string            `json:"queue"`
	Vars       map[string]string `json:"vars,omitempty"`
	Reconciled bool              `json:"reconciled,omitempty"`
	legView
	Legs []legView `json:"legs,omitempty"`
}

// legView is one agent's part in the call.
type legView struct {
	Leg       string    `json:"leg"`
	Agent     string    `json:"agent"`
	Extension string    `json:"extension"`
	Role      string    `json:"role"`
	Phase     string    `json:"phase"`
	Wrapup    string    `json:"wrapup"`
	Talk      int64     `json:"talk"`
	Hold      int64     `json:"hold"`
	Wrap      int64     `json:"wrap"`
	Started   time.Time `json:"started,omitzero"`
	Answered  time.Time `json:"answered,omitzero"`
	Ended     time.Time `json:"ended,omitzero"`
}

// eventView is the event as expressions see it.
type eventView struct {
	Type    string    `json:"type"`
	RawType string    `json:"raw_type,omitempty"`
	Name    string    `json:"name"`
	Phase   string    `json:"phase"`
	At      time.Time `json:"at"`
	Agent   string    `json:"agent"`
}

// popView is the result of a pop.
type popView struct {
	ID    string `json:"id"`
	Type  string `json:"type"`
	Name  string `json:"name"`
	Count int64  `json:"count"`
}

// recordView is the result of a create or update.
type recordView struct {
	ID      string `json:"id"`
	Created bool   `json:"created"`
}

// replyView is what a step with a name was answered: by a server, or by a table.
type replyView struct {
	Status  int64             `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    any               `json:"body"`
	Found   bool              `json:"found"`
	Row     any               `json:"row"`
	Version int64             `json:"version"`
	Stored  bool              `json:"stored"`
}

// seen is what Planned.View holds.
type seen struct {
	Call  *callView  `json:"call"`
	Event *eventView `json:"event"`
}

func viewCall(m Moment) *callView {
	s, ev := m.State, m.Event
	v := &callView{
		ID: string(s.ID), Platform: string(s.Platform), Connection: s.Connection, Mode: string(modeOf(m)),
		Direction: s.Direction, Customer: s.Customer, Campaign: s.Campaign, Queue: s.Queue,
		Vars: s.Vars, Reconciled: s.Reconciled || ev.Reconciled,
	}
	if len(s.Legs) > 1 {
		v.Legs = make([]legView, len(s.Legs))
		for i := range s.Legs {
			v.Legs[i] = viewLeg(&s.Legs[i], ev.At)
			if s.Legs[i].ID == ev.Leg {
				v.legView = v.Legs[i]
			}
		}
	} else if len(s.Legs) == 1 {
		v.legView = viewLeg(&s.Legs[0], ev.At)
		v.Legs = []legView{v.legView}
	}
	if v.Leg != ev.Leg {
		v.legView = legView{Leg: ev.Leg}
	}
	// The event names its own agent and role; the fold may know the leg by later ones when the event is a late one.
	v.Agent, v.Role = ev.Agent, string(ev.Role)
	return v
}

func viewLeg(l *call.Leg, at time.Time) legView {
	v := legView{
		Leg: l.ID, Agent: l.Agent, Extension: l.Extension, Role: string(l.Role), Phase: string(l.Phase()), Wrapup: l.Wrapup,
		Talk: seconds(l.Talk(at)), Hold: seconds(l.Hold(at)), Wrap: seconds(l.Wrap(at)),
		Answered: l.Answered(), Ended: l.Ended(),
	}
	if len(l.Moments) > 0 {
		v.Started = l.Moments[0].At
	}
	return v
}

func viewEvent(ev *call.Event) *eventView {
	return &eventView{Type: ev.CallType, RawType: ev.RawType, Name: ev.Name, Phase: string(ev.Phase), At: ev.At, Agent: ev.Agent}
}

func seconds(d time.Duration) int64 { return int64(d.Round(time.Second) / time.Second) }

// modeOf is the mode that rules are matched against: what the event says of itself, else what is known of its call.
func modeOf(m Moment) call.Mode {
	if m.Event.Mode != "" {
		return m.Event.Mode
	}
	return m.State.Mode
}
