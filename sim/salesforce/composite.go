package salesforce

import "net/http"

// compositeResource routes below /composite.
func (s *Server) compositeResource(q *request) (string, handler) {
	if len(q.parts) == 1 {
		return "composite", s.serveComposite
	}
	switch q.parts[1] {
	case "graph":
		return "graph", s.serveGraph
	case "tree":
		return "tree", s.serveTree
	case "sobjects":
		return s.collectionResource(q)
	}
	return "unknown", func(*request) answer { return s.refuse(notFound()) }
}

func (s *Server) collectionResource(q *request) (string, handler) {
	switch {
	case len(q.parts) == 2 && q.method == http.MethodPost:
		return "collections.create", s.createCollection
	case len(q.parts) == 2 && q.method == http.MethodPatch:
		return "collections.update", s.updateCollection
	case len(q.parts) == 2 && q.method == http.MethodDelete:
		return "collections.delete", s.deleteCollection
	case len(q.parts) == 3 && (q.method == http.MethodGet || q.method == http.MethodPost):
		return "collections.retrieve", s.retrieveCollection
	case len(q.parts) == 4 && q.method == http.MethodPatch:
		return "collections.upsert", s.upsertCollection
	}
	return "unknown", func(q *request) answer { return s.refuse(notAllowed(q)) }
}
