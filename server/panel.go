package server

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/tidwall/gjson"

	"cordboard/call"
	"cordboard/crm"
	"cordboard/desk"
	"cordboard/engine"
)

// panelState is what an agent's panel shows of the call at hand.
type panelState struct {
	Call *panelCall `json:"call,omitempty"`
	Log  *panelLog  `json:"log,omitempty"`
	// Interactions are all that is open, also what is not at hand.
	Interactions []interaction `json:"interactions,omitempty"`
	// Over are the newest that are over: their logs can still be written.
	Over []interaction `json:"over,omitempty"`
	// Controls are the orders that are about no call.
	Controls []string `json:"controls,omitempty"`
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
	hub      *desk.Hub
	watch    func() (<-chan engine.Change, func())
	arrivals *arrivals
	log      *slog.Logger
	book     deskBook

	open map[string]call.ID   // the call that each agent has now
	news map[string]panelNews // by agent: what is to be told
}

// panelNews is an agent's part in a call, and the call's log, as they are now.
type panelNews struct {
	call *engine.Call
	leg  *call.Leg
	open bool
	log  *panelLog
	same bool // the call at hand is the same as before
}

// run shows agents their calls as they change, until ctx ends. It follows what was committed, so a panel never shows more
// than what is stored. Whoever comes is shown what there is.
func (p *panels) run(ctx context.Context) error {
	changes, stop := p.watch()
	defer stop()
	var tell <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case c := <-changes:
			p.hear(c)
		case <-p.arrivals.some:
			p.arrive(ctx)
		case <-tell:
			p.tell()
			tell = nil
		}
		if tell == nil && len(p.news) > 0 {
			tell = time.After(panelPause)
		}
	}
}

// arrive looks up what one agent has whose desk has come.
func (p *panels) arrive(ctx context.Context) {
	agent := p.arrivals.next()
	if agent == "" {
		return
	}
	p.arrivals.ring() // there may be more, but changes have their turn
	if !p.hub.Present(agent) {
		return
	}
	open, err := p.book.arrive(ctx, agent)
	if err != nil {
		p.log.Warn("the open calls of an agent cannot be read", "error", err)
		return
	}
	if len(open) == 0 && p.open[agent] == "" {
		p.news[agent] = panelNews{}
	}
	p.hear(engine.Change{Calls: open})
}

// hear notes what a change means for panels.
func (p *panels) hear(c engine.Change) {
	if c.Missed > 0 {
		clear(p.open) // an end may be among them
		for agent := range p.book.agents {
			p.arrivals.add(agent)
		}
	}
	for _, st := range c.Steps {
		p.book.note(st)
	}
	for i := range c.Calls {
		state := &c.Calls[i].State
		if !p.book.hear(&c.Calls[i]) {
			continue
		}
		for j := range state.Legs {
			p.note(&c.Calls[i], &state.Legs[j])
		}
		if !state.Open() && c.Calls[i].Due.IsZero() {
			for j := range state.Legs {
				delete(p.book.saved, logKey{state.ID, state.Legs[j].ID})
			}
		}
	}
}

// note makes an agent's part in a call what the panel shows next. A part that is over, such as a talk with a colleague or
// a call whose log is saved only now, does not take the place of what the agent has now.
func (p *panels) note(c *engine.Call, leg *call.Leg) {
	if len(leg.Moments) == 0 {
		return
	}
	if p.book.agents[leg.Agent] != nil {
		if _, told := p.news[leg.Agent]; !told {
			p.news[leg.Agent] = panelNews{same: true} // but its interactions may have changed
		}
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
	p.news[leg.Agent] = panelNews{call: c, leg: leg, open: open, log: p.book.saved[logKey{id, leg.ID}]}
}

// tell shows every agent who has a desk open what is new.
func (p *panels) tell() {
	for agent, n := range p.news {
		if !p.hub.Present(agent) {
			delete(p.book.agents, agent)
			continue
		}
		state := n.state(agent)
		if page := p.book.agents[agent]; page != nil {
			if n.same {
				state = page.shown
			}
			page.shown = state
			state.Interactions, state.Over, state.Controls = p.book.interactions(agent), page.over, page.standing
		}
		b, err := json.Marshal(state)
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

// popResult is what a pop found, as far as panels show it.
type popResult struct {
	ID, Type, Name string
	Records        []crm.Record
}

// poppedResult reads the result of a pop; what is none of ours shows nothing.
func poppedResult(raw json.RawMessage) (r popResult) {
	if len(raw) > 0 {
		_ = json.Unmarshal(raw, &r)
	}
	return r
}

// record is the one that was popped; nil when there is none.
func (r *popResult) record() *popped {
	if r.ID == "" {
		return nil
	}
	return &popped{Object: r.Type, ID: r.ID, Name: r.Name}
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
