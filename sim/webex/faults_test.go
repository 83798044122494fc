package webex_test

import (
	"slices"
	"testing"
	"time"

	"cordboard/sim/scenario"
	"cordboard/sim/stage/stagetest"
	"cordboard/sim/webex"
)

func kinds(list []data) []string {
	var all []string
	for _, d := range list {
		all = append(all, d.kind())
	}
	return all
}

func TestFaultsOfAFeed(t *testing.T) {
	s := start(t, webex.Config{})
	e := hear(t, s, 0)
	call := webex.Call{Agents: []string{e.id}}
	clean := []string{"AgentContactReserved", "AgentOfferContact", "AgentContactAssigned", "ContactRecordingStarted", "ContactEnded", "AgentWrapup", "AgentWrappedUp"}
	try := func(what string, want []string, faults ...error) {
		t.Helper()
		for _, err := range faults {
			if err != nil {
				t.Fatal(err)
			}
		}
		play(t, s, "predictive", call)
		if got := kinds(e.drain()); !slices.Equal(got, want) {
			t.Errorf("%s: %v", what, got)
		}
	}
	try("clean", clean)
	try("lost", clean[2:], s.Lose(e.id, 2))
	try("swapped", append([]string{clean[1], clean[0]}, clean[2:]...), s.Swap(e.id))
	if err := s.Hold(e.id); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		play(t, s, "predictive", call)
	}
	if err := s.Release(e.id, true); err != nil {
		t.Fatal(err)
	}
	got := kinds(e.drain())
	ordered := slices.Repeat(clean, 5)
	if slices.Equal(got, ordered) {
		t.Error("35 messages are in order, although shuffled")
	}
	slices.Sort(got)
	slices.Sort(ordered)
	if !slices.Equal(got, ordered) {
		t.Errorf("shuffled: %v", got)
	}
	play(t, s, "predictive", call)
	if err := s.Duplicate(e.id); err != nil {
		t.Fatal(err)
	}
	if got := kinds(e.drain()); !slices.Equal(got, append(clean, "AgentWrappedUp")) {
		t.Errorf("duplicate: %v", got)
	}
	if err := s.Cut("nobody"); err == nil {
		t.Error("an agent who does not exist was cut")
	}
}

func TestFaultsOfAScript(t *testing.T) {
	s := start(t, webex.Config{})
	e := hear(t, s, 0)
	perform := func(steps ...scenario.Step) {
		t.Helper()
		if _, err := s.Play(stagetest.Within(t), scenario.Script{Name: "faults", Steps: steps}, webex.Call{Agents: []string{e.id}}); err != nil {
			t.Fatal(err)
		}
	}
	perform(scenario.Step{Verb: scenario.Swap}, scenario.Step{Verb: scenario.Offer, Args: map[string]string{"mode": "inbound"}}, scenario.Step{Verb: scenario.Duplicate})
	if got := kinds(e.drain()); !slices.Equal(got, []string{"AgentOfferContact", "AgentContactReserved", "AgentContactReserved"}) {
		t.Errorf("%v", got)
	}
	perform(scenario.Step{Verb: scenario.Cut})
	if m, err := e.tryNext(); err == nil {
		t.Errorf("after the cut: %v", m)
	}
}

func TestAMutedSocketStaysOpen(t *testing.T) {
	s := start(t, webex.Config{KeepaliveEvery: 5 * time.Millisecond})
	e := hear(t, s, 0)
	if err := s.Mute(e.id); err != nil {
		t.Fatal(err)
	}
	play(t, s, "predictive", webex.Call{Agents: []string{e.id}})
	if n := s.Sockets(); n != 1 {
		t.Errorf("%d sockets", n)
	}
	other := hear(t, s, 0)
	play(t, s, "predictive", webex.Call{Agents: []string{e.id}})
	if got := other.drain(); len(got) != 7 {
		t.Errorf("a new socket hears %v", kinds(got))
	}
}

func TestFaultsOfRequests(t *testing.T) {
	s := start(t, webex.Config{FarEnd: time.Millisecond})
	e := hear(t, s, 0)
	path := "/v1/agents/reload"
	for kind, want := range map[webex.FaultKind]int{webex.TooMany: 429, webex.Unavailable: 503, webex.ServerError: 500} {
		if err := s.AddFault(webex.Fault{Kind: kind, Count: 1, Method: "POST", Path: "reload"}); err != nil {
			t.Fatal(err)
		}
		if status, _ := e.do("POST", path, nil); status != want {
			t.Errorf("%s: %d", kind, status)
		}
		if status, _ := e.do("POST", path, nil); status != 202 {
			t.Errorf("after %s: %d", kind, status)
		}
	}
	e.drain()
	_ = s.AddFault(webex.Fault{Kind: webex.Reset, Count: 1})
	if status, _, err := e.try("POST", path, nil); err == nil {
		t.Errorf("reset: %d", status)
	}
	_ = s.AddFault(webex.Fault{Kind: webex.ResetAfter, Count: 1})
	if status, _, err := e.try("POST", path, nil); err == nil {
		t.Errorf("reset after: %d", status)
	}
	if d := e.msg(); d.kind() != "AgentReloginSuccess" {
		t.Errorf("it did not happen before the reset: %s", d.kind())
	}
	_ = s.AddFault(webex.Fault{Kind: webex.Slow, Delay: webex.Delay(time.Millisecond)})
	e.order(path, nil)
	_ = s.AddFault(webex.Fault{Kind: webex.OutboundFailed, Message: "CUSTOMER_BUSY"})
	e.do("POST", "/v1/tasks", body{"entryPointId": "e0000000-0000-4000-8000-0000000000e1", "destination": customer, "mediaType": "telephony", "outboundType": "OUTDIAL", "origin": "+15555550199"})
	if d := e.until("AgentOutboundFailed"); d.text("reason") != "CUSTOMER_BUSY" {
		t.Errorf("%v", d)
	}
	if list := s.Faults(); len(list) != 7 || list[5].Fired != 2 {
		t.Errorf("%+v", list)
	}
	s.ClearFaults()
	_ = s.AddFault(webex.Fault{Kind: webex.ExpiredToken, Count: 1})
	for range 2 { // the token is dead
		if status, _ := e.do("POST", path, nil); status != 401 {
			t.Errorf("expired: %d", status)
		}
	}
	if err := s.AddFault(webex.Fault{Kind: "meteor"}); err == nil {
		t.Error("an unknown fault is taken")
	}
}
