package genesys

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// The limits of the notification service (Notification service, "Limitations").
const (
	maxChannels = 20
	maxTopics   = 1000
)

// A channel is a list of topics and at most one socket that hears them. Guarded by Server.mu.
type channel struct {
	id      string
	token   string // of the request that made it
	topics  []string
	expires time.Time
	used    time.Time // when a socket or a subscription last used it
	socket  *socket   // nil when nobody listens: what is published meanwhile is lost
	feed    feed
}

func (s *Server) notificationRoutes(api func(string, resource)) {
	const channels = "/api/v2/notifications/channels"
	api("GET /api/v2/notifications/availabletopics", s.listTopics)
	api("GET "+channels, s.listChannels)
	api("POST "+channels, s.makeChannel)
	api("HEAD "+channels+"/{id}", s.onChannel(func(c *channel, _ request) (int, any, *apiError) { return http.StatusOK, nil, nil }))
	api("GET "+channels+"/{id}/subscriptions", s.onChannel(show((*channel).subscriptions)))
	api("PUT "+channels+"/{id}/subscriptions", s.onChannel(func(c *channel, r request) (int, any, *apiError) {
		return s.subscribe(c, r, nil)
	}))
	api("POST "+channels+"/{id}/subscriptions", s.onChannel(func(c *channel, r request) (int, any, *apiError) {
		return s.subscribe(c, r, c.topics)
	}))
	api("DELETE "+channels+"/{id}/subscriptions", s.onChannel(func(c *channel, _ request) (int, any, *apiError) {
		s.setTopics(c, nil)
		return http.StatusOK, nil, nil
	}))
}

func (s *Server) onChannel(f func(*channel, request) (int, any, *apiError)) resource {
	return func(r request) (int, any, *apiError) {
		c := s.liveChannel(r.PathValue("id"))
		if c == nil {
			return 0, nil, notFound("the channel")
		}
		return f(c, r)
	}
}

func (s *Server) liveChannel(id string) *channel {
	c := s.channels[id]
	if c != nil && time.Now().After(c.expires) {
		s.dropChannel(c)
		return nil
	}
	return c
}

// view is a Channel; its address is the one that the request came to, unless the configuration has another.
func (s *Server) view(r request, c *channel) map[string]any {
	base := s.cfg.URL
	if base == "" {
		base = "http://" + r.Host
		if r.TLS != nil {
			base = "https://" + r.Host
		}
	}
	return map[string]any{"id": c.id, "expires": stamp(c.expires),
		"connectUri": "ws" + strings.TrimPrefix(base, "http") + "/channels/" + c.id}
}

func (s *Server) listChannels(r request) (int, any, *apiError) {
	list := []any{}
	for _, c := range s.oldestFirst() {
		list = append(list, s.view(r, c))
	}
	return http.StatusOK, map[string]any{"entities": list}, nil
}

// makeChannel answers POST …/channels. The 21st channel of a client removes the one used least recently; those without
// a socket go first (documented at the resource).
func (s *Server) makeChannel(r request) (int, any, *apiError) {
	if len(s.channels) >= maxChannels {
		old := s.oldestFirst()
		victim := old[0]
		if i := slices.IndexFunc(old, func(c *channel) bool { return c.socket == nil }); i >= 0 {
			victim = old[i]
		}
		s.dropChannel(victim)
	}
	now := time.Now()
	c := &channel{id: "streaming-" + newID(), token: r.token.id, expires: now.Add(s.cfg.ChannelLife), used: now}
	s.channels[c.id] = c
	s.life.Changed()
	return http.StatusOK, s.view(r, c), nil
}

func (s *Server) oldestFirst() []*channel {
	list := make([]*channel, 0, len(s.channels))
	for _, c := range s.channels {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *channel) int { return a.used.Compare(b.used) })
	return list
}

func (s *Server) dropChannel(c *channel) {
	s.cut(c)
	s.setTopics(c, nil)
	delete(s.channels, c.id)
	s.life.Changed()
}

// subscribe replaces (PUT) or adds (POST) subscriptions. Unknown topics are rejected one by one. A topic that the
// client has no permission for fails the request, unless it says ignoreErrors. The answer names what was asked for.
func (s *Server) subscribe(c *channel, r request, have []string) (int, any, *apiError) {
	var ask []struct{ ID string }
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	rejected := map[string]map[string]any{}
	topics := slices.Clone(have)
	known := make(map[string]bool, len(have)+len(ask))
	for _, t := range have {
		known[t] = true
	}
	for _, one := range ask {
		t := s.template(one.ID)
		switch {
		case t == nil:
			rejected[one.ID] = rejection(one.ID, "unknown topic")
		case s.denied(t):
			if r.URL.Query().Get("ignoreErrors") != "true" {
				return 0, nil, &apiError{status: http.StatusForbidden, code: "missing.permissions",
					message: "Unable to perform the requested action. You are missing the following permission(s): " + t.permission}
			}
			rejected[one.ID] = rejection(one.ID, "missing permissions", t.permission)
		case !known[one.ID]:
			known[one.ID] = true
			topics = append(topics, one.ID)
		}
	}
	if len(topics) > maxTopics {
		return 0, nil, badRequest("The number of topics of a channel may be %d at most.", maxTopics)
	}
	s.setTopics(c, topics)
	asked := make([]map[string]any, 0, len(ask))
	for _, one := range ask {
		if why := rejected[one.ID]; why != nil {
			asked = append(asked, why)
			continue
		}
		asked = append(asked, c.subscription(one.ID))
	}
	return http.StatusOK, map[string]any{"entities": asked}, nil
}

func rejection(topic, why string, missing ...string) map[string]any {
	return map[string]any{"id": topic, "state": "Rejected", "rejectionReason": why, "missingPermissions": append([]string{}, missing...)}
}

// setTopics replaces the topics and prolongs the channel's life.
func (s *Server) setTopics(c *channel, topics []string) {
	for _, t := range c.topics {
		if rest := slices.DeleteFunc(s.byTopic[t], func(o *channel) bool { return o == c }); len(rest) > 0 {
			s.byTopic[t] = rest
		} else {
			delete(s.byTopic, t)
		}
	}
	c.topics = topics
	for _, t := range topics {
		s.byTopic[t] = append(s.byTopic[t], c)
	}
	c.used = time.Now()
	c.expires = c.used.Add(s.cfg.ChannelLife)
	s.life.Changed()
}

func (c *channel) subscription(topic string) map[string]any {
	return map[string]any{"id": topic, "state": "Permitted", "selfUri": "/api/v2/notifications/channels/" + c.id + "/subscriptions"}
}

func (c *channel) subscriptions() map[string]any {
	entities := make([]map[string]any, 0, len(c.topics))
	for _, t := range c.topics {
		entities = append(entities, c.subscription(t))
	}
	return map[string]any{"entities": entities}
}
