package connect_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/platform/connect"
	"cordboard/platform/platformtest"
)

// openLegs are what a journal would return after a restart.
func (g *told) openLegs() []platform.OpenLeg {
	var open []platform.OpenLeg
	for _, st := range g.calls {
		for _, o := range platform.OpenLegsOf(&st) {
			if !o.Lost {
				open = append(open, o)
			}
		}
	}
	slices.SortFunc(open, func(a, b platform.OpenLeg) int { return a.At.Compare(b.At) })
	return open
}

// A connector that stops anywhere and goes on from what it had not acknowledged adds up to the same calls. Left out is the
// contact that comes back to an agent who had missed it: that it is the second time, only memory tells.
func TestCutAndResumed(t *testing.T) {
	for name, story := range stories {
		if name == "missed" {
			continue
		}
		s := story()
		want := hear(t, connect.NewDecoder(connect.Options{}), s, s.messages)
		for seed := range platformtest.Ways(t, 200) {
			r := rand.New(rand.NewPCG(seed, 0))
			messages := disturb(r, s.messages)
			cut := r.IntN(len(messages) + 1)
			all := hear(t, connect.NewDecoder(connect.Options{}), s, messages[:cut])
			d := connect.NewDecoder(connect.Options{})
			d.Prime(all.openLegs())
			all.hear(t, d, s, resumed(messages, r.IntN(cut+1), cut))
			if diff := gocmp.Diff(want.legs(), all.legs()); diff != "" {
				t.Fatalf("%s, seed %d, cut at %d (-whole +cut):\n%s", name, seed, cut, diff)
			}
		}
	}
}

// resumed is what comes after a cut: a stream or a queue goes back as far as it likes, a browser sends again what the desk had
// not answered, which is at most some seconds old.
func resumed(messages []platform.Message, from, cut int) []platform.Message {
	var rest []platform.Message
	for _, m := range messages[from:cut] {
		if m.Source != connect.SourceStreams || messages[cut-1].At.Sub(m.At) < 5*time.Second {
			rest = append(rest, m)
		}
	}
	return append(rest, messages[cut:]...)
}

// What ended while nobody listened is ended by what agents have now.
func TestEndsWhatVanished(t *testing.T) {
	s := inboundCall()
	before := only(s.messages, []string{connect.SourceAgentStream})[:3]
	all := hear(t, connect.NewDecoder(connect.Options{}), s, before)
	d := connect.NewDecoder(connect.Options{})
	d.Prime(all.openLegs())
	now := began.Add(10 * time.Minute)
	if asked := d.Doubts(5*time.Minute, now); !slices.Equal(asked, []string{ada}) {
		t.Fatalf("doubts are %v", asked)
	}
	if again := d.Doubts(5*time.Minute, now.Add(time.Minute)); len(again) > 0 {
		t.Errorf("asked again at once: %v", again)
	}
	answer := func(contacts string) []call.Event {
		events, err := d.Decode(platform.Message{
			At: now.Add(time.Second), Source: connect.SourceREST, Node: "GetCurrentUserData/" + ada,
			Message: json.RawMessage(`{"UserDataList":[{"User":{"Id":"` + ada + `"},"Contacts":[` + contacts + `]}]}`),
		})
		if err != nil {
			t.Error(err)
		}
		return events
	}
	if events := answer(`{"ContactId":"c-in","Channel":"VOICE","AgentContactState":"CONNECTED_ONHOLD","StateStartTimestamp":1772442008,"ConnectedToAgentTimestamp":1772442008}`); len(events) > 0 {
		t.Errorf("a contact that is still there: %v", events[0].ID)
	}
	d.Doubts(5*time.Minute, now.Add(6*time.Minute))
	events := answer("")
	if len(events) != 1 || events[0].Name != "DROPPED" || !events[0].Reconciled || events[0].Agent != "ada" || events[0].ID != "c-in/"+ada+"/DROPPED" {
		t.Errorf("%+v", events)
	}
}

// A browser that comes back after a restart and shows the contact no more ends it.
func TestPageReloaded(t *testing.T) {
	s := inboundCall()
	pictures := only(s.messages, []string{connect.SourceStreams})
	all := hear(t, connect.NewDecoder(connect.Options{}), s, pictures[:2])
	d := connect.NewDecoder(connect.Options{})
	d.Prime(all.openLegs())
	all.hear(t, d, s, pictures[len(pictures)-1:])
	if legs := all.legs()["c-in/"+ada]; legs != "inbound ada customer 67/0/0 ended "+customer {
		t.Errorf("the leg is %s", legs)
	}
	if last := all.events[len(all.events)-1]; !last.Reconciled {
		t.Errorf("its end is not marked: %+v", last)
	}
}
