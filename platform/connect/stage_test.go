package connect_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"cordboard/platform"
	"cordboard/platform/connect"
)

// began is when every story begins.
var began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

const (
	instance = "arn:aws:connect:eu-central-1:444455556666:instance/0b0b0b0b-2222-4333-8444-555555555555"
	ada      = "11111111-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
	ben      = "22222222-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
	customer = "+12025550123"
	outside  = "+12025550177"
)

var users = map[string]string{ada: "ada", ben: "ben"}

// stage plays a story and writes down what each source says of it. It is a test's own little Amazon Connect: the decoder is not
// asked how things are told.
type stage struct {
	now      time.Time
	has      map[string][]*seat // by agent
	had      map[string][]map[string]any
	messages []platform.Message
	contacts map[string]*talk
}

// talk is one contact, as the stage knows it.
type talk struct {
	id, initial, method, campaign string
	initiated, answered, ended    time.Time
	accepted, previewEnd          time.Time
	vars                          map[string]string
	agent                         string // whom contact events name
	connected, acwEnd             time.Time
	reason                        string
}

// seat is one agent's place in a contact.
type seat struct {
	*talk
	state            string
	since, connected time.Time
	customer, third  *wire
}

// wire is one line of a seat's picture.
type wire struct {
	id, kind, state, number, endpoint string
	initial                           bool
	since                             time.Time
}

func newStage() *stage {
	return &stage{now: began, has: map[string][]*seat{}, had: map[string][]map[string]any{}, contacts: map[string]*talk{}}
}

// at moves the clock.
func (s *stage) at(seconds float64) *stage {
	s.now = began.Add(time.Duration(seconds * float64(time.Second)))
	return s
}

func (s *stage) contact(id, method string) *talk {
	c := &talk{id: id, method: method, initiated: s.now, vars: map[string]string{"LCMKey": "57|1"}}
	s.contacts[id] = c
	return c
}

// give puts the contact to the agent, in a state.
func (s *stage) give(agent string, c *talk, state string, far *wire) *seat {
	x := &seat{talk: c, customer: far}
	s.has[agent] = append(s.has[agent], x)
	s.set(agent, x, state)
	return x
}

// set moves a seat's state and lets the sources that show agents tell.
func (s *stage) set(agent string, x *seat, state string) {
	x.state, x.since = state, s.now
	if state == "connected" && x.connected.IsZero() {
		x.connected = s.now
	}
	s.show(agent)
}

func (s *stage) line(w *wire, state string) *wire {
	if w.state == "disconnected" {
		return w
	}
	w.state, w.since = state, s.now
	return w
}

func (s *stage) drop(agent string, x *seat) {
	s.has[agent] = slices.DeleteFunc(s.has[agent], func(o *seat) bool { return o == x })
	s.show(agent)
}

// routing is what every record of the agent event stream repeats.
var routing = map[string]any{
	"ARN": instance + "/routing-profile/33333333-cccc-4ccc-8ccc-cccccccccccc", "Name": "Outbound",
	"Concurrency":          []any{map[string]any{"Channel": "VOICE", "AvailableSlots": 0, "MaximumSlots": 1}},
	"DefaultOutboundQueue": map[string]any{"ARN": instance + "/queue/44444444-dddd-4ddd-8ddd-dddddddddddd", "Name": "Sales", "Channels": []string{"VOICE"}},
	"InboundQueues":        []any{map[string]any{"ARN": instance + "/queue/44444444-dddd-4ddd-8ddd-dddddddddddd", "Name": "Sales", "Channels": []string{"VOICE"}}},
}

// show lets the browser and the agent event stream tell what an agent has now.
func (s *stage) show(agent string) {
	var pictures, listed []map[string]any
	for _, x := range s.has[agent] {
		pictures, listed = append(pictures, x.picture()), append(listed, x.listed())
	}
	s.send(connect.SourceStreams, users[agent], map[string]any{
		"configuration": map[string]any{"agentARN": instance + "/agent/" + agent, "username": users[agent]},
		"snapshot":      map[string]any{"snapshotTimestamp": s.now, "contacts": pictures, "state": map[string]any{"name": "Busy"}},
	})
	s.record(agent, "STATE_CHANGE", listed)
	s.had[agent] = listed
}

func (s *stage) record(agent, kind string, listed []map[string]any) {
	config := map[string]any{"Username": users[agent], "FirstName": "A", "LastName": "B", "AgentHierarchyGroups": nil, "RoutingProfile": routing}
	s.send(connect.SourceAgentStream, "", map[string]any{
		"AgentARN": instance + "/agent/" + agent, "EventId": fmt.Sprint(len(s.messages)), "EventType": kind, "EventTimestamp": s.now,
		"CurrentAgentSnapshot":  map[string]any{"Configuration": config, "Contacts": listed},
		"PreviousAgentSnapshot": map[string]any{"Configuration": config, "Contacts": s.had[agent]},
	})
}

func (x *seat) picture() map[string]any {
	own := map[string]any{"connectionId": "own", "type": "agent", "initial": x.method == "CAMPAIGN_PREVIEW", "state": moment(x.state, x.since)}
	lines := []any{own}
	for _, w := range []*wire{x.customer, x.third} {
		if w != nil {
			lines = append(lines, map[string]any{
				"connectionId": w.id, "type": w.kind, "initial": w.initial, "state": moment(w.state, w.since),
				"endpoint":         map[string]any{"type": w.endpoint, "phoneNumber": w.number, "name": nil, "endpointARN": nil, "agentLogin": nil, "queue": nil},
				"quickConnectName": nil, "softphoneMediaInfo": nil, "mute": false, "forcedMute": false, "monitoringInfo": nil,
			})
		}
	}
	vars := map[string]any{}
	for name, v := range x.vars {
		vars[name] = map[string]any{"name": name, "value": v}
	}
	return map[string]any{
		"contactId": x.id, "initialContactId": x.initial, "type": "voice", "initiationMethod": strings.ToLower(x.method),
		"state": moment(x.state, x.since), "connections": lines, "attributes": vars, "queue": map[string]any{"name": "Sales"},
		"customerEndpoint": map[string]any{"type": "phone_number", "phoneNumber": customer},
	}
}

func moment(state string, since time.Time) map[string]any {
	return map[string]any{"type": state, "timestamp": since}
}

func (x *seat) listed() map[string]any {
	state, since := strings.ToUpper(x.state), x.since
	if x.customer != nil && x.state == "connected" && x.customer.since.After(x.since) {
		since = x.customer.since
		if x.customer.state == "hold" {
			state = "CONNECTED_ONHOLD"
		}
		if x.method == "CAMPAIGN_PREVIEW" && x.answered.Equal(since) || x.customer.state == "connecting" {
			since = x.since // only the browser sees who is dialled
		}
	}
	m := map[string]any{
		"ContactId": x.id, "InitialContactId": nil, "Channel": "VOICE", "InitiationMethod": x.method, "State": state,
		"StateStartTimestamp": since, "ConnectedToAgentTimestamp": nil, "Queue": map[string]any{"Name": "Sales"},
	}
	if x.initial != "" {
		m["InitialContactId"] = x.initial
	}
	if !x.connected.IsZero() {
		m["ConnectedToAgentTimestamp"] = x.connected
	}
	return m
}

// event lets EventBridge tell of a contact.
func (s *stage) event(kind string, c *talk) {
	detail := map[string]any{"eventType": kind, "contactId": c.id, "channel": "VOICE", "initiationMethod": c.method}
	put := func(in map[string]any, key string, at time.Time) {
		if !at.IsZero() {
			in[key] = at
		}
	}
	if c.initial != "" {
		detail["initialContactId"], detail["previousContactId"] = c.initial, c.initial
	}
	if c.campaign != "" {
		detail["campaign"] = map[string]any{"campaignId": c.campaign}
	}
	put(detail, "initiationTimestamp", c.initiated)
	put(detail, "connectedToSystemTimestamp", c.answered)
	put(detail, "disconnectTimestamp", c.ended)
	if c.reason != "" {
		detail["disconnectReason"] = c.reason
	}
	if c.agent != "" {
		info := map[string]any{"agentArn": instance + "/agent/" + c.agent}
		put(info, "connectedToAgentTimestamp", c.connected)
		put(info, "acceptedByAgentTimestamp", c.accepted)
		put(info, "previewEndTimestamp", c.previewEnd)
		put(info, "afterContactWorkEndTimestamp", c.acwEnd)
		detail["agentInfo"] = info
	}
	s.send(connect.SourceEventBridge, "", map[string]any{"detail-type": "Amazon Connect Contact Event", "time": s.now.Truncate(time.Second), "detail": detail})
}

func (s *stage) send(source, agent string, message any) {
	raw, err := json.Marshal(message)
	if err != nil {
		panic(err)
	}
	s.messages = append(s.messages, platform.Message{At: s.now, Connection: "acme", Source: source, Agent: agent, Message: raw})
}

// answer is what the REST API says about what the decoder asks, in the world of these stories.
func answer(what string, about map[string]*talk) string {
	operation, id, _ := strings.Cut(what, "/")
	switch operation {
	case "DescribeCampaign":
		return `{"campaign":{"name":"Spring","channelSubtypeConfig":{"telephony":{"outboundMode":{"` + strings.TrimPrefix(id, "campaign-") + `":{}}}}}}`
	case "DescribeUser":
		return `{"User":{"Username":"` + users[id] + `"}}`
	}
	c := about[id]
	contact := map[string]any{"Id": id, "CustomerEndpoint": map[string]any{"Address": customer}, "Attributes": maps.Clone(c.vars)}
	if c.campaign != "" {
		contact["Campaign"] = map[string]any{"CampaignId": c.campaign}
	}
	raw, _ := json.Marshal(map[string]any{"Contact": contact})
	return string(raw)
}
