package workspace_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/platform/webex"
	"cordboard/workspace"
)

// told is a message as a page would read it.
type told struct {
	Channel, Topic, Subtopic string
	Message                  struct {
		Source string
		Call   struct {
			ID             string
			ResponseActual json.RawMessage
			ResponseFields map[string]string
			CallType       string
			Event          string
			CallVariables  map[string]string
		}
	}
}

// listener is the way from a raw message of Webex to the page's message: decoded, folded, told.
type listener struct {
	t       *testing.T
	decoder *webex.Decoder
	index   *call.Index
	calls   map[call.ID]call.State
}

func listen(t *testing.T) *listener {
	return &listener{t, webex.NewDecoder(nil), call.NewIndex(), map[call.ID]call.State{}}
}

// hear returns the messages of one raw one, whole.
func (l *listener) hear(source string, raw []byte) (all [][]byte) {
	l.t.Helper()
	events, err := l.decoder.Decode(platform.Message{Connection: "wx", Source: source, Message: raw})
	if err != nil {
		l.t.Fatal(err)
	}
	return l.tell(events)
}

func (l *listener) tell(events []call.Event) (all [][]byte) {
	l.t.Helper()
	for i := range events {
		ev := &events[i]
		l.index.Resolve(ev)
		l.calls[ev.Call] = call.Apply(l.calls[ev.Call], ev)
		c := l.calls[ev.Call]
		if e, ok := workspace.Tell(ev, &c); ok {
			all = append(all, plain(l.t, e))
		}
	}
	return all
}

// plain is an envelope as it goes over the wire.
func plain(t *testing.T, e workspace.Envelope) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(b.Bytes())
}

func read(t *testing.T, message []byte) (m told) {
	t.Helper()
	if err := json.Unmarshal(message, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

const (
	agent    = "a1000000-0000-4000-8000-0000000000a7"
	customer = "+15555550147"
	preview  = "b2000000-0000-4000-8000-000000000001"
	contact  = "b2000000-0000-4000-8000-000000000002"
)

// notice is a raw message; the interaction is whatever is wanted of it.
func notice(kind, id, interaction, more string) []byte {
	return []byte(`{"orgId":"c3000000-0000-4000-8000-000000000000","trackingId":"notifs_7","type":"RoutingMessage","data":{"agentId":"` + agent +
		`","eventTime":1741100000000,"eventType":"RoutingMessage","interactionId":"` + id + `","mediaResourceId":"` + id +
		`","queueMgr":"aqm","type":"` + kind + `",` + more + `"interaction":` + interaction + `}}`)
}

// whole is an interaction with everything that the page's sample has.
func whole(state string) string {
	return `{"callProcessingDetails":{"Campaign Group":"Gutters & Roofs","EP_ID":"d4","LCMKey":"9|8|7","agent_ani":"+15555550100","ani":"+15555550100",` +
		`"campaignId":"Gutters","dnis":"` + customer + `","ronaTimeout":"18","virtualTeamName":"Roof <Team>"},"contactDirection":{"type":"OUTBOUND"},` +
		`"mediaType":"telephony","outboundType":"CAMPAIGN","participants":{"` + agent + `":{"hasJoined":true,"hasLeft":false,"id":"` + agent +
		`","pType":"Agent"}},"state":"` + state + `"}`
}

// TestSample compares the whole message, byte for byte, with what the page's sample says: these keys in this order.
func TestSample(t *testing.T) {
	raw := notice("AgentContactAssigned", contact, whole("connected"), "")
	want := telling(contact, string(raw), "CustAnswered", "connected")
	got := listen(t).hear(webex.SourceSocket, raw)
	if len(got) != 1 || string(got[0]) != string(want) {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
}

// TestEveryState goes through a preview call: each moment has a message with the same keys and values, whatever part of
// them its raw message carries. Of data, and of a side talk that the conference swallows, nothing is told.
func TestEveryState(t *testing.T) {
	l := listen(t)
	for _, c := range []struct {
		raw       []byte
		id        string
		event     string // "" when nothing is told
		callState string
	}{
		{notice("AgentOfferCampaignReservation", preview, whole("new"), `"campaignId":"Gutters",`), preview, "eAgentOfferContact", "new"},
		{notice("CampaignContactUpdated", preview, whole("new"), ""), preview, "", ""},
		{notice("AgentContactAssigned", contact, whole("connected"), `"reservationInteractionId":"`+preview+`",`), contact, "CustAnswered", "connected"},
		{notice("ContactRecordingStarted", contact, `{"state":"connected"}`, ""), contact, "eCallRecordingStarted", "connected"},
		{notice("AgentContactHeld", contact, whole("connected"), ""), contact, "eAgentContactHeld", "connected"},
		{notice("AgentContactUnheld", contact, whole("connected"), ""), contact, "eAgentContactUnHeld", "connected"},
		{notice("AgentConsultCreated", contact, whole("consult"), ""), contact, "eAgentConsultCreated", "consult"},
		{notice("AgentConsulting", contact, whole("consulting"), ""), contact, "eAgentConsulting", "consulting"},
		{notice("AgentConsultConferenced", contact, whole("conference"), ""), contact, "eAgentConsultConferenced", "conference"},
		{notice("ContactEnded", contact, `{}`, `"agentsPendingWrapUp":["`+agent+`"],`), contact, "eAgentContactEnded", "wrapUp"},
		{notice("AgentWrapup", contact, `{"state":"wrapUp","callProcessingDetails":{"ani":null}}`, ""), contact, "acw", "wrapUp"},
		{notice("AgentWrappedUp", contact, `{"state":"wrapUp"}`, ""), contact, "DROPPED", "wrapUp"},
	} {
		messages := l.hear(webex.SourceSocket, c.raw)
		if c.event == "" && len(messages) == 0 {
			continue
		}
		if len(messages) != 1 {
			t.Fatalf("%s: %d messages", c.event, len(messages))
		}
		want := string(telling(c.id, string(c.raw), c.event, c.callState))
		if string(messages[0]) != want {
			t.Errorf("%s: told\n%s\nwant\n%s", c.event, messages[0], want)
		}
	}
}

// telling is the message of the page's sample about the call of these tests.
func telling(id, raw, event, state string) []byte {
	return []byte(`{"channel":"Webexcc","topic":"outbound","subtopic":"OutBoundCallStateChange","message":{"source":"event","call":{"id":"` + id +
		`","ResponseActual":` + raw + `,"ResponseFields":{"fromAddress":"+15555550100","toAddress":"` + customer + `","CallState":"` + state +
		`","Type":"OUTBOUND","Campaign":"Gutters","OutBoundType":"CAMPAIGN"},"CallType":"Regular-Call","event":"` + event + `","CallVariables":{` +
		`"Campaign Group":"Gutters & Roofs","LCMKey":"9|8|7","ani":"+15555550100","campaignId":"Gutters","dn":"` + customer +
		`","ronaTimeout":"18","virtualTeamName":"Roof <Team>"}}}}`)
}

// TestWithoutARawMessage tells of an end that was concluded: what the call knows is there all the same.
func TestWithoutARawMessage(t *testing.T) {
	l := listen(t)
	l.hear(webex.SourceSocket, notice("AgentContactAssigned", contact, whole("connected"), ""))
	got := l.tell([]call.Event{{
		ID: "lost", Connection: "wx", Platform: call.Webex, Ref: contact, Leg: agent, Agent: agent, CallType: "Regular-Call", Name: "DROPPED",
		Phase: call.Ended, At: time.UnixMilli(1741100009000), Reconciled: true,
	}})
	if want := telling(contact, "null", "DROPPED", "wrapUp"); len(got) != 1 || string(got[0]) != string(want) {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
}

// TestWebhook tells of a moment of which only a webhook told: the raw message is the webhook's.
func TestWebhook(t *testing.T) {
	l := listen(t)
	l.hear(webex.SourceSocket, notice("AgentContactAssigned", contact, whole("connected"), ""))
	raw := `{"id":"w1","type":"agent:channel_state_change","data":{"agentId":"` + agent + `","taskId":"` + contact +
		`","channelType":"telephony","currentState":"wrapup","createdTime":1741100009000},"comciscotimestamp":"1741100009000"}`
	got := l.hear(webex.SourceWebhook, []byte(raw))
	if want := telling(contact, raw, "acw", "wrapUp"); len(got) != 1 || string(got[0]) != string(want) {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
}

func TestInbound(t *testing.T) {
	raw := notice("AgentOfferContact", contact, `{"callProcessingDetails":{"ani":"`+customer+`","dnis":"+15555550100","ronaTimeout":"18"},`+
		`"contactDirection":{"type":"INBOUND"},"mediaType":"telephony","outboundType":null,"state":"new"}`, "")
	got := listen(t).hear(webex.SourceSocket, raw)
	want := `{"channel":"Webexcc","topic":"inbound","subtopic":"InBoundCallStateChange","message":{"source":"event","call":{"id":"` + contact +
		`","ResponseActual":` + string(raw) + `,"ResponseFields":{"fromAddress":"` + customer + `","toAddress":"+15555550100","CallState":"new",` +
		`"Type":"INBOUND","Campaign":"","OutBoundType":""},"CallType":"Regular-Call","event":"eAgentOfferContact","CallVariables":{` +
		`"Campaign Group":"","LCMKey":"","ani":"` + customer + `","campaignId":"","dn":"+15555550100","ronaTimeout":"18","virtualTeamName":""}}}}`
	if len(got) != 1 || string(got[0]) != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
}

// TestOtherPlatforms is about messages that are ours.
func TestOtherPlatforms(t *testing.T) {
	ev := call.Event{
		ID: "1", Connection: "north", Platform: call.Cisco, Ref: "1038", Leg: "1001001", Role: call.CustomerLeg, Agent: "1001001", Mode: call.Predictive,
		CallType: "PREDICTIVE_OUTBOUND", Name: "ALERTING", Phase: call.Ringing, At: time.Date(2026, 2, 3, 9, 0, 0, 0, time.UTC), Customer: customer,
		Campaign: "Gutters", Vars: map[string]string{"LCMKey": "9|8|7"},
	}
	want := `{"channel":"cisco","topic":"outbound","subtopic":"OutBoundCallStateChange","message":{"source":"event","call":{"id":"1038","call":"north:1038",` +
		`"platform":"cisco","connection":"north","agent":"1001001","leg":"1001001","role":"customer","mode":"predictive","callType":"PREDICTIVE_OUTBOUND",` +
		`"event":"ALERTING","phase":"ringing","at":"2026-02-03T09:00:00Z","customer":"` + customer + `","campaign":"Gutters","queue":"","wrapup":"",` +
		`"variables":{"LCMKey":"9|8|7"}}}}`
	if got := listen(t).tell([]call.Event{ev}); len(got) != 1 || string(got[0]) != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
	ev.Mode = call.Inbound
	if got := listen(t).tell([]call.Event{ev}); len(got) != 1 || read(t, got[0]).Topic != "inbound" {
		t.Errorf("an inbound call is told as %s", got)
	}
	nothing := []call.Event{ev, ev, ev}
	nothing[0].Merged = true
	nothing[1].Name, nothing[1].Phase = "", ""
	nothing[2].Name, nothing[2].Phase, nothing[2].Platform = "", call.Answered, call.Webex
	if got := listen(t).tell(nothing); len(got) != 0 {
		t.Errorf("told %s", got)
	}
}

func TestSameWord(t *testing.T) {
	for _, same := range [][]string{
		{"Webexcc", "Webex cc", "webex-cc", "WEBEX_CC"},
		{"OutBoundCallStateChange", "OutboundCallStateChange", "outbound call state change"},
		{"Regular-Call", "Regular_call", "regular call"},
		{"make call", "MakeCall", "make-call"},
	} {
		for _, word := range same {
			if !workspace.SameWord(same[0], word) {
				t.Errorf("%q is not %q", word, same[0])
			}
		}
	}
	if workspace.SameWord("outbound", "inbound") || workspace.SameWord("", "x") {
		t.Error("different words are the same")
	}
}
