package strangers

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"cordboard/sim/connect"
	"cordboard/sim/scenario"
	"cordboard/sim/stage/stagetest"
)

const (
	anna = "agent1001"
	ben  = "agent1002"
)

// plays plays a script as fast as possible.
func plays(t *testing.T, s *connect.Server, name string) connect.Result {
	t.Helper()
	script, ok := connect.Script(name)
	if !ok {
		t.Fatalf("there is no script %q", name)
	}
	ids, err := s.Play(stagetest.Within(t), script, connect.Call{Agents: []string{anna, ben}})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

const whole = "contact onConnecting onConnected onACW onEnded onDestroy"

// TestStreamsHearsTheStories: Amazon's own diff engine makes of the snapshots what it is known to make: the callbacks of each
// story in order, and at refresh the states that hold, consult calls and conferences are seen by.
func TestStreamsHearsTheStories(t *testing.T) {
	in := browser(t)
	s := serve(t, connect.Config{Agents: 2})
	a, b := open(t, s, in, anna), open(t, s, in, ben)
	for _, story := range []struct {
		script, callbacks, sees string
		inbound                 bool
		second                  string // what the second agent hears of the second contact
	}{
		{"inbound", whole, "inbound connected; inbound disconnected", true, ""},
		{"inbound_hold", whole, "inbound connected; inbound hold; inbound connected; inbound disconnected", true, ""},
		{"inbound_missed", "contact onConnecting onEnded onMissed onDestroy", "inbound connected", true, ""},
		{"inbound_abandoned", "contact onConnecting onEnded onMissed onDestroy", "inbound connected; inbound disconnected", true, ""},
		{"inbound_warm_transfer", whole, "inbound connected; inbound hold, outbound connecting; inbound hold, outbound connected; inbound disconnected", true, whole},
		{"inbound_blind_transfer", whole, "inbound connected; inbound hold, outbound connecting; inbound hold, outbound connected; inbound disconnected", true, whole},
		{"manual_outbound", whole, "outbound connecting; outbound connected; outbound hold; outbound connected; outbound disconnected", false, ""},
		{"manual_outbound_no_answer", "contact onConnecting onError onMissed onEnded onDestroy", "outbound connecting; outbound disconnected", false, ""},
		{"manual_outbound_consult_conference", whole, "outbound connecting; outbound connected; outbound hold; outbound hold, outbound connecting; outbound hold, outbound connected; " +
			"outbound connected, outbound connected; outbound connected, outbound disconnected; outbound disconnected", false, whole},
		{"direct_preview", whole, "agent connecting; agent connected; agent connected, outbound connecting; agent connected, outbound connected; agent disconnected, outbound disconnected", true, ""},
		{"direct_preview_discarded", whole, "agent connecting; agent connected; agent disconnected", true, ""},
		{"direct_preview_missed", "contact onConnecting onEnded onMissed onDestroy", "agent connecting; agent disconnected", true, ""},
		{"progressive", whole, "inbound connected; inbound disconnected", true, ""},
		{"predictive_consult_conference", whole, "inbound connected; inbound hold; inbound hold, outbound connecting; inbound hold, outbound connected; " +
			"inbound connected, outbound connected; inbound connected, outbound disconnected; inbound disconnected", true, whole},
	} {
		t.Run(story.script, func(t *testing.T) {
			ids := plays(t, s, story.script)
			if got := a.heard(ids.Contact); got != story.callbacks {
				t.Errorf("callbacks: %s\nwant:      %s", got, story.callbacks)
			}
			if got := a.seen(ids.Contact); got != story.sees {
				t.Errorf("seen: %s\nwant: %s", got, story.sees)
			}
			if got := eval[bool](a, `inbound["`+ids.Contact+`"]`); got != story.inbound {
				t.Errorf("isInbound: %v", got)
			}
			if story.second != "" {
				if got := b.heard(ids.Second); got != story.second {
					t.Errorf("the second agent hears %s, want %s", got, story.second)
				}
			}
		})
	}
	// getInitialConnection() of a contact that has gone throws nothing here: the page looks only at what is there.
	if got := eval[string](a, `errors.join()`); got != "" {
		t.Errorf("errors in the page: %s", got)
	}
}

// ring makes a contact ring at the agent, who does the rest with Streams.
func ring(t *testing.T, s *connect.Server, mode string) connect.Result {
	t.Helper()
	ids, err := s.Play(stagetest.Within(t), scenario.Script{Name: "ring", Steps: []scenario.Step{
		{Actor: scenario.Customer, Verb: scenario.Reserve, Args: map[string]string{"mode": mode}}, {Verb: scenario.Offer}}}, connect.Call{Agents: []string{anna}})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// does calls Streams and wants success, or with a leading "failed" a failure.
func (d *desk) does(js, want string) {
	d.t.Helper()
	if got := eval[string](d, `(async () => await done((callbacks) => `+js+`))()`); !strings.HasPrefix(got, want) {
		d.t.Errorf("%s: %s", js, got)
	}
}

// TestAgentWorksWithStreams: an agent who takes a call, holds, consults, joins and hangs up with nothing but Streams' own calls.
func TestAgentWorksWithStreams(t *testing.T) {
	in := browser(t)
	s := serve(t, connect.Config{Agents: 2, FarEnd: 10 * time.Millisecond})
	d := open(t, s, in, anna)
	ids := ring(t, s, "inbound")
	c := `contact("` + ids.Contact + `")`
	d.until(c + ` !== undefined`)
	d.does(`agent.setState(agent.getAgentStates().find((s) => s.name === "Break"), callbacks, { enqueueNextState: true })`, "ok")
	d.until(`agent.getNextState()?.name === "Break"`)
	d.does(c+`.accept(callbacks)`, "ok")
	d.does(c+`.accept(callbacks)`, "failed")
	d.until(`heard["` + ids.Contact + `"].includes("onConnected")`)
	d.does(c+`.getInitialConnection().hold(callbacks)`, "ok")
	d.until(c + `.getInitialConnection().isOnHold()`)
	d.does(c+`.getInitialConnection().resume(callbacks)`, "ok")
	d.until(c + `.getInitialConnection().getState().type === "connected"`)
	d.does(c+`.addConnection(connect.Endpoint.byPhoneNumber("+15555550188"), callbacks)`, "ok")
	d.until(c + `.getSingleActiveThirdPartyConnection()?.getState().type === "connected"`)
	d.does(c+`.toggleActiveConnections(callbacks)`, "ok")
	d.until(c + `.getSingleActiveThirdPartyConnection().isOnHold()`)
	d.does(c+`.conferenceConnections(callbacks)`, "ok")
	d.until(c + `.getInitialConnection().getState().type === "connected"`)
	d.does(c+`.getSingleActiveThirdPartyConnection().destroy(callbacks)`, "ok")
	d.until(c + `.getSingleActiveThirdPartyConnection() === null`)
	d.does(c+`.getAgentConnection().destroy(callbacks)`, "ok")
	d.until(`heard["` + ids.Contact + `"].includes("onACW")`)
	d.does(c+`.clear(callbacks)`, "ok")
	if got := d.heard(ids.Contact); got != "contact onConnecting onAccepted onConnected onACW onEnded onDestroy" &&
		got != "contact onConnecting onConnected onAccepted onACW onEnded onDestroy" {
		t.Errorf("callbacks: %s", got)
	}
	d.until(`agent.getState().name === "Break"`)
	if first := s.Orders()[0]; first.What != "putAgentState" || first.Agent != anna {
		t.Errorf("orders: %+v", s.Orders())
	}
	d.dials()
	d.does(`agent.getEndpoints(agent.getAllQueueARNs(), callbacks)`, `ok {"endpoints":[{`)
}

// dials makes an outbound call and lets it be answered.
func (d *desk) dials() {
	d.t.Helper()
	d.does(`agent.connect(connect.Endpoint.byPhoneNumber("+15555550177"), callbacks)`, `ok {"contactId":"`)
	d.until(`agent.getContacts().some((c) => c.isConnected())`)
	id := eval[string](d, `agent.getContacts()[0].getContactId()`)
	if got := eval[string](d, `agent.getContacts()[0].getInitialConnection().getEndpoint().phoneNumber`); got != "+15555550177" {
		d.t.Errorf("dialled %s", got)
	}
	d.does(`contact("`+id+`").getAgentConnection().destroy(callbacks)`, "ok")
	d.until(`heard["` + id + `"].includes("onACW")`)
	d.does(`contact("`+id+`").clear(callbacks)`, "ok")
	if got := d.heard(id); got != whole {
		d.t.Errorf("callbacks: %s", got)
	}
}

// TestAgentWorksOnPreviews: accept, look, call; and discard. The questions about previews go through the newer SDK's proxy.
func TestAgentWorksOnPreviews(t *testing.T) {
	in := browser(t)
	s := serve(t, connect.Config{Agents: 1})
	d := open(t, s, in, anna)
	ids := ring(t, s, "direct-preview")
	c := `contact("` + ids.Contact + `")`
	d.until(c + ` !== undefined`)
	if !eval[bool](d, c+`.isCampaignPreview()`) {
		t.Error("not a preview")
	}
	d.does(c+`.accept(callbacks)`, "ok")
	d.until(c + `.isConnected()`)
	if !eval[bool](d, `(async () => await `+c+`.isPreviewMode())()`) {
		t.Error("the contact is not being previewed")
	}
	if got := eval[int](d, `(async () => (await `+c+`.getPreviewConfiguration()).autoDialTimeout)()`); got != 60 {
		t.Errorf("called after %d s", got)
	}
	eval[chromedp.Void](d, `(async () => { await `+c+`.engagePreviewContact(); })()`)
	d.until(c + `.getConnections().some((x) => x.getType() === "outbound" && x.isConnecting())`)
	if eval[bool](d, `(async () => await `+c+`.isPreviewMode())()`) {
		t.Error("the contact is still being previewed")
	}
	d.does(c+`.getAgentConnection().destroy(callbacks)`, "ok")
	d.until(`heard["` + ids.Contact + `"].includes("onACW")`)
	d.does(c+`.clear(callbacks)`, "ok")
	d.heard(ids.Contact)

	ids = ring(t, s, "direct-preview")
	c = `contact("` + ids.Contact + `")`
	d.until(c + ` !== undefined`)
	d.does(c+`.reject(callbacks)`, "ok")
	d.until(c + `?.getState().type === "rejected"`)
	d.does(c+`.clear(callbacks)`, "ok")
	d.heard(ids.Contact)
}

// TestReloads: what a page hears that comes into the middle of a call, of after-call work, or that saw nothing for a while.
func TestReloads(t *testing.T) {
	in := browser(t)
	s := serve(t, connect.Config{Agents: 1})
	d := open(t, s, in, anna)
	reload := func() {
		t.Helper()
		if err := chromedp.Do(d.ctx, chromedp.Reload()); err != nil {
			t.Fatal(err)
		}
		d.until(`window.agent !== undefined`)
	}
	ids := ring(t, s, "inbound")
	c := `contact("` + ids.Contact + `")`
	d.until(c + ` !== undefined`)
	d.does(c+`.accept(callbacks)`, "ok")
	reload()
	d.until(c + `?.isConnected()`)
	if got := eval[string](d, `heard["`+ids.Contact+`"].join(" ")`); got != "contact onConnected" {
		t.Errorf("after a reload in mid-call: %s", got)
	}
	d.does(c+`.getAgentConnection().destroy(callbacks)`, "ok")
	d.until(`heard["` + ids.Contact + `"].includes("onACW")`)
	reload()
	d.until(`heard["` + ids.Contact + `"] !== undefined`)
	d.does(c+`.clear(callbacks)`, "ok")
	if got := d.heard(ids.Contact); got != "contact onACW onDestroy" {
		t.Errorf("after a reload in after-call work: %s", got)
	}

	ids = ring(t, s, "inbound")
	c = `contact("` + ids.Contact + `")`
	d.until(c + ` !== undefined`)
	d.does(c+`.accept(callbacks)`, "ok")
	reload()
	d.until(c + `?.isConnected()`)
	if err := s.Freeze(anna); err != nil {
		t.Fatal(err)
	}
	eval[chromedp.Void](d, c+`.getAgentConnection().destroy(); `+c+`.clear(); undefined`)
	if err := s.AwaitIdle(stagetest.Within(t), anna); err != nil {
		t.Fatal(err)
	}
	if err := s.Release(anna); err != nil {
		t.Fatal(err)
	}
	if got := d.heard(ids.Contact); got != "contact onConnected onEnded onDestroy" {
		t.Errorf("cleared while nothing was seen: %s", got)
	}
	if err := s.ReloadCCP(anna); err != nil { // only the CCP inside the page
		t.Fatal(err)
	}
	ids = ring(t, s, "inbound")
	d.until(`contact("` + ids.Contact + `") !== undefined`)
}

// TestSilentCCP: a CCP that does not answer runs into Streams' own timeout; one that speaks again is heard again.
func TestSilentCCP(t *testing.T) {
	in := browser(t)
	s := serve(t, connect.Config{Agents: 1})
	d := open(t, s, in, anna)
	if err := s.Silence(anna, true); err != nil {
		t.Fatal(err)
	}
	d.until(`timeouts > 0`)
	if err := s.Silence(anna, false); err != nil {
		t.Fatal(err)
	}
	ids := ring(t, s, "inbound")
	d.until(`contact("` + ids.Contact + `") !== undefined`)
	if err := s.Cut(anna); err != nil { // the CCP's own connection: it comes back by itself with the present state
		t.Fatal(err)
	}
	// A request that was under way when the connection broke is never answered, so it is made until one is.
	if got := eval[string](d, `(async () => {
		for (;;) {
			const late = new Promise((f) => setTimeout(() => f("late"), 500));
			const r = await Promise.race([done((callbacks) => contact("`+ids.Contact+`").reject(callbacks)), late]);
			if (r.startsWith("ok") || contact("`+ids.Contact+`").getState().type === "rejected") return r;
		}
	})()`); got == "" {
		t.Error("the contact was not rejected")
	}
	d.until(`contact("` + ids.Contact + `").getState().type === "rejected"`)
}
