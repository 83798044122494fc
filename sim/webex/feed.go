package webex

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// Telling: a change becomes one message, the message goes through the agent's
// feed (where the network's faults are), and from there to every socket of the
// agent. Nothing is kept for those who are not there: what is told while no
// socket is open is lost. All functions here run under Server.mu.

// A feed is an agent's way out, with the faults that tests ask for.
type feed struct {
	holding bool
	waiting [][]byte // kept back while holding
	lose    int      // so many of the next messages are lost
	swap    bool     // the next two change places
	first   []byte   // the one that waits for its successor
	last    []byte   // what Duplicate sends again
}

// notifs is a trackingId as the notification service makes them.
func (s *Server) notifs() string { return "notifs_" + s.ids.uuid() }

// tellContact sends a message about a task to the agent of a leg. More fills
// in what only this kind of message has.
func (s *Server) tellContact(l *leg, kind string, more func(*contact)) {
	c := l.task.render(l, kind)
	if more != nil {
		more(&c)
	}
	s.tell(l.agent, message{Type: "RoutingMessage", OrgID: orgID, TrackingID: s.notifs(), Data: c})
}

func (s *Server) tell(a *agent, m message) {
	raw, err := json.Marshal(m)
	if err != nil {
		s.cfg.Log.Error("message not written", "error", err)
		return
	}
	s.send(a, raw)
}

func (s *Server) send(a *agent, raw []byte) {
	s.told++
	f := &a.feed
	switch {
	case f.lose > 0:
		f.lose--
	case f.holding:
		f.waiting = append(f.waiting, raw)
	case f.swap && f.first == nil:
		f.first = raw
	case f.swap:
		first := f.first
		f.swap, f.first = false, nil
		a.fanOut(raw)
		a.fanOut(first)
	default:
		a.fanOut(raw)
	}
}

func (a *agent) fanOut(raw []byte) {
	a.feed.last = raw
	for _, k := range a.sockets {
		if !k.mute {
			k.out.push(raw)
		}
	}
}

// agentState is the data of the messages about an agent's session.
type agentState struct {
	Type           string              `json:"type"`
	EventType      string              `json:"eventType"`
	EventTime      int64               `json:"eventTime"`
	AgentID        string              `json:"agentId"`
	TrackingID     string              `json:"trackingId"`
	OrgID          string              `json:"orgId"`
	SessionID      string              `json:"agentSessionId,omitempty"`
	Reason         string              `json:"reason,omitempty"`
	ReasonCode     int                 `json:"reasonCode,omitempty"`
	Status         string              `json:"status,omitempty"`
	SubStatus      string              `json:"subStatus,omitempty"`
	AuxCodeID      string              `json:"auxCodeId,omitempty"`
	IdleCodeChange int64               `json:"lastIdleCodeChangeTimestamp,omitempty"`
	StateChange    int64               `json:"lastStateChangeTimestamp,omitempty"`
	StateReason    string              `json:"lastStateChangeReason,omitempty"`
	ChangedBy      *string             `json:"changedBy,omitempty"`
	ChangedByID    *string             `json:"changedById,omitempty"`
	ChangedByName  *string             `json:"changedByName,omitempty"`
	TeamID         string              `json:"teamId,omitempty"`
	SiteID         string              `json:"siteId,omitempty"`
	DN             string              `json:"dn,omitempty"`
	DialNumber     string              `json:"dialNumber,omitempty"`
	IsExtension    *bool               `json:"isExtension,omitempty"`
	DeviceType     string              `json:"deviceType,omitempty"`
	DeviceID       string              `json:"deviceId,omitempty"`
	ProfileType    string              `json:"profileType,omitempty"`
	Roles          []string            `json:"roles,omitempty"`
	Interactions   []string            `json:"interactionIds,omitzero"`
	Channels       map[string][]string `json:"channelsMap,omitempty"`
	Agents         []buddy             `json:"agentList,omitzero"`
}

func (s *Server) agentEvent(a *agent, kind string) agentState {
	return agentState{Type: kind, EventType: "AgentDesktopMessage", EventTime: time.Now().UnixMilli(), AgentID: a.id,
		TrackingID: s.ids.uuid(), OrgID: orgID, SessionID: a.session}
}

// session is what the success of login and reload tells.
func (s *Server) session(a *agent, kind string) agentState {
	d := s.agentEvent(a, kind)
	yes := true
	d.Status, d.SubStatus, d.AuxCodeID = "LoggedIn", a.state, a.auxCode
	d.IdleCodeChange, d.StateChange, d.StateReason = a.changed.UnixMilli(), a.changed.UnixMilli(), a.reason
	d.TeamID, d.SiteID, d.DN, d.DialNumber, d.DeviceID = teamID, siteID, a.dn, a.dn, a.dn
	d.IsExtension, d.DeviceType, d.ProfileType, d.Roles = &yes, "EXTENSION", "BLENDED", []string{"agent"}
	d.Channels = map[string][]string{"telephony": {a.channel}}
	d.Interactions = []string{}
	for _, l := range a.legs {
		if !slices.Contains(d.Interactions, l.task.id) {
			d.Interactions = append(d.Interactions, l.task.id)
		}
	}
	return d
}

// tellState is the message of a state change.
func (s *Server) tellState(a *agent, by *agent) {
	d := s.agentEvent(a, "AgentStateChangeSuccess")
	d.Status, d.SubStatus, d.AuxCodeID = "LoggedIn", a.state, a.auxCode
	d.IdleCodeChange, d.StateChange, d.StateReason = a.changed.UnixMilli(), a.changed.UnixMilli(), a.reason
	if by != nil {
		d.ChangedBy, d.ChangedByID, d.ChangedByName = new("Agent"), &by.id, &by.name
	}
	s.tell(a, message{Type: "AgentStateChange", OrgID: orgID, TrackingID: s.notifs(), Data: d})
}

// failAgent is a refusal that comes over the WebSocket after a 202.
func (s *Server) failAgent(a *agent, envelope, kind, reason string, code int) {
	d := s.agentEvent(a, kind)
	d.Reason, d.ReasonCode = reason, code
	s.tell(a, message{Type: envelope, OrgID: orgID, TrackingID: s.notifs(), Data: d})
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
