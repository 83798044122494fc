package dialer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cordboard/call"
	"cordboard/catalog"
	"cordboard/platform"
	"cordboard/platform/dialer"
)

// stories are calls of every kind, with the events that they mean.
var stories = map[string]struct{ told, want string }{
	"preview, consult, conference": {`
		5   one c1 Regular-Call Preview Preview
		15  one c1 Regular-Call Initiate Preview
		15  one c1 Regular-Call Started Preview
		17  one c1 Regular-Call Ringing Preview
		24  one c1 Regular-Call Answered Preview
		24  one c1 Regular-Call CustAnswered Preview
		60  one c1 Regular-Call Hold Preview
		62  one c1 Regular-Call Consult Preview
		75  one c1 Regular-Call Conference Preview
		76  one c1 Regular-Call CustAnswered Preview
		120 one c1 Regular-Call ACW Preview
		140 one c1 Regular-Call DROPPED Preview`, `
		preview Regular-Call Preview customer one offered
		preview Regular-Call initiate customer one accepted
		preview Regular-Call CustAnswered customer one answered
		preview Regular-Call Hold customer one held
		preview Regular-Call Consult consult one consulting
		end consult one ended
		preview Regular-Call Conference conference one conferenced
		preview Regular-Call CustAnswered conference one conferenced
		preview Regular-Call ACW customer one wrapup
		preview Regular-Call DROPPED customer one ended`},
	"progressive, consult under its own id, transfer": {`
		5   one c1 Regular-Call Initiate Progressive
		14  one c1 Regular-Call CustAnswered Progressive
		60  one c1 Regular-Call Hold Progressive
		62  one c2 Consult Consult Progressive
		70  two c1 Regular-Call CustAnswered Progressive
		71  one c2 Consult DROPPED Progressive
		72  one c1 Regular-Call ACW Progressive
		80  one c1 Regular-Call DROPPED Progressive
		90  two c1 Regular-Call ACW Progressive
		95  two c1 Regular-Call DROPPED Progressive`, `
		progressive Regular-Call CustAnswered customer one answered
		progressive Regular-Call Hold customer one held
		progressive Regular-Call Consult consult one consulting
		progressive Regular-Call CustAnswered transfer two answered
		progressive Regular-Call DROPPED consult one ended
		progressive Regular-Call ACW customer one wrapup
		progressive Regular-Call DROPPED customer one ended
		progressive Regular-Call ACW transfer two wrapup
		progressive Regular-Call DROPPED transfer two ended`},
	"progressive, conference of two agents": {`
		14  one c1 Regular-Call CustAnswered Progressive
		60  one c1 Regular-Call Hold Progressive
		62  one c1 Consult Consult Progressive
		70  one c1 Regular-Call Conference Progressive
		70  two c1 Regular-Call CustAnswered Progressive
		90  two c1 Regular-Call ACW Progressive
		91  two c1 Regular-Call DROPPED Progressive
		95  one c1 Regular-Call ACW Progressive
		99  one c1 Regular-Call DROPPED Progressive`, `
		progressive Regular-Call CustAnswered customer one answered
		progressive Regular-Call Hold customer one held
		progressive Regular-Call Consult consult one consulting
		end consult one ended
		progressive Regular-Call Conference conference one conferenced
		progressive Regular-Call CustAnswered conference two conferenced
		progressive Regular-Call ACW conference two wrapup
		progressive Regular-Call DROPPED conference two ended
		progressive Regular-Call ACW customer one wrapup
		progressive Regular-Call DROPPED customer one ended`},
	"predictive, blind transfer": {`
		1   one c1 Outbound Machine Predictive
		2   one c1 Outbound CustAnswered Predictive
		40  two c1 Outbound CustAnswered Predictive
		41  one c1 Outbound ACW Predictive
		50  one c1 Outbound DROPPED Predictive
		60  two c1 Outbound ACW Predictive
		61  two c1 Outbound DROPPED Predictive`, `
		predictive Regular-Call CustAnswered customer one answered
		predictive Regular-Call CustAnswered transfer two answered
		predictive Regular-Call ACW customer one wrapup
		predictive Regular-Call DROPPED customer one ended
		predictive Regular-Call ACW transfer two wrapup
		predictive Regular-Call DROPPED transfer two ended`},
	"predictive, two consults, the customer got back each time": {`
		2   one c1 Regular-Call CustAnswered Predictive
		10  one c1 Regular-Call Hold Predictive
		12  one c1 Regular-Call Consult Predictive
		20  one c1 Regular-Call CustAnswered Predictive
		30  one c1 Regular-Call Hold Predictive
		32  one c1 Regular-Call Consult Predictive
		40  one c1 Regular-Call CustAnswered Predictive
		50  one c1 Regular-Call ACW Predictive
		60  one c1 Regular-Call DROPPED Predictive`, `
		predictive Regular-Call CustAnswered customer one answered
		predictive Regular-Call Hold customer one held
		predictive Regular-Call Consult consult one consulting
		end consult one ended
		predictive Regular-Call CustAnswered customer one answered
		predictive Regular-Call Hold customer one held
		predictive Regular-Call Consult consult one consulting
		end consult one ended
		predictive Regular-Call CustAnswered customer one answered
		predictive Regular-Call ACW customer one wrapup
		predictive Regular-Call DROPPED customer one ended`},
	"a preview that the first agent left to the second": {`
		5  one c1 Regular-Call Preview Preview
		9  two c1 Regular-Call Preview Preview
		10 two c1 Regular-Call Initiate Preview
		20 two c1 Regular-Call CustAnswered Preview
		30 two c1 Regular-Call ACW Preview
		40 two c1 Regular-Call DROPPED Preview`, `
		preview Regular-Call Preview customer one offered
		end customer one missed
		preview Regular-Call Preview customer two offered
		preview Regular-Call initiate customer two accepted
		preview Regular-Call CustAnswered customer two answered
		preview Regular-Call ACW customer two wrapup
		preview Regular-Call DROPPED customer two ended`},
	"manual, consult": {`
		1  one m1 Outbound connecting
		9  one m1 Outbound connected
		30 one m2 Inbound connecting
		35 one m2 Inbound connected
		50 one m2 Inbound ACW
		51 one m2 Inbound DROPPED
		60 one m1 Outbound ACW
		66 one m1 Outbound DROPPED`, `
		manual Outbound connecting customer one dialing
		manual Outbound connected customer one answered
		manual Inbound connecting consult one consulting
		manual Inbound connected consult one consulting
		manual Inbound ACW consult one wrapup
		manual Inbound DROPPED consult one ended
		manual Outbound ACW customer one wrapup
		manual Outbound DROPPED customer one ended`},
	"manual, consult under the same id": {`
		1  one m1 Outbound connecting Manual Outbound
		9  one m1 Outbound connected Manual Outbound
		30 one m1 Inbound connecting Manual Outbound
		35 one m1 Inbound connected Manual Outbound
		51 one m1 Inbound DROPPED Manual Outbound
		66 one m1 Outbound DROPPED Manual Outbound`, `
		manual Outbound connecting customer one dialing
		manual Outbound connected customer one answered
		manual Inbound connecting consult one consulting
		manual Inbound connected consult one consulting
		manual Inbound DROPPED consult one ended
		manual Outbound DROPPED customer one ended`},
	"inbound, consult, seen by both agents": {`
		1  one i1 Inbound connecting Inbound
		5  one i1 Inbound connected Inbound
		30 one i2 Inbound connecting Inbound
		31 two i2 Inbound connecting Inbound
		35 one i2 Inbound connected Inbound
		35 two i2 Inbound connected Inbound
		50 one i2 Inbound DROPPED Inbound
		51 two i2 Inbound ACW Inbound
		52 two i2 Inbound DROPPED Inbound
		60 one i1 Inbound ACW Inbound
		66 one i1 Inbound DROPPED Inbound`, `
		inbound Inbound connecting customer one offered
		inbound Inbound connected customer one answered
		inbound Inbound connected consult one consulting
		inbound Inbound connected consult two consulting
		inbound Inbound DROPPED consult one ended
		inbound Inbound ACW consult two wrapup
		inbound Inbound DROPPED consult two ended
		inbound Inbound ACW customer one wrapup
		inbound Inbound DROPPED customer one ended`},
	"back to the agent who had it first": {`
		2  one c1 Regular-Call CustAnswered Progressive
		20 two c1 Regular-Call CustAnswered Progressive
		21 one c1 Regular-Call ACW Progressive
		22 one c1 Regular-Call DROPPED Progressive
		40 one c1 Regular-Call CustAnswered Progressive
		41 two c1 Regular-Call DROPPED Progressive
		60 one c1 Regular-Call DROPPED Progressive`, `
		progressive Regular-Call CustAnswered customer one answered
		progressive Regular-Call CustAnswered transfer two answered
		progressive Regular-Call ACW customer one wrapup
		progressive Regular-Call DROPPED customer one ended
		progressive Regular-Call CustAnswered transfer one answered
		progressive Regular-Call DROPPED transfer two ended
		progressive Regular-Call DROPPED transfer one ended`},
	"an end that was lost": {`
		2  one c1 Regular-Call CustAnswered Progressive
		50 one c2 Regular-Call CustAnswered Progressive
		60 one c1 Regular-Call DROPPED Progressive
		70 one c2 Regular-Call DROPPED Progressive`, `
		progressive Regular-Call CustAnswered customer one answered
		progressive Regular-Call DROPPED customer one ended
		progressive Regular-Call CustAnswered customer one answered
		progressive Regular-Call DROPPED customer one ended`},
}

// Ensure that every kind of call brings its events, that their ids differ, and that every call is over at its end.
func TestStories(t *testing.T) {
	for name, s := range stories {
		t.Run(name, func(t *testing.T) {
			events := hear(t, dialer.NewDecoder(), story(t, s.told))
			if diff := cmp.Diff(trim(s.want), words(events)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			ids := map[string]bool{}
			for _, ev := range events {
				if ids[ev.ID] {
					t.Errorf("the id %s comes twice", ev.ID)
				}
				ids[ev.ID] = true
				if ev.Customer != "+12025550143" || ev.Campaign != "Spring" || ev.Connection != "dialer" || ev.At.IsZero() {
					t.Errorf("%s lacks what the message says of its call: %+v", ev.ID, ev)
				}
			}
			for id, st := range fold(events) {
				if st.Open() {
					t.Errorf("the call %s is still open", id)
				}
			}
		})
	}
}

// Ensure that the stories bring every row of the catalog.
func TestEveryRow(t *testing.T) {
	type row struct {
		mode            call.Mode
		callType, event string
		leg             call.Role
	}
	var missing []row
	rows := map[row]bool{}
	for _, s := range stories {
		for _, ev := range hear(t, dialer.NewDecoder(), story(t, s.told)) {
			rows[row{ev.Mode, ev.CallType, ev.Name, ev.Role}] = true
		}
	}
	keys := map[string]bool{}
	for _, r := range catalog.Default().Of(call.ConnectTethered).Rows() {
		keys[fmt.Sprint(r.Mode, r.CallType, r.Event)] = true
		want := row{r.Mode, r.CallType, r.Event, r.Leg}
		// A preview is handed on as a progressive call is.
		if r.Mode == call.Preview && r.Leg == call.TransferLeg {
			continue
		}
		if !rows[want] {
			missing = append(missing, want)
		}
	}
	if len(keys) != 30 || len(missing) > 0 {
		t.Errorf("%d keys, not told: %v", len(keys), missing)
	}
}

// Ensure that messages which are told again bring nothing: at once, later, and after a restart.
func TestRepeats(t *testing.T) {
	for name, s := range stories {
		for _, way := range []string{"plain", "named", "timed"} {
			t.Run(name+"/"+way, func(t *testing.T) { repeats(t, story(t, s.told), way) })
		}
	}
}

func repeats(t *testing.T, all []told, way string) {
	for i := range all {
		all[i].timed = way == "timed"
		if way == "named" {
			all[i].name = fmt.Sprint("n", i)
		}
	}
	once := hear(t, dialer.NewDecoder(), all)
	var doubled []told
	for i, m := range all {
		doubled = append(doubled, m, m)
		if way != "plain" && i > 0 && m.event != "DROPPED" { // those can be known although something else came between
			doubled = append(doubled, all[i-1])
		}
	}
	twice := hear(t, dialer.NewDecoder(), doubled)
	if diff := cmp.Diff(words(once), words(twice)); diff != "" {
		t.Errorf("(-once +twice)\n%s", diff)
	}
	for i := range once {
		if i < len(twice) && once[i].ID != twice[i].ID {
			t.Errorf("event %d is %s, then %s", i, once[i].ID, twice[i].ID)
		}
	}
}

// Ensure that a decoder which starts anew with the legs that the journal holds goes on where the old one stopped.
func TestRestart(t *testing.T) {
	for name, s := range stories {
		all := story(t, s.told)
		whole := words(hear(t, dialer.NewDecoder(), all))
		for cut := 1; cut < len(all); cut++ {
			events := hear(t, dialer.NewDecoder(), all[:cut])
			d := dialer.NewDecoder()
			for _, st := range fold(events) {
				d.Prime(platform.OpenLegsOf(&st))
			}
			again := hear(t, d, all[cut-1:cut]) // its acknowledgement was lost
			if got := words(again); got != "" {
				t.Errorf("%s: after message %d it is told again: %s", name, cut, got)
			}
			events = append(events, again...)
			events = append(events, hear(t, d, all[cut:])...)
			ids := map[string]bool{}
			events = slices.DeleteFunc(events, func(ev call.Event) bool { // as the journal does
				known := ids[ev.ID]
				ids[ev.ID] = true
				return known
			})
			if diff := cmp.Diff(whole, words(events)); diff != "" && !strings.Contains(name, "back to") {
				t.Errorf("%s: cut after message %d (-whole +cut)\n%s", name, cut, diff)
			}
		}
	}
}

// Ensure that what comes late with its time is put in its place.
func TestLate(t *testing.T) {
	all := story(t, stories["preview, consult, conference"].told)
	for i := range all {
		all[i].timed = true
	}
	want := fold(hear(t, dialer.NewDecoder(), all))
	all[6], all[8] = all[8], all[6] // Conference before Hold
	all[2], all[10] = all[10], all[2]
	got := fold(hear(t, dialer.NewDecoder(), all))
	for id, st := range want {
		w, g := st.Leg("one"), got[id]
		if l := g.Leg("one"); l == nil || l.Talk(noon) != w.Talk(noon) || l.Hold(noon) != w.Hold(noon) || l.Open() {
			t.Errorf("talked and held %v and %v, want %v and %v", l.Talk(noon), l.Hold(noon), w.Talk(noon), w.Hold(noon))
		}
	}
}

// Ensure that a leg of which nothing is heard any more is ended after a long time, and is marked.
func TestForgottenEnd(t *testing.T) {
	d := dialer.NewDecoder()
	hear(t, d, story(t, "2 one c1 Regular-Call CustAnswered Progressive"))
	if got := d.Flush(noon.Add(time.Hour)); len(got) != 0 {
		t.Errorf("ended after an hour: %v", got)
	}
	got := d.Flush(noon.Add(13 * time.Hour))
	if len(got) != 1 || !got[0].Reconciled || got[0].Name != "DROPPED" || len(d.Flush(time.Time{})) != 0 {
		t.Errorf("got %v", got)
	}
}

// Ensure that variables are told when they change, and the agent's note at the end.
func TestData(t *testing.T) {
	all := story(t, `
		2  one c1 Regular-Call CustAnswered Predictive
		5  one c1 Regular-Call CustAnswered Predictive
		9  one c1 Regular-Call Started Predictive
		20 one c1 Regular-Call ACW Predictive
		30 one c1 Regular-Call DROPPED Predictive
		31 one c1 Regular-Call DROPPED Predictive`)
	all[0].vars = map[string]string{"Disposition": "of an earlier attempt"}
	all[1].vars = map[string]string{"Disposition": "of an earlier attempt", "Score": "7"}
	all[2].vars = all[1].vars
	for i := 3; i < 6; i++ {
		all[i].vars = map[string]string{"Disposition": "Sold", "Score": "7"}
	}
	events := hear(t, dialer.NewDecoder(), all)
	if len(events) != 4 || events[0].Vars["LCMKey"] != "L7" || events[0].Wrapup != "" {
		t.Fatalf("got %d events: %+v", len(events), events)
	}
	if data := events[1]; !data.DataOnly() || data.Phase != "" || len(data.Vars) != 1 || data.Vars["Score"] != "7" {
		t.Errorf("new data: %+v", data)
	}
	if events[2].Wrapup != "Sold" || events[3].Wrapup != "" || events[3].Name != "DROPPED" {
		t.Errorf("the end: %+v", events[2:])
	}
}

// Ensure that messages about something else bring nothing and no error.
func TestOtherMessages(t *testing.T) {
	d := dialer.NewDecoder()
	for _, raw := range []string{
		`{"channel":"Amazon","topic":"OutboundCall","subtopic":"SetNailupDetails","message":{"callStatus":"Connected","uuid":"u"}}`,
		`{"channel":"Amazon","topic":"OutboundCall","subtopic":"Skip","message":{"error":"SKIP_CONTACT_FAILED"}}`,
		string(told{id: "c1", event: "Machine"}.raw()),
	} {
		events, err := d.Decode(platform.Message{At: noon, Message: []byte(raw)})
		if len(events) > 0 || err != nil {
			t.Errorf("%s: %v, %v", raw, events, err)
		}
	}
}

// Ensure that what cannot be understood is an error that says where and repeats nothing.
func TestMisfits(t *testing.T) {
	const secret = "+12025550199"
	for raw, want := range map[string]string{
		`{`:                            "no JSON at byte",
		`["` + secret + `"]`:           "not a JSON object",
		`17`:                           "not a JSON object",
		`{}`:                           "no message",
		`{"message":{}}`:               "no message",
		`{"message":"` + secret + `"}`: "message is of the wrong kind (string)",
		`{"topic":"t","message":{"call":{"event":"Hold"}}}`:                                           "call.id is missing",
		`{"topic":"t","message":{"call":{"id":"c1"}}}`:                                                "call.event is missing",
		`{"topic":"t","message":{"call":{"id":"c1","event":"` + secret + `"}}}`:                       "none of the words",
		`{"topic":"t","message":{"call":{"id":"c1","event":"Hold"}}}`:                                 "names nobody",
		`{"at":"yesterday ` + secret + `","topic":"t","message":{"call":{"id":"c1","event":"Hold"}}}`: "at is neither",
		`{"at":-1,"topic":"t","message":{"call":{"id":"c1","event":"Hold","User":{"UserId":"a"}}}}`:   "at is neither",
	} {
		_, err := dialer.NewDecoder().Decode(platform.Message{At: noon, Message: []byte(raw)})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v, want %q", raw, err, want)
		}
	}
}

// Ensure that values of any kind are read: numbers, a user that is a mere name, nothing where an object should be.
func TestLooseMessages(t *testing.T) {
	raw := `{"AT":1772625600000,"topic":"OutboundCall","message":{"call":{"id":17,"event":"custanswered","calltype":"REGULAR_CALL",
		"callvariables":{"campaigntype":"PREDICTIVE","phone":12025550143,"VIP":true,"Note":"a \"b\"","More":{"x":1},"None":null},"ResponseFields":[],"User":"one"}}}`
	events, err := dialer.NewDecoder().Decode(platform.Message{At: noon, Message: []byte(raw)})
	if err != nil || len(events) != 1 {
		t.Fatal(events, err)
	}
	ev := events[0]
	want := map[string]string{"campaigntype": "PREDICTIVE", "phone": "12025550143", "VIP": "true", "Note": `a "b"`, "More": `{"x":1}`}
	if diff := cmp.Diff(want, ev.Vars); diff != "" {
		t.Error(diff)
	}
	if ev.Ref != "17" || ev.Agent != "one" || ev.Mode != call.Predictive || ev.Customer != "12025550143" || ev.CallType != "Regular-Call" || ev.RawType != "" || ev.At.UnixMilli() != 1772625600000 {
		t.Errorf("%+v", ev)
	}
}

// Ensure that a time which stands for none does not put a message before everything else, and that seconds are read.
func TestTimesOfMessages(t *testing.T) {
	for at, want := range map[string]time.Time{
		`0`: noon, `"0"`: noon, `""`: noon, `null`: noon, `"1970-01-01T00:00:00.001Z"`: noon,
		`1772625600`: time.Unix(1772625600, 0), `"1772625600000"`: time.Unix(1772625600, 0), `"2026-03-04T12:00:00+01:00"`: time.Unix(1772622000, 0),
	} {
		raw := `{"at":` + at + `,"topic":"t","message":{"call":{"id":"c1","event":"CustAnswered","User":"one"}}}`
		events, err := dialer.NewDecoder().Decode(platform.Message{At: noon, Message: []byte(raw)})
		if err != nil || len(events) != 1 || !events[0].At.Equal(want) {
			t.Errorf("%s: %v %v, want it at %v", at, events, err, want)
		}
	}
}

// Ensure that an agent to whom a call comes again has a part of its own, with a pop and a log of its own, whether messages
// say their time or not. A decoder that begins anew between the two parts does not know of the first.
func TestEachOfferIsALeg(t *testing.T) {
	for _, timed := range []bool{false, true} {
		legs := map[string][]string{}
		told := story(t, `
			2  one c1 Regular-Call Preview Preview
			12 one c1 Regular-Call DROPPED Preview
			20 one c1 Regular-Call Preview Preview
			24 one c1 Regular-Call Initiate Preview
			30 one c1 Regular-Call CustAnswered Preview
			60 one c1 Regular-Call DROPPED Preview`)
		for i := range told {
			told[i].timed = timed
		}
		for _, ev := range hear(t, dialer.NewDecoder(), told) {
			legs[ev.Leg] = append(legs[ev.Leg], ev.Name)
		}
		want := map[string][]string{"one": {"Preview", "DROPPED"}, "one#2": {"Preview", "initiate", "CustAnswered", "DROPPED"}}
		if diff := cmp.Diff(want, legs); diff != "" {
			t.Errorf("timed %v (-want +got)\n%s", timed, diff)
		}
	}
}
