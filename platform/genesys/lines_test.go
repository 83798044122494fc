package genesys_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/platform/platformtest"

	sim "cordboard/sim/genesys"
)

// listening starts a connector to the org and waits until it is up.
func (o *org) listening(t *testing.T, log *slog.Logger) *platformtest.Sink {
	t.Helper()
	sink := platformtest.NewSink()
	platformtest.Start(t, o.open(t, log), sink)
	sink.AwaitState(t, platform.Up)
	return sink
}

// until waits for something at the far end.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(time.Minute)
	for !is() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }

// awaitCall plays a predictive call and waits for its end.
func (o *org) awaitCall(t *testing.T, sink *platformtest.Sink) {
	t.Helper()
	got := o.play(t, "predictive", 0)
	sink.Await(t, "the end of a call", func() bool {
		return slices.ContainsFunc(sink.Moments(), func(ev call.Event) bool { return ev.Ref == got.Conversation && ev.Phase == call.Ended })
	})
}

// concluded are the moments that no message told.
func concluded(events []call.Event) (n int) {
	for _, ev := range events {
		if ev.Reconciled {
			n++
		}
	}
	return n
}

// Ensure that a channel which announces its end is replaced before it ends: nothing is missed, and nobody notices.
func TestClosingSocketIsReplaced(t *testing.T) {
	o := newOrg(t, sim.Config{Users: 3, Grace: 300 * time.Millisecond})
	sink := o.listening(t, silent())
	before := len(sink.States())
	got := o.play(t, "inbound", 3)
	sink.AwaitEvent(t, "connected")
	for range 3 {
		known := o.Channels()
		o.CloseSockets()
		until(t, "another channel", func() bool {
			return slices.ContainsFunc(o.Channels(), func(c sim.Channel) bool {
				return c.Open && !slices.ContainsFunc(known, func(k sim.Channel) bool { return k.ID == c.ID })
			})
		})
		o.awaitCall(t, sink)
	}
	o.hangUp(t, got)
	sink.Await(t, "the end of the first call", func() bool { return len(sink.OpenLegs()) == 0 })
	if states := sink.States(); len(states) != before {
		t.Errorf("states %v: the replacement was noticed", states[before:])
	}
	if n := concluded(sink.Events()); n > 0 {
		t.Errorf("%d moments were concluded, although all were told", n)
	}
}

// Ensure that channels which die, and tokens which expire or are revoked, are replaced, and that calls go on.
func TestDeadChannelsAndTokens(t *testing.T) {
	o := newOrg(t, sim.Config{Users: 3})
	sink := o.listening(t, silent())
	for name, kill := range map[string]func(){"channels": o.DropChannels, "revoked": o.RevokeTokens, "expired": func() {
		o.ExpireTokens()
		if err := o.Cut(""); err != nil {
			t.Error(err)
		}
	}} {
		ups := countUp(sink)
		kill()
		sink.Await(t, "the return after "+name, func() bool { return countUp(sink) > ups })
		o.awaitCall(t, sink)
	}
	if n := len(sink.OpenLegs()); n > 0 {
		t.Errorf("%d legs are open", n)
	}
}

func countUp(sink *platformtest.Sink) (n int) {
	for _, st := range sink.States() {
		if st.State == platform.Up {
			n++
		}
	}
	return n
}

// Ensure that a token is renewed before it expires, once for everybody.
func TestTokenIsRenewed(t *testing.T) {
	o := newOrg(t, sim.Config{Users: 3, TokenLifetime: 2 * time.Second})
	sink := o.listening(t, silent())
	first := o.Logins()
	late := time.Now().Add(time.Minute)
	for o.Logins() < first+2 && time.Now().Before(late) {
		o.awaitCall(t, sink) // what is asked for in a call needs a token
	}
	if o.Logins() < first+2 {
		t.Errorf("%d logins", o.Logins())
	}
	for _, r := range o.Requests() {
		if r.Status == 401 {
			t.Errorf("%s %s was sent with a dead token", r.Method, r.Path)
		}
	}
}

// Ensure that agents are spread over channels within the org's limits, and that each is heard.
func TestManyChannels(t *testing.T) {
	const users = 2500
	o := newOrg(t, sim.Config{Users: users})
	sink := o.listening(t, silent())
	channels := o.Channels()
	topics := 0
	for _, c := range channels {
		topics += c.Topics
		if c.Topics > 1000 || !c.Open {
			t.Errorf("channel of %d topics, open %t", c.Topics, c.Open)
		}
	}
	if len(channels) > 19 || topics < users {
		t.Errorf("%d channels with %d topics", len(channels), topics)
	}
	o.awaitCall(t, sink)
	last := sink.States()[len(sink.States())-1]
	if last.SessionsAll != len(channels) || last.SessionsUp != len(channels) {
		t.Errorf("%+v", last)
	}
}

// Ensure that the details of a conversation are asked for while it goes on, and given back afterwards.
func TestDetailsComeAndGo(t *testing.T) {
	o := newOrg(t, sim.Config{Users: 3})
	sink := o.listening(t, silent())
	topics := func() (n int) {
		for _, c := range o.Channels() {
			n += c.Topics
		}
		return n
	}
	base := topics()
	got := o.play(t, "inbound", 3)
	until(t, "the details", func() bool { return topics() > base })
	o.hangUp(t, got)
	for range 60 { // what is over is given back when there is enough of it
		o.awaitCall(t, sink)
	}
	if n := topics(); n > base+50*6 {
		t.Errorf("%d topics after 60 calls, %d before", n, base)
	}
}

// Ensure that what the org limits is waited for, and what it cannot do at the moment is tried again.
func TestLimitsAndFaults(t *testing.T) {
	for _, kind := range []sim.FaultKind{sim.RateLimited, sim.Unavailable, sim.ServerError, sim.Reset, sim.ExpiredToken} {
		t.Run(string(kind), func(t *testing.T) {
			o := newOrg(t, sim.Config{Users: 3})
			if err := o.AddFault(sim.Fault{Kind: kind, Count: 3, Path: "/api/v2/", Delay: sim.Delay(10 * time.Millisecond)}); err != nil {
				t.Fatal(err)
			}
			sink := o.listening(t, silent())
			o.awaitCall(t, sink)
		})
	}
}

// Ensure that a limit which is used up is not run against.
func TestLimitIsRespected(t *testing.T) {
	o := newOrg(t, sim.Config{Users: 3, RateLimit: 300})
	sink := o.listening(t, silent())
	for range 20 {
		o.awaitCall(t, sink)
	}
	refused := 0
	for _, r := range o.Requests() {
		if r.Status == 429 {
			refused++
		}
	}
	if refused > 0 {
		t.Errorf("%d of %d requests were refused for the limit", refused, len(o.Requests()))
	}
}

// Ensure that an org which refuses the agents' topics is left alone, and says what is missing.
func TestDeniedTopics(t *testing.T) {
	o := newOrg(t, sim.Config{Users: 3, Denied: []string{"v2.users.{id}.conversations"}})
	sink := platformtest.NewSink()
	err := o.open(t, silent()).Run(t.Context(), sink)
	if err == nil || !strings.Contains(err.Error(), platform.ErrRefused.Error()) || !strings.Contains(err.Error(), "missing") {
		t.Errorf("Run returned %v", err)
	}
}

// Ensure that a message which never comes is made up for: the conversation is asked about.
func TestLostMessages(t *testing.T) {
	o := newOrg(t, sim.Config{Users: 3})
	o.quick = true
	sink := o.listening(t, silent())
	got := o.play(t, "inbound", 3)
	sink.AwaitEvent(t, "connected")
	if err := o.AddFault(sim.Fault{Kind: sim.Drop, Via: "socket"}); err != nil {
		t.Fatal(err)
	}
	o.hangUp(t, got)
	sink.Await(t, "the end that nobody told", func() bool { return len(sink.OpenLegs()) == 0 })
	if concluded(sink.Events()) == 0 {
		t.Error("no moment was concluded")
	}
}

// Ensure that a recording plays back to the same events.
func TestRecording(t *testing.T) {
	o := newOrg(t, sim.Config{Users: 3})
	var mu sync.Mutex
	var tape []platform.Message
	o.cfg.Tap = func(m platform.Message) {
		mu.Lock()
		defer mu.Unlock()
		tape = append(tape, m)
	}
	sink := platformtest.NewSink()
	stop := platformtest.Start(t, o.open(t, silent()), sink)
	sink.AwaitState(t, platform.Up)
	for _, name := range []string{"predictive", "preview_dialed", "inbound_consult_transfer"} {
		o.play(t, name, 0)
	}
	sink.Await(t, "the ends", func() bool { return ended(sink.Events()) >= 4 && len(sink.OpenLegs()) == 0 })
	stop()
	var got, want []string
	for _, ev := range decodeTape(t, tape) {
		got = append(got, fmt.Sprint(ev.ID, ev.Name, ev.Phase))
	}
	for _, ev := range sink.Events() {
		want = append(want, fmt.Sprint(ev.ID, ev.Name, ev.Phase))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the recording gives %d events, the connection told %d", len(got), len(want))
	}
}
