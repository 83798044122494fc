package connect

import "time"

// publish tells of an agent whose view has changed. It runs under Server.mu.
func (s *Server) publish(a *agent, kind string, at time.Time) {
}
