package connect

import (
	"encoding/json"
	"strconv"
	"strings"
)

// The external dialer of a tethered instance: it calls customers by itself and joins them to the agent's nailed-up leg, so
// that Connect sees nothing of these calls. Its messages are those of the vendor's pages "Outbound Call Event Parameters" and
// "Tethered Call Event". Which events a moment has, and in what order, follows the Salesforce workflow tables; the rest is
// inferred.

type dialerMessage struct {
	Channel  string `json:"channel"`
	Topic    string `json:"topic"`
	Subtopic string `json:"subtopic"`
	Message  any    `json:"message"`
}

type dialerBody struct {
	Source string `json:"source"`
	Call   struct {
		ID        string            `json:"id"`
		Event     string            `json:"event"`
		Type      string            `json:"CallType"`
		Variables map[string]string `json:"CallVariables"`
		Fields    struct {
			From  string `json:"fromAddress"`
			State string `json:"CallState"`
			Type  string `json:"Type"`
		} `json:"ResponseFields"`
		Actual  struct{}      `json:"ResponseActual"`
		Buttons dialerButtons `json:"ButtonStates"`
		User    dialerUser    `json:"User"`
	} `json:"call"`
}

type dialerButtons struct {
	Items map[string]string `json:"items"`
	Count int               `json:"count"`
}

type dialerUser struct {
	ID        string `json:"UserId"`
	Extension string `json:"Extension"`
}

const (
	regularCall = "Regular-Call"
	consultCall = "Consult"
)

// A dialerCall is one call of the external dialer. Guarded by Server.mu.
type dialerCall struct {
	s      *Server
	spec   Call
	mode   string
	agents []*agent
	ids    Result

	variables map[string]string
	phase     map[*agent]string // where each agent is: offered, talking, wrapup, done
	answered  bool
	consulted bool
}

func (s *Server) newDialerCall(spec Call, agents []*agent) *dialerCall {
	c := s.newCall(spec, agents) // for its ids and defaults
	return &dialerCall{s: s, spec: c.spec, agents: agents, ids: c.ids, phase: map[*agent]string{}}
}

// say sends one event of the call to its agent's feed.
func (c *dialerCall) say(a *agent, event, callType string) {
	m := dialerMessage{Channel: "Amazon", Topic: "OutboundCall", Subtopic: "OutboundCallStateChange"}
	var body dialerBody
	body.Source = "event"
	body.Call.ID, body.Call.Event, body.Call.Type = c.ids.Contact, event, callType
	body.Call.Variables = c.variables
	body.Call.Fields.From, body.Call.Fields.State, body.Call.Fields.Type = c.spec.Customer, event, callType
	body.Call.Buttons.Items = map[string]string{}
	body.Call.User = dialerUser{a.username, a.username}
	m.Message = body
	c.s.dialer.put(c.s, a, m)
}

// begin fills in what the dialer's list says of the contact.
func (c *dialerCall) begin(mode string) {
	c.mode = mode
	c.variables = map[string]string{"CampaignName": or(c.spec.Campaign, "Spring"), "CampaignType": upper(mode[:1]) + mode[1:], "Phone": c.spec.Customer}
	for name, value := range c.spec.Attributes {
		c.variables[name] = value
	}
}

// NailUp tells that the agent's leg to the dialer is up (or down): a message that belongs to no call.
func (s *Server) NailUp(username string, up bool) error {
	return s.withAgent(username, func(a *agent) {
		status := "Connected"
		if !up {
			status = "Disconnected"
		}
		s.dialer.put(s, a, dialerMessage{Channel: "Amazon", Topic: "OutboundCall", Subtopic: "SetNailupDetails",
			Message: map[string]string{"callStatus": status, "uuid": s.uuid()}})
	})
}

// A dialerFeed is where the dialer's messages go out: one lane an agent, so that one agent's messages stay in order.
type dialerFeed struct {
	out    *courier
	socket *dialerSocket
	last   map[*agent][]byte
	swap   map[*agent]bool
	held   map[*agent][]byte
}

// put runs under Server.mu.
func (f *dialerFeed) put(s *Server, a *agent, m dialerMessage) {
	body, err := json.Marshal(m)
	if err != nil { // strings and numbers only
		panic(err)
	}
	f.last[a] = body
	if f.swap[a] { // kept until the next one has gone
		delete(f.swap, a)
		f.held[a] = body
		return
	}
	f.send(s, a, body)
	if held := f.held[a]; held != nil {
		delete(f.held, a)
		f.send(s, a, held)
	}
}

func (f *dialerFeed) send(s *Server, a *agent, body []byte) {
	s.tap(DialerFeed, a.username, body)
	n, _ := strconv.Atoi(strings.TrimPrefix(a.username, "agent"))
	f.out.put(n, body)
	f.socket.put(body)
}
