package genesys

import (
	"fmt"
	"strings"
)

// Faults that strike at once.

// about says whether any topic of the channel is about the user.
func (c *channel) about(u *user) bool {
	for _, t := range c.topics {
		if strings.HasPrefix(t, "v2.users."+u.id+".") {
			return true
		}
	}
	return false
}

// each calls f for every channel that hears of the user; of anybody when who is "".
func (s *Server) each(who string, f func(*channel)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var u *user
	if who != "" {
		if u = s.org.find(who); u == nil {
			return fmt.Errorf("there is no user %q", who)
		}
	}
	for _, c := range s.channels {
		if u == nil || c.about(u) {
			f(c)
		}
	}
	return nil
}

// Cut breaks the sockets that hear of the user, or all of them when user is "": no closing frame. What is published
// until the client is back is lost.
func (s *Server) Cut(user string) error { return s.each(user, s.cut) }

// CloseSockets gives every socket the notice that it will close soon, and closes it after Config.Grace, unless the
// client has come with a new one meanwhile.
func (s *Server) CloseSockets() {
	_ = s.each("", func(c *channel) {
		if c.socket == nil {
			return
		}
		s.sendSystem(c, "socket_closing", "message", "socket closing soon")
		sock := c.socket
		s.life.Later(s.cfg.Grace, func() {
			if c.socket == sock {
				s.part(c)
			}
		})
	})
}

// DropChannels removes all channels, as their end of life does: the sockets break, and the addresses lead nowhere.
func (s *Server) DropChannels() { _ = s.each("", s.dropChannel) }

// RevokeTokens makes all access tokens worthless: the sockets are told and closed.
func (s *Server) RevokeTokens() {
	s.tokens.mu.Lock()
	clear(s.tokens.live)
	s.tokens.mu.Unlock()
	_ = s.each("", func(c *channel) {
		s.sendSystem(c, "token_revoked", "reason", "user_tokens_revoked")
		s.part(c)
		s.dropChannel(c)
	})
}

// Repeat sends the last snapshot of the user's conversations once more, the very same message.
func (s *Server) Repeat(user string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.org.find(user)
	if u == nil {
		return fmt.Errorf("there is no user %q", user)
	}
	s.repeat(u)
	return nil
}

func (s *Server) repeat(u *user) {
	topic := "v2.users." + u.id + ".conversations"
	for _, c := range s.byTopic[topic] {
		if m := c.feed.last[topic]; m != nil {
			s.write(c, m)
		}
	}
}
