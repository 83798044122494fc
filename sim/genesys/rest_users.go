package genesys

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

func (s *Server) userRoutes(api func(string, resource)) {
	api("GET /api/v2/users", s.listUsers)
	api("GET /api/v2/users/me", func(request) (int, any, *apiError) { return 0, nil, userContext() })
	api("POST /api/v2/users/search", s.searchUsers)
	api("GET /api/v2/users/{user}", s.onUser(func(u *user, r request) (int, any, *apiError) {
		return http.StatusOK, s.userView(u, expansions(r)), nil
	}))
	api("GET /api/v2/users/{user}/queues", s.onUser(func(u *user, r request) (int, any, *apiError) { return s.listQueues(r) }))
	api("GET /api/v2/users/{user}/routingstatus", s.onUser(show(s.routingView)))
	api("PUT /api/v2/users/{user}/routingstatus", s.onUser(s.putRouting))
	for _, source := range []string{"purecloud", "PURECLOUD"} {
		api("GET /api/v2/users/{user}/presences/"+source, s.onUser(show(s.presenceView)))
		api("PATCH /api/v2/users/{user}/presences/"+source, s.onUser(s.patchPresence))
	}
	api("GET /api/v2/presencedefinitions", s.listPresences)
	api("GET /api/v2/presence/definitions", s.listPresences)
	api("GET /api/v2/systempresences", func(request) (int, any, *apiError) {
		list := []any{}
		for _, p := range s.org.presences {
			list = append(list, map[string]string{"id": p.id, "name": p.system})
		}
		return http.StatusOK, list, nil
	})
	api("GET /api/v2/organizations/me", func(request) (int, any, *apiError) {
		return http.StatusOK, map[string]any{"id": s.org.id, "name": "Simulated org", "thirdPartyOrgName": "simulated",
			"defaultLanguage": "en-us", "defaultCountryCode": "US", "domain": "org.example", "version": 1, "state": "active",
			"features": map[string]bool{}, "selfUri": "/api/v2/organizations/me"}, nil
	})
}

func (s *Server) onUser(f func(*user, request) (int, any, *apiError)) resource {
	return func(r request) (int, any, *apiError) {
		u := s.org.byID[r.PathValue("user")]
		if u == nil {
			return 0, nil, notFound("the user")
		}
		return f(u, r)
	}
}

// expansions are the values of expand, repeated or in one value with commas.
func expansions(r request) []string {
	return strings.Split(strings.Join(r.URL.Query()["expand"], ","), ",")
}

func (s *Server) userView(u *user, expand []string) map[string]any {
	v := map[string]any{"id": u.id, "name": u.name, "email": u.email, "username": u.email, "state": "active", "version": u.version,
		"division": ref{ID: s.org.division, Name: "Home"}, "acdAutoAnswer": s.cfg.AutoAnswer, "selfUri": "/api/v2/users/" + u.id,
		"chat": map[string]string{"jabberId": u.id + "@org.example"}, "primaryContactInfo": []any{}, "addresses": []any{}}
	for _, what := range expand {
		switch what {
		case "presence":
			v[what] = s.presenceView(u)
		case "routingStatus":
			v[what] = s.routingView(u)
		case "conversationSummary":
			v[what] = map[string]any{"userId": u.id, "call": map[string]any{"contactCenter": map[string]int{"active": u.busy, "acw": u.acw},
				"enterprise": map[string]int{"active": 0}}}
		}
	}
	return v
}

// maxUsers is the largest page of users.
const maxUsers = 500

func (s *Server) listUsers(r request) (int, any, *apiError) {
	p, refused := page(r, maxUsers)
	if refused != nil {
		return 0, nil, refused
	}
	users := s.org.users
	if ids := r.URL.Query()["id"]; len(ids) > 0 {
		ids = strings.Split(strings.Join(ids, ","), ",")
		users = nil
		for _, u := range s.org.users {
			if slices.Contains(ids, u.id) {
				users = append(users, u)
			}
		}
	}
	if state := r.URL.Query().Get("state"); state != "" && state != "active" && state != "any" {
		users = nil
	}
	expand := expansions(r)
	return http.StatusOK, listing(r, p, users, func(u *user) any { return s.userView(u, expand) }), nil
}

// searchUsers answers POST /api/v2/users/search: the criteria EXACT, STARTS_WITH, CONTAINS and TERM over id, name,
// email and username; all of them have to hold.
func (s *Server) searchUsers(r request) (int, any, *apiError) {
	var ask struct {
		PageSize, PageNumber int
		Expand               []string
		Query                []criterion
	}
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	p := paging{or(ask.PageSize, 25), or(ask.PageNumber, 1)}
	if p.size < 1 || p.size > maxUsers || p.number < 1 {
		return 0, nil, badRequest("The page size may be %d at most.", maxUsers)
	}
	var found []*user
	for _, u := range s.org.users {
		if !slices.ContainsFunc(ask.Query, func(q criterion) bool { return !q.holds(u) }) {
			found = append(found, u)
		}
	}
	v := listing(r, p, found, func(u *user) any { return s.userView(u, ask.Expand) })
	return http.StatusOK, map[string]any{"results": v["entities"], "total": v["total"], "pageSize": p.size, "pageNumber": p.number,
		"pageCount": v["pageCount"], "types": []string{"users"}}, nil
}

type criterion struct {
	Type, Value string
	Values      []string
	Fields      []string
}

func (q criterion) holds(u *user) bool {
	values := q.Values
	if q.Value != "" {
		values = append(values, q.Value)
	}
	fields := map[string]string{"id": u.id, "guid": u.id, "name": u.name, "email": u.email, "username": u.email}
	for _, field := range q.Fields {
		have := strings.ToLower(fields[field])
		for _, v := range values {
			v = strings.ToLower(v)
			switch q.Type {
			case "EXACT", "TERM", "TERMS":
				if have == v {
					return true
				}
			case "STARTS_WITH":
				if strings.HasPrefix(have, v) {
					return true
				}
			default:
				if strings.Contains(have, v) {
					return true
				}
			}
		}
	}
	return false
}

func (s *Server) putRouting(u *user, r request) (int, any, *apiError) {
	var ask struct{ Status string }
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	if !slices.Contains([]string{idle, interacting, notResponded, offQueue, "COMMUNICATING"}, ask.Status) {
		return 0, nil, badRequest("Value [%s] is not valid for field type [status].", ask.Status)
	}
	s.setRouting(u, ask.Status)
	return http.StatusOK, s.routingView(u), nil
}

func (s *Server) patchPresence(u *user, r request) (int, any, *apiError) {
	var ask struct {
		Message            string
		PresenceDefinition struct{ ID string }
	}
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	p, ok := s.org.presence(ask.PresenceDefinition.ID)
	if !ok {
		return 0, nil, badRequest("The presence definition does not exist.")
	}
	s.setPresence(u, p, ask.Message)
	return http.StatusOK, s.presenceView(u), nil
}

func (s *Server) listPresences(r request) (int, any, *apiError) {
	p, refused := page(r, 100)
	if refused != nil {
		return 0, nil, refused
	}
	return http.StatusOK, listing(r, p, s.org.presences, func(p presence) any {
		return map[string]any{"id": p.id, "name": p.system, "systemPresence": p.system, "type": "System", "deactivated": false,
			"primary": true, "languageLabels": map[string]string{"en_US": p.system}, "createdDate": stamp(time.Unix(1_600_000_000, 0)),
			"selfUri": r.URL.Path + "/" + p.id}
	}), nil
}
