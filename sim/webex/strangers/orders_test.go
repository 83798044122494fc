package strangers

import (
	"testing"
	"time"

	"cordboard/sim/stage/stagetest"
	"cordboard/sim/webex"
)

type data = map[string]any

// connected plays an inbound call up to the conversation and returns its id.
func connected(t *testing.T, s *webex.Server, c *stranger) string {
	t.Helper()
	script, _ := webex.Script("inbound")
	script.Steps = script.Steps[:3]
	ids, err := s.Play(stagetest.Within(t), script, webex.Call{Agents: []string{c.id}})
	if err != nil {
		t.Fatal(err)
	}
	return ids.Main
}

// TestCiscosOrdersFindTheirAnswers lets Cisco's code order everything that its
// services can: each order must find, among what comes over the WebSocket, the
// message that Cisco's code takes for its success or for its failure.
func TestCiscosOrdersFindTheirAnswers(t *testing.T) {
	s := start(t, webex.Config{FarEnd: time.Millisecond, AutoAnswer: true, Agents: 2})
	a, b := enlist(t, s, 0), enlist(t, s, 1)
	check := func(c *stranger, name, want string, args any) {
		t.Helper()
		l := c.order(name, args)
		if l.Answer != want && l.Refused != want {
			t.Errorf("%s: %v %s, want %s", name, l.Answer, l.Refused, want)
		}
	}
	id := connected(t, s, a)
	of := func(d data) data { return data{"interactionId": id, "data": d} }
	toB := data{"to": b.id, "destinationType": "agent"}
	wrap := func() data {
		return of(data{"wrapUpReason": "Resolved", "auxCodeId": "70000000-0000-4000-8000-000000000071"})
	}
	main := of(data{"mediaResourceId": id})

	check(a, "contact.hold", "AgentContactHeld", main)
	check(a, "contact.hold", "AgentContactHoldFailed", main)
	check(a, "contact.unHold", "AgentContactUnheld", main)
	check(a, "contact.unHold", "AgentContactUnHoldFailed", main)
	check(a, "contact.pauseRecording", "ContactRecordingPaused", of(nil))
	check(a, "contact.resumeRecording", "ContactRecordingResumed", of(data{"autoResumed": false}))
	check(a, "contact.consult", "AgentConsultCreated", of(toB))
	a.until(func(l line) bool { return l.Event == "task:consulting" }) // b picks up by himself
	check(a, "contact.consultEnd", "AgentConsultEnded", of(data{"isConsult": true, "taskId": id}))
	check(a, "contact.consult", "AgentConsultCreated", of(toB))
	a.until(func(l line) bool { return l.Event == "task:consulting" })
	check(a, "contact.consultConference", "AgentConsultConferencing", of(toB))
	check(b, "contact.exitConference", "ParticipantLeftConference", of(nil))
	check(b, "contact.wrapup", "AgentWrappedUp", wrap())
	check(a, "contact.consult", "AgentConsultCreated", of(toB))
	a.until(func(l line) bool { return l.Event == "task:consulting" })
	check(a, "contact.consultTransfer", "AgentConsultTransferred", of(toB))
	check(a, "contact.wrapup", "AgentWrappedUp", wrap())
	check(b, "contact.blindTransfer", "AgentBlindTransferred", of(data{"to": a.id, "destinationType": "agent"}))
	check(b, "contact.wrapup", "AgentWrappedUp", wrap())
	a.until(func(l line) bool { return l.Event == "task:assigned" })
	check(a, "contact.end", "AgentWrapup", of(nil))
	check(a, "contact.wrapup", "AgentWrappedUp", wrap())
	check(a, "contact.wrapup", "Not Found", wrap())

	check(a, "dialer.startOutdial", "AgentOfferContact", data{"data": data{"entryPointId": "e0000000-0000-4000-8000-0000000000e1",
		"destination": "+15555550123", "direction": "OUTBOUND", "attributes": data{}, "mediaType": "telephony", "outboundType": "OUTDIAL", "origin": "+15555550199"}})
	a.until(func(l line) bool { id = l.ID; return l.Event == "task:assigned" })
	check(a, "contact.end", "AgentWrapup", of(nil))
	check(a, "contact.wrapup", "AgentWrappedUp", wrap())

	check(a, "agent.stateChange", "AgentStateChangeSuccess", data{"data": data{"state": "Idle", "auxCodeId": "x"}})
	check(a, "agent.reload", "AgentReloginSuccess", nil)
	check(a, "agent.logout", "AgentLogoutSuccess", data{"data": data{"logoutReason": "User requested logout"}})
	check(a, "agent.reload", "AgentReloginFailed", nil)
	check(a, "agent.stationLogin", "AgentStationLoginSuccess", data{"data": data{"dialNumber": "2001", "teamId": "d0000000-0000-4000-8000-0000000000d1", "roles": []string{"agent"}}})
}

func TestCiscosPreviewAccept(t *testing.T) {
	s := start(t, webex.Config{Agents: 1})
	c := enlist(t, s, 0)
	script, _ := webex.Script("preview")
	done := make(chan error, 1)
	go func() {
		_, err := s.Play(stagetest.Within(t), script, webex.Call{Agents: []string{c.id}, Manual: true})
		done <- err
	}()
	l := c.until(func(l line) bool { return l.Event == "task:campaignPreviewReservation" })
	got := c.order("dialer.acceptPreviewContact", data{"data": data{"interactionId": l.ID, "campaignId": "SpringRenewals"}})
	if got.Answer != "AgentContactAssigned" {
		t.Errorf("accept: %+v", got)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestCiscosClientComesBack cuts the socket in the middle of a call. Cisco's
// keepalives keep it open before, its own reconnection opens another, and after
// the reload it holds the task again.
func TestCiscosClientComesBack(t *testing.T) {
	s := start(t, webex.Config{Agents: 1})
	c := enlist(t, s, 0)
	if err := s.AwaitKeepalives(stagetest.Within(t), 2); err != nil { // at once, and after Cisco's 4 seconds
		t.Fatal(err)
	}
	id := connected(t, s, c)
	c.sync()
	if err := s.Cut(c.id); err != nil {
		t.Fatal(err)
	}
	c.until(func(l line) bool { return l.Back == "AgentReloginSuccess" })
	if left, _ := c.order("tasks", nil).Answer.([]any); len(left) != 1 || left[0] != id {
		t.Errorf("tasks after the reload: %v", left)
	}
}
