package connect

import "context"

// HeartBeats is what Run does for silent agents, for tests that have no network.
func (s *Server) HeartBeats(ctx context.Context) error { return s.heartBeats(ctx) }
