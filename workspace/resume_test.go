package workspace_test

import (
	"slices"
	"testing"

	"github.com/coder/websocket"

	"cordboard/sim/scenario"
	simwebex "cordboard/sim/webex"
	"cordboard/workspace"
)

// answered is a call that goes on until somebody ends it.
var answered = scenario.Script{Name: "answered", Steps: []scenario.Step{
	{Verb: scenario.Offer, Args: map[string]string{"mode": "predictive"}}, {Verb: scenario.Answer},
}}

// TestReconnect loses the page in the middle of a call: the one that comes back is told where the call stands, and then
// what happens next. So is one that comes back after the server was started anew.
func TestReconnect(t *testing.T) {
	s := newSite(t, 2)
	anna := s.page(s.agents[0])
	anna.subscribe("Webexcc", "", "")
	id := s.play(answered, simwebex.Call{Agents: s.agents[:1], Silent: true}).Main
	anna.await("CustAnswered")
	anna.leave()

	anna = s.page(s.agents[0])
	if open := anna.subscribe("Webexcc", "", ""); !slices.Equal(open, []string{id}) {
		t.Errorf("open are %v, want %s", open, id)
	}
	if c := anna.next("webexCall").told.Message.Call; c.Event != "CustAnswered" || c.ID != id || c.ResponseFields["CallState"] != "connected" {
		t.Errorf("the call is told as %s %s", c.Event, c.ID)
	}
	if open := anna.subscribe("", "outbound", ""); !slices.Equal(open, []string{id}) { // it was told already
		t.Errorf("open are %v, want %s", open, id)
	}
	anna.take("Hold", `{}`)
	anna.await("eAgentContactHeld")

	s.stop()
	anna.wantClosed(workspace.CloseMoving)
	s.open()
	anna = s.page(s.agents[0])
	if open := anna.subscribe("", "", ""); !slices.Equal(open, []string{id}) {
		t.Errorf("after a restart %v are open, want %s", open, id)
	}
	if c := anna.next("webexCall").told.Message.Call; c.Event != "eAgentContactHeld" || c.ID != id {
		t.Errorf("after a restart the call is told as %s %s", c.Event, c.ID)
	}
	anna.take("Retrieve", `{}`)
	anna.await("eAgentContactUnHeld")
	anna.take("Drop", `{}`)
	anna.await("acw")

	ben := s.page(s.agents[1])
	if open := ben.subscribe("", "", ""); len(open) != 0 {
		t.Errorf("another agent has %v open", open)
	}
	anna.take("WrapUp", `{"args":{"code":"7","reason":"Sale"}}`)
	anna.await("DROPPED")
	anna.conn.Close(websocket.StatusNormalClosure, "")
	anna = s.page(s.agents[0])
	if open := anna.subscribe("", "", ""); len(open) != 0 {
		t.Errorf("after its end %v are open", open)
	}
	anna.silent()
}
