package finesse

import (
	"fmt"

	"cordboard/sim/scenario"
)

func (s *Server) status() string {
	if s.outage {
		return "OUT_OF_SERVICE"
	}
	return "IN_SERVICE"
}

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

// Cut breaks all connections of the agent: no stream end, no closing frame.
// What is published until the agent is back is lost.
func (s *Server) Cut(id string) error { return s.withAgent(id, s.cut) }

func (s *Server) cut(a *agent) {
	for _, sess := range a.sessions {
		sess.available = false
		s.spawnKill(sess.t)
	}
}

// CutAll breaks every connection, as a restart of the notification service
// does.
func (s *Server) CutAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.agents {
		s.cut(a)
	}
}

// Duplicate sends the last notification of the agent once more, as a new
// item with the same payload.
func (s *Server) Duplicate(id string) error { return s.withAgent(id, s.duplicate) }

func (s *Server) duplicate(a *agent) {
	if last := a.feed.last; last.node != "" {
		s.fanOut(a, last.node, append([]byte(nil), last.payload...))
	}
}

// Swap delivers the agent's next two notifications in reverse order.
func (s *Server) Swap(id string) error { return s.withAgent(id, func(a *agent) { a.feed.swap = true }) }

// Hold keeps the agent's notifications back until Release, which delivers
// them in their order to whoever is there then.
func (s *Server) Hold(id string) error {
	return s.withAgent(id, func(a *agent) { a.feed.holding = true })
}

// Release ends Hold.
func (s *Server) Release(id string) error {
	return s.withAgent(id, func(a *agent) {
		waiting := a.feed.waiting
		a.feed.holding, a.feed.waiting = false, nil
		for _, n := range waiting {
			s.toAgent(a, n.node, n.payload)
		}
	})
}

// SignOut signs the agent out from outside, as a supervisor or the forced
// logout after a lost presence does; reason is the reason code (255 for the
// latter, documented). Dialogs stay as they are.
func (s *Server) SignOut(id, reason string) error {
	return s.withAgent(id, func(a *agent) {
		a.reason = reason
		s.setState(a, userLogout, "")
	})
}

// OutOfService takes the site down or brings it back. While it is down REST
// answers 503 and nothing is published, so that a call inside the outage leaves
// no trace; sessions stay. Afterwards the last state is published again: the
// users, and their dialogs as POST (documented; the order is inferred).
func (s *Server) OutOfService(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.outage == down {
		return
	}
	s.outage = down
	s.publishSystem()
	for _, a := range s.agents {
		for _, sess := range a.sessions {
			if sess.available {
				s.sendServerPresence(sess)
			}
		}
	}
	if down {
		return
	}
	for _, a := range s.agents {
		if a.state == userLogout {
			continue
		}
		s.publishUser(a, "")
		for _, d := range a.dialogs {
			s.post(d, a)
		}
	}
}

// playFault does the fault of a script's step; it is false for other verbs.
func (s *Server) playFault(a *agent, verb string) (bool, error) {
	switch verb {
	case scenario.Duplicate, scenario.Cut, scenario.Swap:
	default:
		return false, nil
	}
	if a == nil {
		return true, fmt.Errorf("a fault needs an agent of the site")
	}
	switch verb {
	case scenario.Duplicate:
		s.duplicate(a)
	case scenario.Cut:
		s.cut(a)
	case scenario.Swap:
		a.feed.swap = true
	}
	return true, nil
}
