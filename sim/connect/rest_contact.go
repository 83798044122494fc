package connect

import (
	"encoding/json"
	"maps"
	"net/http"
	"time"

	"cordboard/sim/connect/awsjson"
)

type contactAnswer struct {
	ARN          string                       `json:"Arn"`
	ID           string                       `json:"Id"`
	Initial      string                       `json:"InitialContactId,omitempty"`
	Previous     string                       `json:"PreviousContactId,omitempty"`
	Association  string                       `json:"ContactAssociationId"`
	Method       string                       `json:"InitiationMethod"`
	Channel      string                       `json:"Channel"`
	Queue        *contactQueue                `json:"QueueInfo,omitempty"`
	Agent        *contactAgent                `json:"AgentInfo,omitempty"`
	Initiated    json.Number                  `json:"InitiationTimestamp"`
	Answered     json.Number                  `json:"ConnectedToSystemTimestamp,omitempty"`
	Disconnected json.Number                  `json:"DisconnectTimestamp,omitempty"`
	Updated      json.Number                  `json:"LastUpdateTimestamp"`
	Reason       string                       `json:"DisconnectReason,omitempty"`
	AMD          string                       `json:"AnsweringMachineDetectionStatus,omitempty"`
	Attributes   map[string]string            `json:"Attributes"`
	Campaign     *contactCampaign             `json:"Campaign,omitempty"`
	Customer     endpointInfo                 `json:"CustomerEndpoint"`
	System       endpointInfo                 `json:"SystemEndpoint"`
	Strategy     any                          `json:"OutboundStrategy,omitempty"`
	Segment      map[string]map[string]string `json:"SegmentAttributes"`
	Tags         map[string]string            `json:"Tags"`
}

type contactQueue struct {
	ID       string      `json:"Id"`
	Enqueued json.Number `json:"EnqueueTimestamp,omitempty"`
}

type contactCampaign struct {
	ID string `json:"CampaignId"`
}

type contactAgent struct {
	ID         string      `json:"Id"`
	Accepted   json.Number `json:"AcceptedByAgentTimestamp,omitempty"`
	PreviewEnd json.Number `json:"PreviewEndTimestamp,omitempty"`
	Connected  json.Number `json:"ConnectedToAgentTimestamp,omitempty"`
	Held       *int        `json:"AgentInitiatedHoldDuration,omitempty"`
	WrapUp     json.Number `json:"AfterContactWorkStartTimestamp,omitempty"`
	WrapUpEnd  json.Number `json:"AfterContactWorkEndTimestamp,omitempty"`
	WrapUpTime *int        `json:"AfterContactWorkDuration,omitempty"`
}

type endpointInfo struct {
	Type    string `json:"Type"`
	Address string `json:"Address"`
}

// epoch writes a moment as the SDKs read it from JSON: seconds; "" leaves it out.
func epoch(t time.Time) json.Number {
	if t.IsZero() {
		return ""
	}
	b, err := json.Marshal(float64(t.UnixMilli()) / 1000)
	if err != nil { // a number
		panic(err)
	}
	return json.Number(b)
}

// of finds the contact that a request means. It runs under Server.mu.
func (s *Server) asked(id string) (*contact, error) {
	if n := s.contacts[id]; n != nil {
		return n, nil
	}
	return nil, notFound("Contact " + id + " does not exist")
}

func (s *Server) describeContact(r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.asked(r.PathValue("contact"))
	if err != nil {
		return nil, err
	}
	telephone := func(address string) endpointInfo { return endpointInfo{"TELEPHONE_NUMBER", address} }
	v := contactAnswer{ARN: s.arn("contact/" + n.id), ID: n.id, Initial: n.initial, Previous: n.previous, Association: or(n.initial, n.id),
		Method: n.method, Channel: "VOICE", Initiated: epoch(n.t.started), Answered: epoch(n.t.answered), Disconnected: epoch(n.t.disconnected),
		Updated: epoch(n.t.updated), Reason: n.reason, AMD: n.amd, Attributes: n.attributes, Customer: telephone(n.customer), System: telephone(systemNumber),
		Segment: map[string]map[string]string{"connect:Subtype": {"ValueString": "connect:Telephony"}},
		Tags:    map[string]string{"aws:connect:instanceId": s.cfg.Instance, "aws:connect:systemEndpoint": systemNumber}}
	if n.queue != nil {
		v.Queue = &contactQueue{n.queue.id, epoch(n.t.queued)}
	}
	if n.campaign != nil {
		v.Campaign = &contactCampaign{n.campaign.id}
	}
	if n.method == "CAMPAIGN_PREVIEW" {
		v.Strategy = json.RawMessage(`{"Type":"AGENT_FIRST","Config":{"AgentFirst":{"Preview":{"AllowedUserActions":["CALL","DISCARD"],"PostAcceptTimeoutConfig":{"DurationInSeconds":` + number(previewSeconds) + `}}}}}`)
	}
	if n.agent != nil && !n.t.connected.IsZero() {
		v.Agent = n.agentAnswer()
	}
	return map[string]any{"Contact": v}, nil
}

func (n *contact) agentAnswer() *contactAgent {
	v := &contactAgent{ID: n.agent.id, Accepted: epoch(n.t.accepted), PreviewEnd: epoch(n.t.previewEnd), Connected: epoch(n.t.connected)}
	if !n.t.disconnected.IsZero() {
		v.Held = new(int(n.held / time.Second))
	}
	if !n.t.wrapUp.IsZero() {
		v.WrapUp = epoch(n.t.wrapUp)
		if !n.t.cleared.IsZero() {
			v.WrapUpEnd, v.WrapUpTime = epoch(n.t.cleared), new(int(n.t.cleared.Sub(n.t.wrapUp)/time.Second))
		}
	}
	return v
}

func (s *Server) contactAttributes(r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.asked(r.PathValue("contact"))
	if err != nil {
		return nil, err
	}
	return map[string]any{"Attributes": maps.Clone(n.attributes)}, nil
}

func (s *Server) updateContactAttributes(r *http.Request) (any, error) {
	in, err := body[struct {
		InitialContactID string `json:"InitialContactId"`
		Attributes       map[string]string
	}](r)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.asked(in.InitialContactID)
	if err != nil {
		return nil, err
	}
	size := 0
	for name, value := range in.Attributes {
		size += len(name) + len(value)
	}
	if size > 32<<10 {
		return nil, awsjson.Errorf("InvalidParameterException", "attributes have at most 32 KB")
	}
	s.ordered(n.agent, "UpdateContactAttributes", n.id)
	defer n.call.flush()
	return nil, n.call.setData(in.Attributes)
}

// stopContact ends a contact, but not one that only a transfer began (StopContact).
func (s *Server) stopContact(r *http.Request) (any, error) {
	in, err := body[struct{ ContactID string }](r)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.asked(in.ContactID)
	if err != nil {
		return nil, err
	}
	switch {
	case n.method == "TRANSFER" || n.method == "EXTERNAL_OUTBOUND":
		return nil, awsjson.Errorf("InvalidRequestException", "a contact of initiation method %s cannot be stopped", n.method)
	case !n.t.disconnected.IsZero():
		return nil, &awsjson.Error{Code: "ContactNotFoundException", Message: "the contact has ended", Status: http.StatusGone}
	}
	s.ordered(n.agent, "StopContact", n.id)
	n.call.everybodyOut("API")
	n.call.flush()
	return nil, nil
}

// startOutbound calls a customer and, when the customer answers, offers the call to a free agent. The same client token is the
// same contact.
func (s *Server) startOutbound(r *http.Request) (any, error) {
	in, err := body[struct {
		DestinationPhoneNumber, ClientToken string
		Attributes                          map[string]string
	}](r)
	if err != nil {
		return nil, err
	}
	if in.DestinationPhoneNumber == "" {
		return nil, awsjson.Errorf("InvalidParameterException", "a destination is needed")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.tokens[in.ClientToken]
	if in.ClientToken != "" && id != "" {
		return map[string]string{"ContactId": id}, nil
	}
	c := s.newCall(Call{Customer: in.DestinationPhoneNumber, Attributes: in.Attributes}, nil)
	if err := c.begin(modeAPI); err != nil {
		return nil, err
	}
	s.ordered(nil, "StartOutboundVoiceContact", c.main.id)
	s.tokens[in.ClientToken] = c.main.id
	if s.cfg.FarEnd > 0 {
		s.life.Later(s.cfg.FarEnd, func() { c.answeredAndOffered() })
	}
	return map[string]string{"ContactId": c.main.id}, nil
}

func (c *call) answeredAndOffered() {
	defer c.flush()
	if c.over() || c.customerAnswers("") != nil {
		return
	}
	for _, a := range c.s.agents {
		if a.available() {
			c.ring(c.main, a)
			return
		}
	}
}
