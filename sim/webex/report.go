package webex

import "time"

// What reports tell of a task: the members that the search and the list of
// tasks have in common.

// status is the word of the list of tasks.
func (t *task) status() string {
	switch {
	case !t.ended.IsZero() && t.answered.IsZero():
		return "abandoned"
	case !t.ended.IsZero():
		return "completed"
	case !t.answered.IsZero():
		return "assigned"
	case t.parked:
		return "queued"
	case len(t.legs) > 0:
		return "offered"
	}
	return "created"
}

// searchStatus is the word of the search.
func (t *task) searchStatus() string {
	if !t.ended.IsZero() {
		return "ended"
	}
	if s := t.status(); s != "assigned" {
		return s
	}
	return "connected"
}

func (t *task) reportDirection() string {
	switch t.mode {
	case modeInbound:
		return "inbound"
	case modeManual:
		return "outdial"
	}
	return "outbound"
}

// attributes are those of the list of tasks.
func (t *task) attributes() map[string]any {
	a := map[string]any{"owner": ref{}, "queue": ref{t.queue, queueNames[t.queue]}, "channelType": "telephony", "status": t.status(),
		"createdTime": t.created.UnixMilli(), "lastUpdatedTime": t.touched().UnixMilli(), "captureRequested": t.recording != "",
		"origin": t.origin, "destination": t.destination, "direction": t.reportDirection()}
	if t.owner != nil {
		a["owner"] = ref{t.owner.id, t.owner.name}
	}
	return a
}

// ref is something with an id and a name.
type ref struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (r ref) row() map[string]any {
	if r.ID == "" {
		return map[string]any{"id": nil, "name": nil}
	}
	return map[string]any{"id": r.ID, "name": r.Name}
}

// touched is when something last happened.
func (t *task) touched() time.Time {
	at := t.created
	for _, other := range []time.Time{t.answered, t.ended} {
		if other.After(at) {
			at = other
		}
	}
	return at
}

// row is the task as the search knows it; null where it does not know yet.
func (t *task) row() map[string]any {
	queue, owner := ref{t.queue, queueNames[t.queue]}, ref{}
	if t.owner != nil {
		owner = ref{t.owner.id, t.owner.name}
	}
	handled := "abandoned"
	if !t.answered.IsZero() {
		handled = "normal"
	}
	variables := []any{}
	for _, v := range t.variables {
		if !isFlowName(v.name) {
			variables = append(variables, map[string]any{"name": v.name, "value": v.value})
		}
	}
	row := map[string]any{"id": t.id, "channelType": "telephony", "status": t.searchStatus(), "isActive": t.ended.IsZero(),
		"createdTime": t.created.UnixMilli(), "endedTime": nil, "origin": t.origin, "destination": t.destination,
		"direction": t.reportDirection(), "captureRequested": t.recording != "", "terminationType": nil, "contactHandleType": nil,
		"isContactHandled": !t.answered.IsZero(), "queue": []any{queue.row()}, "lastQueue": queue.row(), "owner": owner.row(),
		"lastAgent": owner.row(), "lastTeam": ref{teamID, teamName}.row(), "lastSite": ref{siteID, siteName}.row(),
		"lastEntryPoint": ref{entryPointID, "Main_EP"}.row(), "lastWrapupCodeName": nil, "customer": map[string]any{"name": nil, "phoneNumber": t.customer.number},
		"connectedDuration": t.talked().Milliseconds(), "holdDuration": t.spans.hold.Milliseconds(), "wrapupDuration": t.spans.wrap.Milliseconds(),
		"totalDuration": t.touched().Sub(t.created).Milliseconds(), "stringGlobalVariables": variables}
	if !t.ended.IsZero() {
		row["endedTime"], row["terminationType"], row["contactHandleType"] = t.ended.UnixMilli(), short(t.why), handled
	}
	if t.wrapUpName != "" {
		row["lastWrapupCodeName"] = t.wrapUpName
	}
	return row
}

// talked is how long the customer was connected, hold included.
func (t *task) talked() time.Duration {
	if t.answered.IsZero() {
		return 0
	}
	if t.ended.IsZero() {
		return t.now().Sub(t.answered)
	}
	return t.ended.Sub(t.answered)
}
