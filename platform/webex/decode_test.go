package webex_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/platform/platformtest"
	"cordboard/platform/webex"
)

func TestNoCalls(t *testing.T) {
	chat := strings.Replace(string(preview()[0].message().Message), `"telephony"`, `"chat"`, 1)
	for name, raw := range map[string]string{
		"welcome":       `{"type":"Welcome","data":{"agentId":"a"}}`,
		"keepalive":     `{"keepalive":"true"}`,
		"agent's state": `{"type":"AgentStateChange","data":{"type":"AgentStateChangeSuccess","agentId":"a","eventTime":1741100001500}}`,
		"a chat":        chat,
		"unknown":       `{"type":"RoutingMessage","data":{"type":"AgentDoesWhatNobodyKnows","interactionId":"i","agentId":"a","eventTime":1741100001500}}`,
	} {
		if events, err := webex.NewDecoder(nil).Decode(platform.Message{Source: webex.SourceSocket, Message: json.RawMessage(raw)}); err != nil || len(events) > 0 {
			t.Errorf("%s: %d events, %v", name, len(events), err)
		}
	}
}

func TestBadMessagesNameTheirPlace(t *testing.T) {
	for raw, want := range map[string]string{
		`nonsense`:                           "not JSON",
		`[]`:                                 "not a JSON object",
		`{"x":1}`:                            "neither type nor data",
		`{"data":{"interactionId":"+1555"}}`: "data.type is missing",
		`{"data":{"interactionId":"i","type":"AgentWrapup"}}`:                           "data.eventTime is missing",
		`{"data":{"interactionId":"i","type":"AgentWrapup","eventTime":"soon"}}`:        "data.eventTime: not a time in milliseconds",
		`{"data":{"interactionId":"i","type":"AgentWrapup","eventTime":1741100001500}}`: "data.agentId is missing",
	} {
		_, err := webex.NewDecoder(nil).Decode(platform.Message{Source: webex.SourceSocket, Message: json.RawMessage(raw)})
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", raw, err, want)
		}
	}
}

func hook(id int, agent, state string, after int) platform.Message {
	at := began.Add(time.Duration(after) * time.Second)
	return platform.Message{At: at, Source: webex.SourceWebhook, Message: json.RawMessage(fmt.Sprintf(
		`{"id":"h%d","specversion":"1.0","type":"agent:channel_state_change","comciscotimestamp":%d,"data":{"agentId":%q,"taskId":%q,"channelType":"telephony","currentState":%q}}`,
		id, at.UnixMilli(), agent, task, state))}
}

// Webhooks alone tell a call's life; beside the agent's own feed they tell nothing twice.
func TestWebhooks(t *testing.T) {
	hooks := []platform.Message{
		hook(1, ada, "ringing", 1), hook(2, ada, "connected", 3), hook(3, ada, "on-hold", 20), hook(4, ada, "hold-done", 30),
		hook(5, ada, "wrapup", 70), hook(5, ada, "wrapup", 70), hook(6, ada, "wrapup-done", 80), hook(7, ada, "idle", 81),
	}
	s, events := hear(t, webex.NewDecoder(nil), hooks)
	if got := times(s.Leg(ada)); got != "customer 57/10/10" || s.Open() || len(events) != 6 {
		t.Errorf("%s from %d events, open %v", got, len(events), s.Open())
	}
	for name, mixed := range map[string][]platform.Message{"hooks after": append(messages(preview()), hooks...), "hooks first": append(hooks[:2:2], messages(preview())...)} {
		s, events = hear(t, webex.NewDecoder(nil), mixed)
		words := map[string]int{}
		for _, ev := range events {
			words[ev.Name]++
		}
		if words["CustAnswered"] != 1 || words["acw"] != 1 || words["DROPPED"] != 1 || words["eAgentContactHeld"] != 1 || s.Open() {
			t.Errorf("%s: %v, open %v", name, words, s.Open())
		}
	}
}

func picture(feed, state, is string, after int, held bool) platform.Message {
	return line{feed: feed, kind: "AgentContact", after: after, state: state, people: map[string]string{feed: is}, held: held}.message()
}

func relogin(feed string, after int) platform.Message {
	at := began.Add(time.Duration(after) * time.Second)
	return platform.Message{At: at, Source: webex.SourceSocket, Agent: feed, Message: json.RawMessage(
		fmt.Sprintf(`{"type":"AgentReloginSuccess","data":{"type":"AgentReloginSuccess","agentId":%q,"eventTime":%d}}`, feed, at.UnixMilli()))}
}

// What happened in a gap is read off the pictures after it; what they do not show any more is concluded to be over.
func TestAfterAGap(t *testing.T) {
	before := messages(preview())[:4] // she talks
	for name, c := range map[string]struct {
		after []platform.Message
		want  []string
	}{
		"still talking": {[]platform.Message{relogin(ada, 40), picture(ada, "connected", "joined", 40, false)}, nil},
		"on hold now":   {[]platform.Message{relogin(ada, 40), picture(ada, "connected", "joined", 40, true)}, []string{"eAgentContactHeld"}},
		"in wrap-up":    {[]platform.Message{relogin(ada, 40), picture(ada, "wrapUp", "joined wrap", 40, false)}, []string{"acw"}},
		"gone":          {[]platform.Message{relogin(ada, 40)}, []string{"DROPPED"}},
		"another call":  {[]platform.Message{relogin(ada, 40), line{feed: ada, kind: "AgentContact", id: "other", after: 41, state: "new", people: map[string]string{ada: ""}}.message()}, []string{"eAgentOfferContact", "DROPPED"}},
	} {
		d := webex.NewDecoder(nil)
		hear(t, d, before)
		var words []string
		_, events := hear(t, d, c.after)
		if early := d.Flush(began.Add(41 * time.Second)); len(early) > 0 {
			t.Errorf("%s: concluded before all pictures can have come", name)
		}
		events = append(events, d.Flush(began.Add(time.Minute))...)
		for _, ev := range events {
			words = append(words, ev.Name)
			if ev.Reconciled != (ev.Name == "DROPPED") {
				t.Errorf("%s: %s is marked as concluded: %v", name, ev.Name, ev.Reconciled)
			}
		}
		if fmt.Sprint(words) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v", name, words, c.want)
		}
	}
}

// A restart forgets everything but what the journal holds as open.
func TestAfterARestart(t *testing.T) {
	d := webex.NewDecoder(nil)
	d.Prime([]platform.OpenLeg{{Leg: ada, Agent: ada, Ref: task, Role: call.CustomerLeg, Mode: call.Preview, At: began}})
	hear(t, d, []platform.Message{relogin(ada, 40)})
	events := d.Flush(time.Time{})
	if len(events) != 1 || events[0].Name != "DROPPED" || events[0].ID != task+"/"+ada+"/DROPPED" || !events[0].Reconciled || events[0].Mode != call.Preview {
		t.Errorf("%+v", events)
	}
}

// TestPicturesAfterARestart compares what the journal knows of a leg with the picture of it: only what is new is told.
func TestPicturesAfterARestart(t *testing.T) {
	talk, hold := picture(ada, "connected", "joined", 41, false), picture(ada, "connected", "joined", 41, true)
	offer, wrap := picture(ada, "new", "", 41, false), picture(ada, "wrapUp", "joined wrap", 41, false)
	for _, c := range []struct {
		before call.Phase
		shown  platform.Message
		want   string
	}{
		{call.Ringing, talk, "[CustAnswered]"}, {call.Offered, talk, "[CustAnswered]"}, {call.Offered, hold, "[CustAnswered eAgentContactHeld]"}, {call.Offered, offer, "[]"},
		{call.Answered, talk, "[]"}, {call.Answered, hold, "[eAgentContactHeld]"}, {call.Answered, wrap, "[acw]"}, {call.Held, hold, "[]"},
		{call.Held, talk, "[eAgentContactUnHeld]"}, {call.Wrapup, wrap, "[]"}, {call.Ended, talk, "[]"}, {"", talk, "[]"},
	} {
		d := webex.NewDecoder(nil)
		d.Prime([]platform.OpenLeg{{Leg: ada, Agent: ada, Ref: task, Role: call.CustomerLeg, Mode: call.Predictive, Phase: c.before, At: began}})
		_, events := hear(t, d, []platform.Message{relogin(ada, 40), c.shown})
		words := []string{}
		for _, ev := range append(events, d.Flush(began.Add(time.Minute))...) {
			words = append(words, ev.Name)
		}
		if got := fmt.Sprint(words); got != c.want {
			t.Errorf("%s before, and then %s: %s, want %s", c.before, c.shown.Message, got, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, story := range [][]line{preview(), conference(), warmTransfer()} {
		for _, m := range messages(story) {
			f.Add([]byte(m.Message), false)
		}
	}
	f.Add([]byte(hook(1, ada, "ringing", 1).Message), true)
	f.Add([]byte(relogin(ada, 1).Message), false)
	f.Fuzz(func(t *testing.T, raw []byte, isHook bool) {
		d := webex.NewDecoder(nil)
		m := platform.Message{At: began, Source: webex.SourceSocket, Agent: ada, Message: raw}
		if isHook {
			m.Source = webex.SourceWebhook
		}
		for range 2 {
			events, _ := d.Decode(m)
			for _, ev := range append(events, d.Flush(time.Time{})...) {
				if ev.ID == "" || ev.Ref == "" || ev.Leg == "" || ev.At.IsZero() || ev.Phase == "" {
					t.Errorf("an event without what every event has: %+v", ev)
				}
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	all := messages(conference())
	bytes := 0
	for _, m := range all {
		bytes += len(m.Message)
	}
	b.SetBytes(int64(bytes / len(all)))
	b.ReportAllocs()
	report := platformtest.PerCore(b)
	for b.Loop() {
		d := webex.NewDecoder(nil)
		for _, m := range all {
			if _, err := d.Decode(m); err != nil {
				b.Fatal(err)
			}
		}
	}
	report(b.N * len(all))
}

// A time that stands for none, or is not there, is that of hearing: the message is as good as any other.
func TestTimesThatAreNone(t *testing.T) {
	heard := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for _, at := range []string{`0`, `"0"`, `""`, `null`, `1`, `"5000"`} {
		raw := `{"type":"RoutingMessage","data":{"type":"AgentContactAssigned","agentId":"a","interactionId":"i","eventTime":` + at + `}}`
		events, err := webex.NewDecoder(nil).Decode(platform.Message{At: heard, Source: webex.SourceSocket, Message: []byte(raw)})
		if err != nil || len(events) != 1 || !events[0].At.Equal(heard) || events[0].Name != "CustAnswered" {
			t.Errorf("%s: %v %v", at, events, err)
		}
	}
}
