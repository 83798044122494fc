package connect

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cordboard/sim/connect/awsjson"
)

type userSummary struct {
	ARN      string `json:"Arn"`
	ID       string `json:"Id"`
	Username string `json:"Username"`
}

// user finds the agent whom a request means by id or ARN. It runs under Server.mu, or anywhere for what never changes.
func (s *Server) user(id string) (*agent, error) {
	if at := strings.LastIndex(id, "/agent/"); at >= 0 {
		id = id[at+len("/agent/"):]
	}
	for _, a := range s.agents {
		if a.id == id {
			return a, nil
		}
	}
	return nil, notFound("User " + id + " does not exist")
}

func (s *Server) listUsers(r *http.Request) (any, error) {
	list := make([]userSummary, 0, len(s.agents))
	for _, a := range s.agents {
		list = append(list, userSummary{a.arn(), a.id, a.username})
	}
	size, _ := strconv.Atoi(r.FormValue("maxResults"))
	users, next := page(list, r.FormValue("nextToken"), size, 1000)
	answer := map[string]any{"UserSummaryList": users}
	if next != "" {
		answer["NextToken"] = next
	}
	return answer, nil
}

func (s *Server) describeUser(r *http.Request) (any, error) {
	a, err := s.user(r.PathValue("user"))
	if err != nil {
		return nil, err
	}
	return map[string]any{"User": map[string]any{"Arn": a.arn(), "Id": a.id, "Username": a.username,
		"IdentityInfo":     map[string]string{"FirstName": a.first, "LastName": a.last},
		"PhoneConfig":      map[string]any{"PhoneType": "SOFT_PHONE", "AutoAccept": false, "AfterContactWorkTimeLimit": 0},
		"RoutingProfileId": routingProfileID, "SecurityProfileIds": []string{"5ec00000-0000-4000-8000-000000000001"}, "Tags": map[string]string{}}}, nil
}

type userData struct {
	User     map[string]string  `json:"User"`
	Profile  map[string]string  `json:"RoutingProfile"`
	Status   map[string]any     `json:"Status"`
	Next     string             `json:"NextStatus,omitempty"`
	Free     map[string]int     `json:"AvailableSlotsByChannel"`
	Most     map[string]int     `json:"MaxSlotsByChannel"`
	Active   map[string]int     `json:"ActiveSlotsByChannel"`
	Contacts []userContactState `json:"Contacts"`
}

type userContactState struct {
	ID        string            `json:"ContactId"`
	Channel   string            `json:"Channel"`
	Method    string            `json:"InitiationMethod"`
	State     string            `json:"AgentContactState"`
	Since     json.Number       `json:"StateStartTimestamp"`
	Connected json.Number       `json:"ConnectedToAgentTimestamp,omitempty"`
	Queue     map[string]string `json:"Queue,omitempty"`
}

// currentUserData says what agents have now: how a gap in the streams is found out. Agents who are offline have no data
// (GetCurrentUserData: real-time active user data).
func (s *Server) currentUserData(r *http.Request) (any, error) {
	in, err := body[struct {
		Filters struct {
			Agents, Queues, RoutingProfiles, UserHierarchyGroups []string
			ContactFilter                                        struct{ ContactStates []string }
		}
		MaxResults int
		NextToken  string
	}](r)
	if err != nil {
		return nil, err
	}
	f := in.Filters
	if len(f.Agents)+len(f.Queues)+len(f.RoutingProfiles)+len(f.UserHierarchyGroups) == 0 || len(f.Agents) > 100 {
		return nil, awsjson.Errorf("InvalidParameterException", "a filter of 1 to 100 agents, queues or routing profiles is needed")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []userData{}
	for _, a := range s.agents {
		if a.status.kind == "OFFLINE" || len(f.Agents) > 0 && !slices.ContainsFunc(f.Agents, func(id string) bool { return id == a.id || id == a.arn() }) {
			continue
		}
		if data := a.data(f.ContactFilter.ContactStates); len(f.ContactFilter.ContactStates) == 0 || len(data.Contacts) > 0 {
			list = append(list, data)
		}
	}
	users, next := page(list, in.NextToken, in.MaxResults, 100)
	answer := map[string]any{"UserDataList": users, "ApproximateTotalCount": len(list)}
	if next != "" {
		answer["NextToken"] = next
	}
	return answer, nil
}

// data is one agent's; states restricts the contacts.
func (a *agent) data(states []string) userData {
	s := a.s
	v := userData{User: map[string]string{"Arn": a.arn(), "Id": a.id},
		Profile: map[string]string{"Arn": s.arn("routing-profile/" + routingProfileID), "Id": routingProfileID},
		Status:  map[string]any{"StatusArn": s.arn("agent-state/" + a.status.id), "StatusName": a.status.name, "StatusStartTimestamp": epoch(a.statusAt)},
		Free:    map[string]int{"VOICE": max(0, 1-len(a.contacts))}, Most: map[string]int{"VOICE": 1}, Active: map[string]int{"VOICE": len(a.contacts)},
		Contacts: []userContactState{}}
	if a.next != nil {
		v.Next = a.next.name
	}
	for _, c := range a.contacts {
		state := userContactState{ID: c.id, Channel: "VOICE", Method: c.method, State: c.streamState(), Since: epoch(c.since), Connected: epoch(c.t.connected)}
		if c.queue != nil {
			state.Queue = map[string]string{"Arn": s.arn("queue/" + c.queue.id), "Id": c.queue.id}
		}
		// On hold the moment stays that of CONNECTED (AgentContactReference), which is what c.since is.
		if len(states) == 0 || slices.Contains(states, state.State) {
			v.Contacts = append(v.Contacts, state)
		}
	}
	return v
}

func (s *Server) putUserStatus(r *http.Request) (any, error) {
	in, err := body[struct {
		AgentStatusID string `json:"AgentStatusId"`
	}](r)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.user(r.PathValue("user"))
	if err != nil {
		return nil, err
	}
	st, ok := findStatus(func(st status) bool { return st.id == in.AgentStatusID })
	if !ok {
		return nil, notFound("Agent status " + in.AgentStatusID + " does not exist")
	}
	s.ordered(a, "PutUserStatus", "")
	s.setStatus(a, st, true)
	return nil, nil
}

// dismissContact clears a contact from the agent's CCP, if it is one that is over (DismissUserContact).
func (s *Server) dismissContact(r *http.Request) (any, error) {
	in, err := body[struct{ ContactID string }](r)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.user(r.PathValue("user"))
	if err != nil {
		return nil, err
	}
	n := a.contact(in.ContactID)
	if n == nil {
		return nil, notFound("Contact " + in.ContactID + " does not exist")
	}
	s.ordered(a, "DismissUserContact", n.id)
	defer n.call.flush()
	return nil, n.call.wrapupDone(a)
}
