package webex

import (
	"cordboard/sim/stage"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// activity is one stretch of an agent's day ("Get Agent Activities").
type activity struct {
	Active      bool   `json:"active"`
	AgentID     string `json:"agentId"`
	AgentDN     string `json:"agentDn"`
	AgentLogin  string `json:"agentLogin"`
	SessionID   string `json:"agentSessionId"`
	AgentName   string `json:"agentName"`
	State       string `json:"currentState"`
	SiteID      string `json:"siteId"`
	SiteName    string `json:"siteName"`
	TeamID      string `json:"teamId"`
	TeamName    string `json:"teamName"`
	IsLogin     int    `json:"isLogin"`
	TaskID      string `json:"taskId"`
	ChannelID   string `json:"channelId"`
	ChannelType string `json:"channelType"`
	QueueID     string `json:"queueId"`
	QueueName   string `json:"queueName"`
	WrapUpCode  string `json:"wrapupCodeName"`
	Reason      string `json:"reason"`
	Start       int64  `json:"startTime"`
	End         int64  `json:"endTime"` // -1 while it lasts
}

const maxActivities = 200

// note ends the agent's running activity and begins the next.
func (a *agent) note(state string, t *task, at time.Time) {
	if n := len(a.past); n > 0 && a.past[n-1].Active {
		a.past[n-1].Active, a.past[n-1].End = false, at.UnixMilli()
	}
	x := activity{Active: true, AgentID: a.id, AgentDN: a.dn, AgentLogin: a.mail, SessionID: a.session, AgentName: a.name, State: state,
		SiteID: siteID, SiteName: siteName, TeamID: teamID, TeamName: teamName, ChannelID: a.channel, ChannelType: "telephony",
		Reason: a.reason, Start: at.UnixMilli(), End: -1}
	if t != nil {
		x.TaskID, x.QueueID, x.QueueName = t.id, t.queue, queueNames[t.queue]
	}
	a.past = append(a.past, x)
	if len(a.past) > maxActivities {
		a.past = slices.Clone(a.past[len(a.past)-maxActivities/2:])
	}
}

func (s *Server) getActivities(w http.ResponseWriter, r *http.Request, _ caller) {
	q := r.URL.Query()
	win, why := window(q.Get("from"), q.Get("to"))
	if why == "" && win.to-win.from >= 24*time.Hour.Milliseconds() {
		why = "the window must be less than 24 hours"
	}
	if why != "" {
		dataFailure(w, http.StatusBadRequest, why)
		return
	}
	only := strings.FieldsFunc(q.Get("agentIds"), func(c rune) bool { return c == ',' })
	list := []activity{}
	s.mu.Lock()
	for _, a := range s.agents {
		if len(only) > 0 && !slices.Contains(only, a.id) {
			continue
		}
		for _, x := range a.past {
			if x.Start >= win.from && x.Start < win.to {
				list = append(list, x)
			}
		}
	}
	s.mu.Unlock()
	slices.SortStableFunc(list, func(a, b activity) int { return int(a.Start - b.Start) })
	size, page := number(q.Get("pageSize"), 100), number(q.Get("page"), 0)
	list = list[min(len(list), page*size):]
	stage.Answer(w, http.StatusOK, map[string]any{"meta": map[string]string{"orgId": orgID}, "data": list[:min(len(list), size)]})
}

func number(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil && n >= 0 && n <= 1000 {
		return n
	}
	return otherwise
}
