package genesys_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"cordboard/platform"
	"cordboard/platform/genesys"
	"cordboard/platform/platformtest"

	sim "cordboard/sim/genesys"
)

// desk is an org whose agents give orders through a connector.
type desk struct {
	*org
	t     *testing.T
	c     *genesys.Connector
	sink  *platformtest.Sink
	users []string
	id    string // of the conversation at hand
}

func newDesk(t *testing.T) *desk {
	o := newOrg(t, sim.Config{Users: 3, FarEnd: 1, RecordDelay: -1})
	d := &desk{org: o, t: t, c: o.open(t, silent()), sink: platformtest.NewSink()}
	platformtest.Start(t, d.c, d.sink)
	d.sink.AwaitState(t, platform.Up)
	for _, u := range o.Users() {
		d.users = append(d.users, u.ID)
	}
	return d
}

// offer begins a call that comes to the first agent, who has to take it.
func (d *desk) offer(script string, steps int) {
	d.t.Helper()
	s, _ := sim.Script(script)
	s.Steps = s.Steps[:steps]
	got, err := d.Start(s, sim.Call{Agents: d.users[:1], Manual: true})
	if err != nil {
		d.t.Fatal(err)
	}
	d.id = got.Conversation
}

// order gives an order of an agent, counted from 0.
func (d *desk) order(agent int, verb platform.Verb, to string, args ...string) error {
	cmd := platform.Command{Agent: d.users[agent], Verb: verb, Ref: d.id, To: to, Args: map[string]string{}}
	for i := 0; i < len(args); i += 2 {
		cmd.Args[args[i]] = args[i+1]
	}
	return d.c.Control(d.t.Context(), cmd)
}

// take gives an order that has to be taken.
func (d *desk) take(agent int, verb platform.Verb, to string, args ...string) {
	d.t.Helper()
	if err := d.order(agent, verb, to, args...); err != nil {
		d.t.Fatal(err)
	}
}

// refuse gives an order that has to be refused for a reason, without anything being asked of the org.
func (d *desk) refuse(agent int, verb platform.Verb, to, why string, args ...string) {
	d.t.Helper()
	before := d.changes()
	err := d.order(agent, verb, to, args...)
	if err == nil || !strings.Contains(err.Error(), why) {
		d.t.Errorf("%s is answered with %v, want %q", verb, err, why)
	}
	if after := d.changes(); after != before {
		d.t.Errorf("%s was refused, but sent", verb)
	}
}

// changes counts the requests about conversations and presences that change something.
func (d *desk) changes() (n int) {
	for _, r := range d.Requests() {
		if r.Method != "GET" && (strings.Contains(r.Path, "/participants/") || strings.Contains(r.Path, "/conversations/calls") || strings.Contains(r.Path, "/presences/")) {
			n++
		}
	}
	return n
}

// sent is the body of the newest request to a path with that end.
func (d *desk) sent(path string) (body string) {
	for _, r := range d.Requests() {
		if r.Method != "GET" && strings.HasSuffix(r.Path, path) {
			body = r.Body
		}
	}
	return body
}

// await waits until an agent's newest part in the conversation is in a state.
func (d *desk) await(agent int, state string) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), time.Minute)
	defer cancel()
	if _, err := d.AwaitState(ctx, d.id, d.users[agent], state); err != nil {
		d.t.Fatalf("agent %d is not %s: %v", agent, state, err)
	}
}

// over waits until the conversation has ended.
func (d *desk) over() {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), time.Minute)
	defer cancel()
	if err := d.AwaitOver(ctx, d.id); err != nil {
		d.t.Fatal(err)
	}
}

// of reads a member of the newest participant with that user, or purpose.
func (d *desk) of(who, path string) string {
	d.t.Helper()
	var found gjson.Result
	for _, p := range gjson.GetBytes(d.rest(d.t, "GET", "/api/v2/conversations/"+d.id, ""), "participants").Array() {
		if p.Get("userId").String() == who || p.Get("purpose").String() == who {
			found = p.Get(path)
		}
	}
	return found.String()
}

func (d *desk) want(who, path, want string) {
	d.t.Helper()
	if got := d.of(who, path); got != want {
		d.t.Errorf("%s is %q, want %q", path, got, want)
	}
}

// TestOrders takes a call through the orders of two agents, and sees what becomes of them at the org and as events.
func TestOrders(t *testing.T) {
	d := newDesk(t)
	anna, ben := d.users[0], d.users[1]
	d.offer("inbound", 3)
	d.await(0, "alerting")
	d.refuse(1, platform.Answer, "", "no part in this conversation")
	d.take(0, platform.Answer, "")
	d.refuse(0, platform.Answer, "", "already")
	d.refuse(0, platform.Reject, "", "nothing is offered")
	for _, c := range []struct {
		verb platform.Verb
		path string
		want string
	}{
		{platform.Hold, "calls.0.held", "true"}, {platform.Retrieve, "calls.0.held", "false"},
		{platform.Mute, "calls.0.muted", "true"}, {platform.Unmute, "calls.0.muted", "false"},
	} {
		d.take(0, c.verb, "")
		d.want(anna, c.path, c.want)
	}
	for verb, want := range map[platform.Verb]string{platform.PauseRecording: "paused", platform.ResumeRecording: "active"} {
		d.take(0, verb, "")
		if got := gjson.GetBytes(d.rest(t, "GET", "/api/v2/conversations/"+d.id, ""), "recordingState").String(); got != want {
			t.Errorf("after %s the recording is %s", verb, got)
		}
	}
	d.refuse(0, platform.SetData, "", "nothing to write")
	d.take(0, platform.SetData, "", "record_url", "/0000413456")
	d.want("customer", "attributes.record_url", "/0000413456")

	d.refuse(0, platform.Transfer, "", "nobody is being consulted")
	d.refuse(0, platform.EndConsult, "", "nobody is being consulted")
	d.refuse(0, platform.Conference, "", "nobody is being consulted")
	d.refuse(0, platform.Consult, "", "wants an agent")
	d.take(0, platform.Consult, ben)
	d.await(1, "alerting")
	d.take(0, platform.EndConsult, "")
	d.await(1, "terminated")
	d.take(0, platform.Consult, ben, "type", "userId", "speak_to", "both")
	if got, want := d.sent("/consult"), `{"consultingUserId":"`+anna+`","destination":{"userId":"`+ben+`"},"speakTo":"BOTH"}`; got != want {
		t.Errorf("the consult is asked for with %s, want %s", got, want)
	}
	d.await(1, "alerting")
	d.take(1, platform.Answer, "")
	d.await(1, "connected")
	d.take(0, platform.Consult, "", "speak_to", "object")
	d.want(ben, "calls.0.confined", "true")
	d.take(0, platform.Conference, "")
	d.want(ben, "calls.0.confined", "false")
	d.want("customer", "calls.0.confined", "false")
	d.refuse(1, platform.Transfer, "", "who asked can transfer")
	d.refuse(0, platform.Consult, "", "speak_to", "speak_to", "loud")
	d.take(0, platform.Transfer, "")
	d.await(0, "pending")
	d.refuse(0, platform.Hold, "", "not in this conversation any more")
	d.refuse(0, platform.WrapUp, "", "Args[code]")
	d.refuse(0, platform.WrapUp, "", "no wrap-up code of that name", "code", "Nonsense")
	d.take(0, platform.WrapUp, "", "code", "no interest", "notes", "calls again")
	d.want(anna, "wrapup.notes", "calls again")

	d.refuse(1, platform.BlindTransfer, "", "wants an agent")
	d.refuse(1, platform.BlindTransfer, "x", "args[type]", "type", "friend")
	d.take(1, platform.BlindTransfer, "sip:AuditorFlow")
	d.want("external", "calls.0.other.addressRaw", "sip:AuditorFlow")
	d.await(1, "pending")
	d.take(1, platform.WrapUp, "", "code", d.Ready()["wrapup_codes"].(map[string]string)["Sale"])
	d.refuse(1, platform.Drop, "", "not in this conversation any more")
	d.rest(t, "POST", "/api/v2/conversations/"+d.id+"/disconnect", "")
	d.over()
	d.sink.Await(t, "the end of both agents' parts", func() bool { return len(d.sink.OpenLegs()) == 0 })
	var words []string
	for _, ev := range d.sink.Moments() {
		if ev.Agent == anna && ev.Name != "" {
			words = append(words, ev.Name)
		}
	}
	if want := []string{"alerting", "connected", "held", "disconnected", "ACW", "terminated"}; !slices.Equal(want, slices.Compact(words)) {
		t.Errorf("the first agent's words are %v, want %v", words, want)
	}
}

// TestPreviewOrders accepts, dials, drops and wraps up one preview, and skips another.
func TestPreviewOrders(t *testing.T) {
	d := newDesk(t)
	anna := d.users[0]
	d.offer("preview_skipped", 2)
	d.await(0, "alerting")
	d.refuse(0, platform.Dial, "", "no preview was accepted")
	d.take(0, platform.Accept, "")
	d.take(0, platform.Dial, "")
	d.refuse(0, platform.Dial, "", "is being called")
	d.refuse(0, platform.Skip, "", "called already")
	d.await(0, "connected")
	d.take(0, platform.Drop, "")
	d.want(anna, "callbacks.0.state", "connected")
	d.take(0, platform.WrapUp, "", "code", "Sale")
	d.over()
	d.want(anna, "wrapup.code", d.Ready()["wrapup_codes"].(map[string]string)["Sale"])

	d.offer("preview_skipped", 2)
	d.await(0, "alerting")
	d.take(0, platform.Accept, "")
	d.take(0, platform.Skip, "")
	d.over()
	d.offer("preview_skipped", 2)
	d.await(0, "alerting")
	d.take(0, platform.Accept, "")
	d.take(0, platform.Dial, "+15555550147", "column", "Mobile")
	if got, want := d.sent("/calls/"+d.id), `{"callNumber":"+15555550147","phoneColumn":"Mobile"}`; got != want {
		t.Errorf("dialled with %s, want %s", got, want)
	}
}

// TestSkipIsTheCampaignsToAllow shows a refusal of the org's.
func TestSkipIsTheCampaignsToAllow(t *testing.T) {
	d := newDesk(t)
	yes := true
	if err := d.SetCampaign(sim.CampaignSettings{Campaign: "preview", SkipDisabled: &yes}); err != nil {
		t.Fatal(err)
	}
	d.offer("preview_skipped", 2)
	d.await(0, "alerting")
	d.take(0, platform.Accept, "")
	err := d.order(0, platform.Skip, "")
	if err == nil || !strings.Contains(err.Error(), "genesys: skip: PATCH conversations/callbacks/{id}/participants/{id}: status 400") {
		t.Errorf("the refusal is %v", err)
	}
}

// TestConferenceOfTwoCalls brings two calls of the agent's together, and none of somebody else's.
func TestConferenceOfTwoCalls(t *testing.T) {
	d := newDesk(t)
	d.refuse(2, platform.MakeCall, "", "wants a number")
	var ids []string
	for range 2 {
		d.take(2, platform.MakeCall, "+15555550101", "queue", gjson.GetBytes(d.rest(t, "GET", "/api/v2/routing/queues", ""), "entities.0.id").String(), "origin", "+15555550199")
		for _, c := range d.Conversations() {
			if !slices.Contains(ids, c.ID) {
				ids = append(ids, c.ID)
				if err := d.AwaitTalk(t.Context(), c.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if len(ids) != 2 {
		t.Fatalf("%d calls were made", len(ids))
	}
	if got := d.sent("/calls/user/" + d.users[2]); gjson.Get(got, "callFromQueueId").String() == "" || gjson.Get(got, "callerId").String() != "+15555550199" {
		t.Errorf("the call was made with %s", got)
	}
	d.id = ids[0] // two parties from outside: the one who is transferred, and the one who is asked
	d.take(2, platform.Consult, "+15555550102")
	d.take(2, platform.EndConsult, "")
	var objects []string
	for _, r := range d.Requests() {
		if strings.HasSuffix(r.Path, "/consult") {
			objects = append(objects, r.Path)
		}
	}
	if len(objects) != 2 || objects[0] != objects[1] {
		t.Errorf("the consult was begun and ended on %v", objects)
	}
	d.offer("inbound", 3)
	d.await(0, "alerting")
	theirs := d.id
	d.id = ids[0]
	d.refuse(2, platform.Conference, "", "no part in this conversation", "with", theirs)
	d.refuse(2, platform.Conference, "", "no such conversation", "with", "gone")
	d.take(2, platform.Conference, "", "with", ids[0]+", "+ids[1])
	d.id = ids[1]
	d.refuse(2, platform.Drop, "", "not in this conversation any more")
	d.id = theirs
	d.take(0, platform.Reject, "")
	d.await(0, "terminated")
}

// TestSecureSession hands the customer to a flow.
func TestSecureSession(t *testing.T) {
	d := newDesk(t)
	d.offer("inbound", 3)
	d.await(0, "alerting")
	d.take(0, platform.Answer, "")
	d.refuse(0, platform.SecureSession, "", "secure flow")
	d.take(0, platform.SecureSession, d.Ready()["secure_flow_id"].(string), "user_data", "order 7", "disconnect", "true")
	d.await(0, "pending")
}

// TestStatus gives agents statuses by id and by name.
func TestStatus(t *testing.T) {
	d := newDesk(t)
	meal := gjson.GetBytes(d.rest(t, "GET", "/api/v2/presence/definitions", ""), `entities.#(systemPresence=="Meal").id`).String()
	for _, c := range []struct {
		verb   platform.Verb
		to     string
		reason string
		want   string
	}{
		{platform.SetStatus, meal, "", "Meal"}, {platform.SetStatus, "AVAILABLE", "", "Available"}, {platform.Ready, "", "", "On Queue"},
		{platform.NotReady, "", "", "Busy"}, {platform.NotReady, "", "break", "Break"}, {platform.SetStatus, "on_queue", "", "On Queue"},
		{platform.LogOut, "", "", "Offline"},
	} {
		d.take(1, c.verb, c.to, "reason", c.reason)
		if got := d.Users()[1].Presence; got != c.want {
			t.Errorf("%s %s %s: the presence is %s, want %s", c.verb, c.to, c.reason, got, c.want)
		}
	}
	d.refuse(1, platform.SetStatus, "", "wants a presence")
	d.refuse(1, platform.SetStatus, "Dreaming", "no presence of that name")
}

// TestOrdersThatNameNothing are refused before anything is asked.
func TestOrdersThatNameNothing(t *testing.T) {
	d := newDesk(t)
	d.refuse(0, platform.Hold, "", "names no conversation")
	d.refuse(0, "juggle", "", "no such order")
	d.id = "00000000-0000-4000-8000-000000000000"
	d.refuse(0, platform.Hold, "", "no such conversation")
	d.cfg.Agents = d.users[:1]
	c := d.open(t, silent())
	if err := c.Control(t.Context(), platform.Command{Agent: d.users[1], Verb: platform.Ready}); err == nil || !strings.Contains(err.Error(), "not configured") {
		t.Errorf("an agent of others may give orders: %v", err)
	}
}

// TestOrdersAndTheLimit waits for as long as Genesys asks for, and refuses at once what would be done too late. What may
// have been done is not done again.
func TestOrdersAndTheLimit(t *testing.T) {
	d := newDesk(t)
	d.offer("inbound", 3)
	d.await(0, "alerting")
	d.take(0, platform.Answer, "")
	fault := func(f sim.Fault) {
		f.Count, f.Path, f.Method = 1, d.id, "PATCH"
		if err := d.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	fault(sim.Fault{Kind: sim.ExpiredToken})
	d.take(0, platform.Mute, "")
	fault(sim.Fault{Kind: sim.RateLimited, Delay: sim.Delay(2 * time.Second)})
	began := time.Now()
	d.take(0, platform.Hold, "")
	if waited := time.Since(began); waited < 2*time.Second {
		t.Errorf("Retry-After: 2 was waited for %v", waited)
	}
	d.want(d.users[0], "calls.0.held", "true")
	for _, kind := range []sim.FaultKind{sim.Unavailable, sim.Reset} {
		before := d.changes()
		fault(sim.Fault{Kind: kind})
		if err := d.order(0, platform.Retrieve, ""); err == nil {
			t.Errorf("%s: the order was taken", kind)
		}
		if n := d.changes() - before; n != 1 {
			t.Errorf("%s: the order was sent %d times", kind, n)
		}
	}
	fault(sim.Fault{Kind: sim.RateLimited, Delay: sim.Delay(100 * time.Second)})
	began = time.Now()
	err := d.order(0, platform.Retrieve, "")
	if err == nil || !strings.Contains(err.Error(), "limit of requests is reached for another") {
		t.Errorf("the refusal is %v", err)
	}
	before := len(d.Requests())
	d.refuse(0, platform.Retrieve, "", "limit of requests")
	if len(d.Requests()) != before {
		t.Error("Genesys was asked although it wants a pause")
	}
	if took := time.Since(began); took > 60*time.Second {
		t.Errorf("the refusals took %v", took)
	}
	d.want(d.users[0], "calls.0.held", "true")
}
