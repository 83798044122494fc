package connect

import (
	"fmt"

	"cordboard/sim/scenario"
)

// playFault does the fault of a script's step; it is false for other verbs.
func (s *Server) playFault(a *agent, verb string) (bool, error) {
	switch verb {
	case scenario.Duplicate, scenario.Cut, scenario.Swap:
	default:
		return false, nil
	}
	if a == nil {
		return true, fmt.Errorf("a fault needs an agent of the instance")
	}
	return true, s.fault(verb, a)
}

// fault runs under Server.mu. Each means the message of every source that belongs to the agent.
func (s *Server) fault(verb string, a *agent) error {
	switch verb {
	case scenario.Duplicate:
		if last := s.dialer.last[a]; last != nil {
			s.dialer.send(s, a, last)
		}
		if a.lastRecord != nil {
			s.put(a, a.lastRecord)
		}
	case scenario.Swap:
		s.dialer.swap[a] = true
	case scenario.Cut:
		s.dialer.socket.disconnect()
	}
	return nil
}

// Duplicate sends the agent's last message once more, in every source that belongs to an agent.
func (s *Server) Duplicate(username string) error {
	return s.withAgent(username, func(a *agent) { _ = s.fault(scenario.Duplicate, a) })
}

// Swap lets the agent's next two messages arrive in the wrong order.
func (s *Server) Swap(username string) error {
	return s.withAgent(username, func(a *agent) { _ = s.fault(scenario.Swap, a) })
}

// Cut breaks the agent's connections: the CCP's, and the dialer's socket.
func (s *Server) Cut(username string) error {
	return s.withAgent(username, func(a *agent) { _ = s.fault(scenario.Cut, a) })
}
