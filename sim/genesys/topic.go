package genesys

import (
	"slices"
	"strings"
)

// A topic is one template of the topics that exist, as GET /api/v2/notifications/availabletopics lists them.
type topic struct {
	template   string
	about      string
	permission string
	transports []string
	preview    bool // not published for everybody yet
}

var (
	everywhere = []string{"All"}
	sockets    = []string{"Websocket"}
)

const viewConversations = "conversation:communication:view"

// detailEvents are the last parts of v2.detail.events.conversation.{id}.….
var detailEvents = []string{"acd.start", "acd.end", "acw", "attributes", "customer.start", "customer.end", "outbound",
	"user.start", "user.end", "wrapup"}

// topics are those that this org ever publishes. Which transports each has is inferred except for the detail events,
// which WebSockets carry for one conversation at a time only (documented).
func (s *Server) topics() []topic {
	list := []topic{
		{"v2.users.{id}.conversations", "Conversations of a user", viewConversations, everywhere, false},
		{"v2.users.{id}.conversations.calls", "Calls of a user", viewConversations, sockets, false},
		{"v2.users.{id}.conversations.callbacks", "Callbacks of a user", viewConversations, sockets, false},
		{"v2.routing.queues.{id}.conversations", "Conversations of a queue", viewConversations, sockets, false},
		{"v2.routing.queues.{id}.conversations.calls", "Calls of a queue", viewConversations, sockets, false},
		{"v2.routing.queues.{id}.conversations.callbacks", "Callbacks of a queue", viewConversations, sockets, false},
		{"v2.users.{id}.presence", "Presence of a user", "presence:user:view", everywhere, false},
		{"v2.users.{id}.routingStatus", "Routing status of a user", "routing:queue:view", everywhere, false},
		{"v2.users.{id}.activity", "Presence and routing status of a user", "routing:queue:view", everywhere, false},
		{"v2.system.socket_closing", "The socket will close soon", "", sockets, false},
		{"v2.system.token_revoked", "The token is not valid any more", "", sockets, false},
		{"v2.system.no_longer_subscribed", "A subscription has ended", "", sockets, false},
	}
	for _, name := range detailEvents {
		list = append(list, topic{"v2.detail.events.conversation.{id}." + name, "Detail event " + name,
			"analytics:conversationDetail:view", everywhere, false})
	}
	if !s.cfg.NoOutboundTopics {
		for _, kind := range []string{"preview", "voice"} {
			for _, when := range []string{"preContact", "postContact"} {
				list = append(list, topic{"v2.outbound." + kind + ".campaigns.contact." + when, "Dialer, " + when,
					"outbound:campaign:view", everywhere, true})
			}
		}
	}
	return list
}

// template finds the template that a topic's name follows; "" when there is none.
func (s *Server) template(name string) *topic {
	for _, t := range s.catalog {
		if follows(name, t.template) {
			return &t
		}
	}
	return nil
}

// follows says whether name is the template with an id in place of {id}. Wildcards are no ids: nobody may listen to
// all users or conversations at once.
func follows(name, template string) bool {
	before, after, has := strings.Cut(template, "{id}")
	if !has {
		return name == template
	}
	if len(name) <= len(before)+len(after) || !strings.HasPrefix(name, before) || !strings.HasSuffix(name, after) {
		return false
	}
	id := name[len(before) : len(name)-len(after)]
	return !strings.ContainsAny(id, ".*")
}

func (s *Server) denied(t *topic) bool { return slices.Contains(s.cfg.Denied, t.template) }

// listTopics answers GET /api/v2/notifications/availabletopics.
func (s *Server) listTopics(r request) (int, any, *apiError) {
	expand := r.URL.Query()["expand"]
	wants := func(what string) bool { return strings.Contains(strings.Join(expand, ","), what) }
	entities := []map[string]any{}
	for _, t := range s.catalog {
		if t.preview && r.URL.Query().Get("includePreview") == "false" {
			continue
		}
		one := map[string]any{"id": t.template, "description": t.about, "visibility": "Public",
			"requiresCurrentUser": false, "requiresPermissions": []string{}, "topicParameters": []string{}}
		if t.preview {
			one["visibility"] = "Preview"
		}
		if t.permission != "" {
			one["requiresPermissions"] = []string{t.permission}
		}
		if strings.Contains(t.template, "{id}") {
			one["topicParameters"] = []string{"id"}
		}
		if wants("transports") {
			one["transports"] = t.transports
		}
		if wants("schema") {
			one["schema"] = map[string]any{"type": "object"}
		}
		entities = append(entities, one)
	}
	return 200, map[string]any{"entities": entities}, nil
}
