package workspace_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/coder/websocket"

	"cordboard/sim/scenario"
	simwebex "cordboard/sim/webex"
	"cordboard/workspace"
)

// order sends a command and returns its answer.
func (p *page) order(name, message string) frame {
	p.t.Helper()
	p.say("command", envelope("Webexcc", "command", name, message))
	return p.answer()
}

// answer is the answer to a command. What it brings about may be heard before that, and is kept.
func (p *page) answer() frame {
	p.t.Helper()
	for {
		f := p.hear("taken", "refused", "webexCall")
		if f.kind != "webexCall" {
			return f
		}
		p.early = append(p.early, f)
	}
}

// take orders what the platform has to take.
func (p *page) take(name, message string) {
	p.t.Helper()
	if f := p.order(name, message); f.kind != "taken" || f.Subtopic != name || f.Channel != "Webexcc" || f.Topic != "command" {
		p.t.Fatalf("%s is answered with %s", name, f.raw)
	}
}

// refused orders what has to be refused for that reason.
func (p *page) refused(name, message, reason string) {
	p.t.Helper()
	if f := p.order(name, message); f.kind != "refused" || f.response.Message.Reason != reason || f.Subtopic != name {
		p.t.Errorf("%s %s is answered with %s, want %s", name, message, f.raw, reason)
	}
}

// longPreview is a preview contact whose customer hangs up only when the test is over.
var longPreview = scenario.Script{Name: "long_preview", Steps: []scenario.Step{
	{Verb: scenario.Offer, Args: map[string]string{"mode": "preview"}}, {Verb: scenario.Accept}, {Verb: scenario.Answer, Actor: scenario.Customer},
}}

// TestOrders takes a preview call through all of an agent's orders, and sees their effects as events.
func TestOrders(t *testing.T) {
	s := newSite(t, 2)
	anna, ben := s.page(s.agents[0]), s.page(s.agents[1])
	anna.subscribe("Webexcc", "outbound", "")
	ben.subscribe("Webexcc", "", "")
	end := s.begin(longPreview, simwebex.Call{Agents: s.agents[:1], Customer: customer, Manual: true})
	preview := anna.await("eAgentOfferContact").Message.Call.ID

	ben.refused("Accept", `{"call":"`+preview+`"}`, "no-call")
	ben.refused("Drop", `{}`, "no-call")
	anna.take("Accept", `{"id":"1","call":"`+preview+`"}`)
	main := anna.await("CustAnswered").Message.Call.ID
	end()
	if main == preview {
		t.Error("the call has the preview's id")
	}
	for _, c := range []struct{ order, message, event string }{
		{"Hold", `{"call":"` + main + `"}`, "eAgentContactHeld"},
		{"Retrieve", `{}`, "eAgentContactUnHeld"},
		{"Hold", `{"call":"` + preview + `"}`, "eAgentContactHeld"}, // the id that it had as a preview
		{"Retrieve", `{"call":"wx:` + preview + `"}`, "eAgentContactUnHeld"},
		{"Consult", `{"to":"` + s.agents[1] + `"}`, "eAgentConsultCreated"},
	} {
		ben.refused(c.order, c.message, "no-call")
		anna.take(c.order, c.message)
		anna.await(c.event)
	}
	ben.await("eAgentOfferConsult")
	ben.take("Accept", `{}`)
	anna.await("eAgentConsulting")
	anna.take("Conference", `{"to":"`+s.agents[1]+`"}`)
	anna.await("eAgentConsultConferenced")
	anna.take("Drop", `{"call":"`+main+`"}`)
	anna.await("acw")
	anna.refused("Hold", `{"call":"`+"5b1d6f0e-0000-4000-8000-000000000000"+`"}`, "no-call")
	anna.refused("WrapUp", `{"args":{"code":"7"}}`, "refused") // Webex wants a reason, too
	anna.take("WrapUp", `{"args":{"code":"7","reason":"Sale"}}`)
	anna.await("DROPPED")
	anna.refused("Clear", `{"call":"`+main+`"}`, "no-call")
	for line, want := range map[string]string{`cordboard_workspace_orders_total{command="Hold"}`: "2", `cordboard_workspace_refused_total{reason="refused"}`: "1"} {
		if got := s.metric(line); got != want {
			t.Errorf("%s is %q, want %s", line, got, want)
		}
	}
}

// TestClear ends what is left of a call: the talk first, then the work after it.
func TestClear(t *testing.T) {
	s := newSite(t, 1)
	anna := s.page(s.agents[0])
	anna.subscribe("*", "*", "*")
	anna.refused("MakeCall", `{}`, "malformed")
	anna.refused("MakeCall", `{"to":"+15555550147","connection":"nowhere"}`, "no-connection")
	anna.refused("MakeCall", `{"to":"+15555550147"}`, "refused") // Webex wants an entry point
	anna.take("MakeCall", `{"to":"+15555550147","connection":"wx","args":{"entry_point":"e0000000-0000-4000-8000-0000000000e1","origin":"+15555550199"}}`)
	c := anna.await("CustAnswered").Message.Call
	if c.CallType != "OUTBOUND" || c.ResponseFields["OutBoundType"] != "OUTDIAL" || c.ResponseFields["toAddress"] != "+15555550147" {
		t.Errorf("the call is told as %s %v", c.CallType, c.ResponseFields)
	}
	anna.take("Clear", `{}`)
	anna.await("acw")
	anna.take("Clear", `{"args":{"code":"7","reason":"Sale"}}`)
	anna.await("DROPPED")
}

// TestSkip passes on a preview.
func TestSkip(t *testing.T) {
	s := newSite(t, 1)
	anna := s.page(s.agents[0])
	anna.subscribe("*", "*", "*")
	for _, c := range []struct{ order, how string }{{"skip", "skip"}, {"RE-JECT", "remove"}} {
		end := s.begin(longPreview, simwebex.Call{Agents: s.agents, Manual: true})
		anna.await("eAgentOfferContact")
		before := len(s.org.Orders())
		anna.say("", envelope("web ex_CC", "Command", c.order, `{"id":"5"}`))
		if f := anna.answer(); f.kind != "taken" || f.response.Message.ID != "5" {
			t.Fatalf("answered with %s", f.raw)
		}
		anna.await("eAgentContactEnded")
		end()
		ordered := s.org.Orders()[before:]
		if len(ordered) != 1 || ordered[0].Agent != s.agents[0] {
			t.Errorf("%s: ordered %+v", c.how, ordered)
		}
	}
}

// TestSeveralCalls wants to know which.
func TestSeveralCalls(t *testing.T) {
	s := newSite(t, 1)
	anna := s.page(s.agents[0])
	anna.subscribe("*", "*", "*")
	var ids []string
	for range 2 {
		end := s.begin(scenario.Script{Name: "open", Steps: []scenario.Step{{Verb: scenario.Offer, Args: map[string]string{"mode": "preview"}}}}, simwebex.Call{Agents: s.agents})
		ids = append(ids, anna.await("eAgentOfferContact").Message.Call.ID)
		end()
	}
	anna.refused("Skip", `{}`, "several-calls")
	for _, id := range ids {
		anna.take("Skip", fmt.Sprintf(`{"call":%q}`, id))
		anna.await("eAgentContactEnded")
	}
}

// TestWordsOfTheVendorsClient are taken for the orders that they mean, however they are spelled.
func TestWordsOfTheVendorsClient(t *testing.T) {
	for word, want := range map[string]string{
		"pickup": "Accept", "disconnect": "Drop", "hold": "Hold", "mute": "Mute", "securePause": "PauseRecording", "blindTransfer": "BlindTransfer",
		"consult_transfer": "Consult", "CONCLUDETRANSFER": "Transfer", "secureSession": "SecureSession", "createConference": "Conference",
		"addCustomAttributes": "SetData", "updateStatus": "SetStatus",
	} {
		r, refused := workspace.Parse(websocket.MessageText, []byte(envelope("genesys", "command", word, `{}`)))
		if refused != nil || r.Subtopic != want {
			t.Errorf("%s is %s, want %s", word, r.Subtopic, want)
		}
	}
	if _, refused := workspace.Parse(websocket.MessageText, []byte(envelope("genesys", "command", "", `{}`))); refused == nil {
		t.Error("no word is an order")
	}
}

// TestOrdersAboutNoCall need none: they go to the connection.
func TestOrdersAboutNoCall(t *testing.T) {
	s := newSite(t, 1)
	anna := s.page(s.agents[0])
	anna.refused("SetStatus", `{}`, "malformed")
	anna.refused("SetStatus", `{"to":"Meal"}`, "refused") // Webex has no such order
	anna.take("NotReady", `{"args":{"reason":"7"}}`)
	anna.take("Ready", `{}`)
	n := 0
	for _, o := range s.org.Orders() {
		if o.Method == http.MethodPut && o.Path == "/v1/agents/session/state" && o.Agent == s.agents[0] {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d states were set", n)
	}
}
