package salesforce

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

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

// subrequest is one part of a composite call or one node of a graph.
type subrequest struct {
	method, url, ref string
	body             any
	headers          map[string]any
}

func subrequestsOf(v any) ([]subrequest, *apiError) {
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return nil, badJSON("The Required field 'compositeRequest' is missing")
	}
	out := make([]subrequest, len(list))
	for i, e := range list {
		m, _ := e.(map[string]any)
		headers, _ := m["httpHeaders"].(map[string]any)
		out[i] = subrequest{strings.ToUpper(str(m["method"])), str(m["url"]), str(m["referenceId"]), m["body"], headers}
		if out[i].ref == "" || out[i].method == "" || out[i].url == "" {
			return nil, badJSON("A subrequest needs method, url and referenceId")
		}
		for _, c := range out[i].ref {
			if !strings.ContainsRune(base62+"_", c) {
				return nil, fail("INVALID_INPUT", "Invalid reference ID: %s. Only letters, numbers and underscores are allowed.", out[i].ref)
			}
		}
		for _, before := range out[:i] {
			if before.ref == out[i].ref {
				return nil, fail("INVALID_INPUT", "Duplicate reference ID: %s", out[i].ref)
			}
		}
	}
	return out, nil
}

// subresponse is what one part answered.
type subresponse struct {
	Body    any               `json:"body"`
	Headers map[string]string `json:"httpHeaders"`
	Status  int               `json:"httpStatusCode"`
	Ref     string            `json:"referenceId"`
}

func (a answer) part(ref string) subresponse {
	headers := map[string]string{}
	if a.location != "" {
		headers["Location"] = a.location
	}
	return subresponse{a.body, headers, a.status, ref}
}

func rolledBack() *apiError {
	return fail("PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed.")
}

const (
	maxSubrequests = 25
	maxHeavy       = 5 // collections or queries among them
)

// serveComposite runs up to 25 subrequests in order; later ones may refer to earlier answers. With allOrNone one
// failure takes back everything and the others answer 400. The whole is one API call.
func (s *Server) serveComposite(q *request) answer {
	m, _ := q.body.(map[string]any)
	subs, err := subrequestsOf(m["compositeRequest"])
	if err != nil {
		return s.refuse(err)
	}
	if len(subs) > maxSubrequests {
		return s.refuse(fail("LIMIT_EXCEEDED", "Limit Exceeded. Maximum number of subrequests is %d", maxSubrequests))
	}
	heavy := 0
	for _, sub := range subs {
		if strings.Contains(sub.url, "/query") || strings.Contains(sub.url, "/composite/sobjects") {
			heavy++
		}
	}
	if heavy > maxHeavy {
		return s.refuse(fail("LIMIT_EXCEEDED", "Limit Exceeded. Maximum number of collections and query subrequests is %d", maxHeavy))
	}
	allOrNone, _ := m["allOrNone"].(bool)
	parts, ok := s.runParts(q, subs, allOrNone)
	if allOrNone && !ok {
		haltGood(parts)
	}
	return answer{status: http.StatusOK, body: map[string]any{"compositeResponse": parts}}
}

// runParts runs the parts; where all depend on each other it stops at the first failure and takes everything back.
func (s *Server) runParts(q *request, subs []subrequest, atomic bool) ([]subresponse, bool) {
	mark, ok := q.tx.mark(), true
	answers := answersByRef{}
	parts := make([]subresponse, len(subs))
	for i, sub := range subs {
		if atomic && !ok {
			parts[i] = rolledBack().answer("").part(sub.ref)
			continue
		}
		a := s.runPart(q, sub, answers)
		answers[sub.ref] = a
		parts[i] = a.part(sub.ref)
		ok = ok && !a.failed() && !(atomic && anyFailed(a.body))
	}
	if atomic && !ok {
		q.tx.rollback(mark)
	}
	return parts, ok
}

// anyFailed says whether a collection's answer holds a failure: an outer allOrNone reaches into collections.
func anyFailed(body any) bool {
	results, _ := body.([]saveResult)
	for _, r := range results {
		if !r.Success {
			return true
		}
	}
	return false
}

func haltGood(parts []subresponse) {
	for i, p := range parts {
		if p.Status < 300 && !anyFailed(p.Body) {
			parts[i] = rolledBack().answer("").part(p.Ref)
		}
	}
}

func (s *Server) runPart(q *request, sub subrequest, answers answersByRef) answer {
	address, err := answers.text(sub.url, true)
	if err != nil {
		return s.refuse(err)
	}
	body, err := answers.fill(sub.body)
	if err != nil {
		return s.refuse(err)
	}
	u, parseErr := url.Parse(str(address))
	if parseErr != nil {
		return s.refuse(notFound())
	}
	inner, err := parsePath(sub.method, u)
	if err != nil {
		return s.refuse(err)
	}
	inner.tx, inner.body = q.tx, body
	kind, handle := s.resource(inner)
	if kind == "composite" || kind == "graph" || kind == "tree" {
		return s.refuse(fail("INVALID_INPUT", "The resource %s can't be used in a composite request", sub.url))
	}
	return handle(inner)
}

// answersByRef are the answers so far, for references such as @{ref.id} or @{ref.records[0].Id}.
type answersByRef map[string]answer

// fill replaces the references in every text of a body.
func (a answersByRef) fill(v any) (any, *apiError) {
	switch v := v.(type) {
	case string:
		return a.text(v, false)
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			filled, err := a.fill(e)
			if err != nil {
				return nil, err
			}
			out[k] = filled
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			filled, err := a.fill(e)
			if err != nil {
				return nil, err
			}
			out[i] = filled
		}
		return out, nil
	}
	return v, nil
}

// text replaces references in one text; a text that is one reference takes over the value's type.
func (a answersByRef) text(text string, escape bool) (any, *apiError) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "@{")
		name, rest, closed := strings.Cut(after, "}")
		if !found || !closed {
			b.WriteString(text)
			return b.String(), nil
		}
		v, err := a.value(name)
		if err != nil {
			return nil, err
		}
		if before == "" && rest == "" && b.Len() == 0 && !escape {
			return v, nil
		}
		b.WriteString(before)
		if escape {
			b.WriteString(url.PathEscape(fmt.Sprint(v)))
		} else {
			b.WriteString(fmt.Sprint(v))
		}
		text = rest
	}
}

func (a answersByRef) value(path string) (any, *apiError) {
	steps := strings.FieldsFunc(path, func(c rune) bool { return c == '.' || c == '[' || c == ']' })
	missing := fail("PROCESSING_HALTED", "Invalid reference specified. No value for %s found", path)
	if len(steps) == 0 {
		return nil, missing
	}
	from, ok := a[steps[0]]
	if !ok || from.failed() || from.body == nil {
		return nil, missing
	}
	raw, _ := json.Marshal(from.body)
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return nil, missing
	}
	for _, step := range steps[1:] {
		switch node := v.(type) {
		case map[string]any:
			v, ok = node[step]
		case []any:
			i, err := strconv.Atoi(step)
			if ok = err == nil && i < len(node) && i >= 0; ok {
				v = node[i]
			}
		default:
			ok = false
		}
		if !ok || v == nil {
			return nil, missing
		}
	}
	return v, nil
}
