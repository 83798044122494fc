package webex_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/sim/stage/stagetest"
	"cordboard/sim/webex"
)

// receiver is who listens for webhooks.
type receiver struct {
	mu     sync.Mutex
	events []hookEvent
	more   chan struct{}
	url    string
	status int
}

type hookEvent struct {
	ID, Type, Source, SpecVersion string
	OrgID                         string `json:"comciscoorgid"`
	Timestamp                     any    `json:"comciscotimestamp"`
	Data                          data
	header                        http.Header
	raw                           []byte
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{more: make(chan struct{}, 1), status: 200}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		raw, _ := io.ReadAll(q.Body)
		e := hookEvent{header: q.Header, raw: raw}
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Errorf("%v in %s", err, raw)
		}
		r.mu.Lock()
		r.events = append(r.events, e)
		w.WriteHeader(r.status)
		r.mu.Unlock()
		select {
		case r.more <- struct{}{}:
		default:
		}
	}))
	t.Cleanup(web.Close)
	r.url = web.URL + "/hooks"
	return r
}

// first waits for n events and returns them.
func (r *receiver) first(t *testing.T, n int) []hookEvent {
	t.Helper()
	for {
		r.mu.Lock()
		got := slices.Clone(r.events)
		r.mu.Unlock()
		if len(got) >= n {
			return got[:n]
		}
		select {
		case <-r.more:
		case <-stagetest.Within(t).Done():
			t.Fatalf("%d webhooks, want %d: %v", len(got), n, types(got))
		}
	}
}

func types(events []hookEvent) []string {
	var list []string
	for _, e := range events {
		list = append(list, e.Type+" "+e.Data.text("currentState"))
	}
	return list
}

var taskTypes = []string{"task:new", "task:parked", "task:connect", "task:connected", "task:on-hold", "task:hold-done", "task:ended"}

func TestWebhooksOfACall(t *testing.T) {
	s := start(t, webex.Config{})
	r, adm := receive(t), admin(t, s)
	status, out := adm.do("POST", "/v2/subscriptions", body{"name": "connector", "eventTypes": append(taskTypes, "agent:channel_state_change"),
		"destinationUrl": r.url, "secret": "s3cret", "resourceVersion": "agent:2.0.0"})
	if status != 201 {
		t.Fatalf("subscription: %d %v", status, out)
	}
	id := data(out).text("data", "id")
	ids := play(t, s, "inbound", webex.Call{Customer: customer})
	want := []string{"task:new create", "task:parked parked", "task:connect connect", "agent:channel_state_change ringing", "task:connected connected",
		"agent:channel_state_change connected", "task:on-hold on-hold", "agent:channel_state_change on-hold", "task:hold-done hold-done",
		"agent:channel_state_change hold-done", "task:ended ended", "agent:channel_state_change wrapup", "agent:channel_state_change wrapup-done",
		"agent:channel_state_change available"}
	got := r.first(t, len(want))
	if !slices.Equal(types(got), want) {
		t.Errorf("got %v\nwant %v", types(got), want)
	}
	seen := map[string]bool{}
	for _, e := range got {
		mac := hmac.New(sha256.New, []byte("s3cret"))
		mac.Write(e.raw)
		if e.header.Get("X-WebexCC-Signature") != hex.EncodeToString(mac.Sum(nil)) {
			t.Errorf("%s: the signature does not fit the body", e.Type)
		}
		if e.header.Get("X-WebexCC-Timestamp") == "" || e.header.Get("X-WebexCC-Timestamp") != e.Timestamp {
			t.Errorf("%s: timestamp %q in the header, %v in the body", e.Type, e.header.Get("X-WebexCC-Timestamp"), e.Timestamp)
		}
		if v := e.header.Get("X-WebexCC-Webhook-Version"); strings.HasPrefix(e.Type, "agent") && v != "agent:2.0.0" || strings.HasPrefix(e.Type, "task") && v != "task:1.0.0" {
			t.Errorf("%s has version %q", e.Type, v)
		}
		if e.SpecVersion != "1.0" || e.Source != "/com/cisco/wxcc/"+id || seen[e.ID] || e.OrgID != s.Ready()["org_id"] {
			t.Errorf("envelope: %s", e.raw)
		}
		seen[e.ID] = true
		if task := e.Data.text("taskId"); task != ids.Main && e.Data.text("currentState") != "available" {
			t.Errorf("%s is about task %q", e.Type, task)
		}
		if strings.HasPrefix(e.Type, "task") && e.Data.text("origin") != customer {
			t.Errorf("%s: origin %v", e.Type, e.Data["origin"])
		}
	}
}

// TestWebhookFaults loses, repeats and shuffles.
func TestWebhookFaults(t *testing.T) {
	s := start(t, webex.Config{})
	r, adm := receive(t), admin(t, s)
	if status, out := adm.do("POST", "/v1/subscriptions", body{"name": "v1", "eventTypes": taskTypes, "destinationUrl": r.url}); status != 201 {
		t.Fatalf("%d %v", status, out)
	}
	s.LoseWebhooks(1)
	s.DuplicateWebhooks(1)
	play(t, s, "predictive", webex.Call{})
	got := r.first(t, 4)
	if want := []string{"task:connect connect", "task:connect connect", "task:connected connected", "task:ended ended"}; !slices.Equal(types(got), want) {
		t.Errorf("got %v, want %v", types(got), want)
	}
	if got[0].ID != got[1].ID || got[0].header.Get("X-WebexCC-Signature") != "" || got[0].header.Get("X-WebexCC-Timestamp") != "" || got[0].Timestamp != nil {
		t.Errorf("a duplicate without secret, version 1: %v %s", got[0].header, got[0].raw)
	}
	s.HoldWebhooks()
	for range 5 {
		play(t, s, "predictive", webex.Call{})
	}
	s.ReleaseWebhooks(true)
	all := types(r.first(t, 24)[4:])
	ordered := slices.Repeat([]string{"task:new create", "task:connect connect", "task:connected connected", "task:ended ended"}, 5)
	if slices.Equal(all, ordered) {
		t.Error("20 webhooks are in order, although shuffled")
	}
	slices.Sort(all)
	slices.Sort(ordered)
	if !slices.Equal(all, ordered) {
		t.Errorf("shuffled: %v", all)
	}
}

func TestWebhookDeliveriesAreOnRecord(t *testing.T) {
	s := start(t, webex.Config{})
	r, adm := receive(t), admin(t, s)
	r.status = 503
	_, out := adm.do("POST", "/v1/subscriptions", body{"name": "v1", "eventTypes": []string{"task:new"}, "destinationUrl": r.url})
	id := data(out).text("data", "id")
	_, _ = adm.do("POST", "/v1/subscriptions", body{"name": "gone", "eventTypes": []string{"task:new"}, "destinationUrl": "http://127.0.0.1:1/x"})
	play(t, s, "predictive", webex.Call{})
	deadline := stagetest.Within(t)
	var past []webex.Delivery
	for len(past) < 2 && deadline.Err() == nil {
		past = s.Webhooks()
		time.Sleep(time.Millisecond) // nothing to wait for but the record itself
	}
	for _, d := range past {
		if d.Subscription == id && d.Status != 503 || d.Subscription != id && d.Error == "" || d.Type != "task:new" {
			t.Errorf("%+v", d)
		}
	}
	if len(past) != 2 {
		t.Errorf("%d deliveries", len(past))
	}
	if status, _ := adm.do("PATCH", "/v1/subscriptions/"+id, body{"status": "inactive"}); status != 200 {
		t.Errorf("PATCH: %d", status)
	}
	if _, out := adm.do("GET", "/v1/subscriptions/"+id, nil); data(out).text("data", "status") != "inactive" || data(out).at("data", "secret") != nil {
		t.Errorf("after PATCH: %v", out)
	}
	if status, _ := adm.do("DELETE", "/v1/subscriptions/"+id, nil); status != 204 {
		t.Errorf("DELETE: %d", status)
	}
	if _, out := adm.do("GET", "/v1/subscriptions", nil); len(out["data"].([]any)) != 1 {
		t.Errorf("list: %v", out)
	}
}

func TestSubscriptionsAreChecked(t *testing.T) {
	s := start(t, webex.Config{})
	adm := admin(t, s)
	good := func() body {
		return body{"name": "n", "eventTypes": []string{"task:new"}, "destinationUrl": "http://127.0.0.1:1/x", "resourceVersion": "task:1.0.0"}
	}
	for what, change := range map[string]func(body){
		"no name":            func(b body) { delete(b, "name") },
		"unknown event type": func(b body) { b["eventTypes"] = []string{"task:sung"} },
		"v1 type in v2":      func(b body) { b["eventTypes"] = []string{"agent:state_change"} },
		"no version":         func(b body) { delete(b, "resourceVersion") },
		"query":              func(b body) { b["destinationUrl"] = "https://cc.example/x?y=1" },
		"no path":            func(b body) { b["destinationUrl"] = "https://cc.example" },
		"other scheme":       func(b body) { b["destinationUrl"] = "ftp://cc.example/x" },
		"long secret":        func(b body) { b["secret"] = strings.Repeat("x", 257) },
		"other org":          func(b body) { b["orgId"] = "x" },
	} {
		b := good()
		change(b)
		if status, out := adm.do("POST", "/v2/subscriptions", b); status != 400 || out["error"] == nil || out["trackingId"] == "" {
			t.Errorf("%s: %d %v", what, status, out)
		}
	}
	for range 20 {
		if status, _ := adm.do("POST", "/v2/subscriptions", good()); status != 201 {
			t.Fatal(status)
		}
	}
	if status, _ := adm.do("POST", "/v1/subscriptions", good()); status != 403 {
		t.Errorf("the 21st: %d", status)
	}
	if status, out := adm.do("GET", "/v2/event-types", nil); status != 200 || len(out["data"].([]any)) != 19 || data(out).at("meta", "resourceVersionList") == nil {
		t.Errorf("event types: %d %v", status, out)
	}
	if status, _ := adm.do("GET", "/v1/subscriptions/x", nil); status != 404 {
		t.Errorf("an unknown subscription: %d", status)
	}
}
