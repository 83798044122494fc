package connect

import (
	"fmt"
	"time"
)

// An agent is one user of the instance. Guarded by Server.mu.
type agent struct {
	s           *Server
	id          string // the user's id, a UUID
	username    string
	first, last string

	status   status // what the agent chose
	statusAt time.Time
	next     *status // chosen while on a call: it takes effect when the agent is free (putAgentState with enqueueNextState)
	nextAt   time.Time

	busy   string // the state that the system puts the agent in, as the CCP names it; "" when the chosen status shows
	busyAt time.Time

	contacts []*contact // what the agent has in the CCP, oldest first
	claims   int        // scripts that play with this agent

	pages  map[*ccpPage]struct{} // the CCPs that are open
	frozen bool                  // they are told nothing, until Release

	ccpConfiguration, configuration []byte    // of the CCP and of the agent event stream
	told                            []byte    // the newest snapshot in the agent event stream; nil before the first
	toldAt                          time.Time // when
	lastRecord                      []byte
}

// A status is one of the instance's agent statuses.
type status struct {
	id, name string
	kind     string // in the agent event stream and the API
	ccp      string // in the CCP's snapshot
}

// The statuses of the instance. Types are those of the agent event streams data model and of Streams' AgentStateType.
var statuses = []status{
	{"57a70000-0000-4000-8000-000000000001", "Available", "ROUTABLE", "routable"},
	{"57a70000-0000-4000-8000-000000000002", "Offline", "OFFLINE", "offline"},
	{"57a70000-0000-4000-8000-000000000003", "Break", "CUSTOM", "not_routable"},
	{"57a70000-0000-4000-8000-000000000004", "Training", "CUSTOM", "not_routable"},
}

// The states that the system puts an agent in while a contact is there (Streams: AgentAvailStates and AgentErrorStates;
// the moments are those of recorded snapshots).
const (
	pendingBusy     = "PendingBusy"
	callingCustomer = "CallingCustomer"
	busy            = "Busy"
	joining         = "Joining"
	afterCallWork   = "AfterCallWork"
	missedCall      = "MissedCallAgent"
	failedCustomer  = "FailedConnectCustomer"
)

func makeAgents(s *Server) []*agent {
	list := make([]*agent, s.cfg.Agents)
	for i := range list {
		n := s.cfg.FirstAgent + i
		list[i] = &agent{s: s, id: fmt.Sprintf("a9e00000-0000-4000-8000-%012d", n), username: fmt.Sprintf("agent%d", n),
			first: "Agent", last: fmt.Sprint(n), status: statuses[0], statusAt: s.began,
			pages: map[*ccpPage]struct{}{}}
		if s.cfg.SignedOut {
			list[i].status = statuses[1]
		}
		list[i].configuration, list[i].ccpConfiguration = s.agentConfiguration(list[i]), s.ccpConfig(list[i])
		if !s.cfg.SignedOut { // the stream knows the agents who are there from the beginning
			list[i].told, list[i].toldAt = list[i].snapshot(), s.began
		}
	}
	return list
}

func (a *agent) arn() string { return a.s.arn("agent/" + a.id) }

// available says that a contact may be offered to the agent.
func (a *agent) available() bool {
	return a.status.kind == "ROUTABLE" && len(a.contacts) == 0 && a.claims == 0
}

func (a *agent) has(c *contact) bool {
	for _, have := range a.contacts {
		if have == c {
			return true
		}
	}
	return false
}

func (a *agent) contact(id string) *contact {
	for _, c := range a.contacts {
		if c.id == id {
			return c
		}
	}
	return nil
}

// take puts a contact into the agent's CCP.
func (a *agent) take(c *contact) {
	if !a.has(c) {
		a.contacts = append(a.contacts, c)
	}
	c.agent = a
}

// drop takes a contact out of the agent's CCP; a status that was waiting takes effect.
func (a *agent) drop(c *contact, at time.Time) {
	for i, have := range a.contacts {
		if have == c {
			a.contacts = append(a.contacts[:i:i], a.contacts[i+1:]...)
			break
		}
	}
	if len(a.contacts) > 0 {
		return
	}
	a.be("", at)
	if a.next != nil {
		a.status, a.statusAt, a.next = *a.next, at, nil
	}
}

// be puts the agent into one of the system's states, or back into the chosen one.
func (a *agent) be(state string, at time.Time) {
	if a.busy != state {
		a.busy, a.busyAt = state, at
	}
}

// choose changes the agent's status, at once or when the last contact is gone.
func (a *agent) choose(st status, later bool, at time.Time) {
	if later && len(a.contacts) > 0 {
		a.next, a.nextAt = &st, at
		return
	}
	a.next = nil
	if a.status != st {
		a.status, a.statusAt = st, at
	}
}

func findStatus(match func(status) bool) (status, bool) {
	for _, st := range statuses {
		if match(st) {
			return st, true
		}
	}
	return status{}, false
}
