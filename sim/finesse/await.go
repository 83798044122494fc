package finesse

import (
	"context"
)

// AwaitSessions waits until at least n sessions are bound and available.
func (s *Server) AwaitSessions(ctx context.Context, n int) error {
	return s.life.Await(ctx, func() bool {
		if s.sessions < n {
			return false
		}
		have := 0
		for _, a := range s.agents {
			for _, sess := range a.sessions {
				if sess.available {
					have++
				}
			}
		}
		return have >= n
	})
}

// AwaitSession waits until the agent has a session that messages go to.
func (s *Server) AwaitSession(ctx context.Context, id string) error {
	return s.life.Await(ctx, func() bool {
		a := s.agent(id)
		for i := 0; a != nil && i < len(a.sessions); i++ {
			if a.sessions[i].available {
				return true
			}
		}
		return false
	})
}

// AwaitUser waits until the agent is in the user state.
func (s *Server) AwaitUser(ctx context.Context, id, state string) error {
	return s.life.Await(ctx, func() bool { a := s.agent(id); return a != nil && a.state == state })
}

// AwaitDialog waits until the agent's participant in any dialog is in the
// state; it returns that dialog's id.
func (s *Server) AwaitDialog(ctx context.Context, id, state string) (string, error) {
	found := ""
	err := s.life.Await(ctx, func() bool {
		a := s.agent(id)
		for i := 0; a != nil && i < len(a.dialogs); i++ {
			if p := a.dialogs[i].party(a); p != nil && p.state == state {
				found = a.dialogs[i].id
				return true
			}
		}
		return false
	})
	return found, err
}

// Published is the number of notifications that were given out so far.
func (s *Server) Published() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.published
}

// Sessions is the number of bound sessions.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions
}
