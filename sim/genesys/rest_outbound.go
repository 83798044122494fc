package genesys

import (
	"maps"
	"net/http"
	"slices"
)

const (
	campaignsPath = "/api/v2/outbound/campaigns"
	listsPath     = "/api/v2/outbound/contactlists"
)

func (s *Server) outboundRoutes(api func(string, resource)) {
	api("GET "+campaignsPath, s.listCampaigns)
	api("GET "+campaignsPath+"/all", s.listCampaigns)
	api("GET "+campaignsPath+"/divisionviews", s.listCampaigns)
	api("GET "+campaignsPath+"/{campaign}", func(r request) (int, any, *apiError) {
		k := s.org.campaign(r.PathValue("campaign"))
		if k == nil {
			return 0, nil, notFound("the campaign")
		}
		return http.StatusOK, s.campaignView(k), nil
	})
	api("GET "+listsPath, s.listLists)
	api("GET "+listsPath+"/{list}", s.onList(show(s.listView)))
	contacts := listsPath + "/{list}/contacts"
	api("POST "+contacts, s.onList(s.addContacts))
	api("DELETE "+contacts, s.onList(s.deleteContacts))
	api("GET "+contacts+"/{contact}", s.onContact(show((*contact).view)))
	api("PUT "+contacts+"/{contact}", s.onContact(s.putContact))
	api("DELETE "+contacts+"/{contact}", s.onContact(func(k *contact, _ request) (int, any, *apiError) {
		k.list.remove(k)
		return http.StatusNoContent, nil, nil
	}))
	api("GET /api/v2/outbound/attemptlimits/{limits}", func(r request) (int, any, *apiError) {
		if l := s.org.limits; l.id == r.PathValue("limits") {
			return http.StatusOK, l.view(), nil
		}
		return 0, nil, notFound("the attempt limits")
	})
	api("GET /api/v2/outbound/wrapupcodemappings", func(request) (int, any, *apiError) { return http.StatusOK, s.org.mapping.view(), nil })
	api("PUT /api/v2/outbound/wrapupcodemappings", s.putMapping)
}

func (s *Server) listCampaigns(r request) (int, any, *apiError) {
	p, refused := page(r, 100)
	if refused != nil {
		return 0, nil, refused
	}
	q := r.URL.Query()
	var found []*campaign
	for _, k := range s.org.campaigns {
		if startsWith(k.name, q.Get("name")) && (len(q["id"]) == 0 || slices.Contains(q["id"], k.id)) &&
			(q.Get("contactListId") == "" || q.Get("contactListId") == k.list.id) {
			found = append(found, k)
		}
	}
	return http.StatusOK, listing(r, p, found, func(k *campaign) any { return s.campaignView(k) }), nil
}

func (s *Server) campaignView(k *campaign) any {
	v := map[string]any{"id": k.id, "name": k.name, "version": k.version, "contactList": ref{k.list.id, k.list.name}, "queue": nil,
		"dialingMode": k.mode, "script": ref{ID: k.script}, "campaignStatus": k.status, "phoneColumns": k.columns,
		"callerAddress": s.org.callerID, "callerName": s.org.callerName, "skipPreviewDisabled": k.skipDisabled,
		"previewTimeOutSeconds": k.timeout, "previewAutoEnd": k.autoEnd, "callbackAutoAnswer": false, "alwaysRunning": true,
		"division": ref{ID: s.org.division},
		"selfUri":  campaignsPath + "/" + k.id}
	if k.queue != nil {
		v["queue"] = ref{k.queue.id, k.queue.name}
	}
	return v
}

func (s *Server) onList(f func(*contactList, request) (int, any, *apiError)) resource {
	return func(r request) (int, any, *apiError) {
		l := s.org.list(r.PathValue("list"))
		if l == nil {
			return 0, nil, notFound("the contact list")
		}
		return f(l, r)
	}
}

func (s *Server) listLists(r request) (int, any, *apiError) {
	p, refused := page(r, 100)
	if refused != nil {
		return 0, nil, refused
	}
	return http.StatusOK, listing(r, p, s.org.lists, func(l *contactList) any { return s.listView(l) }), nil
}

func (s *Server) listView(l *contactList) any {
	v := map[string]any{"id": l.id, "name": l.name, "version": l.version, "dateCreated": stamp(l.made), "columnNames": l.columns,
		"phoneColumns": l.phones, "size": len(l.contacts), "division": ref{ID: s.org.division}, "selfUri": listsPath + "/" + l.id}
	if l.limits != nil {
		v["attemptLimits"] = ref{l.limits.id, l.limits.name}
	}
	return v
}

func (a *attemptLimits) view() any {
	return map[string]any{"id": a.id, "name": a.name, "version": 1, "maxAttemptsPerContact": a.perContact,
		"maxAttemptsPerNumber": a.perNumber, "resetPeriod": "NEVER", "selfUri": "/api/v2/outbound/attemptlimits/" + a.id}
}

func (m *codeMapping) view() any {
	return map[string]any{"id": m.id, "version": m.version, "defaultSet": slices.Clone(m.defaults), "mapping": maps.Clone(m.mapping)}
}

func (s *Server) putMapping(r request) (int, any, *apiError) {
	var ask struct {
		DefaultSet []string
		Mapping    map[string][]string
	}
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	m := s.org.mapping
	m.version, m.defaults, m.mapping = m.version+1, ask.DefaultSet, ask.Mapping
	return http.StatusOK, m.view(), nil
}
