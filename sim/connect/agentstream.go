package connect

import (
	"encoding/json"
	"time"
)

// The agent event stream: one record for each change of what an agent has, with the snapshots before and after (agent event
// streams data model). Fields stand in the order of the vendor's samples. A record has no customer's number and no third
// party; the agent's status is the chosen one, so that a call does not show in it.

type agentSnapshot struct {
	Status        statusView      `json:"AgentStatus"`
	Next          *nextStatusView `json:"NextAgentStatus"`
	Configuration json.RawMessage `json:"Configuration"`
	Contacts      []contactView   `json:"Contacts"`
}

type statusView struct {
	ARN   string `json:"ARN"`
	Name  string `json:"Name"`
	Start string `json:"StartTimestamp"`
	Type  string `json:"Type"`
}

type nextStatusView struct {
	ARN      string `json:"ARN"`
	Enqueued string `json:"EnqueuedTimestamp"`
	Name     string `json:"Name"`
	Type     string `json:"Type"`
}

type contactView struct {
	Channel   string     `json:"Channel"`
	Connected *string    `json:"ConnectedToAgentTimestamp"`
	ID        string     `json:"ContactId"`
	Initial   *string    `json:"InitialContactId"`
	Method    string     `json:"InitiationMethod"`
	Queue     *queueView `json:"Queue"`
	Queued    *string    `json:"QueueTimestamp"`
	State     string     `json:"State"`
	Since     string     `json:"StateStartTimestamp"`
}

type queueView struct {
	ARN      string   `json:"ARN"`
	Name     string   `json:"Name"`
	Channels []string `json:"Channels,omitempty"`
}

// The kinds of records.
const (
	stateChange = "STATE_CHANGE"
	heartBeat   = "HEART_BEAT"
	logIn       = "LOGIN"
	logOut      = "LOGOUT"
)

// streamVersion is that of the data model in recent samples.
const streamVersion = "2017-10-01"

// record writes one record of the agent event stream and makes the present snapshot the previous one. It is nil for a change
// of state that the stream does not show: a conference, a third party, the system's own states.
func (s *Server) record(a *agent, kind string, at time.Time) []byte {
	now := a.snapshot()
	before := a.told
	if before == nil {
		before = []byte("null")
	}
	if kind == stateChange && string(now) == string(before) {
		return nil
	}
	if kind == logIn {
		before = []byte("null")
	}
	a.told, a.toldAt = now, at
	b := make([]byte, 0, len(now)+len(before)+512)
	b = append(b, `{"AWSAccountId":"`+s.cfg.Account+`","AgentARN":"`+a.arn()+`","CurrentAgentSnapshot":`...)
	b = append(b, now...)
	b = append(b, `,"EventId":"`+s.uuid()+`","EventTimestamp":"`+stamp(at)+`","EventType":"`+kind+`","InstanceARN":"`+s.arn("")+`","PreviousAgentSnapshot":`...)
	b = append(b, before...)
	return append(b, `,"Version":"`+streamVersion+`"}`...)
}

func (a *agent) snapshot() []byte {
	view := agentSnapshot{Status: statusView{a.s.arn("agent-state/" + a.status.id), a.status.name, stamp(a.statusAt), a.status.kind},
		Configuration: a.configuration, Contacts: []contactView{}}
	if a.next != nil {
		view.Next = &nextStatusView{a.s.arn("agent-state/" + a.next.id), stamp(a.nextAt), a.next.name, a.next.kind}
	}
	for _, c := range a.contacts {
		v := contactView{Channel: "VOICE", Connected: some(stamp(c.t.connected)), ID: c.id, Initial: some(c.initial), Method: c.method,
			State: c.streamState(), Since: stamp(c.stateSince()), Queued: some(stamp(c.t.queued))}
		if c.queue != nil {
			v.Queue = &queueView{ARN: a.s.arn("queue/" + c.queue.id), Name: c.queue.name}
		}
		view.Contacts = append(view.Contacts, v)
	}
	b, err := json.Marshal(view)
	if err != nil { // strings only
		panic(err)
	}
	return b
}

func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// agentConfiguration is the part of every snapshot that does not change.
func (s *Server) agentConfiguration(a *agent) json.RawMessage {
	voice := []string{"VOICE"}
	outbound := queueView{s.arn("queue/" + sales.id), sales.name, voice}
	b, err := json.Marshal(map[string]any{
		"AgentHierarchyGroups": nil, "FirstName": a.first, "LastName": a.last, "Username": a.username,
		"RoutingProfile": map[string]any{"ARN": s.arn("routing-profile/" + routingProfileID), "Name": routingProfileName,
			"Concurrency":          []map[string]any{{"Channel": "VOICE", "AvailableSlots": 1, "MaximumSlots": 1}},
			"DefaultOutboundQueue": outbound, "InboundQueues": []queueView{outbound}},
	})
	if err != nil { // strings and numbers only
		panic(err)
	}
	return b
}

// publish tells of an agent whose view has changed: the agent event stream, and whoever has the agent's CCP open. It runs under
// Server.mu.
func (s *Server) publish(a *agent, kind string, at time.Time) {
	if record := s.record(a, kind, at); record != nil {
		s.stream(a, record)
	}
	if kind != heartBeat {
		s.push(a, at)
	}
}

// stream puts a record into the stream, with the agent's ARN as partition key (agent event streams), and now and then twice.
func (s *Server) stream(a *agent, record []byte) {
	copies := 1
	if s.delivery.StreamDuplicate > 0 && s.random.Float64() < s.delivery.StreamDuplicate {
		copies = 2
	}
	a.lastRecord = record
	for range copies {
		s.put(a, record)
	}
}

func (s *Server) put(a *agent, record []byte) {
	s.tap(AgentStream, a.username, record)
	s.records.put(a.arn(), record)
}

// beatEvery is how long an agent's stream is silent before a heart beat; beatAfter is how long they go on after a logout.
const (
	beatEvery = 120 * time.Second
	beatAfter = time.Hour
)

// beat publishes the heart beats that are due and says when to ask again.
func (s *Server) beat(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.agents {
		if a.told == nil || now.Sub(a.toldAt) < beatEvery || a.status.kind == "OFFLINE" && now.Sub(a.statusAt) > beatAfter {
			continue
		}
		s.publish(a, heartBeat, now)
	}
}

// SetStatus gives an agent one of the instance's statuses at once: Available, Offline, Break or Training. Leaving Offline is a
// LOGIN in the agent event stream, going Offline a LOGOUT. What contacts there are stays as it is.
func (s *Server) SetStatus(username, name string) error {
	st, ok := findStatus(func(st status) bool { return st.name == name })
	if !ok {
		return notNow("there is no status %q", name)
	}
	return s.withAgent(username, func(a *agent) { s.setStatus(a, st, false) })
}

// setStatus changes the status and tells of it. It runs under Server.mu.
func (s *Server) setStatus(a *agent, st status, later bool) {
	at := time.Now().UTC().Truncate(time.Millisecond)
	kind, was := stateChange, a.status.kind
	a.choose(st, later, at)
	switch {
	case was == "OFFLINE" && a.status.kind != "OFFLINE":
		kind = logIn
	case was != "OFFLINE" && a.status.kind == "OFFLINE":
		kind = logOut
	}
	s.publish(a, kind, at)
	s.life.Changed()
}

// Reshard splits or merges the shards of the simulator's own stream until so many are open.
func (s *Server) Reshard(shards int) error {
	if s.records.own == nil {
		return notNow("the stream is somebody else's")
	}
	if shards < 1 {
		return notNow("a stream has at least one shard")
	}
	s.records.own.Reshard(shards)
	return nil
}
