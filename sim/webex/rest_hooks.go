package webex

import (
	"cordboard/sim/stage"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The subscriptions' API, versions 1 and 2.

const maxSubscriptions = 20 // of one organization, over both versions

// eventTypes are those of each version ("List Event Types").
var eventTypes = map[int][]string{
	1: append([]string{"agent:login", "agent:logout", "agent:state_change"}, taskEvents...),
	2: append([]string{"agent:login", "agent:logout", "agent:channel_state_change", "agent:channelType_state_change"}, taskEvents...),
}

var taskEvents = []string{"capture:available", "task:new", "task:connect", "task:connected", "task:parked", "task:on-hold", "task:hold-done",
	"task:consulting", "task:consult-done", "task:conferencing", "task:conference-done", "task:conference-transferred", "task:ended",
	"task:failed", "task:origin-updated"}

// resourceVersions are what version 2 lists.
var resourceVersions = []string{"agent:1.0.0", "agent:2.0.0", "capture:1.0.0", "task:1.0.0"}

func (s *Server) subscriptionRoutes(api routeFunc) {
	for version, prefix := range map[int]string{1: "/v1", 2: "/v2"} {
		with := func(f func(http.ResponseWriter, *http.Request, caller, int)) func(http.ResponseWriter, *http.Request, caller) {
			return func(w http.ResponseWriter, r *http.Request, who caller) { f(w, r, who, version) }
		}
		api("GET "+prefix+"/event-types", scopeRead, with(s.getEventTypes))
		api("GET "+prefix+"/subscriptions", scopeRead, with(s.getHooks))
		api("POST "+prefix+"/subscriptions", scopeWrite, with(s.postHook))
		api("GET "+prefix+"/subscriptions/{id}", scopeRead, with(s.getHook))
		api("PATCH "+prefix+"/subscriptions/{id}", scopeWrite, with(s.patchHook))
		api("DELETE "+prefix+"/subscriptions/{id}", scopeWrite, with(s.deleteHook))
	}
}

func orgMeta() map[string]any { return map[string]any{"orgId": orgID} }

func (s *Server) getEventTypes(w http.ResponseWriter, _ *http.Request, _ caller, version int) {
	data := []map[string]string{}
	for _, name := range eventTypes[version] {
		resource, action, _ := strings.Cut(name, ":")
		data = append(data, map[string]string{"name": name, "resource": resource, "action": action})
	}
	meta := orgMeta()
	if version == 2 {
		var list []map[string]string
		for _, v := range resourceVersions {
			resource, number, _ := strings.Cut(v, ":")
			list = append(list, map[string]string{"resource": resource, "version": number})
		}
		meta["resourceVersionList"] = list
	}
	stage.Answer(w, http.StatusOK, map[string]any{"meta": meta, "data": data})
}

// wish is the body of creation and change.
type wish struct {
	Name            *string  `json:"name"`
	Description     *string  `json:"description"`
	EventTypes      []string `json:"eventTypes"`
	DestinationURL  *string  `json:"destinationUrl"`
	Secret          *string  `json:"secret"`
	Status          *string  `json:"status"`
	ResourceVersion *string  `json:"resourceVersion"`
	OrgID           string   `json:"orgId"`
}

// wrong says what is not acceptable.
func (x wish) wrong(version int) string {
	for _, name := range x.EventTypes {
		if !slices.Contains(eventTypes[version], name) {
			return "unknown event type " + name
		}
	}
	if x.DestinationURL != nil {
		if why := wrongURL(*x.DestinationURL); why != "" {
			return why
		}
	}
	switch {
	case x.Secret != nil && len(*x.Secret) > 256:
		return "secret is longer than 256 characters"
	case x.OrgID != "" && x.OrgID != orgID:
		return "the token has no permission for this organization"
	case x.Status != nil && *x.Status != "active" && *x.Status != "inactive":
		return "status must be active or inactive"
	case version == 2 && (x.ResourceVersion == nil || !slices.Contains(resourceVersions, *x.ResourceVersion)):
		return "resourceVersion is missing or unknown"
	}
	return ""
}

// wrongURL holds the rules for destinations, but for two: the vendor takes
// HTTPS at port 443 of a public name only. Here it may also be HTTP and a port,
// for who listens on loopback.
func wrongURL(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return "destinationUrl is no HTTPS address"
	case u.RawQuery != "" || u.User != nil || u.Fragment != "":
		return "destinationUrl must have no query, user or fragment"
	case u.Path == "":
		return "destinationUrl needs a path"
	}
	return ""
}

func (s *Server) postHook(w http.ResponseWriter, r *http.Request, who caller, version int) {
	var ask wish
	if !who.body(w, r, &ask) {
		return
	}
	if ask.Name == nil || *ask.Name == "" || len(ask.EventTypes) == 0 || ask.DestinationURL == nil {
		dataFailure(w, http.StatusBadRequest, "name, eventTypes and destinationUrl are needed")
		return
	}
	if why := ask.wrong(version); why != "" {
		dataFailure(w, http.StatusBadRequest, why)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hooks
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.subs) >= maxSubscriptions {
		dataFailure(w, http.StatusForbidden, "the organization has all the subscriptions that it may have")
		return
	}
	if s.life.Err() != nil {
		dataFailure(w, http.StatusInternalServerError, "the simulator is closing")
		return
	}
	now := nowMilli()
	k := &hook{ID: s.ids.uuid(), Created: now, CreatedBy: adminMail, Status: "active", version: version}
	k.take(ask)
	h.start(k)
	h.subs = append(h.subs, k)
	stage.Answer(w, http.StatusCreated, map[string]any{"meta": orgMeta(), "data": k})
}

const adminMail = "admin@cc.example"

// take puts what a request says into a subscription.
func (k *hook) take(x wish) {
	for _, m := range []struct {
		to   *string
		from *string
	}{{&k.Name, x.Name}, {&k.Description, x.Description}, {&k.DestinationURL, x.DestinationURL}, {&k.secret, x.Secret},
		{&k.Status, x.Status}, {&k.ResourceVersion, x.ResourceVersion}} {
		if m.from != nil {
			*m.to = *m.from
		}
	}
	if len(x.EventTypes) > 0 {
		k.EventTypes = x.EventTypes
	}
	if k.version == 1 {
		k.ResourceVersion = ""
	}
	k.Updated, k.UpdatedBy = nowMilli(), adminMail
}

// find returns a subscription of a version; it answers and is nil when there
// is none. Called under hooks.mu.
func (h *hooks) find(w http.ResponseWriter, id string, version int) *hook {
	for _, k := range h.subs {
		if k.ID == id && k.version == version {
			return k
		}
	}
	dataFailure(w, http.StatusNotFound, "there is no such subscription")
	return nil
}

func (s *Server) getHooks(w http.ResponseWriter, _ *http.Request, _ caller, version int) {
	h := s.hooks
	h.mu.Lock()
	defer h.mu.Unlock()
	list := []*hook{}
	for _, k := range h.subs {
		if k.version == version {
			list = append(list, k)
		}
	}
	meta := orgMeta()
	meta["subscriptionCount"] = len(h.subs) // of both versions, as documented
	stage.Answer(w, http.StatusOK, map[string]any{"meta": meta, "data": list})
}

func (s *Server) getHook(w http.ResponseWriter, r *http.Request, _ caller, version int) {
	h := s.hooks
	h.mu.Lock()
	defer h.mu.Unlock()
	if k := h.find(w, r.PathValue("id"), version); k != nil {
		stage.Answer(w, http.StatusOK, map[string]any{"meta": orgMeta(), "data": k})
	}
}

func (s *Server) patchHook(w http.ResponseWriter, r *http.Request, who caller, version int) {
	var ask wish
	if !who.body(w, r, &ask) {
		return
	}
	if why := ask.wrong(version); why != "" {
		dataFailure(w, http.StatusBadRequest, why)
		return
	}
	h := s.hooks
	h.mu.Lock()
	defer h.mu.Unlock()
	if k := h.find(w, r.PathValue("id"), version); k != nil {
		ask.Name = nil // names cannot be changed
		k.take(ask)
		stage.Answer(w, http.StatusOK, map[string]any{"meta": orgMeta(), "data": k})
	}
}

func (s *Server) deleteHook(w http.ResponseWriter, r *http.Request, _ caller, version int) {
	h := s.hooks
	h.mu.Lock()
	defer h.mu.Unlock()
	if k := h.find(w, r.PathValue("id"), version); k != nil {
		k.queue.finish()
		h.subs = slices.DeleteFunc(h.subs, func(x *hook) bool { return x == k })
		w.WriteHeader(http.StatusNoContent)
	}
}
