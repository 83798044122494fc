package postgres_test

func (s *server) unprivileged() error { return nil }
