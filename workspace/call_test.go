package workspace_test

import (
	"slices"
	"testing"

	simwebex "cordboard/sim/webex"
)

// TestCalls plays calls to two agents' pages: each hears its own part, whole and in order, and nothing of the other's.
func TestCalls(t *testing.T) {
	s := newSite(t, 3)
	anna, ben := s.page(s.agents[0]), s.page(s.agents[1])
	if open := append(anna.subscribe("Webexcc", "outbound", "OutBoundCallStateChange"), ben.subscribe("Webex cc", "Outbound", "OutboundCallStateChange")...); len(open) != 0 {
		t.Errorf("open calls before the first: %v", open)
	}
	bystander := s.page(s.agents[2])
	bystander.subscribe("*", "*", "*")

	ids := s.play(script(t, "preview_conference"), simwebex.Call{
		Agents: s.agents[:2], Customer: customer, Vars: map[string]string{"LCMKey": "9|8|7", "Campaign Group": "Gutters"},
	})
	var hers []told
	for {
		f := anna.next("webexCall")
		if hers = append(hers, f.told); f.told.Message.Call.Event == "DROPPED" {
			break
		}
	}
	for i, m := range hers {
		c, id := m.Message.Call, ids.Main
		if i == 0 {
			id = ids.Reservation
		}
		if c.ID != id || c.CallType != "Regular-Call" || c.ResponseFields["toAddress"] != customer || c.ResponseFields["Campaign"] != ids.Campaign ||
			c.CallVariables["LCMKey"] != "9|8|7" || c.CallVariables["Campaign Group"] != "Gutters" || read(t, c.ResponseActual).Channel != "" {
			t.Errorf("%s: id %s, fields %v, variables %v", c.Event, c.ID, c.ResponseFields, c.CallVariables)
		}
	}
	if got, want := eventsOf(hers), []string{
		"eAgentOfferContact", "CustAnswered", "eCallRecordingStarted", "eAgentContactHeld", "eAgentConsultCreated", "eAgentConsulting",
		"eAgentConsultConferenced", "eParticipantJoinedConference", "eParticipantLeftConference", "eAgentContactEnded", "acw", "DROPPED",
	}; !slices.Equal(got, want) {
		t.Errorf("the first agent heard %v, want %v", got, want)
	}
	if got, want := ben.events("DROPPED"), []string{
		"eAgentOfferConsult", "eAgentConsulting", "eAgentConsultConferenced", "eParticipantJoinedConference", "eParticipantLeftConference", "acw", "DROPPED",
	}; !slices.Equal(got, want) {
		t.Errorf("the second agent heard %v, want %v", got, want)
	}
	anna.silent()
	ben.silent()
	bystander.silent()
}

func eventsOf(all []told) (words []string) {
	for _, m := range all {
		words = append(words, m.Message.Call.Event)
	}
	return words
}

// TestTopics subscribes to one side only.
func TestTopics(t *testing.T) {
	s := newSite(t, 1)
	out, in, none, both := s.page(s.agents[0]), s.page(s.agents[0]), s.page(s.agents[0]), s.page(s.agents[0])
	out.subscribe("webex", "outbound", "*")
	in.subscribe("", "in bound", "InBoundCallStateChange")
	none.subscribe("cisco", "", "")
	both.subscribe("*", "*", "*")
	both.subscribe("Webexcc", "inbound", "") // is told once all the same

	s.play(script(t, "predictive"), simwebex.Call{Agents: s.agents})
	s.play(script(t, "inbound"), simwebex.Call{Agents: s.agents})
	outbound := []string{"eAgentOfferContact", "CustAnswered", "eCallRecordingStarted", "eAgentContactEnded", "acw", "DROPPED"}
	inbound := slices.Insert(slices.Clone(outbound), 3, "eAgentContactHeld", "eAgentContactUnHeld")
	for _, c := range []struct {
		page *page
		want []string
	}{{out, outbound}, {in, inbound}} {
		if got := c.page.events("DROPPED"); !slices.Equal(got, c.want) {
			t.Errorf("heard %v, want %v", got, c.want)
		}
		c.page.silent()
	}
	if got := append(both.events("DROPPED"), both.events("DROPPED")...); !slices.Equal(got, append(outbound, inbound...)) {
		t.Errorf("who wants both heard %v", got)
	}
	both.silent()
	none.silent()

	out.say("unsubscribe", envelope("workspace", "subscription", "Unsubscribe", `{"channel":"Webexcc","topic":"Outbound"}`))
	out.next("unsubscribed")
	s.play(script(t, "predictive"), simwebex.Call{Agents: s.agents})
	both.events("DROPPED") // what one page of the agent heard the other would have heard, too
	out.silent()
}
