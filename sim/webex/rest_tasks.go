package webex

import "net/http"

// The tasks' API: what an agent orders for a task ("Tasks", Contact Control
// APIs). The request itself is checked at once; whether the task allows it is
// told over the WebSocket, by the success or the failure that each order has.

// order is what the bodies of all of them can hold.
type order struct {
	MediaResourceID  string            `json:"mediaResourceId"`
	To               string            `json:"to"`
	DestinationType  string            `json:"destinationType"`
	HoldParticipants *bool             `json:"holdParticipants"`
	AuxCodeID        string            `json:"auxCodeId"`
	WrapUpReason     string            `json:"wrapUpReason"`
	AutoResumed      bool              `json:"autoResumed"`
	QueueID          string            `json:"queueId"`
	Attributes       map[string]string `json:"attributes"`
}

// verb is one order: what it needs, what it does, and the message of its
// failure.
type verb struct {
	needs  []string
	failed string
	do     func(t *task, l *leg, o order) *refusal
}

func (s *Server) taskRoutes(api routeFunc) {
	for path, v := range s.verbs() {
		api("POST /v1/tasks/{id}/"+path, scopeUser, func(w http.ResponseWriter, r *http.Request, who caller) { s.do(w, r, who, v) })
	}
	api("POST /v1/tasks", scopeUser, s.postTask)
	api("POST /v1/tasks/{$}", scopeUser, s.postTask) // as the web SDK sends it
	api("PATCH /v1/tasks/{id}", scopeUser, func(w http.ResponseWriter, r *http.Request, who caller) {
		s.do(w, r, who, verb{failed: "ContactUpdateFailed", do: func(t *task, _ *leg, o order) *refusal { t.change(o.Attributes); return nil }})
	})
	api("GET /v1/tasks", scopeRead, s.getTasks)
}

func (s *Server) verbs() map[string]verb {
	return map[string]verb{
		"accept":              {nil, "AgentContactAssignFailed", func(t *task, l *leg, _ order) *refusal { return t.accept(l) }},
		"reject":              {[]string{"mediaResourceId"}, "AgentContactAssignFailed", func(t *task, l *leg, _ order) *refusal { return t.miss(l, missRona, "AGENT_REJECTED") }},
		"end":                 {nil, "AgentContactEndFailed", func(t *task, l *leg, _ order) *refusal { return t.hangUpBy(l) }},
		"wrapup":              {[]string{"auxCodeId", "wrapUpReason"}, "AgentWrapupFailed", func(t *task, l *leg, o order) *refusal { return t.wrap(l, o.WrapUpReason, o.AuxCodeID) }},
		"hold":                {[]string{"mediaResourceId"}, "AgentContactHoldFailed", func(t *task, l *leg, o order) *refusal { return t.hold(l, o.MediaResourceID) }},
		"unhold":              {[]string{"mediaResourceId"}, "AgentContactUnHoldFailed", func(t *task, l *leg, o order) *refusal { return t.unhold(l, o.MediaResourceID, false) }},
		"record/pause":        {nil, "ContactRecordingPauseFailed", func(t *task, l *leg, _ order) *refusal { return t.pause(l) }},
		"record/resume":       {nil, "ContactRecordingResumeFailed", func(t *task, l *leg, o order) *refusal { return t.resume(l, o.AutoResumed) }},
		"transfer":            {[]string{"to", "destinationType"}, "AgentBlindTransferFailed", (*task).sendByRequest},
		"consult":             {[]string{"to", "destinationType"}, "AgentConsultFailed", (*task).askByRequest},
		"consult/accept":      {nil, "AgentContactAssignFailed", func(t *task, l *leg, _ order) *refusal { return t.accept(l) }},
		"consult/end":         {nil, "AgentConsultEndFailed", (*task).unaskByRequest},
		"cancelCtq":           {nil, "AgentCtqCancelFailed", (*task).unaskByRequest},
		"consult/transfer":    {[]string{"to", "destinationType"}, "AgentConsultTransferFailed", func(t *task, l *leg, _ order) *refusal { return t.transfer(l, true) }},
		"consult/conference":  {[]string{"to"}, "AgentConsultConferenceFailed", func(t *task, l *leg, _ order) *refusal { return t.join(l) }},
		"conference/exit":     {nil, "ParticipantLeftConferenceFailed", func(t *task, l *leg, _ order) *refusal { return t.exit(l) }},
		"conference/transfer": {nil, "AgentConferenceTransferFailed", func(t *task, l *leg, _ order) *refusal { return t.handOver(l) }},
		"assign":              {nil, "AgentContactAssignFailed", nil},
	}
}

// has says whether a body has a value for a member.
func (o order) has(member string) bool {
	return map[string]string{"mediaResourceId": o.MediaResourceID, "to": o.To, "destinationType": o.DestinationType,
		"auxCodeId": o.AuxCodeID, "wrapUpReason": o.WrapUpReason}[member] != ""
}

func (s *Server) do(w http.ResponseWriter, r *http.Request, who caller, v verb) {
	var o order
	if !who.body(w, r, &o) {
		return
	}
	for _, member := range v.needs {
		if !o.has(member) {
			apiFailure(w, http.StatusBadRequest, "Bad Request", member+" is missing")
			return
		}
	}
	if r.Method == http.MethodPatch && (len(o.Attributes) == 0 || len(o.Attributes) > 30) {
		apiFailure(w, http.StatusBadRequest, "Bad Request", "attributes needs 1 to 30 entries")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tasks[r.PathValue("id")]
	var l *leg
	if t != nil {
		l = t.live(who.agent)
	}
	if v.do == nil && t != nil && t.parked { // an agent takes a contact out of its queue
		accepted(w)
		l = t.reserve(who.agent)
		t.offer(l)
		_ = t.assign(l)
		return
	}
	if l == nil {
		apiFailure(w, http.StatusNotFound, "Not Found", "the agent has no such task")
		return
	}
	accepted(w)
	refused := notNow("the task is not in a queue")
	if v.do != nil {
		refused = v.do(t, l, o)
	}
	if refused != nil {
		s.failTask(l, v.failed, refused)
	}
}

// failTask is the message that refuses an order.
func (s *Server) failTask(l *leg, kind string, r *refusal) {
	s.tellContact(l, kind, func(c *contact) { c.Reason, c.ReasonCode = r.reason, r.code })
}

// accept answers whatever rings at the agent. A call that the agent dialled is
// answered at his device; the customer's answer assigns it.
func (t *task) accept(l *leg) *refusal {
	switch {
	case l.consulted:
		return t.advise(l.agent)
	case t.mode == modeManual && !t.customer.joined:
		return nil
	}
	return t.assign(l)
}
