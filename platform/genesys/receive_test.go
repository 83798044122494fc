package genesys_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/config"
	"cordboard/platform"
	"cordboard/platform/genesys"
	"cordboard/platform/platformtest"

	sim "cordboard/sim/genesys"
)

const key = "a key of EventBridge"

// post sends a body to the connector.
func post(c *genesys.Connector, path, key, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	if key != "" {
		r.Header.Set("X-Cordboard-Key", key)
	}
	w := httptest.NewRecorder()
	c.Receive(w, r)
	return w
}

// Ensure that only who has the key is heard, only while the connector runs, and that what cannot be understood is kept.
func TestReceive(t *testing.T) {
	o := newOrg(t, sim.Config{Users: 3})
	o.cfg.ReceiveKey = config.NewSecret(key)
	c := o.open(t, silent())
	event := string(busStories()["bus inbound"].sent[2].Message)
	if w := post(c, "/", key, event); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("before Run: %d", w.Code)
	}
	sink := platformtest.NewSink()
	stop := platformtest.Start(t, c, sink)
	sink.AwaitState(t, platform.Up)
	for what, w := range map[string]*httptest.ResponseRecorder{
		"no key": post(c, "/", "", event), "a wrong key": post(c, "/", "another key of EventBridge", event),
	} {
		if w.Code != http.StatusUnauthorized || !strings.Contains(w.Header().Get("Content-Type"), "problem+json") {
			t.Errorf("%s: %d %s", what, w.Code, w.Header().Get("Content-Type"))
		}
	}
	if w := post(c, "/", key, event); w.Code != http.StatusNoContent || len(sink.Moments()) != 1 {
		t.Errorf("%d, %d moments", w.Code, len(sink.Moments()))
	}
	if w := post(c, "/user.end", key, `{"conversationId":"bus-inbound","participantId":"bus-inbound-a1","userId":"u1","mediaType":"VOICE","interactingDurationMs":1000,"eventTime":1778058010000}`); w.Code != http.StatusNoContent || len(sink.Moments()) != 3 {
		t.Errorf("bare body: %d, %d moments", w.Code, len(sink.Moments()))
	}
	for _, body := range []string{"nonsense", "[1", `["x"]`} {
		before := len(sink.Kept())
		if w := post(c, "/", key, body); w.Code != http.StatusNoContent || len(sink.Kept()) != before+1 {
			t.Errorf("%s: %d, %d kept", body, w.Code, len(sink.Kept())-before)
		}
	}
	if w := post(c, "/", key, strings.Repeat(" ", 2<<20)); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: %d", w.Code)
	}
	get := httptest.NewRequest(http.MethodGet, "/", nil)
	get.Header.Set("X-Cordboard-Key", key)
	w := httptest.NewRecorder()
	if c.Receive(w, get); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", w.Code)
	}
	stop()
	if w := post(c, "/", key, event); w.Code != http.StatusServiceUnavailable {
		t.Errorf("after Run: %d", w.Code)
	}
}

// Ensure that an event is acknowledged only once it is durable.
func TestReceiveWaitsForTheJournal(t *testing.T) {
	o := newOrg(t, sim.Config{Users: 3})
	o.cfg.ReceiveKey = config.NewSecret(key)
	c := o.open(t, silent())
	sink := platformtest.NewSink()
	platformtest.Start(t, c, sink)
	sink.AwaitState(t, platform.Up)
	release := sink.Block()
	answered := make(chan int, 1)
	go func() { answered <- post(c, "/", key, string(busStories()["bus inbound"].sent[2].Message)).Code }()
	select {
	case code := <-answered:
		t.Errorf("answered %d before the journal had it", code)
	case <-time.After(100 * time.Millisecond):
	}
	release()
	if code := <-answered; code != http.StatusNoContent {
		t.Errorf("%d", code)
	}
}

// Ensure that the same call, told by the socket and by EventBridge at once, is one: each moment once, whichever comes first.
func TestTwoSources(t *testing.T) {
	o := newOrg(t, sim.Config{Users: 3})
	o.cfg.ReceiveKey = config.NewSecret(key)
	c := o.open(t, silent())
	sink := platformtest.NewSink()
	platformtest.Start(t, c, sink)
	sink.AwaitState(t, platform.Up)
	door := httptest.NewServer(http.HandlerFunc(c.Receive))
	defer door.Close()
	if err := o.AddTarget(sim.Target{URL: door.URL + "/", Headers: map[string]string{"X-Cordboard-Key": key}}); err != nil {
		t.Fatal(err)
	}
	for _, script := range []string{"inbound", "predictive", "preview_dialed", "preview_skipped", "manual_outbound_queue", "inbound_blind_transfer"} {
		got := o.play(t, script, 0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if err := o.AwaitDelivered(ctx); err != nil {
			t.Error(err)
		}
		cancel()
		sink.Await(t, "the end of "+script, func() bool {
			events := ofCall(got, sink.Events())
			return ended(events) >= len(o.tellers(got)) && o.wrapped(got, events)
		})
		counts := map[string]int{}
		for _, ev := range ofCall(got, sink.Moments()) {
			if ev.Name != "held" {
				counts[ev.Leg+" "+ev.Name]++
			}
			if ev.Mode == "" {
				t.Errorf("%s: %s has no mode", script, ev.ID)
			}
		}
		for what, n := range counts {
			if n != 1 {
				t.Errorf("%s: %s was told %d times", script, what, n)
			}
		}
		if !slices.ContainsFunc(ofCall(got, sink.Moments()), func(ev call.Event) bool { return ev.Phase == call.Ended }) {
			t.Errorf("%s did not end", script)
		}
	}
	if kept := sink.Kept(); len(kept) > 0 {
		t.Errorf("%d messages were not understood: %v", len(kept), kept[0].Reason)
	}
	if last := o.Deliveries(); len(last) == 0 || last[len(last)-1].Status != http.StatusNoContent {
		t.Errorf("%d deliveries", len(last))
	}
}
