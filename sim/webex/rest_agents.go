package webex

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// The agents' API: login, logout, state, reload, buddies (Contact Control
// APIs), and the report of activities.

type routeFunc func(pattern, scope string, f func(http.ResponseWriter, *http.Request, caller))

func (s *Server) agentRoutes(api routeFunc) {
	api("POST /v1/agents/login", scopeUser, s.postLogin)
	api("PUT /v1/agents/logout", scopeUser, s.logoutByRequest)
	api("POST /v1/agents/logout", scopeUser, s.logoutByRequest) // as the web SDK sends it
	api("PUT /v1/agents/session/state", scopeUser, s.putState)
	api("POST /v1/agents/reload", scopeUser, s.postReload)
	api("POST /v1/agents/buddyList", scopeUser, s.postBuddyList)
	api("GET /v1/agents/activities", scopeRead, s.getActivities)
}

func (s *Server) postLogin(w http.ResponseWriter, r *http.Request, who caller) {
	var ask struct {
		DialNumber string   `json:"dialNumber"`
		TeamID     string   `json:"teamId"`
		Roles      []string `json:"roles"`
	}
	if !who.body(w, r, &ask) || missing(w, "dialNumber", ask.DialNumber, "roles", strings.Join(ask.Roles, " ")) {
		return
	}
	accepted(w)
	s.mu.Lock()
	defer s.mu.Unlock()
	a := who.agent
	why := ""
	switch other := s.at(ask.DialNumber); {
	case ask.TeamID != "" && ask.TeamID != teamID:
		why = "TEAM_NOT_FOUND"
	case a.signedIn:
		why = "AGENT_SESSION_ALREADY_EXISTS"
	case other != nil && other != a:
		why = "DUPLICATE_LOCATION"
	}
	if why != "" {
		s.failAgent(a, "StationLogin", "AgentStationLoginFailed", why, 1007)
		return
	}
	a.signedIn, a.dn, a.session = true, ask.DialNumber, s.ids.uuid()
	a.state, a.auxCode, a.reason, a.changed = stateIdle, idleCodeID, "", time.Now()
	s.tell(a, message{Type: "StationLogin", OrgID: orgID, TrackingID: s.notifs(), Data: s.session(a, "AgentStationLoginSuccess")})
	s.hookLogin(a, "agent:login")
	s.life.Changed()
}

func (s *Server) logoutByRequest(w http.ResponseWriter, r *http.Request, who caller) {
	var ask struct {
		Reason string `json:"logoutReason"`
	}
	if !who.body(w, r, &ask) || missing(w, "logoutReason", ask.Reason) {
		return
	}
	accepted(w)
	s.mu.Lock()
	defer s.mu.Unlock()
	a := who.agent
	switch {
	case !a.signedIn:
		s.failAgent(a, "Logout", "AgentLogoutFailed", "AGENT_NOT_FOUND", 1004)
	case len(a.legs) > 0:
		s.failAgent(a, "Logout", "AgentLogoutFailed", "AGENT_HAS_ACTIVE_TASKS", 1006)
	default:
		s.logout(a, ask.Reason, "")
	}
}

// logout ends the agent's session.
func (s *Server) logout(a *agent, reason, by string) {
	d := s.agentEvent(a, "AgentLogoutSuccess")
	d.Status, d.SubStatus, d.Reason, d.Roles = "LoggedOut", "", reason, []string{"agent"}
	if by != "" {
		d.ChangedBy = &by
	}
	a.signedIn, a.session, a.state, a.reason, a.changed = false, "", stateIdle, reason, time.Now()
	s.tell(a, message{Type: "Logout", OrgID: orgID, TrackingID: s.notifs(), Data: d})
	s.hookLogin(a, "agent:logout")
	s.life.Changed()
}

func (s *Server) putState(w http.ResponseWriter, r *http.Request, who caller) {
	var ask struct {
		State   string `json:"state"`
		AuxCode string `json:"auxCodeId"`
		Reason  string `json:"lastStateChangeReason"`
		AgentID string `json:"agentId"`
	}
	if !who.body(w, r, &ask) || missing(w, "state", ask.State, "auxCodeId", ask.AuxCode) {
		return
	}
	if ask.State != stateAvailable && ask.State != stateIdle {
		apiFailure(w, http.StatusBadRequest, "Bad Request", "state must be Available or Idle")
		return
	}
	accepted(w)
	s.mu.Lock()
	defer s.mu.Unlock()
	a := who.agent
	switch {
	case ask.AgentID != "" && ask.AgentID != a.id:
		s.failAgent(a, "AgentStateChange", "AgentStateChangeFailed", "NOT_A_SUPERVISOR", 1008)
	case !a.signedIn:
		s.failAgent(a, "AgentStateChange", "AgentStateChangeFailed", "AGENT_NOT_FOUND", 1004)
	default:
		s.setState(a, ask.State, ask.AuxCode, ask.Reason, a)
	}
}

// postReload answers with the session and one AgentContact for each task that
// the agent has a part in: the way back after a broken socket. What was told
// meanwhile is not told again.
func (s *Server) postReload(w http.ResponseWriter, _ *http.Request, who caller) {
	accepted(w)
	s.mu.Lock()
	defer s.mu.Unlock()
	a := who.agent
	if !a.signedIn {
		s.failAgent(a, "AgentReloginFailed", "AgentReloginFailed", "AGENT_NOT_FOUND", 1004)
		return
	}
	s.tell(a, message{Type: "AgentReloginSuccess", OrgID: orgID, TrackingID: s.notifs(), Data: s.session(a, "AgentReloginSuccess")})
	for _, l := range slices.Clone(a.legs) {
		s.tellContact(l, "AgentContact", func(c *contact) {
			c.PendingWrapUp = l.task.pending()
			if n := l.task.reservation; n != nil {
				c.Reservation, c.ReservationKey = &n.id, &n.key
			}
			if l.task.preview() && l.task.reservation == nil {
				c.CampaignID, c.ReservationKey = l.task.campaign, &l.task.key
			}
		})
	}
}

// buddy is one colleague in a buddy list.
type buddy struct {
	AgentID   string `json:"agentId"`
	State     string `json:"state"`
	TeamID    string `json:"teamId"`
	DN        string `json:"dn"`
	AgentName string `json:"agentName"`
	SiteID    string `json:"siteId"`
}

func (s *Server) postBuddyList(w http.ResponseWriter, r *http.Request, who caller) {
	var ask struct {
		Profile   string `json:"agentProfileId"`
		MediaType string `json:"mediaType"`
		State     string `json:"state"`
	}
	if !who.body(w, r, &ask) || missing(w, "agentProfileId", ask.Profile, "mediaType", ask.MediaType) {
		return
	}
	accepted(w)
	s.mu.Lock()
	defer s.mu.Unlock()
	a := who.agent
	if ask.MediaType != "telephony" {
		s.failAgent(a, "BuddyAgents", "BuddyAgentsRetrieveFailed", "MEDIA_TYPE_NOT_SUPPORTED", 1009)
		return
	}
	d := s.agentEvent(a, "BuddyAgents")
	d.Agents = []buddy{}
	for _, b := range s.agents {
		if b != a && b.signedIn && (ask.State == "" || b.state == ask.State) {
			d.Agents = append(d.Agents, buddy{b.id, b.state, teamID, b.dn, b.name, siteID})
		}
	}
	s.tell(a, message{Type: "BuddyAgents", OrgID: orgID, TrackingID: s.notifs(), Data: d})
}
