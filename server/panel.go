package server

import (
	"context"
	"encoding/json"
	"time"

	"cordboard/call"
	"cordboard/desk"
	"cordboard/engine"
)

// panelState is what an agent's panel shows of the call at hand.
type panelState struct {
	Call *panelCall `json:"call,omitempty"`
	Log  *panelLog  `json:"log,omitempty"`
}

type panelCall struct {
	ID       call.ID   `json:"id"`
	Phase    string    `json:"phase"`
	Customer string    `json:"customer,omitempty"` // masked
	Name     string    `json:"name,omitempty"`
	Campaign string    `json:"campaign,omitempty"`
	Mode     string    `json:"mode,omitempty"`
	Since    time.Time `json:"since"`
}

type panelLog struct {
	State  string `json:"state"` // saving, saved, waiting, failed
	Detail string `json:"detail,omitempty"`
	URL    string `json:"url,omitempty"`
}

// tellPanels shows agents their calls as they change, until ctx ends. It follows what was committed, so a panel never
// shows more than what is stored.
func tellPanels(ctx context.Context, e *engine.Engine, hub *desk.Hub) error {
	changes, stop := e.Watch()
	defer stop()
	logs := map[call.ID]*panelLog{}
	for {
		select {
		case <-ctx.Done():
			return nil
		case c := <-changes:
			for _, st := range c.Steps {
				if l := logOf(st); l != nil {
					logs[st.Call] = l
				}
			}
			for i := range c.Calls {
				tellCall(&c.Calls[i], logs[c.Calls[i].State.ID], hub)
				if !c.Calls[i].State.Open() && c.Calls[i].Due.IsZero() {
					delete(logs, c.Calls[i].State.ID)
				}
			}
		}
	}
}

// tellCall shows a call to every agent who has a part in it and a desk open.
func tellCall(c *engine.Call, log *panelLog, hub *desk.Hub) {
	for i := range c.State.Legs {
		leg := &c.State.Legs[i]
		if !hub.Present(leg.Agent) || len(leg.Moments) == 0 {
			continue
		}
		state := panelState{Log: log}
		if leg.Open() {
			state.Call = &panelCall{
				ID: c.State.ID, Phase: string(leg.Phase()), Customer: last4(c.State.Customer), Name: nameOf(c, leg.Agent),
				Campaign: c.State.Campaign, Mode: string(c.State.Mode), Since: leg.Moments[len(leg.Moments)-1].At,
			}
		}
		b, err := json.Marshal(state)
		if err != nil { // plain data always marshals
			panic(err)
		}
		hub.SetState(leg.Agent, b)
	}
}

// nameOf is the name of the record that was popped for the agent.
func nameOf(c *engine.Call, agent string) string {
	var found struct {
		Name string `json:"name"`
	}
	if raw := c.Pops[agent]; raw != nil && json.Unmarshal(raw, &found) == nil {
		return found.Name
	}
	return ""
}

// logOf is what a step of the work lane says about the call's log; nil for other steps.
func logOf(st engine.Step) *panelLog {
	if st.Lane != engine.WorkLane {
		return nil
	}
	switch st.State {
	case engine.Pending:
		return &panelLog{State: "saving"}
	case engine.Done:
		return &panelLog{State: "saved"}
	case engine.Retrying, engine.Parked:
		return &panelLog{State: "waiting", Detail: st.Detail}
	case engine.Dead:
		return &panelLog{State: "failed", Detail: st.Detail}
	}
	return nil
}

// last4 shows no more of a number than an agent needs to know it again.
func last4(number string) string {
	if len(number) <= 4 {
		return number
	}
	return "··· " + number[len(number)-4:]
}
