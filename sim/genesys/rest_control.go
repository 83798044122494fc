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
		do(func() *apiError { return badValue("state", ask.State, connected, disconnected) })
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
