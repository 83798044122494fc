package connect

import (
	"context"
	"fmt"
)

// AwaitContact waits until the agent has a contact in the state, in the words of Streams (connecting, connected, ended …); it
// returns that contact's id.
func (s *Server) AwaitContact(ctx context.Context, username, state string) (string, error) {
	found := ""
	err := s.life.Await(ctx, func() bool {
		a := s.users[username]
		for i := 0; a != nil && i < len(a.contacts); i++ {
			if a.contacts[i].state == state {
				found = a.contacts[i].id
				return true
			}
		}
		return false
	})
	return found, err
}

// AwaitIdle waits until the agent has no contact and no script plays with the agent.
func (s *Server) AwaitIdle(ctx context.Context, username string) error {
	return s.life.Await(ctx, func() bool {
		a := s.users[username]
		return a != nil && len(a.contacts) == 0 && a.claims == 0
	})
}

// AwaitSent waits until every message that was sent so far has been taken, refused or given up, and every record is in its stream.
func (s *Server) AwaitSent(ctx context.Context) error {
	for _, u := range []*underway{&s.bus.out.underway, &s.dialer.out.underway, &s.records.underway} {
		if err := u.drained(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) withAgent(username string, f func(*agent)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.users[username]
	if a == nil {
		return fmt.Errorf("there is no agent %q", username)
	}
	f(a)
	return nil
}
