package server

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"cordboard/call"
	"cordboard/calling"
	"cordboard/desk"
	"cordboard/engine"
	"cordboard/platform"
	"cordboard/workspace"
)

// interaction is one open dialog of an agent's, as the panel and pages around it know it.
type interaction struct {
	ID         string            `json:"id"` // the platform's id of the dialog, contact or conversation
	Call       call.ID           `json:"call"`
	Leg        string            `json:"leg"`
	Role       call.Role         `json:"role,omitempty"`
	Platform   call.Platform     `json:"platform"`
	Connection string            `json:"connection"`
	Phase      call.Phase        `json:"phase"`
	Mode       call.Mode         `json:"mode,omitempty"`
	Direction  string            `json:"direction,omitempty"`
	Customer   string            `json:"customer,omitempty"` // masked
	Number     string            `json:"number,omitempty"`   // not masked, where pages are told of it
	Name       string            `json:"name,omitempty"`
	Campaign   string            `json:"campaign,omitempty"`
	Queue      string            `json:"queue,omitempty"`
	Wrapup     string            `json:"wrapup,omitempty"`
	Started    time.Time         `json:"started"`
	Answered   time.Time         `json:"answered,omitzero"`
	Since      time.Time         `json:"since"`
	Attributes map[string]string `json:"attributes,omitempty"`
	Popped     *popped           `json:"popped,omitempty"`
	Consulting bool              `json:"consulting,omitempty"` // there is somebody to transfer to
	Controls   []string          `json:"controls,omitempty"`
	Log        *logView          `json:"log,omitempty"`        // where there is a CRM to keep it
	Candidates []popped          `json:"candidates,omitempty"` // for the log's menus
	Over       bool              `json:"over,omitempty"`
}

// popped is the record that was popped for the agent.
type popped struct {
	Object string `json:"object"`
	ID     string `json:"id"`
	Name   string `json:"name,omitempty"`
}

// deskBook knows the open calls of the agents who have a desk open. It belongs to the goroutine of panels.
type deskBook struct {
	journal interface {
		Calls(ctx context.Context, f engine.Filter) ([]engine.CallRow, error)
	}
	controls func(connection string, l platform.OpenLeg) []string
	standing func(agent string) []string
	owns     func(connection string) bool // whether this node tells of the connection's calls
	pages    bool                         // pages around the panel are told: they want more
	numbers  bool                         // and the customer's number
	logs     bool                         // there is a CRM in which calls have logs
	url      func(object, id string) string

	agents map[string]*deskPage
	saved  map[logKey]*panelLog
}

// deskPage is what is known of one agent.
type deskPage struct {
	calls    map[call.ID]engine.Call // with an open part of the agent's
	over     []interaction           // the newest of those that are over, the newest first
	standing []string
	shown    panelState // without its interactions
}

// hear takes a call in; false means that it is older than what is known.
func (b *deskBook) hear(c *engine.Call) bool {
	fresh := true
	for i := range c.State.Legs {
		agent := c.State.Legs[i].Agent
		page := b.agents[agent]
		if page == nil {
			continue
		}
		if known, ok := page.calls[c.State.ID]; ok && known.State.Version > c.State.Version {
			fresh = false
			continue
		}
		if slices.ContainsFunc(platform.OpenLegsOf(&c.State), func(l platform.OpenLeg) bool { return l.Agent == agent }) {
			page.calls[c.State.ID] = *c
			continue
		}
		_, was := page.calls[c.State.ID]
		if was || page.hasOver(c.State.ID) {
			page.end(b.interaction(c, closedLeg(c, agent)))
		}
		delete(page.calls, c.State.ID)
	}
	return fresh
}

// note takes in how far a log is saved.
func (b *deskBook) note(st engine.Step) {
	l := logOf(st)
	if l == nil {
		return
	}
	if id := gjson.GetBytes(st.Result, "id").String(); l.State == "saved" && gjson.GetBytes(st.Plan, "object").String() == logObject {
		l.URL = b.url(logObject, id)
	}
	key := logKey{st.Call, st.Leg}
	b.saved[key] = l
	if page := b.agents[st.Agent]; page != nil {
		for i := range page.over {
			if o := &page.over[i]; o.Log != nil && (logKey{o.Call, o.Leg}) == key {
				view := *o.Log
				view.Saved, o.Log = l, &view
			}
		}
	}
}

func (p *deskPage) hasOver(id call.ID) bool {
	return slices.ContainsFunc(p.over, func(o interaction) bool { return o.Call == id })
}

// closedLeg is the agent's last part in a call that is over for the agent.
func closedLeg(c *engine.Call, agent string) (last platform.OpenLeg) {
	for i := range c.State.Legs {
		l := &c.State.Legs[i]
		if told := l.Story(); l.Agent == agent && len(told) > 0 && !told[len(told)-1].At.Before(last.At) {
			last = platform.OpenLeg{Call: c.State.ID, Leg: l.ID, Ref: l.Ref, Agent: agent, Role: l.Role, Phase: l.Phase(), At: told[len(told)-1].At}
		}
	}
	return last
}

// arrive begins to follow an agent, or goes on to, and returns the calls that are open.
func (b *deskBook) arrive(ctx context.Context, agent string) (open []engine.Call, err error) {
	page := &deskPage{calls: map[call.ID]engine.Call{}, standing: b.standing(agent)}
	if before := b.agents[agent]; before != nil {
		page.over = before.over
	}
	b.agents[agent] = page
	rows, err := b.journal.Calls(ctx, engine.Filter{Agent: agent, State: "open", Limit: engine.MostOpen})
	for i := range rows {
		if b.owns(rows[i].State.Connection) {
			open = append(open, engine.Call{State: rows[i].State, Pops: rows[i].Pops})
		}
	}
	return open, err
}

// interactions are an agent's, the oldest first.
func (b *deskBook) interactions(agent string) (all []interaction) {
	page := b.agents[agent]
	if page == nil {
		return nil
	}
	for _, c := range page.calls {
		for _, l := range platform.OpenLegsOf(&c.State) {
			if l.Agent == agent && !l.Lost {
				all = append(all, b.interaction(&c, l))
			}
		}
	}
	slices.SortFunc(all, func(a, b interaction) int { return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.ID, b.ID)) })
	return all
}

func (b *deskBook) interaction(c *engine.Call, l platform.OpenLeg) interaction {
	st, found := &c.State, poppedResult(c.Pops[l.Agent])
	i := interaction{
		ID: l.Ref, Call: st.ID, Leg: l.Leg, Role: l.Role, Platform: st.Platform, Connection: st.Connection, Phase: l.Phase, Mode: st.Mode,
		Direction: st.Direction, Customer: last4(st.Customer), Campaign: st.Campaign, Queue: st.Queue, Since: l.At, Started: st.Started,
		Popped: found.record(), Consulting: consulting(st, l), Controls: b.controls(st.Connection, l),
	}
	if leg := st.Leg(l.Leg); leg != nil {
		i.Wrapup, i.Answered = leg.Wrapup, leg.Answered()
		if m := leg.Story(); len(m) > 0 {
			i.Started = m[0].At
		}
		if b.logs {
			i.Log, i.Candidates = logViewOf(leg, i.Popped), found.candidates()
			i.Log.Saved = b.saved[logKey{st.ID, leg.ID}]
		}
	}
	if i.Popped != nil {
		i.Name = i.Popped.Name
	}
	if b.pages {
		i.Attributes = st.Vars
		if b.numbers {
			i.Number = st.Customer
		} else {
			i.Attributes = withoutNumber(st.Vars, st.Customer)
		}
	}
	return i
}

// withoutNumber are variables in which the customer's number stands no more than the agent sees of it, however it is written.
func withoutNumber(vars map[string]string, number string) map[string]string {
	tail := call.Digits(number)
	if len(tail) < 7 {
		return vars
	}
	tail = tail[len(tail)-7:]
	masked := make(map[string]string, len(vars))
	for name, value := range vars {
		if strings.Contains(call.Digits(value), tail) {
			value = last4(number)
		}
		masked[name] = value
	}
	return masked
}

// consulting reports whether a colleague is asked, or about to be.
func consulting(c *call.State, mine platform.OpenLeg) bool {
	return mine.Phase == call.Consulting || slices.ContainsFunc(c.Legs, func(l call.Leg) bool {
		return l.Role == call.ConsultLeg && l.Agent != mine.Agent && l.Open()
	})
}

// arrivals are agents whose desks have come and who are to be shown what there is. It is safe for concurrent use.
type arrivals struct {
	mu   sync.Mutex
	who  []string
	some chan struct{} // has room for one
}

func newArrivals() *arrivals { return &arrivals{some: make(chan struct{}, 1)} }

// add does not block.
func (a *arrivals) add(agent string) {
	a.mu.Lock()
	a.who = append(a.who, agent)
	a.mu.Unlock()
	a.ring()
}

func (a *arrivals) ring() {
	select {
	case a.some <- struct{}{}:
	default:
	}
}

// next takes one agent; "" when there is none.
func (a *arrivals) next() (agent string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.who) == 0 {
		a.who = nil
		return ""
	}
	agent, a.who = a.who[0], a.who[1:]
	return agent
}

// giveOrder carries an agent's order out as the workspace does it.
func (s *Server) giveOrder(ctx context.Context, agent string, o desk.Order) error {
	if workspace.SameWord(o.Name, saveLog) {
		return s.writeLog(ctx, agent, o)
	}
	if workspace.SameWord(o.Name, "MakeCall") {
		o.To = s.dialable(o.To)
	}
	err := s.workspace.Give(ctx, agent, workspace.Order{Name: o.Name, Call: o.Call, To: o.To, Args: o.Args})
	var r *workspace.Refusal
	if errors.As(err, &r) {
		return &desk.Refusal{Reason: r.Reason, Detail: r.Detail}
	}
	return err
}

// dialable is a number as people write it, in the form that every platform takes. What is none, such as an extension or an
// address, stays as it is: the platform knows.
func (s *Server) dialable(to string) string {
	region := ""
	if s.cfg.Salesforce != nil {
		region = s.cfg.Salesforce.Region
	}
	if n, err := calling.ReadNumber(to, region); err == nil {
		return n.E164
	}
	return strings.TrimSpace(to)
}

// panels are what tells agents' panels.
func (s *Server) panels() *panels {
	return &panels{
		hub: s.hub, watch: s.engine.Watch, arrivals: s.arrivals, log: s.log, open: map[string]call.ID{},
		news: map[string]panelNews{}, book: deskBook{
			journal: s.store, controls: s.workspace.Controls, standing: s.workspace.Standing, owns: s.owns, pages: s.cfg.Desk.ClientEvents != nil,
			numbers: s.cfg.Desk.ClientEvents != nil && s.cfg.Desk.ClientEvents.Numbers, agents: map[string]*deskPage{}, logs: s.crm != nil, url: s.recordURL, saved: map[logKey]*panelLog{},
		},
	}
}

// owns reports whether this node, and no other, hears a connection.
func (s *Server) owns(connection string) bool {
	return !slices.ContainsFunc(s.connections(), func(st platform.Status) bool {
		return st.Connection == connection && st.State == platform.Standby
	})
}
