package pgtest

func (s *Server) unprivileged() error { return nil }
