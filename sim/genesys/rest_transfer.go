package genesys

import (
	"net/http"
	"strings"
)

// Transfers, consult transfers and secure sessions.
func (s *Server) transferRoutes(api func(string, resource)) {
	calls := callsPath + "/{c}/participants/{p}"
	any := conversations + "/{c}/participants/{p}"
	api("POST "+calls+"/replace", s.onParty(s.postReplace))
	for _, to := range []string{"", "/agent", "/queue", "/external", "/contact/external"} {
		api("POST "+any+"/replace"+to, s.onParty(s.postReplace))
		api("POST "+calls+"/consult"+to, s.onParty(s.postConsult))
	}
	api("POST "+any+"/transfer", s.onParty(s.postReplace))
	api("POST "+calls+"/voice/consult", s.onParty(s.postConsult))
	api("PATCH "+calls+"/consult", s.onParty(patchConsult))
	api("DELETE "+calls+"/consult", s.onParty(deleteConsult))
	api("POST "+any+"/secureivrsessions", s.onParty(s.postSecure))
	api("GET "+any+"/secureivrsessions", s.onParty(listSecure))
	api("GET "+any+"/secureivrsessions/{session}", s.onParty(getSecure))
}

// target is how requests name a destination: in the body, or under "destination".
type target struct {
	UserID, QueueID, Address string
	UserName, QueueName      string
}

func (s *Server) destination(t target) (destination, *apiError) {
	var d destination
	n := 0
	if t.UserID != "" || t.UserName != "" {
		n++
		if d.user = s.org.byID[t.UserID]; d.user == nil {
			d.user = s.org.find(t.UserName)
		}
		if d.user == nil {
			return d, notFound("the user")
		}
	}
	if t.QueueID != "" || t.QueueName != "" {
		n++
		for _, q := range s.org.queues {
			if q.id == t.QueueID || t.QueueID == "" && strings.EqualFold(q.name, t.QueueName) {
				d.queue = q
			}
		}
		if d.queue == nil {
			return d, notFound("the queue")
		}
	}
	if d.address = strings.TrimPrefix(t.Address, "tel:"); d.address != "" {
		n++
	}
	if n != 1 {
		return d, badRequest("Exactly one of userId, queueId and address is needed.")
	}
	return d, nil
}

// postReplace answers the blind transfers. The participant is the agent whose place is taken; for the customer's the
// agent in the call is meant.
func (s *Server) postReplace(c *conversation, p *party, r request) (int, any, *apiError) {
	var ask struct {
		target
		TransferType string
		Voicemail    bool
	}
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	d, refused := s.destination(ask.target)
	if refused != nil {
		return 0, nil, refused
	}
	if p == c.remote() {
		if p = c.soleAgent(); p == nil {
			return 0, nil, notNow("Which agent leaves is not clear.")
		}
	}
	if refused := c.replace(p, d, strings.EqualFold(ask.TransferType, "Attended")); refused != nil {
		return 0, nil, refused
	}
	return http.StatusAccepted, nil, nil
}

// soleAgent is the only agent in the call; nil when there are several or none.
func (c *conversation) soleAgent() *party {
	var found *party
	for _, p := range c.talking() {
		if p.user == nil {
			continue
		}
		if found != nil {
			return nil
		}
		found = p
	}
	return found
}

// postConsult answers the requests that begin a consult transfer. The participant is the one to be transferred, the
// customer's; an agent's own is refused as real orgs do. Who consults is consultingUserId, or else the only agent.
func (s *Server) postConsult(c *conversation, p *party, r request) (int, any, *apiError) {
	var ask struct {
		target
		SpeakTo, ConsultingUserID string
		Destination               target
	}
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	if p != c.remote() {
		return 0, nil, &apiError{status: http.StatusBadRequest, code: "not.a.participant",
			message: "The participant cannot be the object of a consult transfer."}
	}
	if ask.Destination != (target{}) {
		ask.target = ask.Destination
	}
	d, refused := s.destination(ask.target)
	if refused != nil {
		return 0, nil, refused
	}
	speak, refused := speakTo(ask.SpeakTo)
	if refused != nil {
		return 0, nil, refused
	}
	by := c.soleAgent()
	if u := s.org.byID[ask.ConsultingUserID]; u != nil {
		by = c.partyOf(u)
	}
	if by == nil {
		return 0, nil, badRequest("consultingUserId is needed.")
	}
	to, refused := c.consult(by, d, speak)
	if refused != nil {
		return 0, nil, refused
	}
	if d.queue != nil && !c.scripted {
		c.route(by.user)
	}
	return http.StatusAccepted, map[string]string{"destinationParticipantId": to.id}, nil
}

func speakTo(text string) (string, *apiError) {
	switch t := strings.ToUpper(text); t {
	case toDestination, toObject, toBoth, toAll:
		return t, nil
	case "":
		return toDestination, nil
	}
	return "", badValue("speakTo", text, toDestination, toObject, toBoth, toAll)
}

func patchConsult(c *conversation, _ *party, r request) (int, any, *apiError) {
	var ask struct{ SpeakTo string }
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	speak, refused := speakTo(ask.SpeakTo)
	if refused == nil && !c.consulting() {
		refused = notNow("There is no consult transfer.")
	}
	if refused != nil {
		return 0, nil, refused
	}
	c.speak(speak)
	return http.StatusAccepted, map[string]string{"destinationParticipantId": c.to.id}, nil
}

func deleteConsult(c *conversation, _ *party, _ request) (int, any, *apiError) {
	if refused := c.cancelConsult(); refused != nil {
		return 0, nil, refused
	}
	return http.StatusAccepted, nil, nil
}
