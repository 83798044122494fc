package genesys

import (
	"context"
)

// AwaitSubscribed waits until a socket is open whose channel is subscribed to every one of the topics, whichever
// channel each is in.
func (s *Server) AwaitSubscribed(ctx context.Context, topics ...string) error {
	return s.life.Await(ctx, func() bool {
	next:
		for _, t := range topics {
			for _, c := range s.byTopic[t] {
				if c.socket != nil {
					continue next
				}
			}
			return false
		}
		return true
	})
}

// AwaitUsers waits until sockets are open that hear of the conversations of all users of the org, or of the first n
// when n is positive.
func (s *Server) AwaitUsers(ctx context.Context, n int) error {
	s.mu.Lock()
	var topics []string
	for i, u := range s.org.users {
		if n <= 0 || i < n {
			topics = append(topics, "v2.users."+u.id+".conversations")
		}
	}
	s.mu.Unlock()
	return s.AwaitSubscribed(ctx, topics...)
}

// AwaitState waits until the newest part of the user in the conversation is in the state, its call's or, where it has
// none, its callback's; "pending" waits for a wrap-up that is owed. It returns the participant's id.
func (s *Server) AwaitState(ctx context.Context, conversation, user, state string) (string, error) {
	found := ""
	err := s.life.Await(ctx, func() bool {
		c, u := s.calls[conversation], s.org.find(user)
		if c == nil || u == nil {
			return false
		}
		p := c.partyOf(u)
		if p == nil || p.talk() == nil {
			return false
		}
		if p.talk().state == state || state == acwPending && p.wrapping() {
			found = p.id
			return true
		}
		return false
	})
	return found, err
}

// AwaitOver waits until the conversation has ended for everybody, wrap-ups included.
func (s *Server) AwaitOver(ctx context.Context, conversation string) error {
	return s.life.Await(ctx, func() bool { c := s.calls[conversation]; return c == nil || c.over() })
}

// AwaitTalk waits until the far end of the conversation has answered.
func (s *Server) AwaitTalk(ctx context.Context, conversation string) error {
	return s.life.Await(ctx, func() bool {
		c := s.calls[conversation]
		return c != nil && c.remote() != nil && c.remote().session(voice).is(connected)
	})
}

// AwaitRecord waits until the contact's attempt can be read from its record.
func (s *Server) AwaitRecord(ctx context.Context, contact string) error {
	return s.life.Await(ctx, func() bool {
		for _, l := range s.org.lists {
			if k := l.contacts[contact]; k != nil && len(k.records) > 0 {
				return true
			}
		}
		return false
	})
}
