package salesforce

import "net/http"

// serveTree is POST composite/tree/{object}: up to 200 records, created all or none. Nested children are not
// simulated.
func (s *Server) serveTree(q *request) answer {
	if q.method != http.MethodPost || len(q.parts) != 3 {
		return s.refuse(notAllowed(q))
	}
	t := s.table(q.parts[2])
	if t == nil {
		return s.refuse(notFound())
	}
	c, err := collectionOf(q)
	if err != nil {
		return s.refuse(err)
	}
	mark := q.tx.mark()
	good, bad := []map[string]any{}, []map[string]any{}
	for _, in := range c.records {
		a, _ := in["attributes"].(map[string]any)
		ref := str(a["referenceId"])
		r, err := q.tx.create(t, in)
		if err != nil {
			bad = append(bad, map[string]any{"referenceId": ref, "errors": err.result().Errors})
			continue
		}
		good = append(good, map[string]any{"referenceId": ref, "id": r.id})
	}
	if len(bad) > 0 {
		q.tx.rollback(mark)
		return answer{status: http.StatusBadRequest, body: map[string]any{"hasErrors": true, "results": bad}}
	}
	return answer{status: http.StatusCreated, body: map[string]any{"hasErrors": false, "results": good}}
}
