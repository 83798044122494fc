package genesys

import (
	"net/http"
	"slices"
)

const (
	conversations = "/api/v2/conversations"
	callsPath     = conversations + "/calls"
	callbacksPath = conversations + "/callbacks"
)

func (s *Server) conversationRoutes(api func(string, resource)) {
	for _, path := range []string{conversations, callsPath, callbacksPath} {
		api("GET "+path, func(request) (int, any, *apiError) { return 0, nil, userContext() })
	}
	api("GET "+conversations+"/{c}", s.onConversation(show((*conversation).restView)))
	for path, media := range map[string]string{callsPath: voice, callbacksPath: callback} {
		api("GET "+path+"/{c}", s.onConversation(func(c *conversation, _ request) (int, any, *apiError) { return c.restMedia(media) }))
	}
	for _, path := range []string{conversations, callsPath, callbacksPath} {
		participant := path + "/{c}/participants/{p}"
		api("GET "+participant+"/wrapup", s.onParty(getWrapup))
		api("GET "+participant+"/wrapupcodes", s.onParty(s.participantCodes))
		api("PATCH "+participant+"/attributes", s.onParty(patchAttributes))
	}
	s.controlRoutes(api)
	s.transferRoutes(api)
	s.analyticsRoutes(api)
}

func (s *Server) onConversation(f func(*conversation, request) (int, any, *apiError)) resource {
	return func(r request) (int, any, *apiError) {
		c := s.calls[r.PathValue("c")]
		if c == nil {
			return 0, nil, notFound("the conversation")
		}
		return f(c, r)
	}
}

func (s *Server) onParty(f func(*conversation, *party, request) (int, any, *apiError)) resource {
	return s.onConversation(func(c *conversation, r request) (int, any, *apiError) {
		p := c.party(r.PathValue("p"))
		if p == nil {
			return 0, nil, notFound("the participant")
		}
		return f(c, p, r)
	})
}

// restConversation is a Conversation as GET answers it: more than the topics carry.
type restConversation struct {
	ID             string            `json:"id"`
	StartTime      string            `json:"startTime"`
	EndTime        string            `json:"endTime,omitempty"`
	Address        string            `json:"address,omitempty"`
	Participants   []restParticipant `json:"participants"`
	RecordingState string            `json:"recordingState"`
	SecurePause    bool              `json:"securePause"`
	Transfers      []transferView    `json:"recentTransfers"`
	Divisions      []divisionView    `json:"divisions"`
	SelfURI        string            `json:"selfUri"`
}

type restParticipant struct {
	participantView
	StartTime string `json:"startTime"`
	UserURI   string `json:"userUri,omitempty"`
	QueueName string `json:"queueName,omitempty"`
	ANI       string `json:"ani,omitempty"`
	DNIS      string `json:"dnis,omitempty"`
	Alerting  int    `json:"alertingTimeoutMs,omitempty"`
}

func (c *conversation) restView() restConversation {
	v := c.view(true)
	out := restConversation{ID: v.ID, StartTime: stamp(c.start), EndTime: moment(c.end), Address: v.Address,
		RecordingState: v.RecordingState, SecurePause: v.SecurePause, Transfers: v.Transfers, Divisions: v.Divisions,
		SelfURI:      conversations + "/" + c.id,
		Participants: make([]restParticipant, 0, len(v.Participants))}
	for i, p := range c.parties {
		one := restParticipant{participantView: v.Participants[i], StartTime: stamp(p.started)}
		if p.user != nil {
			one.UserURI, one.Alerting = "/api/v2/users/"+p.user.id, alertingSeconds*1000
		}
		if p.queue != nil {
			one.QueueName = p.queue.name
		}
		if p.session(voice) != nil {
			one.ANI, one.DNIS = rawAddress(c.s.org.callerID), rawAddress(c.customer)
			if c.direction == "inbound" {
				one.ANI, one.DNIS = one.DNIS, one.ANI
			}
		}
		out.Participants = append(out.Participants, one)
	}
	return out
}

func (c *conversation) restMedia(media string) (int, any, *apiError) {
	if !slices.ContainsFunc(c.parties, func(p *party) bool { return p.session(media) != nil }) {
		return 0, nil, notFound("the conversation")
	}
	return http.StatusOK, c.mediaView(media), nil
}

func getWrapup(c *conversation, p *party, _ request) (int, any, *apiError) {
	if p.wrapup == nil {
		return 0, nil, notFound("the wrap-up")
	}
	return http.StatusOK, p.wrapup, nil
}

func patchAttributes(c *conversation, p *party, r request) (int, any, *apiError) {
	var ask struct{ Attributes map[string]string }
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	c.setAttributes(p, ask.Attributes)
	return http.StatusAccepted, nil, nil
}
