package genesys_test

import (
	"fmt"
	"strings"
	"testing"

	"cordboard/sim/genesys"
	"cordboard/sim/stage/stagetest"
)

// call is a conversation that is played by hand.
type call struct {
	*org
	id string
}

// talking starts a call and answers it through REST for user 1, whose participant it returns.
func (o *org) talking(name string, spec genesys.Call) (*call, string) {
	o.t.Helper()
	script, _ := genesys.Script(name)
	for i, step := range script.Steps { // up to the answer: the rest is done by hand
		if step.Verb == "answer" && step.Actor == "0" {
			script.Steps = script.Steps[:i+1]
			break
		}
	}
	spec.Manual = true
	if spec.Agents == nil {
		spec.Agents = []string{"1"}
	}
	result, err := o.Start(script, spec)
	if err != nil {
		o.t.Fatal(err)
	}
	c := &call{o, result.Conversation}
	p := c.await("1", "alerting")
	c.patch(p, `{"state":"connected"}`)
	return c, c.await("1", "connected")
}

func (c *call) await(user, state string) string {
	c.t.Helper()
	p, err := c.AwaitState(stagetest.Within(c.t), c.id, user, state)
	if err != nil {
		c.t.Fatalf("user %s is not %s: %v", user, state, err)
	}
	return p
}

func (c *call) path(media, p, more string) string {
	return "/api/v2/conversations/" + media + c.id + "/participants/" + p + more
}

func (c *call) patch(p, body string) {
	c.t.Helper()
	c.do("PATCH", c.path("calls/", p, ""), body).want(202)
}

// get is the conversation as REST tells it.
func (c *call) get() reply {
	c.t.Helper()
	return c.do("GET", "/api/v2/conversations/"+c.id, nil).want(200)
}

// of reads a member of the user's newest participant, or of the one with the purpose.
func (c *call) of(who, path string) any {
	c.t.Helper()
	text := []byte(c.get().text)
	list, _ := dig(text, "participants").([]any)
	var found any
	for i := range list {
		at := fmt.Sprintf("participants.%d.", i)
		if dig(text, at+"userId") == who || dig(text, at+"purpose") == who {
			found = dig(text, at+path)
		}
	}
	return found
}

func (c *call) customer() string {
	c.t.Helper()
	for _, purpose := range []string{"customer", "external"} {
		if id, ok := c.of(purpose, "id").(string); ok {
			return id
		}
	}
	c.t.Fatal("no customer")
	return ""
}

func (c *call) wrapUp(user string) {
	c.t.Helper()
	p := c.await(user, "pending")
	code := c.Ready()["wrapup_codes"].(map[string]string)["No interest"]
	c.patch(p, `{"wrapup":{"code":"`+code+`","notes":"n"}}`)
}

func TestControlOfACall(t *testing.T) {
	o := start(t, genesys.Config{})
	c, p := o.talking("inbound", genesys.Call{})
	u := o.users[0].ID
	for _, step := range []struct {
		body, path string
		want       any
	}{
		{`{"held":true}`, "calls.0.held", true}, {`{"held":false}`, "calls.0.held", false},
		{`{"muted":true}`, "calls.0.muted", true}, {`{"muted":false}`, "calls.0.muted", false},
	} {
		c.patch(p, step.body)
		if got := c.of(u, step.path); got != step.want {
			t.Errorf("after %s: %s is %v", step.body, step.path, got)
		}
	}
	c.patch(p, `{"held":true}`)
	if c.of("customer", "calls.0.confined") != true {
		t.Error("the customer of an agent who holds is not confined")
	}
	c.patch(p, `{"held":false}`)
	c.do("PUT", "/api/v2/conversations/calls/"+c.id+"/recordingstate", `{"recordingState":"PAUSED"}`).want(202)
	c.get().want(200, `"recordingState":"paused"`, `"securePause":true`)
	c.do("PATCH", "/api/v2/conversations/"+c.id+"/recordingstate", `{"recordingState":"ACTIVE"}`).want(202)
	c.do("PUT", "/api/v2/conversations/calls/"+c.id+"/recordingstate", `{"recordingState":"LOUD"}`).want(400)
	c.do("PATCH", c.path("", c.customer(), "/attributes"), `{"attributes":{"case":"7"}}`).want(202)
	if c.of("customer", "attributes.case") != "7" {
		t.Error("the attribute is not there")
	}
	c.do("GET", c.path("calls/", p, "/wrapupcodes"), nil).want(200, "No interest")
	c.patch(p, `{"state":"disconnected"}`)
	c.do("PATCH", c.path("calls/", p, ""), `{"held":true}`).want(400)
	c.do("GET", c.path("calls/", p, "/wrapup"), nil).want(404)
	c.wrapUp("1")
	if err := o.AwaitOver(stagetest.Within(t), c.id); err != nil {
		t.Fatal(err)
	}
	c.do("GET", c.path("calls/", p, "/wrapup"), nil).want(200, `"notes":"n"`)
	c.get().want(200, `"endTime"`)
	c.do("PATCH", c.path("calls/", "nobody", ""), `{}`).want(404)
	c.do("PATCH", "/api/v2/conversations/calls/none/participants/x", `{}`).want(404)
}

func TestConsultTransferByHand(t *testing.T) {
	o := start(t, genesys.Config{})
	c, p := o.talking("predictive", genesys.Call{})
	b := o.users[1].ID
	consult := c.path("calls/", c.customer(), "/consult")
	ask := `{"speakTo":"DESTINATION","destination":{"userId":"` + b + `"}}`
	c.do("POST", c.path("calls/", p, "/consult"), ask).want(400, "not.a.participant")
	c.do("PATCH", consult, `{"speakTo":"BOTH"}`).want(400)
	c.do("DELETE", consult, nil).want(400)
	c.do("POST", consult, `{"speakTo":"destination"}`).want(400)
	to := c.do("POST", consult, ask).want(202).str("destinationParticipantId")
	if got := c.await("2", "alerting"); got != to {
		t.Errorf("the destination is %s, not %s", got, to)
	}
	if c.of(b, "consultParticipantId") != c.customer() || c.of(o.users[0].ID, "attributes.consultInitiator") != "true" {
		t.Error("the consult is not marked")
	}
	c.do("POST", consult, ask).want(400)
	c.do("DELETE", consult, nil).want(202)
	if c.of(b, "calls.0.disconnectType") != "client" || c.of("customer", "consultParticipantId") != nil || c.of("customer", "calls.0.confined") != false {
		t.Error("the cancelled consult left traces")
	}
	to = c.do("POST", consult+"/agent", `{"speakTo":"DESTINATION","userId":"`+b+`","consultingUserId":"`+o.users[0].ID+`"}`).want(202).str("destinationParticipantId")
	c.patch(to, `{"state":"connected"}`)
	c.do("PATCH", consult, `{"speakTo":"OBJECT"}`).want(202)
	if c.of(b, "calls.0.confined") != true || c.of("customer", "calls.0.confined") != false {
		t.Error("speaking to the customer does not confine the other one")
	}
	c.do("PATCH", consult, `{"speakTo":"LOUD"}`).want(400)
	c.patch(p, `{"state":"disconnected"}`) // concludes the transfer
	if c.of("customer", "calls.0.state") != "connected" || c.of(b, "calls.0.state") != "connected" {
		t.Error("the customer is not with the second agent")
	}
	c.wrapUp("1")
	c.patch(c.customer(), `{"state":"disconnected"}`)
	c.wrapUp("2")
	if err := o.AwaitOver(stagetest.Within(t), c.id); err != nil {
		t.Fatal(err)
	}
}

func TestBlindTransfersByHand(t *testing.T) {
	o := start(t, genesys.Config{FarEnd: 1})
	b := o.users[1].ID
	c, p := o.talking("inbound", genesys.Call{})
	c.do("POST", c.path("calls/", p, "/replace"), `{}`).want(400)
	c.do("POST", c.path("calls/", p, "/replace"), `{"userId":"nobody"}`).want(404)
	c.do("POST", c.path("calls/", p, "/replace"), `{"userId":"`+b+`","transferType":"Unattended"}`).want(202)
	second := c.await("2", "alerting")
	c.get().want(200, `"transferType":"unattended"`)
	c.patch(second, `{"state":"connected"}`)
	c.do("POST", c.path("", second, "/replace/agent"), `{"userId":"`+o.users[2].ID+`","transferType":"Attended"}`).want(202)
	third := c.await("3", "alerting")
	c.await("2", "connected") // stays until the other one answers
	c.patch(third, `{"state":"connected"}`)
	c.await("2", "pending")
	queue := o.do("GET", "/api/v2/routing/queues", nil).str("entities.1.id")
	c.do("POST", c.path("", c.customer(), "/replace/queue"), `{"queueId":"`+queue+`"}`).want(202)
	c.await("3", "pending")
	taker := ""
	for _, u := range o.Users() {
		if u.Busy > 0 {
			taker = u.ID
		}
	}
	fourth := c.await(taker, "alerting")
	c.patch(fourth, `{"state":"connected"}`)
	c.do("POST", c.path("calls/", fourth, "/replace"), `{"address":"+15555550999"}`).want(202)
	for _, who := range []string{"1", "2", "3", taker} {
		c.wrapUp(who)
	}
	if got := c.of("external", "calls.0.other.addressRaw"); got != "tel:+15555550999" {
		t.Errorf("the call went to %v", got)
	}
	c.do("POST", "/api/v2/conversations/"+c.id+"/disconnect", nil).want(202)
	if err := o.AwaitOver(stagetest.Within(t), c.id); err != nil {
		t.Fatal(err)
	}
}

func TestManualCallsAndConference(t *testing.T) {
	o := start(t, genesys.Config{FarEnd: 1})
	u := o.users[2]
	dial := func(number string) *call {
		return &call{o, o.do("POST", "/api/v2/conversations/calls/user/"+u.ID, `{"phoneNumber":"`+number+`"}`).want(200).str("id")}
	}
	one, two := dial("+15555550101"), dial("+15555550102")
	for _, c := range []*call{one, two} {
		if err := o.AwaitTalk(stagetest.Within(t), c.id); err != nil {
			t.Fatal(err)
		}
	}
	o.do("PATCH", "/api/v2/conversations/calls/"+one.id+"/conference", `{"conversationIds":[]}`).want(400)
	o.do("PATCH", "/api/v2/conversations/calls/"+one.id+"/conference", `{"conversationIds":["`+two.id+`"]}`).want(200)
	if err := o.AwaitOver(stagetest.Within(t), two.id); err != nil {
		t.Fatal(err)
	}
	two.get().want(200, `"disconnectType":"transfer.conference"`)
	if n := strings.Count(one.get().text, `"state":"connected"`); n != 3 {
		t.Errorf("%d parties are in the conference", n)
	}
	o.do("POST", "/api/v2/conversations/"+one.id+"/disconnect", nil).want(202)
	if err := o.AwaitOver(stagetest.Within(t), one.id); err != nil {
		t.Fatal(err)
	}
}

func TestSecureSession(t *testing.T) {
	o := start(t, genesys.Config{FarEnd: 1})
	c, p := o.talking("inbound", genesys.Call{})
	flow := o.Ready()["secure_flow_id"].(string)
	path := c.path("", p, "/secureivrsessions")
	c.do("POST", path, `{"flowId":"none","userData":"x"}`).want(404)
	one := c.do("POST", path, `{"flowId":"`+flow+`","userData":"x","disconnect":true}`).want(200, `"state":"PENDING"`).str("id")
	c.do("GET", path, nil).want(200, one)
	c.wrapUp("1")
	if err := o.AwaitOver(stagetest.Within(t), c.id); err != nil {
		t.Fatal(err)
	}
	c.do("GET", path+"/"+one, nil).want(200, `"state":"COMPLETED"`)
}

func TestPreviewByHand(t *testing.T) {
	o := start(t, genesys.Config{FarEnd: 1, RecordDelay: -1})
	script, _ := genesys.Script("preview_skipped")
	script.Steps = script.Steps[:2] // shown to the agent; the rest is done by hand
	offer := func() (*call, string, string) {
		result, err := o.Play(stagetest.Within(t), script, genesys.Call{Agents: []string{"1"}})
		if err != nil {
			t.Fatal(err)
		}
		c := &call{o, result.Conversation}
		p := c.await("1", "alerting")
		c.do("PATCH", c.path("callbacks/", p, ""), `{"state":"connected"}`).want(202)
		return c, p, result.Contact
	}
	c, p, contact := offer()
	c.do("GET", "/api/v2/conversations/callbacks/"+c.id, nil).want(200, `"outboundPreview":{`, contact)
	c.do("GET", "/api/v2/conversations/calls/"+c.id, nil).want(404)
	c.do("PATCH", c.path("callbacks/", p, ""), `{"state":"disconnected"}`).want(202)
	if k, _ := o.Contact(contact); k.Records["Phone"].Result != "ININ-OUTBOUND-PREVIEW-SKIPPED" || !k.Callable {
		t.Errorf("the skipped contact: %+v", k)
	}

	c, p, contact = offer()
	c.do("POST", "/api/v2/conversations/calls/"+c.id, `{"callNumber":"+15555550888","phoneColumn":"Mobile"}`).want(202)
	c.do("POST", "/api/v2/conversations/calls/"+c.id, `{"callNumber":"+15555550888"}`).want(400)
	if err := o.AwaitTalk(stagetest.Within(t), c.id); err != nil {
		t.Fatal(err)
	}
	c.patch(p, `{"state":"disconnected"}`)
	if c.of(o.users[0].ID, "callbacks.0.state") != "connected" {
		t.Error("the end of the call closed the preview")
	}
	code := o.Ready()["wrapup_codes"].(map[string]string)["Do not call"]
	c.do("PATCH", c.path("callbacks/", p, ""), `{"state":"disconnected","wrapup":{"code":"`+code+`"}}`).want(202)
	if err := o.AwaitOver(stagetest.Within(t), c.id); err != nil {
		t.Fatal(err)
	}
	if k, _ := o.Contact(contact); k.Records["Mobile"].Result != code || k.Callable {
		t.Errorf("the contact after its call: %+v", k)
	}

	if err := o.SetCampaign(genesys.CampaignSettings{Campaign: "preview", SkipDisabled: ptr(true)}); err != nil {
		t.Fatal(err)
	}
	c, p, _ = offer()
	c.do("PATCH", c.path("callbacks/", p, ""), `{"state":"disconnected"}`).want(400)
}

func TestWrapUpTimer(t *testing.T) {
	o := start(t, genesys.Config{WrapUpTimer: 1, RecordDelay: -1})
	c, p := o.talking("predictive", genesys.Call{})
	c.patch(p, `{"state":"disconnected"}`)
	if err := o.AwaitOver(stagetest.Within(t), c.id); err != nil {
		t.Fatal(err)
	}
	c.do("GET", c.path("calls/", p, "/wrapup"), nil).want(200, "ININ-WRAP-UP-TIMEOUT")
}

func ptr[T any](v T) *T { return &v }
