package connect_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/platform/connect"
)

// told is what a stream of messages adds up to.
type told struct {
	calls  map[call.ID]call.State
	events []call.Event // each id once
	index  *call.Index
	known  map[string]bool
}

// hear feeds messages to a decoder as the connector does: what is due is flushed first, what is asked is answered.
func hear(t testing.TB, d *connect.Decoder, s *stage, messages []platform.Message) told {
	t.Helper()
	got := told{calls: map[call.ID]call.State{}, index: call.NewIndex(), known: map[string]bool{}}
	got.hear(t, d, s, messages)
	return got
}

func (g *told) hear(t testing.TB, d *connect.Decoder, s *stage, messages []platform.Message) {
	t.Helper()
	for _, m := range messages {
		g.take(t, d.Flush(m.At), nil)
		events, err := d.Decode(m)
		g.take(t, events, err)
		for asked := d.Wanted(); len(asked) > 0; asked = d.Wanted() {
			for _, what := range asked {
				events, err := d.Decode(platform.Message{At: m.At, Connection: "acme", Source: connect.SourceREST, Node: what, Message: json.RawMessage(answer(what, s.contacts))})
				g.take(t, events, err)
			}
		}
	}
	g.take(t, d.Flush(time.Time{}), nil)
}

func (g *told) take(t testing.TB, events []call.Event, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
	for _, ev := range events {
		if g.known[ev.ID] {
			continue
		}
		g.known[ev.ID] = true
		g.index.Resolve(&ev)
		g.calls[ev.Call] = call.Apply(g.calls[ev.Call], &ev)
		g.events = append(g.events, ev)
	}
}

// words are the named events in the order of their times.
func (g *told) words() []string {
	var named []call.Event
	for _, ev := range g.events {
		if !ev.DataOnly() {
			named = append(named, ev)
		}
	}
	slices.SortStableFunc(named, func(a, b call.Event) int { return a.At.Compare(b.At) })
	var all []string
	for _, ev := range named {
		all = append(all, fmt.Sprintf("%v %s %s|%s|%s|%s", ev.At.Sub(began).Seconds(), ev.Agent, ev.Mode, ev.CallType, ev.Name, ev.Role))
	}
	return all
}

// legs are what the calls' records are made of: seconds of talk, hold and after-call work.
func (g *told) legs() map[string]string {
	all := map[string]string{}
	now := began.Add(time.Hour)
	for _, st := range g.calls {
		for i := range st.Legs {
			l := &st.Legs[i]
			open := ""
			if l.Open() {
				open = " open"
			}
			all[l.ID] = fmt.Sprintf("%s %s %s %v/%v/%v %s %s%s", st.Mode, l.Agent, l.Role, l.Talk(now).Seconds(), l.Hold(now).Seconds(), l.Wrap(now).Seconds(), l.Phase(), st.Customer, open)
		}
	}
	return all
}

var wantWords = map[string]string{
	"inbound": `
5 ada inbound|inbound|connecting|customer
8 ada inbound|inbound|connected|customer
60 ada inbound|inbound|ACW|customer
75 ada inbound|inbound|DROPPED|customer`,
	"held to the end": `
5 ada inbound|inbound|connecting|customer
8 ada inbound|inbound|connected|customer
60 ada inbound|inbound|ACW|customer
75 ada inbound|inbound|DROPPED|customer`,
	"missed": `
5 ada inbound|inbound|connecting|customer
40 ada inbound|inbound|connecting|customer
70 ben inbound|inbound|connecting|customer
74 ben inbound|inbound|connected|customer
100 ben inbound|inbound|ACW|customer
110 ben inbound|inbound|DROPPED|customer`,
	"manual": `
3 ada manual|outbound|connecting|customer
11 ada manual|outbound|connected|customer
43 ada manual|Inbound|connecting|consult
49 ada manual|Inbound|connected|consult
80 ada manual|outbound|ACW|customer
95 ada manual|outbound|DROPPED|customer`,
	"consult outlives": `
3 ada manual|outbound|connecting|customer
11 ada manual|outbound|connected|customer
43 ada manual|Inbound|connecting|consult
49 ada manual|Inbound|connected|consult
80 ada manual|Inbound|ACW|consult
80 ada manual|outbound|ACW|customer
95 ada manual|Inbound|DROPPED|consult
95 ada manual|outbound|DROPPED|customer`,
	"unanswered": `
3 ada manual|outbound|connecting|customer
30 ada manual|outbound|ACW|customer
35 ada manual|outbound|DROPPED|customer`,
	"preview": `
5 ada direct-preview|Regular-Call|Preview|customer
15 ada direct-preview|outbound|connecting|customer
24 ada direct-preview|outbound|connected|customer
40 ada direct-preview|outbound|hold|customer
43 ada direct-preview|outbound|connecting|consult
49 ada direct-preview|outbound|connected|consult
90 ada direct-preview|outbound|ACW|customer
110 ada direct-preview|outbound|DROPPED|customer`,
	"preview passed": `
5 ada direct-preview|Regular-Call|Preview|customer
14 ada direct-preview|Regular-Call|ACW|customer
20 ada direct-preview|Regular-Call|DROPPED|customer`,
	"progressive": transferred("progressive"),
	"predictive":  transferred("predictive"),
	"machine":     "",
	"blind": `
5 ada inbound|inbound|connecting|customer
8 ada inbound|inbound|connected|customer
40.1 ben inbound|inbound|connecting|transfer
40.2 ada inbound|inbound|ACW|customer
44 ben inbound|inbound|connected|transfer
50 ada inbound|inbound|DROPPED|customer
90 ben inbound|inbound|ACW|transfer
100 ben inbound|inbound|DROPPED|transfer`,
}

func transferred(mode string) string {
	return strings.ReplaceAll(`
7 ada MODE|outbound|connected|customer
40 ada MODE|outbound|hold|customer
44 ben inbound|inbound|connecting|transfer
50 ben inbound|inbound|connected|transfer
50 ada MODE|outbound|connected|consult
60 ada MODE|outbound|ACW|customer
70 ada MODE|outbound|DROPPED|customer
90 ben inbound|inbound|ACW|transfer
100 ben inbound|inbound|DROPPED|transfer`, "MODE", mode)
}

var wantLegs = map[string]map[string]string{
	"inbound":          {"c-in/" + ada: "inbound ada customer 37/15/15 ended " + customer},
	"held to the end":  {"c-held/" + ada: "inbound ada customer 22/30/15 ended " + customer},
	"missed":           {"c-missed/" + ada: "inbound ada customer 0/0/0 missed " + customer, "c-missed/" + ada + "/2": "inbound ada customer 0/0/0 missed " + customer, "c-missed/" + ben: "inbound ben customer 26/0/10 ended " + customer},
	"manual":           {"c-out": "manual ada customer 49/20/15 ended " + customer, "c-out/c/line-3": "manual ada consult 0/0/0 ended " + customer},
	"consult outlives": {"c-out2": "manual ada customer 49/20/15 ended " + customer, "c-out2/c/line-3": "manual ada consult 0/0/15 ended " + customer},
	"unanswered":       {"c-none": "manual ada customer 0/0/5 ended " + customer},
	"preview":          {"c-preview/" + ada: "direct-preview ada customer 43/23/20 ended " + customer, "c-preview/" + ada + "/c/line-3": "direct-preview ada consult 0/0/0 ended " + customer},
	"preview passed":   {"c-passed/" + ada: "direct-preview ada customer 0/0/6 ended " + customer},
	"machine":          {},
}

// TestStories plays each story with all three sources.
func TestStories(t *testing.T) {
	for name, story := range stories {
		s := story()
		got := hear(t, connect.NewDecoder(connect.Options{}), s, s.messages)
		if diff := gocmp.Diff(strings.TrimSpace(wantWords[name]), strings.Join(got.words(), "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if want := wantLegs[name]; want != nil {
			if diff := gocmp.Diff(want, got.legs()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		if len(got.calls) > 1 {
			t.Errorf("%s: %d calls", name, len(got.calls))
		}
	}
}

func TestNoCalls(t *testing.T) {
	for name, m := range map[string]platform.Message{
		"a chat":         {Source: connect.SourceAgentStream, Message: json.RawMessage(`{"AgentARN":"a/1","EventType":"STATE_CHANGE","EventTimestamp":"2026-03-02T09:00:00Z","CurrentAgentSnapshot":{"Contacts":[{"ContactId":"x","Channel":"CHAT","State":"CONNECTED"}]}}`)},
		"a supervisor":   {Source: connect.SourceAgentStream, Message: json.RawMessage(`{"AgentARN":"a/1","EventType":"STATE_CHANGE","EventTimestamp":"2026-03-02T09:00:00Z","CurrentAgentSnapshot":{"Contacts":[{"ContactId":"x","Channel":"VOICE","InitiationMethod":"MONITOR","State":"CONNECTED"}]}}`)},
		"a heart beat":   {Source: connect.SourceAgentStream, Message: json.RawMessage(`{"AgentARN":"a/1","EventType":"HEART_BEAT","EventTimestamp":"2026-03-02T09:00:00Z","CurrentAgentSnapshot":{"Contacts":[{"ContactId":"x","Channel":"VOICE","InitiationMethod":"INBOUND","State":"CONNECTED"}]}}`)},
		"a chat's event": {Source: connect.SourceEventBridge, Message: json.RawMessage(`{"detail-type":"Amazon Connect Contact Event","time":"2026-03-02T09:00:00Z","detail":{"contactId":"x","channel":"CHAT","eventType":"INITIATED"}}`)},
		"another event":  {Source: connect.SourceEventBridge, Message: json.RawMessage(`{"detail-type":"Contact Lens Rules Matched","detail":{}}`)},
		"an empty desk":  {Source: connect.SourceStreams, Agent: "ada", Message: json.RawMessage(`{"snapshot":{"snapshotTimestamp":1772442008,"contacts":[]}}`)},
		"in vain":        {At: began, Source: connect.SourceREST, Node: "DescribeContact/x", Message: json.RawMessage(`{"message":"Rate exceeded"}`)},
	} {
		d := connect.NewDecoder(connect.Options{Patience: -1})
		if events, err := d.Decode(m); err != nil || len(events) > 0 {
			t.Errorf("%s: %d events, %v", name, len(events), err)
		}
	}
}

func TestBadMessagesNameTheirPlace(t *testing.T) {
	for _, c := range []struct{ source, raw, want string }{
		{connect.SourceStreams, `nonsense`, "not JSON"},
		{connect.SourceStreams, `[]`, "not a JSON object"},
		{connect.SourceStreams, `{"configuration":{}}`, "snapshot is missing"},
		{connect.SourceStreams, `{"snapshot":{"contacts":[]}}`, "snapshot.snapshotTimestamp is no time"},
		{connect.SourceStreams, `{"snapshot":{"snapshotTimestamp":1772442008}}`, "configuration.agentARN is missing"},
		{connect.SourceAgentStream, `{"AgentARN":"a/1"}`, "EventType is missing"},
		{connect.SourceAgentStream, `{"EventType":"LOGIN"}`, "AgentARN is missing"},
		{connect.SourceAgentStream, `{"EventType":"LOGIN","AgentARN":"a/1","EventTimestamp":"+12025550123"}`, "EventTimestamp is no time"},
		{connect.SourceEventBridge, `{"detail":{}}`, "detail-type is missing"},
		{connect.SourceEventBridge, `{"detail-type":"Amazon Connect Contact Event","detail":{}}`, "detail.contactId is missing"},
		{connect.SourceEventBridge, `{"detail-type":"Amazon Connect Contact Event","detail":{"contactId":"c"}}`, "time is no time"},
		{connect.SourceREST, `{}`, "node names no operation whose answer is of use"},
		{"webex-ws", `{}`, `source "webex-ws" is none of Amazon Connect's`},
	} {
		_, err := connect.NewDecoder(connect.Options{}).Decode(platform.Message{Source: c.source, Message: json.RawMessage(c.raw)})
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.raw, err, c.want)
		}
	}
}

// A moment waits a little for the number that a pop needs, and is told without it in the end; what comes later fills it in.
func TestWaitsForTheNumber(t *testing.T) {
	s := inboundCall()
	records, pictures := only(s.messages, []string{connect.SourceAgentStream}), only(s.messages, []string{connect.SourceStreams})
	d := connect.NewDecoder(connect.Options{})
	offer := records[0]
	if events, _ := d.Decode(offer); len(events) > 0 {
		t.Fatalf("told without the number: %+v", events)
	}
	if due := d.Due(); !due.Equal(offer.At.Add(2500 * time.Millisecond)) {
		t.Errorf("due %v after it was heard", due.Sub(offer.At))
	}
	if asked := d.Wanted(); !slices.Equal(asked, []string{"DescribeContact/c-in"}) {
		t.Errorf("asked for %v", asked)
	}
	if early := d.Flush(offer.At.Add(time.Second)); len(early) > 0 {
		t.Error("told too early")
	}
	if events := d.Flush(d.Due()); len(events) != 1 || events[0].Name != "connecting" || events[0].Customer != "" || !events[0].At.Equal(offer.At) {
		t.Fatalf("%+v", events)
	}
	events, _ := d.Decode(pictures[0])
	if len(events) != 1 || !events[0].DataOnly() || events[0].Customer != customer || events[0].Vars["LCMKey"] != "57|1" || events[0].Leg != "c-in/"+ada {
		t.Errorf("%+v", events)
	}
	if events, _ := d.Decode(pictures[0]); len(events) > 0 {
		t.Errorf("told twice: %+v", events)
	}
	if events, _ := d.Decode(records[1]); len(events) != 1 || events[0].Name != "connected" {
		t.Errorf("%+v", events)
	}
}

// An event's own time has whole seconds: a contact that is complete within the second of its end does not end before it began.
func TestCompletedWithinTheSecond(t *testing.T) {
	s := newStage()
	s.at(3.2)
	c := s.contact("c-short", "OUTBOUND")
	c.agent = ada
	s.event("INITIATED", c)
	s.at(3.7)
	c.ended = s.now
	s.event("DISCONNECTED", c)
	s.event("COMPLETED", c)
	got := hear(t, connect.NewDecoder(connect.Options{}), s, s.messages)
	want := "3.2 ada manual|outbound|connecting|customer\n3.7 ada manual|outbound|ACW|customer\n3.7 ada manual|outbound|DROPPED|customer"
	if words := strings.Join(got.words(), "\n"); words != want {
		t.Error(words)
	}
	for _, st := range got.calls {
		if st.Open() {
			t.Errorf("%+v", st.Legs)
		}
	}
}

// The agent's outcome, where a flow notes it in an attribute.
func TestWrapup(t *testing.T) {
	s := newStage()
	c := s.contact("c-in", "INBOUND")
	far := s.line(&wire{id: "c-in", kind: "inbound", initial: true, number: customer, endpoint: "phone_number"}, "connected")
	x := s.give(ada, c, "connected", far)
	s.at(20)
	c.vars["Disposition"] = "Sale"
	s.show(ada)
	s.finish(ada, x, 30, 40)
	got := hear(t, connect.NewDecoder(connect.Options{}), s, only(s.messages, []string{connect.SourceStreams}))
	for _, st := range got.calls {
		if st.Legs[0].Wrapup != "Sale" || st.Vars["Disposition"] != "Sale" {
			t.Errorf("wrap-up %q, variables %v", st.Legs[0].Wrapup, st.Vars)
		}
	}
}

// A time that stands for none, in whatever way, is that of hearing; what is written as a text is read.
func TestTimesThatAreNone(t *testing.T) {
	heard := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for at, want := range map[string]time.Time{
		`0`: heard, `""`: heard, `null`: heard, `"0"`: heard, `"1970-01-01T00:00:00.001Z"`: heard, `"soon"`: heard,
		`"1772625000"`: time.Unix(1772625000, 0), `1772625000000`: time.Unix(1772625000, 0), `"2026-03-04T11:50:00Z"`: time.Unix(1772625000, 0),
	} {
		for source, raw := range map[string]string{
			connect.SourceStreams: `{"configuration":{"agentARN":"i/agent/a","username":"ada"},"snapshot":{"snapshotTimestamp":` + at + `,"contacts":[{"contactId":"c","type":"voice",
				"initiationMethod":"outbound","state":{"type":"connected","timestamp":` + at + `},"connections":[
				{"type":"agent","state":{"type":"connected"}},{"type":"outbound","initial":true,"state":{"type":"connected","timestamp":` + at + `},"endpoint":{"phoneNumber":"+1 (555) 555-0100"}}]}]}}`,
			connect.SourceAgentStream: `{"agentARN":"i/agent/a","EventType":"state_change","eventtimestamp":` + at + `,"CURRENTAGENTSNAPSHOT":{"configuration":{"username":"ada"},"contacts":[
				{"contactId":"c","initiationmethod":"Outbound","STATE":"connected","stateStartTimestamp":` + at + `}]}}`,
		} {
			d := connect.NewDecoder(connect.Options{Patience: -1})
			events, err := d.Decode(platform.Message{Source: source, At: heard, Message: json.RawMessage(raw)})
			found := false
			for _, ev := range events {
				found = found || ev.Name == "connected" && ev.At.Equal(want) && ev.Agent == "ada"
			}
			if err != nil || !found {
				t.Errorf("%s %s: %+v %v, want it at %v", source, at, events, err, want)
			}
		}
	}
}

// The mode of a call whose campaign is known only after its moments were told is told then, once, so that its rules fire.
func TestModeAfterTheWait(t *testing.T) {
	at := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	event := json.RawMessage(`{"detail-type":"Amazon Connect Contact Event","time":"2026-03-04T12:00:00Z","detail":{"eventType":"CONNECTED_TO_AGENT","contactId":"c","channel":"VOICE",
		"initiationMethod":"API","campaign":{"campaignId":"k"},"agentInfo":{"agentArn":"i/agent/a","connectedToAgentTimestamp":"2026-03-04T12:00:00Z"}}}`)
	d := connect.NewDecoder(connect.Options{})
	if _, err := d.Decode(platform.Message{Source: connect.SourceEventBridge, At: at, Message: event}); err != nil {
		t.Fatal(err)
	}
	told := d.Flush(at.Add(3 * time.Second))
	if len(told) != 1 || told[0].Mode != "" || told[0].Name != "connected" {
		t.Fatalf("told %+v", told)
	}
	answer := platform.Message{Source: connect.SourceREST, At: at.Add(20 * time.Second), Node: "DescribeCampaign/k", Message: json.RawMessage(
		`{"campaign":{"id":"k","name":"Winback","channelSubtypeConfig":{"telephony":{"outboundMode":{"predictive":{}}}}}}`)}
	ids := map[string]bool{}
	for range 2 { // the second time it is no news
		events, err := d.Decode(answer)
		for _, ev := range events {
			if ids[ev.ID] = true; ev.Mode != call.Predictive || !ev.DataOnly() || ev.Leg != told[0].Leg {
				t.Errorf("the answer brings %+v", ev)
			}
		}
		if err != nil || len(ids) != 1 {
			t.Errorf("the answer brings %v, %v", ids, err)
		}
	}
}
