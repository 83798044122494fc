package genesys

import (
	"net/http"
)

// The requests that move one participant, or the whole conversation.
func (s *Server) controlRoutes(api func(string, resource)) {
	participant := callsPath + "/{c}/participants/{p}"
	api("PATCH "+participant, s.onParty(patchCall))
	api("PATCH "+participant+"/communications/{m}", s.onParty(patchCall))
	api("POST "+participant+"/communications/{m}/wrapup", s.onParty(postWrapup))
	api("GET "+participant+"/communications/{m}/wrapup", s.onParty(getWrapup))
	preview := callbacksPath + "/{c}/participants/{p}"
	api("PATCH "+preview, s.onParty(patchCallback))
	api("PATCH "+preview+"/communications/{m}", s.onParty(patchCallback))
	api("POST "+preview+"/communications/{m}/wrapup", s.onParty(postWrapup))
	api("GET "+preview+"/communications/{m}/wrapup", s.onParty(getWrapup))
	api("PATCH "+conversations+"/{c}/participants/{p}", s.onParty(patchAny))
	api("PUT "+callsPath+"/{c}/recordingstate", s.onConversation(setRecordingState))
	api("PATCH "+conversations+"/{c}/recordingstate", s.onConversation(setRecordingState))
	api("POST "+conversations+"/{c}/disconnect", s.onConversation(disconnectAll))
	api("PATCH "+callsPath+"/{c}", s.onConversation(s.patchConversation))
	api("PATCH "+callsPath+"/{c}/conference", s.onConversation(s.conference))
	api("POST "+callsPath+"/{c}", s.onConversation(placePreview))
	api("POST "+callsPath, s.makeCall)
	api("POST "+callsPath+"/user/{user}", s.onUser(s.makeCallFor))
}

// A partyChange is the body of a PATCH of a participant: what is left out stays as it is.
type partyChange struct {
	State         string
	Held          *bool
	Muted         *bool
	Wrapup        *struct{ Code, Notes string }
	WrapupSkipped bool
}

func patchCall(c *conversation, p *party, r request) (int, any, *apiError) {
	return patch(c, p, r, voice)
}

func patchCallback(c *conversation, p *party, r request) (int, any, *apiError) {
	return patch(c, p, r, callback)
}

func patchAny(c *conversation, p *party, r request) (int, any, *apiError) {
	if p.session(callback) != nil && p.session(voice) == nil {
		return patch(c, p, r, callback)
	}
	return patch(c, p, r, voice)
}

// patch answers 202 with nothing: what became of it is told by the topics.
func patch(c *conversation, p *party, r request, media string) (int, any, *apiError) {
	var ask partyChange
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	ss := p.session(media)
	if ss == nil {
		return 0, nil, notFound("the communication")
	}
	if refused := c.apply(p, ss, ask); refused != nil {
		return 0, nil, refused
	}
	return http.StatusAccepted, nil, nil
}

// apply does what a change asks for, the wrap-up before the end: a preview that is ended together with a code is no skip.
func (c *conversation) apply(p *party, ss *session, ask partyChange) *apiError {
	var refused *apiError
	do := func(f func() *apiError) {
		if refused == nil {
			refused = f()
		}
	}
	if ask.Held != nil {
		do(func() *apiError { return c.hold(p, ss.media, *ask.Held) })
	}
	if ask.Muted != nil {
		do(func() *apiError { return c.mute(p, *ask.Muted) })
	}
	if ask.Wrapup != nil {
		do(func() *apiError { return c.wrapUp(p, p.wrappable(ss), ask.Wrapup.Code, ask.Wrapup.Notes) })
	}
	switch ask.State {
	case "":
	case connected:
		do(func() *apiError { return c.pickUp(p, ss) })
	case disconnected:
		do(func() *apiError { return c.hangUpOf(p, ss) })
	default:
		do(func() *apiError {
			return badRequest("Value [%s] is not valid for field type [state]. Allowable values are: connected, disconnected", ask.State)
		})
	}
	return refused
}

// wrappable is the session whose wrap-up is meant: of a call that a preview led to it is the preview's.
func (p *party) wrappable(ss *session) *session {
	if ss.media == voice && p.session(callback) != nil {
		return p.session(callback)
	}
	return ss
}

func (c *conversation) pickUp(p *party, ss *session) *apiError {
	if ss.media == callback {
		return c.accept(p)
	}
	return c.answer(p)
}

func (c *conversation) hangUpOf(p *party, ss *session) *apiError {
	switch {
	case ss.media == callback:
		return c.closePreview(p, "client")
	case p == c.remote():
		return c.customerLeaves()
	}
	return c.partyLeaves(p)
}

func postWrapup(c *conversation, p *party, r request) (int, any, *apiError) {
	var ask struct{ Code, Notes string }
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	for _, ss := range p.sessions {
		if ss.id == r.PathValue("m") {
			if refused := c.wrapUp(p, ss, ask.Code, ask.Notes); refused != nil {
				return 0, nil, refused
			}
			return http.StatusAccepted, nil, nil
		}
	}
	return 0, nil, notFound("the communication")
}

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
