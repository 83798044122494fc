package genesys

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

var noon = time.Date(2026, 5, 6, 12, 0, 0, 0, time.UTC)

func hear(t *testing.T, d *Decoder, after time.Duration, source, node, text string) []call.Event {
	t.Helper()
	events, err := d.Decode(platform.Message{At: noon.Add(after), Connection: "lab", Source: source, Node: node, Message: json.RawMessage(text)})
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// alert is a snapshot of a call that alerts an agent; more are further fields of the customer.
func alert(direction, state, more string) string {
	return fmt.Sprintf(`{"topicName":"v2.users.u1.conversations","eventBody":{"id":"k1","participants":[
		{"id":"p1","purpose":"customer","address":"tel:+12025550143",%s"calls":[{"id":"s1","state":"connected","direction":%q,"connectedTime":"2026-05-06T12:00:00Z"}]},
		{"id":"p2","purpose":"agent","userId":"u1","queueId":"q1","calls":[{"id":"s2","state":%q,"initialState":"alerting","direction":%q}]}]}}`, more, direction, state, direction)
}

// Ensure that a call whose campaign is not known waits for it, asks for it once, and then says its mode.
func TestCampaignIsAskedFor(t *testing.T) {
	d := NewDecoder()
	if got := hear(t, d, 0, sourceSocket, "", alert("outbound", "alerting", `"attributes":{"dialerCampaignId":"c9"},`)); len(got) > 0 {
		t.Fatalf("told without its mode: %v", got)
	}
	if w := d.wants(); len(w) != 1 || w[0] != "c9" {
		t.Errorf("wants %v", w)
	}
	if due := d.due(); !due.Equal(noon.Add(holdFor)) {
		t.Errorf("due %v", due)
	}
	got := hear(t, d, time.Second, sourceREST, "/api/v2/outbound/campaigns/c9", `{"id":"c9","name":"Winback","dialingMode":"power"}`)
	if len(got) != 1 || got[0].Mode != call.Power || got[0].Campaign != "Winback" || got[0].Phase != call.Ringing || !got[0].At.Equal(noon) {
		t.Errorf("%+v", got)
	}
	if !d.due().IsZero() && len(d.Flush(noon.Add(time.Minute))) > 0 {
		t.Error("something still waits")
	}
}

// Ensure that a mode which nobody tells is waited for no longer than it is worth.
func TestUnknownModeIsNotWaitedForLong(t *testing.T) {
	d := NewDecoder()
	hear(t, d, 0, sourceSocket, "", alert("outbound", "alerting", ""))
	if got := d.Flush(noon.Add(holdFor - 1)); len(got) > 0 {
		t.Fatalf("too early: %v", got)
	}
	got := d.Flush(noon.Add(holdFor))
	if len(got) != 1 || got[0].Mode != "" || got[0].Name != "alerting" {
		t.Fatalf("%+v", got)
	}
	if got := hear(t, d, 3*time.Second, sourceSocket, "", alert("outbound", "connected", "")); len(got) != 1 || got[0].Name != "connected" {
		t.Errorf("waited again: %+v", got)
	}
}

// Ensure that a mode which comes after that is told, and once.
func TestModeAfterTheWait(t *testing.T) {
	const answer = `{"id":"c9","name":"Winback","dialingMode":"power"}`
	d := NewDecoder()
	hear(t, d, 0, sourceSocket, "", alert("outbound", "alerting", `"attributes":{"dialerCampaignId":"c9"},`))
	if got := d.Flush(noon.Add(holdFor)); len(got) != 1 || got[0].Mode != "" {
		t.Fatalf("%+v", got)
	}
	got := hear(t, d, 10*time.Second, sourceREST, "/api/v2/outbound/campaigns/c9", answer)
	if len(got) != 1 || got[0].Mode != call.Power || !got[0].DataOnly() || got[0].Leg != "p2" {
		t.Errorf("%+v", got)
	}
	if got := hear(t, d, 11*time.Second, sourceREST, "/api/v2/outbound/campaigns/c9", answer); len(got) > 0 {
		t.Errorf("told again: %+v", got)
	}
}

// Ensure that the members of a message may come in any order, and with any blanks between them.
func TestBodyBeforeItsTopic(t *testing.T) {
	want := hear(t, NewDecoder(), 0, sourceSocket, "", alert("inbound", "alerting", ""))
	text := strings.TrimSuffix(strings.TrimPrefix(alert("inbound", "alerting", ""), `{"topicName":"v2.users.u1.conversations","eventBody":`), "}")
	got := hear(t, NewDecoder(), 0, sourceSocket, "", "{ \"version\" : \"2\" ,\n\"eventBody\" :\t"+text+" , \"topicName\" : \"v2.users.u1.conversations\" }")
	if len(got) != 1 || len(want) != 1 || got[0].ID != want[0].ID || got[0].Name != want[0].Name {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Ensure that names take the place of ids once they are known.
func TestNames(t *testing.T) {
	d := NewDecoder()
	hear(t, d, 0, sourceREST, "/api/v2/routing/queues?pageSize=100&pageNumber=1", `{"entities":[{"id":"q1","name":"Sales"}],"pageCount":1}`)
	hear(t, d, 0, sourceREST, "/api/v2/routing/wrapupcodes?pageSize=100", `{"entities":[{"id":"w1","name":"Sold"}]}`)
	got := hear(t, d, 0, sourceSocket, "", alert("inbound", "alerting", ""))
	if len(got) != 1 || got[0].Queue != "Sales" || got[0].Customer != "+12025550143" {
		t.Errorf("%+v", got)
	}
	got = hear(t, d, 0, sourceSocket, "", `{"topicName":"v2.detail.events.conversation.k1.wrapup","eventBody":{"conversationId":"k1","participantId":"p2","mediaType":"VOICE","wrapupCode":"w1"}}`)
	if len(got) != 1 || got[0].Wrapup != "Sold" || !got[0].DataOnly() {
		t.Errorf("%+v", got)
	}
}

// Ensure that what the REST interface shows after a gap is told as concluded, and that what it does not know is ended.
func TestConcluded(t *testing.T) {
	d := NewDecoder()
	hear(t, d, 0, sourceSocket, "", alert("inbound", "alerting", ""))
	body := `{"id":"k1","startTime":"2026-05-06T12:00:00Z","endTime":"2026-05-06T12:01:00Z","participants":[
		{"id":"p1","purpose":"customer","calls":[{"id":"s1","state":"terminated","direction":"inbound","connectedTime":"2026-05-06T12:00:00Z","disconnectedTime":"2026-05-06T12:01:00Z"}]},
		{"id":"p2","purpose":"agent","userId":"u1","startTime":"2026-05-06T12:00:00.100Z","endTime":"2026-05-06T12:01:00Z","calls":[{"id":"s2","state":"terminated","initialState":"alerting","direction":"inbound",
			"connectedTime":"2026-05-06T12:00:04Z","disconnectedTime":"2026-05-06T12:01:00Z","afterCallWork":{"state":"complete","startTime":"2026-05-06T12:01:00Z","endTime":"2026-05-06T12:01:09Z"}}]}]}`
	got := hear(t, d, 5*time.Minute, sourceREST, "/api/v2/conversations/k1", body)
	var words []string
	for _, ev := range got {
		words = append(words, ev.Name+ev.At.Format(" 04:05"))
		if !ev.Reconciled {
			t.Errorf("%s does not say that it was concluded", ev.ID)
		}
	}
	if want := "connected 00:04, disconnected 01:00, ACW 01:00, terminated 01:09"; strings.Join(words, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(words, ", "), want)
	}

	d = NewDecoder()
	d.Prime([]platform.OpenLeg{
		{Ref: "k2", Leg: "p2", Agent: "u1", Role: call.CustomerLeg, Mode: call.Inbound, Name: "connected", At: noon},
		{Ref: "k3", Leg: "p3", Agent: "u1", Role: call.CustomerLeg, Mode: call.Preview, Name: "Preview", At: noon},
	})
	missing := `{"message":"No conversation","code":"not.found","status":404}`
	for ref, word := range map[string]string{"k2": "terminated", "k3": "ACW"} {
		got := hear(t, d, time.Hour, sourceREST, "/api/v2/conversations/"+ref, missing)
		if len(got) != 1 || got[0].Name != word || got[0].Phase != call.Ended || !got[0].Reconciled {
			t.Errorf("%s: %+v", ref, got)
		}
	}
}

// Ensure that a restart tells nothing anew: what is told again has the ids that it had.
func TestRestartTellsTheSameIDs(t *testing.T) {
	d := NewDecoder()
	first := append(hear(t, d, 0, sourceSocket, "", alert("inbound", "alerting", "")), hear(t, d, time.Second, sourceSocket, "", alert("inbound", "connected", ""))...)
	again := NewDecoder()
	again.Prime([]platform.OpenLeg{{Ref: "k1", Leg: "p2", Agent: "u1", Role: call.CustomerLeg, Mode: call.Inbound, Name: "connected"}})
	rest := strings.TrimSuffix(strings.TrimPrefix(alert("inbound", "connected", ""), `{"topicName":"v2.users.u1.conversations","eventBody":`), "}")
	told := hear(t, again, time.Minute, sourceREST, "/api/v2/conversations/k1", rest)
	if len(told) != 2 || told[0].ID != first[0].ID || told[1].ID != first[1].ID {
		t.Errorf("%v, then %v", first, told)
	}
}

// Ensure that an agent's own topic is believed about a hold, not one of another agent that is behind.
func TestHoldOnAnotherTopic(t *testing.T) {
	d := NewDecoder()
	show := func(user string, held bool) string {
		text := strings.Replace(alert("inbound", "connected", ""), "v2.users.u1.", "v2.users."+user+".", 1)
		if held {
			text = strings.Replace(text, `"initialState":"alerting"`, `"held":true,"startHoldTime":"2026-05-06T12:00:20Z"`, 1)
		}
		return text
	}
	hear(t, d, 0, sourceSocket, "", show("u1", false))
	if got := hear(t, d, 20*time.Second, sourceSocket, "", show("u1", true)); len(got) != 1 || got[0].Name != "held" {
		t.Fatalf("%+v", got)
	}
	if got := hear(t, d, 21*time.Second, sourceSocket, "", show("u2", false)); len(got) > 0 {
		t.Errorf("a late topic ended the hold: %+v", got)
	}
	if got := hear(t, d, 30*time.Second, sourceSocket, "", show("u1", false)); len(got) != 1 || got[0].Phase != call.Answered || got[0].Name != "" {
		t.Errorf("%+v", got)
	}
	if got := hear(t, d, 31*time.Second, sourceSocket, "", show("u1", true)); len(got) > 0 {
		t.Errorf("a hold that is over came back: %+v", got)
	}
}

// Ensure that the topics of one kind of media, whose participants are their own sessions, are understood, too.
func TestFlatTopics(t *testing.T) {
	d := NewDecoder()
	show := func(state, more string) string {
		return fmt.Sprintf(`{"topicName":"v2.users.u1.conversations.calls","eventBody":{"id":"k1","participants":[
			{"id":"p1","purpose":"customer","address":"sip:+12025550143@10.1.1.1","state":"connected","direction":"inbound","connectedTime":"2026-05-06T12:00:00Z"},
			{"id":"p2","purpose":"agent","user":{"id":"u1"},"queue":{"id":"q1"},"state":%q,"initialState":"alerting","direction":"inbound"%s}]}}`, state, more)
	}
	var words []string
	for i, text := range []string{
		show("alerting", ""), show("connected", `,"connectedTime":"2026-05-06T12:00:03Z"`),
		show("connected", `,"connectedTime":"2026-05-06T12:00:03Z","held":true,"startHoldTime":"2026-05-06T12:00:09Z"`),
		show("disconnected", `,"connectedTime":"2026-05-06T12:00:03Z","endTime":"2026-05-06T12:00:30Z","startAcwTime":"2026-05-06T12:00:30Z"`),
		show("terminated", `,"connectedTime":"2026-05-06T12:00:03Z","endTime":"2026-05-06T12:00:30Z","startAcwTime":"2026-05-06T12:00:30Z","endAcwTime":"2026-05-06T12:00:44Z"`),
	} {
		for _, ev := range hear(t, d, time.Duration(i)*10*time.Second, sourceSocket, "", text) {
			words = append(words, ev.Name)
			if ev.Agent != "u1" || ev.Queue != "q1" || ev.Customer != "+12025550143" || ev.Mode != call.Inbound {
				t.Errorf("%+v", ev)
			}
		}
	}
	if got := strings.Join(words, " "); got != "alerting connected held disconnected ACW terminated" {
		t.Error(got)
	}
}

// Ensure that what a workflow sends on is understood: the bare body of an event, whose topic stands in the address.
func TestTriggers(t *testing.T) {
	body := `{"eventTime":1778068800000,"conversationId":"k1","participantId":"p2","sessionId":"s2","userId":"u1","mediaType":"VOICE","direction":"INBOUND","ani":"tel:+12025550143"}`
	for _, node := range []string{"v2.detail.events.conversation.{id}.user.start", "user.start"} {
		got := hear(t, NewDecoder(), 0, sourceEventBridge, node, body)
		if len(got) != 1 || got[0].Name != "alerting" || got[0].Agent != "u1" || got[0].Customer != "+12025550143" || !got[0].At.Equal(noon) {
			t.Errorf("%s: %+v", node, got)
		}
	}
}

// Ensure that messages that are none are refused with a reason that repeats nothing of them, and that those which have
// nothing to do with calls are not.
func TestMisfits(t *testing.T) {
	d := NewDecoder()
	for _, text := range []string{
		``, `{`, `[]`, `"x"`, `{"topicName":"v2.users.u1.conversations"`, `{"eventBody":{}}`, `{"a":1,}`, `{"topicName":"v2.users.u1.conversations","eventBody":{"participants":[]}} x`,
		`{"topicName":"v2.users.u1.conversations","eventBody":{"participants":[]}}`, `{"topicName":"v2.detail.events.conversation.k.user.end","eventBody":{"userId":"+12025550143"}}`,
		`{"topicName":"v2.users.u1.conversations","eventBody":` + strings.Repeat("[", 1000) + `}`,
	} {
		events, err := d.decode(platform.Message{Source: sourceSocket}, []byte(text))
		if err == nil || len(events) > 0 || strings.Contains(err.Error(), "2025550143") {
			t.Errorf("%.60s: %v, %v", text, events, err)
		}
	}
	for _, text := range []string{
		`{"topicName":"channel.metadata","eventBody":{"message":"WebSocket Heartbeat"}}`, `{"topicName":"v2.system.socket_closing","eventBody":{}}`,
		`{"topicName":"v2.users.u1.presence","eventBody":{"source":"PURECLOUD"}}`, `{"topicName":"v2.users.u1.conversations.chats","eventBody":{"id":"k"}}`,
		`{"topicName":"v2.users.u1.conversations","eventBody":{"id":"k9","participants":[{"id":"p","purpose":"customer","chats":[{}]},{"id":"q","purpose":"agent","userId":"u","chats":[{}]}]}}`,
		`{"topicName":"v2.detail.events.conversation.k.flow.start","eventBody":{"conversationId":"k"}}`,
	} {
		if events, err := d.decode(platform.Message{Source: sourceSocket}, []byte(text)); err != nil || len(events) > 0 {
			t.Errorf("%.60s: %v, %v", text, events, err)
		}
	}
	if len(d.mem.all) > 0 {
		t.Errorf("%d conversations are remembered", len(d.mem.all))
	}
	if _, err := d.decode(platform.Message{Source: sourceREST, Node: "/api/v2/users"}, []byte(`{}`)); err == nil {
		t.Error("an answer to nobody's question was understood")
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"tel:+12025550143": "+12025550143", "sip:+12025550143@10.0.0.7;user=phone": "+12025550143", "+12025550143": "+12025550143",
		"sip:agent@example.org": "agent@example.org", "sip:anonymous@anonymous.invalid": "", "tel:anonymous": "", "": "", "TEL:110": "110",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// Ensure that a long day does not add up: what is over is forgotten, what is open is not.
func TestForgets(t *testing.T) {
	d := NewDecoder()
	d.mem.idle = 100
	hear(t, d, 0, sourceSocket, "", alert("inbound", "alerting", ""))
	for i := range 1000 {
		hear(t, d, time.Duration(i)*time.Second, sourceSocket, "", fmt.Sprintf(`{"topicName":"v2.outbound.voice.campaigns.contact.preContact","eventBody":{"conversationId":"x%d","dialingMode":"PREDICTIVE"}}`, i))
	}
	if n := len(d.mem.all); n > 101 || len(d.mem.order) != n {
		t.Errorf("%d conversations, %d in order", n, len(d.mem.order))
	}
	if d.mem.all["k1"] == nil {
		t.Error("an open call was forgotten")
	}
}

// Ensure that the words of a snapshot are read in any case, and that times which stand for none are passed over.
func TestWordsAndTimes(t *testing.T) {
	d := NewDecoder()
	var got []string
	for i, text := range []string{alert("Inbound", "Alerting", ""), strings.ReplaceAll(alert("INBOUND", "CONNECTED", ""), `"s2",`, `"s2","connectedTime":"1970-01-01T00:00:00Z",`)} {
		text = strings.ReplaceAll(text, `"agent"`, `"Agent"`)
		for _, ev := range hear(t, d, time.Duration(i+1)*time.Minute, sourceSocket, "", text) {
			got = append(got, string(ev.Mode)+" "+ev.Name+" "+ev.At.Sub(noon).String())
		}
	}
	if want := "inbound alerting 1m0s, inbound connected 2m0s"; strings.Join(got, ", ") != want {
		t.Errorf("heard %q, want %s", got, want)
	}
}
