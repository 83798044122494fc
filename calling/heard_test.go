package calling_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cordboard/call"
	"cordboard/calling"
)

// Each story is moments as "leg role phase", and what the ledger hears of them, each entry once by its key.
func TestHeard(t *testing.T) {
	for _, c := range []struct {
		name      string
		mode      call.Mode
		direction string
		story     string
		want      string
	}{
		{"a skipped preview places no call", call.Preview, "outbound", "1 customer offered, 1 customer accepted, 1 customer ended", "offered"},
		{"a preview whose first word is reserved", call.Preview, "", "1 reservation reserved, 1 reservation accepted, 1 reservation ended", "offered"},
		{"a preview that was dialled and answered", call.Preview, "outbound", "1 customer offered, 1 customer dialing, 1 customer answered, 1 customer held, 1 customer answered, 1 customer ended", "offered placed talked"},
		{"and not answered", call.Preview, "outbound", "1 customer offered, 1 customer dialing, 1 customer ended", "offered placed"},
		{"and dialled twice", call.Preview, "outbound", "1 customer offered, 1 customer dialing, 1 customer dialing, 1 customer answered", "offered placed placed talked"},
		{"a predictive call", call.Predictive, "outbound", "1 customer ringing, 1 customer answered, 1 customer ended", "placed talked"},
		{"that nobody took", call.Predictive, "outbound", "1 customer ringing, 1 customer missed", "placed abandoned"},
		{"that the next one took", call.Predictive, "outbound", "1 customer ringing, 1 customer answered, 2 transfer ringing, 2 transfer missed", "placed talked"},
		{"an inbound call", call.Inbound, "inbound", "1 customer ringing, 1 customer answered, 1 customer ended", "talked"},
		{"nobody answered it", call.Inbound, "inbound", "1 customer ringing, 1 customer missed", ""},
		{"a call of an unknown kind", "", "", "1 customer ringing, 1 customer answered", "talked"},
		{"a manual call", call.Manual, "", "1 customer dialing, 1 customer ringing, 1 customer answered", "placed talked"},
		{"a consult is none", call.Manual, "outbound", "1 customer dialing, 1 customer answered, 2 consult consulting, 2 consult answered", "placed talked"},
		{"a colleague goes on with it", call.Manual, "outbound", "1 customer dialing, 1 customer answered, 2 transfer answered", "placed talked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s call.State
			var got []string
			seen := map[string]bool{}
			for i, moment := range strings.Split(c.story, ", ") {
				f := strings.Fields(moment)
				ev := call.Event{
					ID: fmt.Sprint(i), Connection: "north", Call: "north:1", Ref: "1", Leg: f[0], Agent: f[0], Role: call.Role(f[1]), Phase: call.Phase(f[2]),
					Name: f[2], Mode: c.mode, Direction: c.direction, Customer: "+12125550100", At: time.Unix(int64(i), 0), Campaign: "Winback",
					Vars: map[string]string{"dialerContactId": "c", "dialerContactListId": "l"},
				}
				s = call.Apply(s, &ev)
				for _, e := range (calling.Listener{}).Heard(&ev, &s) {
					if !seen[e.Key] {
						got = append(got, string(e.Kind))
					}
					seen[e.Key] = true
					if e.Number != "+12125550100" || e.Contact != calling.ContactKey("north", "l", "c") || e.Campaign != "Winback" || !e.At.Equal(ev.At) || e.Call != "north:1" {
						t.Errorf("%+v", e)
					}
				}
			}
			if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An agent's wrap-up may say that the person is not to be called, also where it comes without a moment.
func TestHeardRefusal(t *testing.T) {
	l := calling.Listener{Region: "US", Refusals: []string{"Do not call"}}
	for wrapup, want := range map[string]int{"DO NOT CALL": 1, "Sale": 0, "": 0} {
		ev := call.Event{ID: "w", Connection: "north", Call: "north:1", Ref: "1", Leg: "1", Role: call.CustomerLeg, Wrapup: wrapup, Customer: "(212) 555-0100", At: time.Unix(1, 0)}
		s := call.Apply(call.State{}, &ev)
		got := l.Heard(&ev, &s)
		if len(got) != want || want == 1 && (got[0].Kind != calling.Refused || got[0].Number != "+12125550100") {
			t.Errorf("%q: %+v", wrapup, got)
		}
	}
	ev := call.Event{ID: "w", Connection: "north", Call: "north:1", Ref: "1", Leg: "1", Role: call.CustomerLeg, Wrapup: "do not call", Customer: "2001", At: time.Unix(1, 0)}
	s := call.Apply(call.State{}, &ev)
	if got := l.Heard(&ev, &s); got != nil {
		t.Errorf("an extension: %+v", got)
	}
}

// A number in the ledger's form costs nothing, and others cannot pass for one.
func TestE164(t *testing.T) {
	for text, want := range map[string]string{
		"+12125550100": "+12125550100", "212-555-0100": "+12125550100", "+1 212 555 0100": "+12125550100", "2001": "", "": "", "anonymous": "", "+1234": "",
	} {
		if got := calling.E164(text, "US"); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	if n := testing.AllocsPerRun(100, func() { calling.E164("+12125550100", "US") }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}
