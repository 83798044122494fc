package connect

import (
	"encoding/json"
	"time"
)

// Contact events as EventBridge delivers them (Amazon Connect contact events: contact events data model). The struct order
// is the order on the wire.

type envelope struct {
	Version    string   `json:"version"`
	ID         string   `json:"id"`
	DetailType string   `json:"detail-type"`
	Source     string   `json:"source"`
	Account    string   `json:"account"`
	Time       string   `json:"time"`
	Region     string   `json:"region"`
	Resources  []string `json:"resources"`
	Detail     any      `json:"detail"`
}

type detail struct {
	EventType         string            `json:"eventType"`
	ContactID         string            `json:"contactId"`
	InitialContactID  string            `json:"initialContactId,omitempty"`
	PreviousContactID string            `json:"previousContactId,omitempty"`
	Channel           string            `json:"channel"`
	InstanceARN       string            `json:"instanceArn"`
	InitiationMethod  string            `json:"initiationMethod"`
	Initiated         string            `json:"initiationTimestamp"`
	ConnectedToSystem string            `json:"connectedToSystemTimestamp,omitempty"`
	Disconnected      string            `json:"disconnectTimestamp,omitempty"`
	DisconnectReason  string            `json:"disconnectReason,omitempty"`
	AMD               string            `json:"answeringMachineDetectionStatus,omitempty"`
	Updated           []string          `json:"updatedProperties,omitempty"`
	Queue             *queueInfo        `json:"queueInfo,omitempty"`
	Agent             *agentInfo        `json:"agentInfo,omitempty"`
	Campaign          *campaignInfo     `json:"campaign,omitempty"`
	Strategy          *strategy         `json:"outboundStrategy,omitempty"`
	Tags              map[string]string `json:"tags"`
}

type queueInfo struct {
	ARN      string `json:"queueArn"`
	Type     string `json:"queueType"`
	Enqueued string `json:"enqueueTimestamp"`
}

type agentInfo struct {
	ARN        string `json:"agentArn"`
	Connected  string `json:"connectedToAgentTimestamp,omitempty"`
	Accepted   string `json:"acceptedByAgentTimestamp,omitempty"`
	PreviewEnd string `json:"previewEndTimestamp,omitempty"`
	Held       *int   `json:"agentInitiatedHoldDuration,omitempty"`
	WrapUp     string `json:"afterContactWorkStartTimestamp,omitempty"`
	WrapUpEnd  string `json:"afterContactWorkEndTimestamp,omitempty"`
	WrapUpTime *int   `json:"afterContactWorkDuration,omitempty"`
}

type campaignInfo struct {
	ID string `json:"campaignId"`
}

type strategy struct {
	Type   string `json:"type"`
	Config struct {
		AgentFirst struct {
			Preview struct {
				Actions []string `json:"allowedUserActions"`
				Timeout struct {
					Seconds int `json:"durationInSeconds"`
				} `json:"postAcceptTimeoutConfig"`
			} `json:"preview"`
		} `json:"agentFirst"`
	} `json:"config"`
}

// previewSeconds is how long an agent may look at a preview before it is dialled.
const previewSeconds = 60

func previewStrategy() *strategy {
	s := &strategy{Type: "AGENT_FIRST"}
	s.Config.AgentFirst.Preview.Actions = []string{"CALL", "DISCARD"}
	s.Config.AgentFirst.Preview.Timeout.Seconds = previewSeconds
	return s
}

// placeholder stands where a moment has not come yet (sample event for when contact properties are updated).
const placeholder = "1970-01-01T00:00:00.001Z"

// event gives one contact event to the bus.
func (c *call) event(kind string, n *contact, at time.Time, updated ...string) {
	n.t.updated = at
	s := c.s
	d := s.detail(kind, n, at, updated)
	e := envelope{Version: "0", ID: s.uuid(), DetailType: "Amazon Connect Contact Event", Source: "aws.connect", Account: s.cfg.Account,
		Time: at.Format("2006-01-02T15:04:05Z"), Region: s.cfg.Region, Resources: []string{s.arn(""), s.arn("contact/" + n.id)}, Detail: d}
	if s.delivery.MixedCase {
		e.Detail = otherCase(d)
	}
	body, err := json.Marshal(e)
	if err != nil { // strings and numbers only
		panic(err)
	}
	s.bus.put(s, body)
}

func (s *Server) detail(kind string, n *contact, at time.Time, updated []string) *detail {
	d := &detail{EventType: kind, ContactID: n.id, InitialContactID: n.initial, PreviousContactID: n.previous, Channel: "VOICE",
		InstanceARN: s.arn(""), InitiationMethod: n.method, Initiated: stamp(n.t.started), ConnectedToSystem: stamp(n.t.answered),
		Disconnected: stamp(n.t.disconnected), DisconnectReason: n.reason, AMD: n.amd, Updated: updated,
		Agent: s.agentInfo(kind, n, at),
		Tags:  map[string]string{"aws:connect:instanceId": s.cfg.Instance, "aws:connect:systemEndpoint": systemNumber}}
	if kind == "INITIATED" {
		d.Initiated = stamp(n.t.created)
	}
	if n.queue != nil && !n.t.queued.IsZero() && n.method != "OUTBOUND" { // left out of events of outbound contacts
		d.Queue = &queueInfo{ARN: s.arn("queue/" + n.queue.id), Type: "STANDARD", Enqueued: stamp(n.t.queued)}
	}
	if n.campaign != nil {
		d.Campaign = &campaignInfo{n.campaign.id}
	}
	if n.method == "CAMPAIGN_PREVIEW" {
		d.Strategy = previewStrategy()
	}
	if s.delivery.Placeholders {
		d.ConnectedToSystem, d.Disconnected = or(d.ConnectedToSystem, placeholder), or(d.Disconnected, placeholder)
		if d.Agent != nil {
			d.Agent.Connected = or(d.Agent.Connected, placeholder)
		}
	}
	return d
}

// agentInfo is there from the moment at which an agent has accepted the contact.
func (s *Server) agentInfo(kind string, n *contact, at time.Time) *agentInfo {
	if n.agent == nil || n.t.connected.IsZero() && n.t.accepted.IsZero() {
		return nil
	}
	info := &agentInfo{ARN: n.agent.arn(), Connected: stamp(n.t.connected), Accepted: stamp(n.t.accepted), PreviewEnd: stamp(n.t.previewEnd)}
	switch kind {
	case "DISCONNECTED":
		info.Held = new(int(n.held / time.Second))
	case "COMPLETED":
		info.Held = new(int(n.held / time.Second))
		if !n.t.wrapUp.IsZero() {
			info.WrapUp, info.WrapUpEnd = stamp(n.t.wrapUp), stamp(at)
			info.WrapUpTime = new(int(at.Sub(n.t.wrapUp) / time.Second))
		}
	}
	return info
}

// stamp writes a moment as events do; "" for one that has not come.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}
