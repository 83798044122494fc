package webex_test

import (
	"slices"
	"testing"
	"time"

	"cordboard/sim/stage/stagetest"
	"cordboard/sim/webex"
)

type body = map[string]any

const (
	team = "d0000000-0000-4000-8000-0000000000d1"
	code = "70000000-0000-4000-8000-000000000071"
)

func TestSessions(t *testing.T) {
	s := start(t, webex.Config{SignedOut: true, Agents: 3})
	e, other := hear(t, s, 0), hear(t, s, 1)
	login := func(e *ear, dn string) data {
		e.order("/v1/agents/login", body{"dialNumber": dn, "teamId": team, "roles": []string{"agent"}, "deviceType": "EXTENSION"})
		return e.msg()
	}
	e.order("/v1/agents/reload", nil)
	if m := e.raw(); m["type"] != "AgentReloginFailed" || data(m["data"].(map[string]any)).text("reason") != "AGENT_NOT_FOUND" {
		t.Errorf("reload while signed out: %v", m)
	}
	if d := login(e, "7001"); d.kind() != "AgentStationLoginSuccess" || d.text("dn") != "7001" || d.text("subStatus") != "Idle" || d.text("agentSessionId") == "" {
		t.Errorf("login: %v", d)
	}
	if d := login(e, "7001"); d.kind() != "AgentStationLoginFailed" {
		t.Errorf("login twice: %v", d)
	}
	if d := login(other, "7001"); d.text("reason") != "DUPLICATE_LOCATION" {
		t.Errorf("the same extension: %v", d)
	}
	if code, _ := e.do("PUT", "/v1/agents/session/state", body{"state": "Available", "auxCodeId": "0"}); code != 202 {
		t.Errorf("state: %d", code)
	}
	if m := e.raw(); m["type"] != "AgentStateChange" || data(m["data"].(map[string]any)).text("subStatus") != "Available" {
		t.Errorf("state change: %v", m)
	}
	login(other, "7002")
	e.order("/v1/agents/buddyList", body{"agentProfileId": "p", "mediaType": "telephony"})
	if d := e.msg(); d.kind() != "BuddyAgents" || len(d.at("agentList").([]any)) != 1 {
		t.Errorf("buddies: %v", d)
	}
	if code, _ := e.do("PUT", "/v1/agents/logout", body{"logoutReason": "done"}); code != 202 {
		t.Errorf("logout: %d", code)
	}
	if m := e.raw(); m["type"] != "Logout" || data(m["data"].(map[string]any)).kind() != "AgentLogoutSuccess" {
		t.Errorf("logout: %v", m)
	}
	for _, bad := range []struct {
		method, path string
		body         any
	}{
		{"POST", "/v1/agents/login", body{"dialNumber": "1"}}, {"PUT", "/v1/agents/logout", body{}}, {"POST", "/v1/agents/login", "{"},
		{"PUT", "/v1/agents/session/state", body{"state": "Dancing", "auxCodeId": "0"}}, {"POST", "/v1/agents/buddyList", body{}},
	} {
		if code, out := e.do(bad.method, bad.path, bad.body); code != 400 || out["errorMessage"] == "" {
			t.Errorf("%s %s %v: %d %v", bad.method, bad.path, bad.body, code, out)
		}
	}
}

// TestACallByREST lets an agent do all of a call by REST, and looks for the
// message that each order brings.
func TestACallByREST(t *testing.T) {
	s := start(t, webex.Config{FarEnd: time.Millisecond})
	e := hear(t, s, 0)
	status, out := e.do("POST", "/v1/tasks", body{"entryPointId": "e0000000-0000-4000-8000-0000000000e1", "destination": customer, "direction": "OUTBOUND",
		"attributes": body{"case": "17"}, "mediaType": "telephony", "outboundType": "OUTDIAL", "origin": "+15555550188"})
	if status != 201 {
		t.Fatalf("outdial: %d %v", status, out)
	}
	id := out["data"].(map[string]any)["id"].(string)
	d := e.until("AgentContactAssigned")
	if d.interaction() != id || d.text("interaction", "outboundType") != "OUTDIAL" || d.text("interaction", "callProcessingDetails", "ani") != "+15555550188" ||
		d.text("interaction", "callProcessingDetails", "outdialAgentId") != e.id {
		t.Errorf("assigned: %v", d)
	}
	e.until("ContactRecordingStarted")
	task := "/v1/tasks/" + id
	for _, step := range []struct {
		path string
		body any
		want string
	}{
		{"/hold", body{"mediaResourceId": id}, "AgentContactHeld"},
		{"/hold", body{"mediaResourceId": id}, "AgentContactHoldFailed"},
		{"/unhold", body{"mediaResourceId": id}, "AgentContactUnheld"},
		{"/unhold", body{"mediaResourceId": id}, "AgentContactUnHoldFailed"},
		{"/record/pause", nil, "ContactRecordingPaused"},
		{"/record/pause", nil, "ContactRecordingPauseFailed"},
		{"/record/resume", body{"autoResumed": false}, "ContactRecordingResumed"},
		{"/consult", body{"to": "nobody", "destinationType": "agent"}, "AgentConsultFailed"},
		{"/consult/transfer", body{"to": "x", "destinationType": "agent"}, "AgentConsultTransferFailed"},
		{"/consult/conference", body{"to": "x"}, "AgentConsultConferenceFailed"},
		{"/consult/end", body{}, "AgentConsultEndFailed"},
		{"/conference/exit", nil, "ParticipantLeftConferenceFailed"},
		{"/accept", nil, "AgentContactAssignFailed"},
		{"/assign", nil, "AgentContactAssignFailed"},
		{"/transfer", body{"to": "nowhere", "destinationType": "queue"}, "AgentBlindTransferFailed"},
		{"/wrapup", body{"auxCodeId": code, "wrapUpReason": "x"}, "AgentWrapupFailed"},
		{"/end", nil, "ContactEnded"},
		{"", nil, "AgentWrapup"},
		{"/wrapup", body{"auxCodeId": code, "wrapUpReason": "Sale"}, "AgentWrappedUp"},
	} {
		if step.path != "" {
			e.order(task+step.path, step.body)
		}
		if d := e.msg(); d.kind() != step.want || d.interaction() != id {
			t.Fatalf("%s brought %s %q, want %s", step.path, d.kind(), d.text("reason"), step.want)
		}
	}
	if status, _ := e.do("POST", task+"/hold", body{"mediaResourceId": id}); status != 404 {
		t.Errorf("a task that is over: %d", status)
	}
	orders := s.Orders()
	if last := orders[len(orders)-1]; last.Agent != e.id || last.Method != "POST" || last.Path != task+"/hold" || last.Status != 404 || string(last.Body) != `{"mediaResourceId":"`+id+`"}` {
		t.Errorf("the last order: %+v", last)
	}
}

// TestConsultByREST goes through the consult family with two agents, and
// through a queue and a number outside.
func TestConsultByREST(t *testing.T) {
	s := start(t, webex.Config{FarEnd: time.Millisecond, Agents: 2})
	a, b := hear(t, s, 0), hear(t, s, 1)
	script, _ := webex.Script("inbound")
	script.Steps = script.Steps[:3]
	ids, err := s.Play(stagetest.Within(t), script, webex.Call{Agents: []string{a.id}})
	if err != nil {
		t.Fatal(err)
	}
	task := "/v1/tasks/" + ids.Main
	a.order(task+"/consult", body{"to": b.id, "destinationType": "agent", "holdParticipants": true})
	created := a.until("AgentConsultCreated")
	if created.text("destAgentId") != b.id || created.text("consultingAgentId") != a.id || created.text("consultMediaResourceId") == "" {
		t.Errorf("%v", created)
	}
	b.until("AgentOfferConsult")
	b.order(task+"/consult/accept", nil)
	a.until("AgentConsulting")
	b.until("AgentConsulting")
	media := created.text("consultMediaResourceId")
	b.order(task+"/hold", body{"mediaResourceId": media})
	if d := a.msg(); d.kind() != "AgentContactHeld" || d.text("mediaResourceId") != media || !d.is("interaction", "media", media, "isHold") {
		t.Errorf("the consult call on hold: %v", d)
	}
	b.order(task+"/unhold", body{"mediaResourceId": media})
	b.order(task+"/consult/end", body{})
	a.until("AgentConsultEnded")
	b.until("AgentConsultEnded")

	a.order(task+"/consult", body{"to": "c0000000-0000-4000-8000-0000000000c1", "destinationType": "queue"})
	b.until("AgentOfferConsult")
	a.order(task+"/consult/end", body{"queueId": "c0000000-0000-4000-8000-0000000000c1"})
	a.until("AgentCtqCancelled")

	a.order(task+"/consult", body{"to": "+15555550177", "destinationType": "dialNumber"})
	a.until("AgentConsulting")
	a.order(task+"/consult/conference", body{"to": "+15555550177", "destinationType": "dialNumber"})
	if d := a.until("ParticipantJoinedConference"); d.text("participantId") != "+15555550177" || d.text("interaction", "participants", "+15555550177", "pType") != "DN" {
		t.Errorf("a number in the conference: %v", d)
	}
	a.order(task+"/conference/exit", nil)
	a.until("AgentWrapup")
}

func TestTransfersByREST(t *testing.T) {
	s := start(t, webex.Config{FarEnd: time.Millisecond, AutoAnswer: true, Agents: 3})
	a, b := hear(t, s, 0), hear(t, s, 1)
	script, _ := webex.Script("inbound")
	script.Steps = script.Steps[:3]
	ids, err := s.Play(stagetest.Within(t), script, webex.Call{Agents: []string{a.id}})
	if err != nil {
		t.Fatal(err)
	}
	task := "/v1/tasks/" + ids.Main
	a.order(task+"/transfer", body{"to": b.id, "destinationType": "agent"})
	a.until("AgentBlindTransferred")
	b.until("AgentContactAssigned") // picked up by himself
	a.order(task+"/wrapup", body{"auxCodeId": code, "wrapUpReason": "Sent on"})
	a.until("AgentWrappedUp")
	b.order(task+"/transfer", body{"to": "c0000000-0000-4000-8000-0000000000c2", "destinationType": "queue"})
	d := b.until("AgentVteamTransferred")
	if list, _ := d.at("interaction", "previousVTeams").([]any); len(list) != 1 || d.text("interaction", "callProcessingDetails", "virtualTeamName") != "Claims_Q" {
		t.Errorf("queues: %v", d)
	}
	a.order(task+"/assign", nil) // out of the queue
	a.until("AgentContactAssigned")
}

func TestVariables(t *testing.T) {
	s := start(t, webex.Config{})
	e := hear(t, s, 0)
	script, _ := webex.Script("inbound")
	script.Steps = script.Steps[:3]
	ids, err := s.Play(stagetest.Within(t), script, webex.Call{Agents: []string{e.id}, Vars: map[string]string{"LCMKey": "1|2", "a": "1", "b": "2", "c": "3"}})
	if err != nil {
		t.Fatal(err)
	}
	var seen [][]string
	for _, d := range e.drain() {
		cad, _ := d.at("interaction", "callAssociatedData").(map[string]any)
		var names []string
		for name := range cad {
			names = append(names, name)
		}
		slices.Sort(names)
		seen = append(seen, names)
		if d.text("interaction", "callProcessingDetails", "LCMKey") != "1|2" || d.text("interaction", "callAssociatedDetails", "LCMKey") != "1|2" {
			t.Errorf("LCMKey is missing in %v", d)
		}
	}
	if !slices.Equal(seen[0], []string{"a", "c"}) || !slices.Equal(seen[1], []string{"b"}) {
		t.Errorf("each message carries its part: %v", seen)
	}
	if status, _ := e.do("PATCH", "/v1/tasks/"+ids.Main, body{"attributes": body{"b": "9", "d": "4"}}); status != 202 {
		t.Errorf("PATCH: %d", status)
	}
	e.until("ContactUpdated")
	e.order("/v1/agents/reload", nil)
	cad, _ := e.until("AgentContact").at("interaction", "callAssociatedData").(map[string]any)
	if len(cad) != 4 || data(cad["b"].(map[string]any)).text("value") != "9" {
		t.Errorf("after PATCH: %v", cad)
	}
	if status, _ := e.do("PATCH", "/v1/tasks/"+ids.Main, body{}); status != 400 {
		t.Errorf("PATCH without attributes: %d", status)
	}
}

func TestPreviewByREST(t *testing.T) {
	s := start(t, webex.Config{})
	e, adm := hear(t, s, 0), admin(t, s)
	strict := body{"id": "Strict", "vendorVersion": "v", "campaignType": "preview_direct", "dialingRate": 1, "entryPointId": "e", "dialingListFetchURL": "u",
		"outdialANI": "+15555550199", "recordCount": 5, "previewOfferTimeout": 45, "previewOfferTimeoutAutoAction": "REMOVE", "previewActionsDisabled": []string{"SKIP"}}
	if status, out := adm.do("POST", "/v1/dialer/campaign", strict); status != 202 || out["data"] == nil {
		t.Fatalf("campaign: %d %v", status, out)
	}
	played := make(chan error, 1)
	begin := func(campaign string, ring time.Duration) (string, data) {
		script, _ := webex.Script("preview")
		go func() {
			_, err := s.Play(stagetest.Within(t), script, webex.Call{Agents: []string{e.id}, Campaign: campaign, Manual: true, Ring: ring})
			played <- err
		}()
		d := e.until("AgentOfferCampaignReservation")
		return "/v1/dialer/campaign/" + campaign + "/preview-task/" + d.interaction(), d
	}
	preview, d := begin("Strict", 0)
	cpd := data(d.at("interaction", "callProcessingDetails").(map[string]any))
	if cpd.text("campaignPreviewOfferTimeout") != "45000" || cpd.text("campaignPreviewAutoAction") != "REMOVE" || cpd.text("campaignPreviewSkipDisabled") != "true" ||
		cpd.text("campaignPreviewRemoveDisabled") != "false" || d.text("campaignId") != "Strict" {
		t.Errorf("reservation: %v", cpd)
	}
	e.order(preview+"/skip", nil)
	if d := e.msg(); d.kind() != "CampaignPreviewAcceptFailed" {
		t.Errorf("skip where it is disabled: %v", d.kind())
	}
	e.order(preview+"/accept", nil)
	if d := e.until("AgentContactAssigned"); d.text("reservationInteractionId") == d.interaction() || d.text("campaignReservationKey") == "" {
		t.Errorf("assigned: %v", d)
	}
	e.until("AgentWrappedUp")
	preview, _ = begin("SpringRenewals", 0)
	e.order(preview+"/remove", nil)
	if d := e.msg(); d.kind() != "ContactEnded" || d.text("reason") != "Preview removed" || d.at("agentsPendingWrapUp") != nil {
		t.Errorf("removed: %v", d)
	}
	begin("SpringRenewals", time.Millisecond)
	if d := e.msg(); d.kind() != "ContactEnded" || d.text("reason") != "Preview offer timed out" {
		t.Errorf("timed out: %v", d)
	}
	for range 3 {
		if err := <-played; err != nil {
			t.Error(err)
		}
	}
	if status, _ := e.do("POST", "/v1/dialer/campaign/Nope/preview-task/x/accept", nil); status != 404 {
		t.Errorf("an unknown preview: %d", status)
	}
}

func TestCampaigns(t *testing.T) {
	s := start(t, webex.Config{})
	adm := admin(t, s)
	if status, out := adm.do("GET", "/v1/dialer/campaign/WinterSurvey", nil); status != 200 || data(out).text("data", "campaignType") != "predictive" {
		t.Errorf("%d %v", status, out)
	}
	if status, _ := adm.do("PUT", "/v1/dialer/campaign/WinterSurvey", body{"dialingRate": 2, "campaignType": "progressive"}); status != 202 {
		t.Errorf("change: %d", status)
	}
	if _, out := adm.do("GET", "/v1/dialer/campaign/WinterSurvey", nil); data(out).at("data", "dialingRate") != 2.0 || data(out).text("data", "campaignType") != "predictive" {
		t.Errorf("after the change: %v", out)
	}
	if status, _ := adm.do("DELETE", "/v1/dialer/campaign/WinterSurvey", nil); status != 204 {
		t.Errorf("stop: %d", status)
	}
	if status, _ := adm.do("GET", "/v1/dialer/campaign/WinterSurvey", nil); status != 404 {
		t.Errorf("after the stop: %d", status)
	}
	if status, _ := adm.do("POST", "/v1/dialer/campaign", body{"id": "x"}); status != 400 {
		t.Errorf("an incomplete campaign: %d", status)
	}
	// What an agent hears does not tell predictive from progressive.
	e := hear(t, s, 0)
	for _, mode := range []string{"predictive", "progressive"} {
		play(t, s, mode, webex.Call{Agents: []string{e.id}})
		for _, d := range e.drain() {
			if d.text("interaction", "outboundType") != "CAMPAIGN" || d.text("interaction", "callProcessingDetails", "campaignType") != "" || d.text("interaction", "callProcessingDetails", "campaignId") == "" {
				t.Errorf("%s: %v", mode, d.at("interaction", "callProcessingDetails"))
			}
		}
	}
}

// TestEntryPointsByREST asks an entry point: the colleague gets a contact of
// his own, and either side can end it.
func TestEntryPointsByREST(t *testing.T) {
	s := start(t, webex.Config{FarEnd: time.Millisecond, Agents: 2})
	a, b := hear(t, s, 0), hear(t, s, 1)
	script, _ := webex.Script("inbound")
	script.Steps = script.Steps[:3]
	ids, err := s.Play(stagetest.Within(t), script, webex.Call{Agents: []string{a.id}, Vars: map[string]string{"case": "17"}})
	if err != nil {
		t.Fatal(err)
	}
	task := "/v1/tasks/" + ids.Main
	for _, ending := range []string{"consult/end", "end"} {
		a.order(task+"/consult", body{"to": entryPoint, "destinationType": "entryPoint"})
		offer := b.until("AgentOfferContact")
		cpd := data(offer.at("interaction", "callProcessingDetails").(map[string]any))
		if offer.interaction() == ids.Main || cpd.text("relationshipType") != "consult" || cpd.text("parentInteractionId") != ids.Main || cpd.text("parent_Agent_DN") != "2001" {
			t.Errorf("the child: %v", cpd)
		}
		child := "/v1/tasks/" + offer.interaction()
		b.order(child+"/accept", nil)
		if d := a.until("AgentConsulting"); d.interaction() != ids.Main || d.text("interaction", "participants", entryPoint, "pType") != "EP-DN" {
			t.Errorf("the parent: %v", d)
		}
		b.order(child+"/"+ending, body{})
		a.until("AgentConsultEnded")
		if d := b.until("ContactEnded"); "/v1/tasks/"+d.interaction() != child || d.at("agentsPendingWrapUp") != nil {
			t.Errorf("the child's end: %v", d)
		}
	}
}

// TestEndings ends calls in the ways that scripts do not.
func TestEndings(t *testing.T) {
	s := start(t, webex.Config{FarEnd: time.Millisecond, Agents: 2})
	a, b := hear(t, s, 0), hear(t, s, 1)
	begin := func(name string, steps int) (webex.Result, string) {
		script, _ := webex.Script(name)
		script.Steps = script.Steps[:steps]
		ids, err := s.Play(stagetest.Within(t), script, webex.Call{Agents: []string{a.id, b.id}})
		if err != nil {
			t.Fatal(err)
		}
		return ids, "/v1/tasks/" + ids.Main
	}
	_, task := begin("inbound_conference", 6) // the owner sends the other away
	if _, err := s.AwaitTask(stagetest.Within(t), a.id, "conference"); err != nil {
		t.Fatal(err)
	}
	b.order(task+"/consult/end", body{})
	b.until("AgentConsultEndFailed")
	a.order(task+"/consult/end", body{})
	a.until("AgentConsultConferenceEnded")
	b.until("AgentWrapup")
	wrap := body{"auxCodeId": code, "wrapUpReason": "x"}
	b.order(task+"/wrapup", wrap)
	a.order(task+"/end", nil)
	a.until("AgentWrapup")
	a.order(task+"/wrapup", wrap)

	_, task = begin("inbound_consult_ended", 5) // the colleague ends his question by "end"
	b.order(task+"/end", nil)
	a.until("AgentConsultEnded")
	a.order(task+"/end", nil)
	a.until("AgentWrapup")
	a.order(task+"/wrapup", wrap)

	ids, _ := begin("preview", 1) // a preview is cancelled by "end"
	a.order("/v1/tasks/"+ids.Reservation+"/end", nil)
	if d := a.until("ContactEnded"); d.text("reason") != "Preview cancelled" {
		t.Errorf("%v", d)
	}

	_, task = begin("inbound", 2) // the agent rejects
	a.order(task+"/reject", body{"mediaResourceId": "x"})
	a.until("AgentOfferContactRona")
	if err := s.AwaitState(stagetest.Within(t), a.id, "RONA"); err != nil {
		t.Error(err)
	}

	s.CutAll()
	for _, e := range []*ear{a, b} {
		for {
			if _, err := e.tryNext(); err != nil {
				break
			}
		}
	}
	e := agent(t, s, 0).listen(nil)
	if err := s.AwaitSocket(stagetest.Within(t), e.id); err != nil {
		t.Error(err)
	}
}

// TestManualCallsRingOut lets offers of manual calls go away by themselves.
func TestManualCallsRingOut(t *testing.T) {
	s := start(t, webex.Config{Agents: 2})
	a, b := hear(t, s, 0), hear(t, s, 1)
	call := webex.Call{Agents: []string{a.id, b.id}, Manual: true, Ring: time.Millisecond}
	play(t, s, "inbound_consult_transfer", call)
	a.until("AgentOfferContactRona")
	accepting := body{"id": "Accepting", "vendorVersion": "v", "campaignType": "preview_standard", "dialingRate": 1, "entryPointId": "e",
		"dialingListFetchURL": "u", "outdialANI": "+15555550199", "recordCount": 5, "previewOfferTimeoutAutoAction": "ACCEPT"}
	if status, out := admin(t, s).do("POST", "/v1/dialer/campaign", accepting); status != 202 {
		t.Fatalf("%d %v", status, out)
	}
	call.Campaign = "Accepting"
	play(t, s, "preview", call)
	a.until("CampaignContactUpdated")
	a.until("AgentWrappedUp")
}
