package genesys_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"cordboard/sim/genesys"
	"cordboard/sim/stage/stagetest"
)

func (o *org) delivered() {
	o.t.Helper()
	if err := o.AwaitDelivered(stagetest.Within(o.t)); err != nil {
		o.t.Fatal(err)
	}
}

func TestEventBus(t *testing.T) {
	o := start(t, genesys.Config{Redeliver: time.Millisecond})
	bus := listenHTTP(t)
	bus.refuse = 2
	if err := o.AddTarget(genesys.Target{URL: bus.URL, Headers: map[string]string{"X-Api-Key": "k"}}); err != nil {
		t.Fatal(err)
	}
	r := play(t, o, "preview_skipped", genesys.Call{Agents: []string{"1"}})
	o.delivered()
	kinds := map[string]int{}
	for i, e := range bus.taken() {
		kinds[e.Type]++
		if bus.headers[i].Get("X-Api-Key") != "k" || e.Source != "aws.partner/genesys.com/cloud/"+o.Ready()["org_id"].(string)+"/contactcentre" {
			t.Errorf("event %s from %s with %v", e.Type, e.Source, bus.headers[i])
		}
		if e.Type == "v2.detail.events.conversation.{id}.user.end" && e.Detail.Topic != "v2.detail.events.conversation."+r.Conversation+".user.end" {
			t.Errorf("topic %s", e.Detail.Topic)
		}
		if strings.Contains(e.Type, "callbacks") {
			t.Errorf("%s goes over sockets only", e.Type)
		}
	}
	for _, want := range []string{"v2.detail.events.conversation.{id}.user.end", "v2.detail.events.conversation.{id}.outbound",
		"v2.users.{id}.conversations", "v2.outbound.preview.campaigns.contact.postContact", "v2.users.{id}.routingStatus"} {
		if kinds[want] == 0 {
			t.Errorf("no %s among %v", want, kinds)
		}
	}
	tried := 0
	for _, d := range o.Deliveries() {
		tried += d.Attempts
		if !d.Done || d.Status != http.StatusOK {
			t.Errorf("%+v", d)
		}
	}
	if tried != len(o.Deliveries())+2 {
		t.Errorf("%d attempts for %d events", tried, len(o.Deliveries()))
	}
	o.ClearTargets()
	play(t, o, "inbound", genesys.Call{Agents: []string{"1"}})
	o.delivered()
	if got := len(bus.taken()); got != len(o.Deliveries()) {
		t.Errorf("%d events, though the target was removed after %d", got, len(o.Deliveries()))
	}
}

func TestTriggerOfAPreviewsEnd(t *testing.T) {
	o := start(t, genesys.Config{})
	hook := listenHTTP(t)
	if err := o.AddTarget(genesys.Target{URL: hook.URL, Workflow: "flow-1", Bare: true}); err != nil {
		t.Fatal(err)
	}
	rule := func(path, operator, value string) map[string]any {
		return map[string]any{"jsonPath": path, "operator": operator, "value": value}
	}
	ask := map[string]any{"name": "preview ends", "topicName": "v2.detail.events.conversation.{id}.user.end", "enabled": true,
		"target":        map[string]any{"type": "Workflow", "id": "flow-1", "workflowTargetSettings": map[string]string{"dataFormat": "TopLevelPrimitives"}},
		"matchCriteria": []any{rule("disconnectType", "Equal", "CLIENT"), rule("mediaType", "Equal", "CALLBACK"), rule("provider", "Equal", "PureCloud Callback"), rule("direction", "Equal", "OUTBOUND")}}
	made := o.do("POST", "/api/v2/processautomation/triggers", ask).want(200, `"version":1`, `"enabled":true`)
	r := play(t, o, "preview_dialed", genesys.Call{Agents: []string{"1"}})
	play(t, o, "predictive", genesys.Call{Agents: []string{"1"}})
	if err := o.AwaitDeliveries(stagetest.Within(t), 1); err != nil {
		t.Fatal(err)
	}
	if len(hook.bodies) != 1 {
		t.Fatalf("%d workflows were started, want one for the preview", len(hook.bodies))
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(hook.bodies[0]), &got); err != nil || got["conversationId"] != r.Conversation || got["callbackNumbers"] != nil || got["topicName"] != nil {
		t.Errorf("the workflow got %v %v", got, err)
	}
	path := "/api/v2/processautomation/triggers/" + made.str("id")
	ask["enabled"], ask["version"] = false, 1
	o.do("PUT", path, ask).want(200, `"version":2`)
	o.do("PUT", path, ask).want(409)
	o.do("GET", "/api/v2/processautomation/triggers", nil).want(200, made.str("id"))
	o.do("DELETE", path, nil).want(204)
	o.do("GET", path, nil).want(404)
	ask["topicName"] = "v2.users.{id}.conversations.calls"
	o.do("POST", "/api/v2/processautomation/triggers", ask).want(400)
	o.do("GET", "/api/v2/processautomation/triggers/topics", nil).want(200, "user.end")
}

func TestTargetsAreChecked(t *testing.T) {
	o := start(t, genesys.Config{})
	for _, bad := range []genesys.Target{{URL: ""}, {URL: "ftp://x"}, {URL: "http://x", Topics: []string{"v2.nonsense"}}} {
		if o.AddTarget(bad) == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}
