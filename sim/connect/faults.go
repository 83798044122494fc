package connect

import (
	"context"
	"fmt"
	"time"

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
		for p := range a.pages {
			p.end()
		}
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

// Freeze keeps the agent's state from its CCPs until Release, which shows them the state of that moment only: what Streams makes
// of two changes between which it saw nothing.
func (s *Server) Freeze(username string) error {
	return s.withAgent(username, func(a *agent) { a.frozen = true })
}

// Release ends Freeze.
func (s *Server) Release(username string) error {
	return s.withAgent(username, func(a *agent) {
		a.frozen = false
		s.push(a, time.Now().UTC().Truncate(time.Millisecond))
	})
}

// Silence makes the agent's CCPs stop answering their hosts, as a CCP does whose session has ended or whose worker hangs; false
// lets them answer again.
func (s *Server) Silence(username string, on bool) error {
	return s.withAgent(username, func(a *agent) {
		s.silent[a] = on
		word := "speak"
		if on {
			word = "silent"
		}
		for p := range a.pages {
			p.send(pageMessage{Sim: word})
		}
	})
}

// ReloadCCP makes the agent's CCPs load anew inside their hosts.
func (s *Server) ReloadCCP(username string) error {
	return s.withAgent(username, func(a *agent) {
		for p := range a.pages {
			p.send(pageMessage{Sim: "reload"})
		}
	})
}

// AwaitCCP waits until so many CCPs of the agent are open.
func (s *Server) AwaitCCP(ctx context.Context, username string, n int) error {
	return s.life.Await(ctx, func() bool { a := s.users[username]; return a != nil && len(a.pages) == n })
}
