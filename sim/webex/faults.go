package webex

import (
	"fmt"
	"math/rand/v2"

	"cordboard/sim/scenario"
)

func (s *Server) withAgent(id string, f func(*agent)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.agent(id)
	if a == nil {
		return fmt.Errorf("there is no agent %q", id)
	}
	f(a)
	return nil
}

// Cut breaks all sockets of the agent without a closing handshake. What is
// told until the agent is back is lost.
func (s *Server) Cut(id string) error { return s.withAgent(id, s.cut) }

func (s *Server) cut(a *agent) {
	for _, k := range a.sockets {
		k.mute = true
		k.kill()
	}
	a.sockets = nil
}

// CutAll breaks every socket, as a restart of the notification service does.
func (s *Server) CutAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.agents {
		s.cut(a)
	}
}

// Mute lets the agent's sockets stay open and say nothing any more, no
// keepalives either: a connection that died without a word.
func (s *Server) Mute(id string) error {
	return s.withAgent(id, func(a *agent) {
		for _, k := range a.sockets {
			k.mute = true
		}
	})
}

// MultiLogin ends the agent's sockets as a login elsewhere does: with
// AGENT_MULTI_LOGIN and a closing handshake.
func (s *Server) MultiLogin(id string) error {
	return s.withAgent(id, func(a *agent) {
		for len(a.sockets) > 0 {
			s.pushOut(a.sockets[0])
		}
	})
}

// Duplicate sends the last message of the agent once more.
func (s *Server) Duplicate(id string) error { return s.withAgent(id, (*agent).repeat) }

func (a *agent) repeat() {
	if a.feed.last != nil {
		a.fanOut(a.feed.last)
	}
}

// Swap delivers the agent's next two messages in reverse order.
func (s *Server) Swap(id string) error { return s.withAgent(id, func(a *agent) { a.feed.swap = true }) }

// Lose throws away the agent's next n messages.
func (s *Server) Lose(id string, n int) error {
	return s.withAgent(id, func(a *agent) { a.feed.lose = n })
}

// Hold keeps the agent's messages back until Release.
func (s *Server) Hold(id string) error {
	return s.withAgent(id, func(a *agent) { a.feed.holding = true })
}

// Release ends Hold: what was kept back is delivered in its order, or in a
// random one when shuffled, to whoever is there then.
func (s *Server) Release(id string, shuffled bool) error {
	return s.withAgent(id, func(a *agent) {
		waiting := a.feed.waiting
		a.feed.holding, a.feed.waiting = false, nil
		if shuffled {
			rand.Shuffle(len(waiting), func(i, j int) { waiting[i], waiting[j] = waiting[j], waiting[i] })
		}
		for _, raw := range waiting {
			a.fanOut(raw)
		}
	})
}

// SignOut signs the agent out from outside, as a supervisor does. Tasks stay
// as they are.
func (s *Server) SignOut(id, reason string) error {
	return s.withAgent(id, func(a *agent) { s.logout(a, reason, "Supervisor") })
}

// playFault does the fault of a script's step; it is false for other verbs.
func (s *Server) playFault(a *agent, verb string) (bool, error) {
	switch verb {
	case scenario.Duplicate, scenario.Cut, scenario.Swap:
	default:
		return false, nil
	}
	if a == nil {
		return true, fmt.Errorf("a fault needs an agent of the organization")
	}
	switch verb {
	case scenario.Duplicate:
		a.repeat()
	case scenario.Cut:
		s.cut(a)
	case scenario.Swap:
		a.feed.swap = true
	}
	return true, nil
}
