package genesys

import "net/http"

// A secureSession is the customer being in a secure flow, which agents cannot hear.
type secureSession struct {
	ID         string `json:"id"`
	Flow       ref    `json:"flow"`
	UserData   string `json:"userData"`
	State      string `json:"state"` // PENDING, then COMPLETED
	Source     string `json:"sourceParticipantId,omitempty"`
	Disconnect bool   `json:"disconnect"`
	SelfURI    string `json:"selfUri"`
}

// postSecure begins one. The flow takes as long as a far end rings; with disconnect the agent leaves for good.
func (s *Server) postSecure(c *conversation, p *party, r request) (int, any, *apiError) {
	var ask struct {
		SourceParticipantID, FlowID, UserData string
		Disconnect                            bool
	}
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	far := c.remote()
	if p.user == nil || !p.session(voice).is(connected) || far == nil || !far.session(voice).is(connected) {
		return 0, nil, notNow("Only a connected participant can invoke a secure flow.")
	}
	if ask.FlowID != s.org.flow {
		return 0, nil, notFound("the flow")
	}
	one := &secureSession{ID: newID(), Flow: ref{ID: ask.FlowID}, UserData: ask.UserData, State: "PENDING", Source: p.id,
		Disconnect: ask.Disconnect}
	one.SelfURI = conversations + "/" + c.id + "/participants/" + p.id + "/secureivrsessions/" + one.ID
	c.secure = append(c.secure, one)
	far.session(voice).confined = true
	out := *one
	c.publish()
	if ask.Disconnect {
		c.handOver(p, p.session(voice))
	}
	s.life.Later(max(s.cfg.FarEnd, 0), func() { c.secureOver(one) })
	return http.StatusOK, out, nil
}

func (c *conversation) secureOver(one *secureSession) {
	one.State = "COMPLETED"
	far := c.remote()
	ss := far.session(voice)
	if !ss.is(connected) {
		return
	}
	ss.confined = false
	if one.Disconnect && len(c.members(nil)) == 0 {
		_ = c.customerLeaves()
		return
	}
	c.publish()
}

func listSecure(c *conversation, p *party, _ request) (int, any, *apiError) {
	list := []secureSession{}
	for _, one := range c.secure {
		if one.Source == p.id {
			list = append(list, *one)
		}
	}
	return http.StatusOK, map[string]any{"entities": list}, nil
}

func getSecure(c *conversation, p *party, r request) (int, any, *apiError) {
	for _, one := range c.secure {
		if one.ID == r.PathValue("session") && one.Source == p.id {
			return http.StatusOK, *one, nil
		}
	}
	return 0, nil, notFound("the secure session")
}
