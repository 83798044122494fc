package webex

import (
	"context"
)

// AwaitSockets waits until at least n sockets are open and welcomed.
func (s *Server) AwaitSockets(ctx context.Context, n int) error {
	return s.life.Await(ctx, func() bool { return len(s.sockets) >= n })
}

// AwaitSocket waits until the agent has a socket that messages go to.
func (s *Server) AwaitSocket(ctx context.Context, agent string) error {
	return s.life.Await(ctx, func() bool { a := s.agent(agent); return a != nil && len(a.sockets) > 0 })
}

// AwaitState waits until the agent is in the state: Available, Idle, RONA.
func (s *Server) AwaitState(ctx context.Context, agent, state string) error {
	return s.life.Await(ctx, func() bool { a := s.agent(agent); return a != nil && a.state == state })
}

// AwaitTask waits until a task's state in the agent's eyes is the one named:
// new, connected, consult, consulting, conference, wrapUp; it returns the
// interaction id.
func (s *Server) AwaitTask(ctx context.Context, agent, state string) (string, error) {
	found := ""
	err := s.life.Await(ctx, func() bool {
		a := s.agent(agent)
		for i := 0; a != nil && i < len(a.legs); i++ {
			if l := a.legs[i]; l.task.stateFor(l) == state {
				found = l.task.id
				return true
			}
		}
		return false
	})
	return found, err
}

// AwaitKeepalives waits until clients have sent at least n keepalives.
func (s *Server) AwaitKeepalives(ctx context.Context, n int) error {
	return s.life.Await(ctx, func() bool { return s.keepalives >= n })
}

// Told is the number of messages about agents and tasks that were given out
// so far, whether anybody listened or not.
func (s *Server) Told() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told
}

// Sockets is the number of open sockets.
func (s *Server) Sockets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sockets)
}
