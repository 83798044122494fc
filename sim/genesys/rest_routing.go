package genesys

import "net/http"

func (s *Server) routingRoutes(api func(string, resource)) {
	api("GET /api/v2/routing/queues", s.listQueues)
	api("GET /api/v2/routing/queues/{queue}", func(r request) (int, any, *apiError) {
		q := s.org.queue(r.PathValue("queue"))
		if q == nil {
			return 0, nil, notFound("the queue")
		}
		return http.StatusOK, s.queueView(q), nil
	})
	api("GET /api/v2/routing/queues/{queue}/wrapupcodes", func(r request) (int, any, *apiError) {
		if s.org.queue(r.PathValue("queue")) == nil {
			return 0, nil, notFound("the queue")
		}
		return s.listCodes(r)
	})
	api("GET /api/v2/routing/wrapupcodes", s.listCodes)
	api("GET /api/v2/routing/wrapupcodes/{code}", func(r request) (int, any, *apiError) {
		c := s.org.code(r.PathValue("code"))
		if c == nil {
			return 0, nil, notFound("the wrap-up code")
		}
		return http.StatusOK, s.codeView(c), nil
	})
}

func (s *Server) listQueues(r request) (int, any, *apiError) {
	p, refused := page(r, 500)
	if refused != nil {
		return 0, nil, refused
	}
	var found []*queue
	for _, q := range s.org.queues {
		if startsWith(q.name, r.URL.Query().Get("name")) {
			found = append(found, q)
		}
	}
	return http.StatusOK, listing(r, p, found, func(q *queue) any { return s.queueView(q) }), nil
}

func (s *Server) queueView(q *queue) any {
	return map[string]any{"id": q.id, "name": q.name, "division": ref{ID: s.org.division, Name: "Home"}, "memberCount": len(s.org.users),
		"mediaSettings": map[string]any{"call": map[string]any{"alertingTimeoutSeconds": alertingSeconds}},
		"acwSettings":   map[string]any{"wrapupPrompt": "OPTIONAL", "timeoutMs": wrapupTimeout},
		"selfUri":       "/api/v2/routing/queues/" + q.id}
}

func (s *Server) listCodes(r request) (int, any, *apiError) {
	p, refused := page(r, 500)
	if refused != nil {
		return 0, nil, refused
	}
	var found []*wrapupCode
	for _, c := range s.org.codes {
		if startsWith(c.name, r.URL.Query().Get("name")) {
			found = append(found, c)
		}
	}
	return http.StatusOK, listing(r, p, found, func(c *wrapupCode) any { return s.codeView(c) }), nil
}

func (s *Server) codeView(c *wrapupCode) any {
	return map[string]any{"id": c.id, "name": c.name, "division": ref{ID: s.org.division, Name: "Home"},
		"selfUri": "/api/v2/routing/wrapupcodes/" + c.id}
}

// codes answers the lookup of the codes that a participant may be wrapped up with: a plain list.
func (s *Server) participantCodes(*conversation, *party, request) (int, any, *apiError) {
	list := []any{}
	for _, c := range s.org.codes {
		list = append(list, s.codeView(c))
	}
	return http.StatusOK, list, nil
}
