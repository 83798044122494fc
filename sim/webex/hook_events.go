package webex

// Which webhooks a move of a task or an agent brings. They carry neither
// variables nor campaign (documented by the members of their data). All
// functions here run under Server.mu.

// hookTask tells of a task.
func (s *Server) hookTask(t *task, kind, state string, l *leg) {
	s.hooks.emit(kind, t.hookData(state, l), s.ids.uuid)
}

func (t *task) hookData(state string, l *leg) map[string]any {
	d := map[string]any{"taskId": t.id, "channelType": "telephony", "origin": t.origin, "destination": t.destination,
		"createdTime": t.created.UnixMilli(), "currentState": state}
	if state != "create" {
		d["queueId"] = t.queue
	}
	if l != nil {
		d["agentId"], d["teamId"] = l.agent.id, teamID
	}
	return d
}

// hookFailed tells that a task came to nothing.
func (s *Server) hookFailed(t *task, reason string) {
	d := t.hookData("failed", nil)
	d["reason"] = reason
	s.hooks.emit("task:failed", d, s.ids.uuid)
}

// hookAgent tells of an agent's channel that a task keeps busy: under the name
// of version 2, and under that of version 1.
func (s *Server) hookAgent(l *leg, state string) { s.hookChannel(l, state, "") }

// hookWrapped tells that a wrap-up is done, and with which code.
func (s *Server) hookWrapped(l *leg, code string) { s.hookChannel(l, "wrapup-done", code) }

func (s *Server) hookChannel(l *leg, state, code string) {
	a, t := l.agent, l.task
	a.note(state, t, t.now())
	d := a.hookData(state)
	if state != "available" {
		d["taskId"], d["queueId"], d["destination"] = t.id, t.queue, t.destination
	}
	d["createdTime"] = t.now().UnixMilli()
	if code != "" {
		d["wrapUpAuxCodeId"] = code
	}
	s.hooks.emit("agent:channel_state_change", d, s.ids.uuid)
	s.hooks.emit("agent:state_change", d, s.ids.uuid)
	if whole := channelTypeStates[state]; whole != "" {
		s.hookChannelType(a, whole)
	}
}

// channelTypeStates are the words of agent:channelType_state_change for those
// of a channel.
var channelTypeStates = map[string]string{"ringing": "Reserved", "connected": "Engaged", "wrapup": "WrapUp", "available": "Available",
	"idle": "Idle", "not-responding": "Idle"}

func (a *agent) hookData(state string) map[string]any {
	return map[string]any{"agentId": a.id, "channelId": a.channel, "channelType": "telephony", "currentState": state, "teamId": teamID,
		"createdTime": a.changed.UnixMilli()}
}

func (s *Server) hookChannelType(a *agent, state string) {
	s.hooks.emit("agent:channelType_state_change", map[string]any{"agentId": a.id, "currentState": state, "channelType": "telephony",
		"pendingIdleState": false, "teamId": teamID, "createdTime": nowMilli()}, s.ids.uuid)
}

// hookAgentState tells what an agent set himself to.
func (s *Server) hookAgentState(a *agent) {
	state := "idle"
	if a.state == stateAvailable {
		state = "available"
	}
	a.note(state, nil, a.changed)
	d := a.hookData(state)
	if state == "idle" {
		d["idleCodeId"] = a.auxCode
	}
	s.hooks.emit("agent:channel_state_change", d, s.ids.uuid)
	s.hooks.emit("agent:state_change", d, s.ids.uuid)
	s.hookChannelType(a, channelTypeStates[state])
}

// hookLogin tells that a session began or ended.
func (s *Server) hookLogin(a *agent, kind string) {
	state := "idle"
	if kind == "agent:logout" {
		state = "logged-out"
	}
	a.note(state, nil, a.changed)
	if kind == "agent:login" && len(a.past) > 0 {
		a.past[len(a.past)-1].IsLogin = 1
	}
	s.hooks.emit(kind, map[string]any{"agentId": a.id, "teamId": teamID, "channelType": "telephony", "createdTime": a.changed.UnixMilli()}, s.ids.uuid)
}
