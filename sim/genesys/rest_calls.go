package genesys

import "net/http"

// The requests about whole calls.

func setRecordingState(c *conversation, r request) (int, any, *apiError) {
	var ask struct{ RecordingState string }
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	if refused := c.setRecording(ask.RecordingState); refused != nil {
		return 0, nil, refused
	}
	return http.StatusAccepted, nil, nil
}

func disconnectAll(c *conversation, _ request) (int, any, *apiError) {
	if refused := c.customerLeaves(); refused != nil {
		return 0, nil, refused
	}
	return http.StatusAccepted, nil, nil
}

// patchConversation answers the older PATCH that can do several things at once.
func (s *Server) patchConversation(c *conversation, r request) (int, any, *apiError) {
	var ask struct {
		State, RecordingState string
		ConversationIDs       []string
	}
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	var refused *apiError
	switch {
	case len(ask.ConversationIDs) > 0:
		refused = s.mergeInto(c, ask.ConversationIDs)
	case ask.RecordingState != "":
		refused = c.setRecording(ask.RecordingState)
	case ask.State == disconnected:
		refused = c.customerLeaves()
	default:
		refused = badRequest("There is nothing to change.")
	}
	if refused != nil {
		return 0, nil, refused
	}
	return http.StatusOK, c.mediaView(voice), nil
}

func (s *Server) conference(c *conversation, r request) (int, any, *apiError) {
	var ask struct{ ConversationIDs []string }
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	if refused := s.mergeInto(c, ask.ConversationIDs); refused != nil {
		return 0, nil, refused
	}
	return http.StatusOK, c.mediaView(voice), nil
}

func (s *Server) mergeInto(c *conversation, ids []string) *apiError {
	var others []*conversation
	for _, id := range ids {
		if id == c.id {
			continue
		}
		o := s.calls[id]
		if o == nil {
			return notFound("the conversation " + id)
		}
		others = append(others, o)
	}
	if len(others) == 0 {
		return badRequest("conversationIds names no other conversation.")
	}
	return c.merge(others)
}

// placePreview answers POST …/calls/{id}: the call of a preview, which the agent who accepted it makes.
func placePreview(c *conversation, r request) (int, any, *apiError) {
	var ask struct{ CallNumber, PhoneColumn string }
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	for _, p := range c.parties {
		if ss := p.session(callback); p.user != nil && ss.is(connected) {
			if refused := c.place(p, ask.CallNumber, ask.PhoneColumn); refused != nil {
				return 0, nil, refused
			}
			c.answersByItself(c.remote())
			return http.StatusAccepted, map[string]any{"id": c.id, "selfUri": callsPath + "/" + c.id}, nil
		}
	}
	return 0, nil, notNow("Nobody has accepted the callback.")
}

// makeCall needs a user who calls; client credentials have none.
func (s *Server) makeCall(request) (int, any, *apiError) { return 0, nil, userContext() }

// makeCallFor answers POST …/calls/user/{user}: a call on behalf of a user.
func (s *Server) makeCallFor(u *user, r request) (int, any, *apiError) {
	var ask struct {
		PhoneNumber, CallFromQueueID string
		Attributes                   map[string]string
	}
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	if ask.PhoneNumber == "" {
		return 0, nil, badRequest("phoneNumber is missing.")
	}
	var q *queue
	if ask.CallFromQueueID != "" {
		if q = s.org.queue(ask.CallFromQueueID); q == nil {
			return 0, nil, notFound("the queue")
		}
	}
	c := s.newConversation("manual", "outbound", ask.PhoneNumber)
	c.vars, c.queue = ask.Attributes, q
	c.manual(u, q)
	c.answersByItself(c.remote())
	return http.StatusOK, map[string]any{"id": c.id, "selfUri": callsPath + "/" + c.id}, nil
}
