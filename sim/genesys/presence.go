package genesys

import "time"

// What users are doing, and who is told.

// setRouting changes a user's routing status.
func (s *Server) setRouting(u *user, status string) {
	if u.routing == status {
		return
	}
	u.routing, u.routingAt = status, time.Now()
	s.publish("v2.users.{id}.routingStatus", u.id, &once{make: func() any {
		return map[string]any{"id": u.id, "routingStatus": s.routingView(u)}
	}})
	s.publishActivity(u)
	s.life.Changed()
}

func (s *Server) routingView(u *user) map[string]any {
	return map[string]any{"userId": u.id, "status": u.routing, "startTime": stamp(u.routingAt)}
}

// setPresence changes a user's presence. On Queue is what makes the user available for calls.
func (s *Server) setPresence(u *user, p presence, message string) {
	u.presence, u.message, u.presenceAt = p, message, time.Now()
	s.publish("v2.users.{id}.presence", u.id, &once{make: func() any {
		return map[string]any{"source": "PURECLOUD", "primary": true, "message": u.message, "modifiedDate": stamp(u.presenceAt),
			"presenceDefinition": map[string]string{"id": u.presence.id, "systemPresence": u.presence.system}}
	}})
	switch {
	case p.system != onQueue:
		s.setRouting(u, offQueue)
	case u.busy > 0 || u.acw > 0:
		s.setRouting(u, interacting)
	default:
		s.setRouting(u, idle)
	}
	s.publishActivity(u)
}

func (s *Server) presenceView(u *user) map[string]any {
	return map[string]any{"source": "PURECLOUD", "sourceId": "PURECLOUD", "primary": true, "message": u.message,
		"modifiedDate": stamp(u.presenceAt),
		"presenceDefinition": map[string]string{"id": u.presence.id, "systemPresence": u.presence.system,
			"selfUri": "/api/v2/presence/definitions/" + u.presence.id},
		"selfUri": "/api/v2/users/" + u.id + "/presences/purecloud"}
}

func (s *Server) publishActivity(u *user) {
	s.publish("v2.users.{id}.activity", u.id, &once{make: func() any {
		queues := []string{}
		if u.presence.system == onQueue {
			for _, q := range s.org.queues {
				queues = append(queues, q.id)
			}
		}
		return map[string]any{"id": u.id, "routingStatus": s.routingView(u), "activeQueueIds": queues,
			"presence": map[string]any{"presenceDefinition": map[string]string{"id": u.presence.id, "systemPresence": u.presence.system},
				"presenceMessage": u.message, "modifiedDate": stamp(u.presenceAt)}}
	}})
}

// afterWork frees a user who is in no call and owes no wrap-up any more.
func (s *Server) afterWork(u *user) {
	if u.busy > 0 || u.acw > 0 || u.routing == notResponded {
		return
	}
	if u.presence.system == onQueue {
		s.setRouting(u, idle)
	} else {
		s.setRouting(u, offQueue)
	}
}
