package webex_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/platform/webex"
)

var began = time.Date(2026, 3, 4, 15, 0, 0, 0, time.UTC)

// The people of the stories.
const (
	ada   = "a0000000-0000-4000-8000-00000000000a"
	ben   = "b0000000-0000-4000-8000-00000000000b"
	task  = "10000000-0000-4000-8000-000000000001"
	first = "20000000-0000-4000-8000-000000000002" // the id of a preview's reservation
)

// line is one notification of a story, on the feed of an agent.
type line struct {
	feed, kind string
	after      int // seconds from the beginning
	id         string
	state      string
	change     map[string]any // members of data that differ
	people     map[string]string
	kindOf     string // campaignType
	held       bool
}

// message writes it as the vendor does.
func (l line) message() platform.Message {
	at := began.Add(time.Duration(l.after) * time.Second)
	people := map[string]any{"+15555550123": map[string]any{"pType": "Customer", "hasJoined": true}}
	for id, is := range l.people {
		people[id] = map[string]any{"pType": "Agent", "dn": "ext-" + id[:1], "hasJoined": strings.Contains(is, "joined"), "hasLeft": strings.Contains(is, "left"),
			"isConsulted": strings.Contains(is, "asked"), "isWrapUp": strings.Contains(is, "wrap"), "isWrappedUp": false}
	}
	id := l.id
	if id == "" {
		id = task
	}
	details := map[string]any{"ani": "+15555550199", "dnis": "+15555550123", "campaignId": "Spring", "virtualTeamName": "Renewals", "LCMKey": "1|2"}
	if l.kindOf != "" {
		details["campaignType"] = l.kindOf
	}
	data := map[string]any{
		"type": l.kind, "eventType": "RoutingMessage", "eventTime": at.UnixMilli(), "agentId": l.feed, "interactionId": id,
		"interaction": map[string]any{
			"state": l.state, "mediaType": "telephony", "contactDirection": map[string]any{"type": "OUTBOUND"}, "outboundType": "CAMPAIGN",
			"callProcessingDetails": details, "participants": people,
			"callAssociatedData": map[string]any{"account": map[string]any{"value": "ACC-1"}, "pin": map[string]any{"value": "1234", "isSecure": true}},
			"media":              map[string]any{id: map[string]any{"mType": "mainCall", "isHold": l.held}},
		},
	}
	for k, v := range l.change {
		data[k] = v
	}
	raw, err := json.Marshal(map[string]any{"type": "RoutingMessage", "trackingId": fmt.Sprint("notifs_", l.after), "data": data})
	if err != nil {
		panic(err)
	}
	return platform.Message{At: at, Connection: "wx", Source: webex.SourceSocket, Agent: l.feed, Message: raw}
}

// preview is a preview that is accepted, talked through with a hold, and wrapped up.
func preview() []line {
	alone := map[string]string{ada: "joined"}
	return []line{
		{feed: ada, kind: "AgentOfferCampaignReservation", after: 0, id: first, state: "new", people: map[string]string{ada: ""}, kindOf: "preview_standard"},
		{feed: ada, kind: "CampaignContactUpdated", after: 4, id: first, state: "new", people: map[string]string{ada: ""}},
		{feed: ada, kind: "AgentContactAssigned", after: 9, state: "connected", people: alone, change: map[string]any{"reservationInteractionId": first}},
		{feed: ada, kind: "ContactRecordingStarted", after: 10, state: "connected", people: alone},
		{feed: ada, kind: "AgentContactHeld", after: 20, state: "connected", people: alone, held: true},
		{feed: ada, kind: "AgentContactUnheld", after: 30, state: "connected", people: alone},
		{feed: ada, kind: "ContactEnded", after: 69, state: "wrapUp", people: map[string]string{ada: "joined wrap"}, change: map[string]any{"agentsPendingWrapUp": []string{ada}}},
		{feed: ada, kind: "AgentWrapup", after: 70, state: "wrapUp", people: map[string]string{ada: "joined wrap"}},
		{feed: ada, kind: "AgentWrappedUp", after: 80, state: "wrapUp", people: map[string]string{ada: "joined"}, change: map[string]any{"wrapUpAuxCodeId": "aux-1", "wrapUpReason": "Sale"}},
	}
}

// consult is a campaign call in which Ada asks Ben; then is what becomes of it.
func consult(then ...line) []line {
	both := map[string]string{ada: "joined", ben: "asked"}
	talking := map[string]string{ada: "joined", ben: "joined asked"}
	return append([]line{
		{feed: ada, kind: "AgentOfferContact", after: 0, state: "new", people: map[string]string{ada: ""}, kindOf: "predictive"},
		{feed: ada, kind: "AgentContactAssigned", after: 2, state: "connected", people: map[string]string{ada: "joined"}, kindOf: "predictive"},
		{feed: ada, kind: "AgentContactHeld", after: 30, state: "connected", people: map[string]string{ada: "joined"}, held: true},
		{feed: ada, kind: "AgentConsultCreated", after: 30, state: "consult", people: both, held: true},
		{feed: ben, kind: "AgentOfferConsult", after: 31, state: "consult", people: both, held: true},
		{feed: ada, kind: "AgentConsulting", after: 35, state: "consulting", people: talking, held: true},
		{feed: ben, kind: "AgentConsulting", after: 35, state: "consulting", people: talking, held: true},
	}, then...)
}

func conference() []line {
	all := map[string]string{ada: "joined", ben: "joined asked"}
	left := map[string]string{ada: "joined", ben: "joined asked left wrap"}
	return consult(
		line{feed: ada, kind: "AgentConsultConferenced", after: 40, state: "conference", people: all},
		line{feed: ben, kind: "AgentConsultConferenced", after: 40, state: "conference", people: all},
		line{feed: ben, kind: "ParticipantLeftConference", after: 60, state: "connected", people: left},
		line{feed: ada, kind: "ParticipantLeftConference", after: 60, state: "connected", people: left},
		line{feed: ben, kind: "AgentWrapup", after: 60, state: "connected", people: left},
		line{feed: ben, kind: "AgentWrappedUp", after: 65, state: "connected", people: left},
		line{feed: ada, kind: "ContactEnded", after: 90, state: "wrapUp", people: map[string]string{ada: "joined wrap", ben: "joined left"}, change: map[string]any{"agentsPendingWrapUp": []string{ada}}},
		line{feed: ada, kind: "AgentWrapup", after: 90, state: "wrapUp", people: map[string]string{ada: "joined wrap", ben: "joined left"}},
		line{feed: ada, kind: "AgentWrappedUp", after: 99, state: "wrapUp", people: map[string]string{ada: "joined", ben: "joined left"}},
	)
}

func warmTransfer() []line {
	handed := map[string]string{ada: "joined left wrap", ben: "joined asked"}
	alone := map[string]string{ada: "joined left", ben: "joined asked wrap"}
	return consult(
		line{feed: ada, kind: "AgentConsultTransferred", after: 50, state: "connected", people: handed},
		line{feed: ben, kind: "AgentConsultTransferred", after: 50, state: "connected", people: handed},
		line{feed: ada, kind: "AgentWrapup", after: 50, state: "connected", people: handed},
		line{feed: ada, kind: "AgentWrappedUp", after: 58, state: "connected", people: handed},
		line{feed: ben, kind: "ContactEnded", after: 90, state: "wrapUp", people: alone, change: map[string]any{"agentsPendingWrapUp": []string{ben}}},
		line{feed: ben, kind: "AgentWrapup", after: 90, state: "wrapUp", people: alone},
		line{feed: ben, kind: "AgentWrappedUp", after: 95, state: "wrapUp", people: alone},
	)
}

func blindTransfer() []line {
	handed := map[string]string{ada: "joined left wrap", ben: ""}
	talks := map[string]string{ada: "joined left", ben: "joined"}
	return []line{
		{feed: ada, kind: "AgentOfferContact", after: 0, state: "new", people: map[string]string{ada: ""}},
		{feed: ada, kind: "AgentContactAssigned", after: 2, state: "connected", people: map[string]string{ada: "joined"}},
		{feed: ada, kind: "AgentBlindTransferred", after: 30, state: "connected", people: handed},
		{feed: ada, kind: "AgentWrapup", after: 30, state: "connected", people: handed},
		{feed: ben, kind: "AgentOfferContact", after: 31, state: "connected", people: handed},
		{feed: ben, kind: "AgentContactAssigned", after: 36, state: "connected", people: talks},
		{feed: ada, kind: "AgentWrappedUp", after: 40, state: "connected", people: talks},
		{feed: ben, kind: "ContactEnded", after: 66, state: "wrapUp", people: talks},
	}
}

// hear decodes messages and folds them as the house does.
func hear(t testing.TB, d *webex.Decoder, messages []platform.Message) (call.State, []call.Event) {
	t.Helper()
	var s call.State
	var all []call.Event
	known := map[string]bool{}
	x := call.NewIndex()
	for _, m := range messages {
		events, err := d.Decode(m)
		if err != nil {
			t.Fatalf("%s: %v", m.Message, err)
		}
		for i := range events {
			ev := events[i]
			ev.Connection = "wx"
			if known[ev.ID] {
				continue
			}
			known[ev.ID] = true
			x.Resolve(&ev)
			s = call.Apply(s, &ev)
			all = append(all, ev)
		}
	}
	return s, all
}

func messages(story []line) []platform.Message {
	var all []platform.Message
	for _, l := range story {
		all = append(all, l.message())
	}
	return all
}

// seconds of talk, hold and after-call work.
func times(l *call.Leg) string {
	now := began.Add(time.Hour)
	return fmt.Sprintf("%s %v/%v/%v", l.Role, l.Talk(now).Seconds(), l.Hold(now).Seconds(), l.Wrap(now).Seconds())
}

func TestLegs(t *testing.T) {
	for name, c := range map[string]struct {
		story []line
		legs  map[string]string
	}{
		"preview":        {preview(), map[string]string{ada: "customer 50/10/11"}},
		"conference":     {conference(), map[string]string{ada: "customer 78/10/9", ada + "/c": "consult 0/0/0", ben: "conference 20/0/5"}},
		"warm transfer":  {warmTransfer(), map[string]string{ada: "customer 28/20/8", ada + "/c": "consult 0/0/0", ben: "transfer 40/0/5"}},
		"blind transfer": {blindTransfer(), map[string]string{ada: "customer 28/0/10", ben: "transfer 30/0/0"}},
	} {
		s, events := hear(t, webex.NewDecoder(nil), messages(c.story))
		for id, want := range c.legs {
			l := s.Leg(id)
			if l == nil || times(l) != want {
				t.Errorf("%s: leg %s is %v, want %s", name, id, l, want)
			}
		}
		if len(s.Legs) != len(c.legs) || s.Open() {
			t.Errorf("%s: %d legs, open %v", name, len(s.Legs), s.Open())
		}
		for i := range events {
			if ev := &events[i]; ev.Leg == ada+"/c" && ev.Phase == call.Ended && !ev.Merged {
				t.Errorf("%s: the end of a swallowed consult is not marked: %+v", name, ev)
			}
		}
		if s.Vars["account"] != "ACC-1" || s.Vars["pin"] != "" || s.Vars["LCMKey"] != "1|2" || s.Campaign != "Spring" || s.Queue != "Renewals" {
			t.Errorf("%s: variables %v, campaign %q, queue %q", name, s.Vars, s.Campaign, s.Queue)
		}
	}
}

func TestPreviewIsOneCall(t *testing.T) {
	s, events := hear(t, webex.NewDecoder(nil), messages(preview()))
	if s.ID != "wx:"+first || s.Mode != call.Preview || len(s.Legs) != 1 || s.Leg(ada).Wrapup != "Sale" || s.Leg(ada).Ref != task {
		t.Errorf("call %s, mode %s, legs %+v", s.ID, s.Mode, s.Legs)
	}
	if ev := events[0]; ev.Role != call.ReservationLeg || ev.Name != "eAgentOfferContact" {
		t.Errorf("the offer is %+v", ev)
	}
	for _, ev := range events[1:] {
		if ev.Call != s.ID || ev.Role != call.CustomerLeg || ev.CallType != "Regular-Call" {
			t.Errorf("%s: call %s, role %s, type %s", ev.Name, ev.Call, ev.Role, ev.CallType)
		}
	}
}

func TestModeOfACampaign(t *testing.T) {
	d := webex.NewDecoder(func(name string) call.Mode {
		if name == "Spring" {
			return call.Progressive
		}
		return ""
	})
	s, _ := hear(t, d, messages(blindTransfer()))
	if s.Mode != call.Progressive {
		t.Errorf("mode %q", s.Mode)
	}
}
