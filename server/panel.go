package server

import (
	"context"
	"encoding/json"
	"time"

	"github.com/tidwall/gjson"

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

// panelPause is how long what changes is gathered before panels are told: a call's event, its pop and its record often
// change within milliseconds, and only the newest state counts. Nobody sees so short a pause.
const panelPause = 50 * time.Millisecond

// panels tells agents' panels of their calls. It belongs to one goroutine.
type panels struct {
	hub  *desk.Hub
	logs map[call.ID]*panelLog
	open map[string]call.ID   // the call that each agent has now
	news map[string]panelNews // by agent: what is to be told
}

// panelNews is an agent's part in a call, and the call's log, as they are now.
type panelNews struct {
	call *engine.Call
	leg  *call.Leg
	open bool
	log  *panelLog
}

// tellPanels shows agents their calls as they change, until ctx ends. It follows what was committed, so a panel never
// shows more than what is stored.
func tellPanels(ctx context.Context, e *engine.Engine, hub *desk.Hub) error {
	changes, stop := e.Watch()
	defer stop()
	p := panels{hub: hub, logs: map[call.ID]*panelLog{}, open: map[string]call.ID{}, news: map[string]panelNews{}}
	var tell <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case c := <-changes:
			p.hear(c)
			if tell == nil && len(p.news) > 0 {
				tell = time.After(panelPause)
			}
		case <-tell:
			p.tell()
			tell = nil
		}
	}
}

// hear notes what a change means for panels.
func (p *panels) hear(c engine.Change) {
	if c.Missed > 0 {
		clear(p.open) // an end may be among them
	}
	for _, st := range c.Steps {
		if l := logOf(st); l != nil {
			p.logs[st.Call] = l
		}
	}
	for i := range c.Calls {
		state := &c.Calls[i].State
		for j := range state.Legs {
			p.note(&c.Calls[i], &state.Legs[j])
		}
		if !state.Open() && c.Calls[i].Due.IsZero() {
			delete(p.logs, state.ID)
		}
	}
}

// note makes an agent's part in a call what the panel shows next. A part that is over, such as a talk with a colleague or
// a call whose log is saved only now, does not take the place of what the agent has now.
func (p *panels) note(c *engine.Call, leg *call.Leg) {
	if len(leg.Moments) == 0 {
		return
	}
	id, now, open := c.State.ID, p.open[leg.Agent], leg.Open()
	before := p.news[leg.Agent]
	switch {
	case open:
		p.open[leg.Agent] = id
	case now != "" && now != id, before.call == c && before.open:
		return
	case now == id:
		delete(p.open, leg.Agent)
	}
	p.news[leg.Agent] = panelNews{c, leg, open, p.logs[id]}
}

// tell shows every agent who has a desk open what is new.
func (p *panels) tell() {
	for agent, n := range p.news {
		if !p.hub.Present(agent) {
			continue
		}
		b, err := json.Marshal(n.state(agent))
		if err != nil { // plain data always marshals
			panic(err)
		}
		p.hub.SetState(agent, b)
	}
	clear(p.news)
}

func (n *panelNews) state(agent string) panelState {
	if !n.open {
		return panelState{Log: n.log}
	}
	c := &n.call.State
	return panelState{Log: n.log, Call: &panelCall{
		ID: c.ID, Phase: string(n.leg.Phase()), Customer: last4(c.Customer), Name: nameOf(n.call, agent),
		Campaign: c.Campaign, Mode: string(c.Mode), Since: n.leg.Moments[len(n.leg.Moments)-1].At,
	}}
}

// nameOf is the name of the record that was popped for the agent.
func nameOf(c *engine.Call, agent string) string {
	return gjson.GetBytes(c.Pops[agent], "name").String()
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
