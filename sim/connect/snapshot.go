package connect

import (
	"encoding/json"
	"strings"
	"time"
)

// What the CCP pushes to its host: the whole agent, every time (Streams: AgentSnapshot, AgentConfiguration and the unit tests'
// samples). Moments are Date objects there; on the way to the page they are strings of RFC 3339, which the page turns back.

type updateView struct {
	Configuration json.RawMessage `json:"configuration"`
	Snapshot      streamsView     `json:"snapshot"`
}

type streamsView struct {
	Available struct {
		State string    `json:"state"`
		Since time.Time `json:"timeStamp"`
	} `json:"agentAvailabilityState"`
	State    stateView      `json:"state"`
	Next     *stateView     `json:"nextState"`
	Contacts []contactState `json:"contacts"`
	At       time.Time      `json:"snapshotTimestamp"`
	Skew     int            `json:"skew"`
}

type stateView struct {
	Type  string     `json:"type"`
	Name  string     `json:"name"`
	ARN   *string    `json:"agentStateARN"`
	Since *time.Time `json:"startTimestamp"`
}

type momentView struct {
	Type string    `json:"type"`
	At   time.Time `json:"timestamp"`
}

type contactState struct {
	ID          string                       `json:"contactId"`
	Initial     *string                      `json:"initialContactId"`
	Related     *string                      `json:"relatedContactId"`
	Association string                       `json:"contactAssociationId"`
	Type        string                       `json:"type"`
	Method      string                       `json:"initiationMethod"`
	State       momentView                   `json:"state"`
	Queue       *queueState                  `json:"queue"`
	Queued      *time.Time                   `json:"queueTimestamp"`
	Connections []connectionView             `json:"connections"`
	Attributes  map[string]attribute         `json:"attributes"`
	Segment     map[string]map[string]string `json:"segmentAttributes"`
	Customer    endpoint                     `json:"customerEndpoint"`
	System      endpoint                     `json:"connectSystemEndpoint"`
	Features    map[string]bool              `json:"contactFeatures"`
	Name        *string                      `json:"name"`
	Description *string                      `json:"description"`
	References  struct{}                     `json:"references"`
	Context     *string                      `json:"channelContext"`
	Duration    string                       `json:"contactDuration"`
}

type queueState struct {
	Name string `json:"name"`
	ARN  string `json:"queueARN"`
	ID   string `json:"queueId"`
}

type attribute struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type connectionView struct {
	ID           string     `json:"connectionId"`
	Type         string     `json:"type"`
	Initial      bool       `json:"initial"`
	State        momentView `json:"state"`
	Endpoint     *endpoint  `json:"endpoint"`
	QuickConnect *string    `json:"quickConnectName"`
	Softphone    *string    `json:"softphoneMediaInfo"`
	Chat         *string    `json:"chatMediaInfo"`
	Mute         bool       `json:"mute"`
	ForcedMute   bool       `json:"forcedMute"`
	Monitoring   *string    `json:"monitoringInfo"`
	Monitors     *string    `json:"monitorCapabilities"`
	Monitored    *string    `json:"monitorStatus"`
	Capabilities *string    `json:"capabilities"`
}

// An endpoint is somebody who can be called (Streams: Endpoint).
type endpoint struct {
	Type       string  `json:"type"`
	Phone      *string `json:"phoneNumber"`
	Name       *string `json:"name"`
	ARN        *string `json:"endpointARN"`
	AgentLogin *string `json:"agentLogin"`
	Queue      *string `json:"queue"`
	Email      *string `json:"emailAddress"`
}

func phone(number string) endpoint { return endpoint{Type: "phone_number", Phone: some(number)} }

// update is the data of agent::update as of now.
func (a *agent) update(at time.Time) []byte {
	v := updateView{Configuration: a.ccpConfiguration, Snapshot: streamsView{State: a.state(), Contacts: []contactState{}, At: at}}
	v.Snapshot.Available.State, v.Snapshot.Available.Since = v.Snapshot.State.Name, *v.Snapshot.State.Since
	if a.next != nil {
		v.Snapshot.Next = a.s.statusState(*a.next, a.nextAt)
	}
	for _, c := range a.contacts {
		v.Snapshot.Contacts = append(v.Snapshot.Contacts, c.view())
	}
	b, err := json.Marshal(v)
	if err != nil { // strings, numbers and moments of this century
		panic(err)
	}
	return b
}

// state is the agent's state as the CCP shows it: the system's own while a contact is there.
func (a *agent) state() stateView {
	if a.busy == "" {
		return *a.s.statusState(a.status, a.statusAt)
	}
	kind := "system"
	if a.busy == missedCall || a.busy == failedCustomer {
		kind = "error"
	}
	since := a.busyAt
	return stateView{Type: kind, Name: a.busy, Since: &since}
}

func (s *Server) statusState(st status, since time.Time) *stateView {
	return &stateView{Type: st.ccp, Name: st.name, ARN: some(s.arn("agent-state/" + st.id)), Since: &since}
}

func (c *contact) view() contactState {
	v := contactState{ID: c.id, Initial: some(c.initial), Association: or(c.initial, c.id), Type: "voice", Method: strings.ToLower(c.method),
		State: momentView{c.state, c.since}, Attributes: map[string]attribute{}, Connections: []connectionView{},
		Segment:  map[string]map[string]string{"connect:Subtype": {"ValueString": "connect:Telephony"}},
		Customer: phone(c.customer), System: phone(systemNumber), Features: map[string]bool{"multiPartyConferenceEnabled": false}, Duration: "0"}
	if c.queue != nil {
		arn := c.s.arn("queue/" + c.queue.id)
		v.Queue = &queueState{c.queue.name, arn, arn}
	}
	if !c.t.queued.IsZero() {
		v.Queued = &c.t.queued
	}
	for name, value := range c.attributes {
		v.Attributes[name] = attribute{name, value}
	}
	for _, n := range c.conns {
		v.Connections = append(v.Connections, n.view())
	}
	return v
}

func (n *connection) view() connectionView {
	v := connectionView{ID: n.id, Type: n.kind, Initial: n.initial, State: momentView{n.state, n.since}, Mute: n.muted, QuickConnect: some(n.quick)}
	switch {
	case n.peer != nil:
		e := n.peer.endpoint()
		v.Endpoint = &e
	case n.role != theAgent:
		e := phone(n.number)
		v.Endpoint = &e
	}
	return v
}

// endpoint is the agent as somebody whom others can call: a quick connect.
func (a *agent) endpoint() endpoint {
	return endpoint{Type: "agent", Name: some(a.first + " " + a.last), ARN: some(a.s.arn("transfer-destination/" + a.id)), AgentLogin: some(a.username)}
}

// ccpConfig is what the CCP says of the agent that does not change.
func (s *Server) ccpConfig(a *agent) json.RawMessage {
	arn, profile := s.arn("queue/"+sales.id), s.arn("routing-profile/"+routingProfileID)
	queue := queueState{sales.name, arn, arn}
	states := []map[string]any{}
	for _, st := range statuses {
		states = append(states, map[string]any{"type": st.ccp, "name": st.name, "agentStateARN": s.arn("agent-state/" + st.id)})
	}
	b, err := json.Marshal(map[string]any{
		"agentARN": a.arn(), "username": a.username, "name": a.first + " " + a.last, "softphoneEnabled": true, "softphoneAutoAccept": false,
		"extension": nil, "permissions": []string{"outboundCall"}, "dialableCountries": []string{"us"}, "agentPreferences": map[string]string{"LANGUAGE": "en_US"},
		"routingProfile": map[string]any{"name": routingProfileName, "routingProfileId": profile, "routingProfileARN": profile,
			"channelConcurrencyMap": map[string]int{"VOICE": 1}, "queues": []queueState{queue}, "defaultOutboundQueue": queue},
		"agentStates": states,
	})
	if err != nil { // strings and numbers only
		panic(err)
	}
	return b
}
