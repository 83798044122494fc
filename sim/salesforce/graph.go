package salesforce

import (
	"net/http"
	"strings"
)

// The documented limits of a composite graph payload ("Composite Graph Limits").
const (
	maxGraphs        = 75
	maxNodes         = 500
	maxDepth         = 15
	maxNodeKinds     = 15
	maxGraphFailures = 14
)

type graphResult struct {
	ID         string         `json:"graphId"`
	Response   map[string]any `json:"graphResponse"`
	Successful bool           `json:"isSuccessful"`
}

type graph struct {
	id    string
	nodes []subrequest
}

// serveGraph runs each graph as one transaction of its own; the whole is one API call (v50 and later).
func (s *Server) serveGraph(q *request) answer {
	if q.method != http.MethodPost {
		return s.refuse(notAllowed(q))
	}
	graphs, err := graphsOf(q)
	if err != nil {
		return s.refuse(err)
	}
	results := make([]graphResult, len(graphs))
	failures := 0
	for i, g := range graphs {
		results[i].ID = g.id
		if failures > maxGraphFailures {
			parts := make([]subresponse, len(g.nodes))
			halted := fail("PROCESSING_HALTED", "Processing was halted: too many graphs of this request failed")
			for j, n := range g.nodes {
				parts[j] = halted.answer("").part(n.ref)
			}
			results[i].Response = map[string]any{"compositeResponse": parts}
			continue
		}
		parts, ok := s.runParts(q, g.nodes, true)
		if !ok {
			failures++
			haltGood(parts)
		}
		results[i].Response = map[string]any{"compositeResponse": parts}
		results[i].Successful = ok
	}
	return answer{status: http.StatusOK, body: map[string]any{"graphs": results}}
}

func graphsOf(q *request) ([]graph, *apiError) {
	m, _ := q.body.(map[string]any)
	list, ok := m["graphs"].([]any)
	if !ok || len(list) == 0 {
		return nil, badJSON("The Required field 'graphs' is missing")
	}
	if len(list) > maxGraphs {
		return nil, fail("LIMIT_EXCEEDED", "Limit Exceeded. Maximum number of graphs is %d", maxGraphs)
	}
	graphs, ids, kinds, nodes := make([]graph, len(list)), map[string]bool{}, map[string]bool{}, 0
	for i, e := range list {
		g, _ := e.(map[string]any)
		id := str(g["graphId"])
		if id == "" || ids[id] {
			return nil, fail("INVALID_INPUT", "Each graph needs a graphId of its own: %q", id)
		}
		ids[id] = true
		subs, err := subrequestsOf(g["compositeRequest"])
		if err != nil {
			return nil, err
		}
		if err := graphShape(subs, kinds); err != nil {
			return nil, err
		}
		graphs[i] = graph{id, subs}
		nodes += len(subs)
	}
	switch {
	case nodes > maxNodes:
		return nil, fail("LIMIT_EXCEEDED", "Limit Exceeded. Maximum number of nodes is %d", maxNodes)
	case len(kinds) > maxNodeKinds:
		return nil, fail("LIMIT_EXCEEDED", "Limit Exceeded. Maximum number of different nodes is %d", maxNodeKinds)
	}
	return graphs, nil
}

// graphShape checks that the nodes are rows, collects their kinds (method, version, object) and bounds the depth.
func graphShape(subs []subrequest, kinds map[string]bool) *apiError {
	depth := map[string]int{}
	for _, n := range subs {
		steps := strings.Split(strings.TrimPrefix(n.url, "/services/data/"), "/")
		if len(steps) < 3 || steps[1] != "sobjects" || len(steps) > 5 {
			return fail("INVALID_INPUT", "The resource %s can't be used in a composite graph", n.url)
		}
		kinds[n.method+" "+steps[0]+" "+strings.ToLower(steps[2])] = true
		depth[n.ref] = 1
		for before, d := range depth {
			if before != n.ref && d >= depth[n.ref] && refersTo(n, before) {
				depth[n.ref] = d + 1
			}
		}
		if depth[n.ref] > maxDepth {
			return fail("LIMIT_EXCEEDED", "Limit Exceeded. Maximum depth of a graph is %d", maxDepth)
		}
	}
	return nil
}

func refersTo(n subrequest, ref string) bool {
	needle := "@{" + ref + "."
	if strings.Contains(n.url, needle) {
		return true
	}
	return holdsText(n.body, needle)
}

func holdsText(v any, needle string) bool {
	switch v := v.(type) {
	case string:
		return strings.Contains(v, needle)
	case map[string]any:
		for _, e := range v {
			if holdsText(e, needle) {
				return true
			}
		}
	case []any:
		for _, e := range v {
			if holdsText(e, needle) {
				return true
			}
		}
	}
	return false
}
