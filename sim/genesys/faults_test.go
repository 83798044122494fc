package genesys_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"cordboard/sim/genesys"
)

// states are the states of the user's call, one for each snapshot.
func states(notes []note, user string) []string {
	var out []string
	for _, n := range notes {
		for i := range 9 {
			at := fmt.Sprintf("participants.%d.", i)
			if dig(n.Body, at+"userId") == user {
				out = append(out, fmt.Sprint(dig(n.Body, at+"calls.0.state"), dig(n.Body, at+"calls.0.held")))
			}
		}
	}
	return out
}

func TestMessageFaults(t *testing.T) {
	clean := spoiled(t)
	for _, c := range []struct {
		fault genesys.Fault
		want  func(got []string) bool
	}{
		{genesys.Fault{Kind: genesys.Drop, Count: 2}, func(got []string) bool { return fmt.Sprint(got) == fmt.Sprint(clean[2:]) }},
		{genesys.Fault{Kind: genesys.Duplicate, Count: 1}, func(got []string) bool { return fmt.Sprint(got[1:]) == fmt.Sprint(clean) && got[0] == got[1] }},
		{genesys.Fault{Kind: genesys.Swap, Count: 1}, func(got []string) bool { return got[0] == clean[1] && got[1] == clean[0] && len(got) == len(clean) }},
		{genesys.Fault{Kind: genesys.Drop, Topic: "nothing.like.it"}, func(got []string) bool { return fmt.Sprint(got) == fmt.Sprint(clean) }},
		{genesys.Fault{Kind: genesys.Drop, Via: "target"}, func(got []string) bool { return fmt.Sprint(got) == fmt.Sprint(clean) }},
	} {
		if got := spoiled(t, c.fault); !c.want(got) {
			t.Errorf("%+v makes %v of %v", c.fault, got, clean)
		}
	}
}

// spoiled plays an inbound call and returns what its agent hears.
func spoiled(t *testing.T, faults ...genesys.Fault) []string {
	t.Helper()
	o := start(t, genesys.Config{})
	c := o.listen(userTopic(o.users[0], "conversations"))
	for _, f := range faults {
		if err := o.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	play(t, o, "inbound", genesys.Call{Agents: []string{"1"}})
	return states(c.drain(), o.users[0].ID)
}

func TestShuffledAndHeldBackMessagesAllArrive(t *testing.T) {
	o := start(t, genesys.Config{Seed: 7})
	c := o.listen(userTopic(o.users[0], "conversations"))
	if err := o.AddFault(genesys.Fault{Kind: genesys.Shuffle, Delay: genesys.Delay(20 * time.Millisecond)}); err != nil {
		t.Fatal(err)
	}
	play(t, o, "predictive", genesys.Call{Agents: []string{"1"}})
	for range 10 {
		if _, ok := c.next(); !ok {
			t.Fatal("the socket ended")
		}
	}
	o.ClearFaults()
	if err := o.AddFault(genesys.Fault{Kind: genesys.Swap, Topic: "routing", Count: 1}); err != nil {
		t.Fatal(err)
	}
	c.subscribe("PUT", userTopic(o.users[0], "routingStatus")).want(200)
	o.do("PUT", "/api/v2/users/"+o.users[0].ID+"/routingstatus", `{"status":"INTERACTING"}`).want(200)
	if n, _ := c.next(); !strings.HasSuffix(n.Topic, "routingStatus") { // no other message comes, and yet it is delivered
		t.Errorf("%+v", n)
	}
	if o.AddFault(genesys.Fault{Kind: "nonsense"}) == nil {
		t.Error("an unknown fault is armed")
	}
}

func TestRequestFaults(t *testing.T) {
	o := start(t, genesys.Config{})
	const path = "/api/v2/routing/queues"
	for kind, status := range map[genesys.FaultKind]int{genesys.RateLimited: 429, genesys.Unavailable: 503, genesys.ServerError: 500} {
		if err := o.AddFault(genesys.Fault{Kind: kind, Count: 1, Method: "GET", Path: "/routing/", Delay: genesys.Delay(7 * time.Second)}); err != nil {
			t.Fatal(err)
		}
		o.do("GET", "/api/v2/organizations/me", nil).want(200) // not meant
		r := o.do("GET", path, nil).want(status)
		if kind == genesys.RateLimited && r.header.Get("Retry-After") != "7" {
			t.Errorf("Retry-After %q", r.header.Get("Retry-After"))
		}
		o.do("GET", path, nil).want(200)
	}
	_ = o.AddFault(genesys.Fault{Kind: genesys.Reset, Count: 1})
	if _, err := o.try("POST", "/api/v2/notifications/channels", nil); err == nil || len(o.Channels()) != 0 {
		t.Error("the request went through")
	}
	_ = o.AddFault(genesys.Fault{Kind: genesys.Slow, Count: 1, Delay: genesys.Delay(time.Millisecond)})
	o.do("GET", path, nil).want(200)
	_ = o.AddFault(genesys.Fault{Kind: genesys.ExpiredToken, Count: 1})
	o.do("GET", path, nil).want(401, "credentials.expired")
	o.do("GET", path, nil).want(401)
	if got := o.Requests(); len(got) == 0 || got[len(got)-1].Status != 401 || got[0].Path != "/api/v2/organizations/me" {
		t.Errorf("the log of requests: %+v", got)
	}
}

func TestCutAndRepeat(t *testing.T) {
	o := start(t, genesys.Config{})
	one, two := o.listen(userTopic(o.users[0], "conversations")), o.listen(userTopic(o.users[1], "conversations"))
	play(t, o, "inbound_abandoned", genesys.Call{Agents: []string{"1"}})
	before := one.drain()
	if err := o.Repeat("1"); err != nil {
		t.Fatal(err)
	}
	again := one.drain()
	if len(again) != 1 || !bytes.Equal(again[0].Body, before[len(before)-1].Body) || again[0].Meta != before[len(before)-1].Meta {
		t.Errorf("repeated: %+v", again)
	}
	if err := o.Cut("1"); err != nil {
		t.Fatal(err)
	}
	one.ended()
	two.drain() // is not meant
	o.DropChannels()
	two.ended()
	if o.Cut("nobody") == nil || len(o.Channels()) != 0 || o.Sockets() != 0 {
		t.Error("channels are left, or an unknown user is known")
	}
}
