package workspace

import (
	"cmp"
	"time"

	"cordboard/call"
)

// ownCall is the member call of messages of all platforms but Webex. It is ours: no vendor's page describes it.
type ownCall struct {
	ID         string            `json:"id"`   // the platform's id of the dialog, contact or conversation
	Call       call.ID           `json:"call"` // the same for all ids, legs and agents of the call
	Platform   call.Platform     `json:"platform"`
	Connection string            `json:"connection"`
	Agent      string            `json:"agent"`
	Leg        string            `json:"leg"`
	Role       call.Role         `json:"role"`
	Mode       call.Mode         `json:"mode"`
	CallType   string            `json:"callType"`
	Event      string            `json:"event"`
	Phase      call.Phase        `json:"phase"`
	At         time.Time         `json:"at"`
	Customer   string            `json:"customer"`
	Campaign   string            `json:"campaign"`
	Queue      string            `json:"queue"`
	Wrapup     string            `json:"wrapup"`
	Variables  map[string]string `json:"variables"`
}

func ownCallOf(ev *call.Event, c *call.State) ownCall {
	own := ownCall{
		ID: ev.Ref, Call: c.ID, Platform: ev.Platform, Connection: ev.Connection, Agent: ev.Agent, Leg: ev.Leg, Role: ev.Role,
		Mode: cmp.Or(c.Mode, ev.Mode), CallType: ev.CallType, Event: ev.Name, Phase: ev.Phase, At: ev.At, Customer: cmp.Or(c.Customer, ev.Customer),
		Campaign: cmp.Or(c.Campaign, ev.Campaign), Queue: cmp.Or(c.Queue, ev.Queue), Wrapup: ev.Wrapup, Variables: c.Vars,
	}
	if l := c.Leg(ev.Leg); l != nil {
		own.Wrapup = cmp.Or(own.Wrapup, l.Wrapup)
	}
	if own.Variables == nil {
		own.Variables = map[string]string{}
	}
	return own
}
