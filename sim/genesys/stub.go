package genesys

// Events by HTTP, triggers and analytics come with the next change.

type eventTarget struct{}

type trigger struct{}

func (s *Server) forward(string, string, *once) {}

func (s *Server) automationRoutes(func(string, resource)) {}

func (s *Server) analyticsRoutes(func(string, resource)) {}

// Deliveries lists what went to event targets.
func (s *Server) Deliveries() []string { return nil }
