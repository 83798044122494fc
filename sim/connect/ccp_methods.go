package connect

import (
	"encoding/json"
	"maps"
)

// callParams are the parameters of all of the CCP's methods (Streams: api.js), each of which has some of them.
type callParams struct {
	ContactID        string                `json:"contactId"`
	InitialContactID string                `json:"initialContactId"`
	ConnectionID     string                `json:"connectionId"`
	Endpoint         endpoint              `json:"endpoint"`
	State            struct{ Name string } `json:"state"`
	Later            bool                  `json:"enqueueNextState"`
	Attributes       map[string]string     `json:"attributes"`
}

// ccpCall does one of the CCP's methods for an agent. It runs under Server.mu. An answer of nil is an empty one.
func (s *Server) ccpCall(a *agent, method string, raw json.RawMessage) (any, error) {
	var in callParams
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &in); err != nil {
			return nil, notNow("the parameters of %s are not usable", method)
		}
	}
	switch method {
	case "sendClientLogs", "sendSoftphoneCallMetrics", "sendSoftphoneCallReport", "notifyContactIssue", "sendDigits":
		return nil, nil
	case "getEndpoints":
		return map[string]any{"endpoints": s.quickConnects(a), "nextToken": nil}, nil
	case "putAgentState":
		s.ordered(a, method, "")
		st, ok := findStatus(func(st status) bool { return st.name == in.State.Name })
		if !ok {
			return nil, notNow("there is no state %q", in.State.Name)
		}
		s.setStatus(a, st, in.Later)
		return nil, nil
	case "createOutboundContact":
		s.ordered(a, method, "")
		return s.dialled(a, in.Endpoint)
	}
	id := or(in.ContactID, in.InitialContactID)
	s.ordered(a, method, id)
	n := a.contact(id)
	if n == nil {
		return nil, notNow("contact %s is not the agent's", id)
	}
	defer n.call.flush()
	return nil, n.call.do(a, n, method, in)
}

// do is what an agent does to one contact.
func (c *call) do(a *agent, n *contact, method string, in callParams) error {
	switch method {
	case "acceptContact":
		return c.answer(a)
	case "rejectContact":
		return c.reject(a)
	case "clearContact", "completeContact":
		return c.wrapupDone(a)
	case "createAdditionalConnection", "addNewConnection":
		return c.consultTo(a, in.Endpoint)
	case "conferenceConnections":
		return c.conference(a)
	case "toggleActiveConnections":
		return c.swap(a)
	case "updateContactAttributes":
		values := map[string]string{}
		maps.Copy(values, in.Attributes)
		return c.setData(values)
	case "engagePreviewContact":
		return c.dialPreview(a)
	}
	conn := n.conn(in.ConnectionID)
	if conn == nil {
		return notNow("the contact has no connection %q, or %s is not simulated", in.ConnectionID, method)
	}
	return c.doConnection(a, n, conn, method)
}

// doConnection is what an agent does to one connection.
func (c *call) doConnection(a *agent, n *contact, conn *connection, method string) error {
	if n.over() || conn.state == disconnected {
		return notNow("the connection has ended")
	}
	switch method {
	case "destroyConnection":
		switch conn.role {
		case theAgent:
			return c.hangup(a, "")
		case theCustomer:
			c.everybodyOut("AGENT_DISCONNECT")
			return nil
		}
		return c.dropThird(n)
	case "holdConnection", "resumeConnection":
		n.hold(conn, method == "holdConnection", c.now())
	case "muteParticipant", "unmuteParticipant":
		conn.muted = method == "muteParticipant"
	default:
		return notNow("%s is not simulated", method)
	}
	c.touch(a)
	return nil
}

// reject is the agent not wanting a contact that rings: a preview is discarded, any other contact goes back to the queue.
func (c *call) reject(a *agent) error {
	n, err := c.live(a)
	if err != nil {
		return err
	}
	if n.method == "CAMPAIGN_PREVIEW" {
		return c.skip(a)
	}
	if n.state != connecting || n.method == "OUTBOUND" {
		return notNow("contact %s does not ring", n.id)
	}
	c.backToQueue(n, a, rejected)
	return nil
}

// consultTo calls an endpoint about the contact; a number outside answers after Config.FarEnd.
func (c *call) consultTo(a *agent, to endpoint) error {
	peer, number, err := c.s.find(to)
	if err != nil {
		return err
	}
	quick := ""
	if to.Name != nil {
		quick = *to.Name
	}
	if err := c.consult(a, peer, number, quick); err != nil {
		return err
	}
	if peer == nil && c.s.cfg.FarEnd > 0 {
		leg := c.leg
		c.s.life.Later(c.s.cfg.FarEnd, func() {
			if c.leg == leg && c.consultAnswer(nil) == nil {
				c.flush()
			}
		})
	}
	return nil
}

// dialled is a call that the agent makes in the CCP; the customer answers after Config.FarEnd.
func (s *Server) dialled(a *agent, to endpoint) (any, error) {
	peer, number, err := s.find(to)
	if err != nil {
		return nil, err
	}
	if peer != nil {
		return nil, notNow("a call from agent to agent is not simulated")
	}
	c := s.newCall(Call{Customer: number}, []*agent{a})
	if err := c.dialManual(a); err != nil {
		return nil, err
	}
	c.flush()
	if s.cfg.FarEnd > 0 {
		s.life.Later(s.cfg.FarEnd, func() {
			if !c.over() && c.customerAnswers("") == nil {
				c.flush()
			}
		})
	}
	return map[string]string{"contactId": c.main.id}, nil
}

// find says whom an endpoint means: a colleague or a number outside.
func (s *Server) find(to endpoint) (*agent, string, error) {
	if to.Type == "agent" && to.ARN != nil {
		for _, a := range s.agents {
			if *a.endpoint().ARN == *to.ARN {
				return a, "", nil
			}
		}
	}
	if to.Phone == nil || *to.Phone == "" {
		return nil, "", notNow("the endpoint is neither a colleague nor a number")
	}
	return nil, *to.Phone, nil
}

// quickConnects are whom the agent can call: the first colleagues and one number.
func (s *Server) quickConnects(a *agent) []endpoint {
	number := phone("+15555550199")
	number.Name, number.ARN = some("Back office"), some(s.arn("transfer-destination/backoffice"))
	list := []endpoint{number}
	for _, other := range s.agents {
		if other != a && len(list) < 50 {
			list = append(list, other.endpoint())
		}
	}
	return list
}
