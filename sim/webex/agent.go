package webex

import (
	"fmt"
	"strconv"
	"time"
)

// The states that an agent can ask for, and the one that a missed offer
// brings (Agents, "State Change").
const (
	stateAvailable = "Available"
	stateIdle      = "Idle"
	stateRona      = "RONA"
)

// An agent is one user with an agent's licence. All fields are guarded by
// Server.mu.
type agent struct {
	n              int // place in the organization
	id, name, mail string
	dn             string // the extension of the running or next session
	channel        string // the id of the telephony channel
	session        string // agentSessionId of the running session
	signedIn       bool
	state          string // one of the states above
	auxCode        string
	reason         string // of the last change
	changed        time.Time
	legs           []*leg // parts in tasks that are not over, oldest first
	claims         int    // scripts that are about the agent
	sockets        []*socket
	feed           feed
	past           []activity
}

var firstNames = [...]string{"Ada", "Noor", "Timo", "Ines", "Ravi", "Lena", "Omar", "Yuki", "Eva", "Jonas"}
var lastNames = [...]string{"Moreno", "Lind", "Okafor", "Weber", "Patel", "Novak", "Silva", "Berg", "Haddad", "Sato", "Kim"}

func makeAgents(c Config, ids ids) []*agent {
	now := time.Now()
	all := make([]agent, c.Agents)
	list := make([]*agent, c.Agents)
	for i := range all {
		first, last := firstNames[i%len(firstNames)], lastNames[i%len(lastNames)]
		all[i] = agent{n: i, id: agentID(i), name: first + " " + last, mail: fmt.Sprintf("agent%d@cc.example", i+1),
			dn: strconv.Itoa(c.FirstExtension + i), channel: fmt.Sprintf("f0000000-0000-4000-8000-%012x", i+1),
			session: ids.uuid(), signedIn: !c.SignedOut, state: stateAvailable, auxCode: "0", changed: now}
		if c.SignedOut {
			all[i].state, all[i].session = stateIdle, ""
		}
		list[i] = &all[i]
	}
	return list
}

// agent finds a user by id; nil when there is none.
func (s *Server) agent(id string) *agent { return s.byID[id] }

// at is the agent who is signed in with a dial number; nil when nobody is.
func (s *Server) at(dn string) *agent {
	for _, a := range s.agents {
		if a.signedIn && a.dn == dn {
			return a
		}
	}
	return nil
}

// free is the first available agent without a task or a script, one with a
// socket if any.
func (s *Server) free() *agent {
	var some *agent
	for _, a := range s.agents {
		if !a.signedIn || a.state != stateAvailable || len(a.legs) > 0 || a.claims > 0 {
			continue
		}
		if len(a.sockets) > 0 {
			return a
		}
		if some == nil {
			some = a
		}
	}
	return some
}

// setState moves the agent, tells him and those who are subscribed to it.
// By is who asked: "" for the system itself.
func (s *Server) setState(a *agent, state, auxCode, reason string, by *agent) {
	a.state, a.auxCode, a.reason, a.changed = state, auxCode, reason, time.Now()
	s.tellState(a, by)
	s.hookAgentState(a)
	s.life.Changed()
}

// drop forgets a part of the agent that is over.
func (a *agent) drop(l *leg) {
	for i, have := range a.legs {
		if have == l {
			a.legs = append(a.legs[:i], a.legs[i+1:]...)
			return
		}
	}
}
