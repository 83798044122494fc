package finesse

import (
	"strconv"
	"time"
)

// The user states of the Developer Guide that the simulator goes through.
const (
	userLogout          = "LOGOUT"
	userNotReady        = "NOT_READY"
	userReady           = "READY"
	userReserved        = "RESERVED"
	userReservedOut     = "RESERVED_OUTBOUND"         // progressive and predictive alike
	userReservedPreview = "RESERVED_OUTBOUND_PREVIEW" // preview and direct preview alike
	userTalking         = "TALKING"
	userHold            = "HOLD"
	userWork            = "WORK"       // wrap-up, then NOT_READY
	userWorkReady       = "WORK_READY" // wrap-up, then READY
)

// An agent is one Finesse user of role Agent. All fields are guarded by
// Server.mu.
type agent struct {
	id, ext     string
	first, last string
	state       string
	pending     string // what the agent asked for during a call (documented: pendingState)
	claims      int    // scripts that are about the agent
	reason      string // reason code id of NOT_READY or LOGOUT
	since       time.Time
	dialogs     []*dialog // those that the agent takes part in, oldest first
	sessions    []*session
	feed        feed
}

func (a *agent) node() string        { return "/finesse/api/User/" + a.id }
func (a *agent) dialogsNode() string { return "/finesse/api/User/" + a.id + "/Dialogs" }

var firstNames = [...]string{"Ada", "Noor", "Timo", "Ines", "Ravi", "Lena", "Omar", "Yuki", "Eva", "Jonas"}
var lastNames = [...]string{"Moreno", "Lind", "Okafor", "Weber", "Patel", "Novak", "Silva", "Berg", "Haddad", "Sato", "Kim"}

func makeAgents(c Config) []*agent {
	state := userReady
	if c.SignedOut {
		state = userLogout
	}
	now := time.Now()
	all := make([]agent, c.Agents)
	list := make([]*agent, c.Agents)
	for i := range all {
		all[i] = agent{id: strconv.Itoa(c.FirstAgent + i), ext: strconv.Itoa(c.FirstExtension + i), state: state, since: now,
			first: firstNames[i%len(firstNames)], last: lastNames[i%len(lastNames)]}
		list[i] = &all[i]
	}
	return list
}

// agent finds a user by id, nil when there is none.
func (s *Server) agent(id string) *agent {
	n, err := strconv.Atoi(id)
	if err != nil || n < s.cfg.FirstAgent || n >= s.cfg.FirstAgent+len(s.agents) {
		return nil
	}
	return s.agents[n-s.cfg.FirstAgent]
}

// setState moves the user and publishes it; the same state again publishes
// nothing unless it answers a request.
func (s *Server) setState(a *agent, state, request string) {
	if a.state == state && request == "" {
		return
	}
	if a.state != state {
		a.since = time.Now()
	}
	a.state = state
	s.publishUser(a, request)
	s.life.Changed()
}

// after is the state that follows a call: what the agent asked for meanwhile,
// or READY.
func (a *agent) after() string {
	next := or(a.pending, userReady)
	a.pending = ""
	return next
}

// talking says whether the agent takes part in any call.
func (a *agent) talking() bool {
	for _, d := range a.dialogs {
		if p := d.party(a); p != nil && p.live() {
			return true
		}
	}
	return false
}

func (a *agent) drop(d *dialog) {
	for i, have := range a.dialogs {
		if have == d {
			a.dialogs = append(a.dialogs[:i], a.dialogs[i+1:]...)
			return
		}
	}
}

func (a *agent) has(d *dialog) bool {
	for _, have := range a.dialogs {
		if have == d {
			return true
		}
	}
	return false
}
