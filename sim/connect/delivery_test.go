package connect_test

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/sim/connect"
	"cordboard/sim/stage/stagetest"
)

// receiver is an HTTPS API destination, or the place where the external dialer posts to.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	bodies  [][]byte
	refuse  []int // the answers of the next requests
	headers []http.Header
	arrived chan struct{}
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{arrived: make(chan struct{}, 10000)}
	r.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		if len(r.refuse) > 0 {
			code := r.refuse[0]
			r.refuse = r.refuse[1:]
			w.WriteHeader(code)
			return
		}
		r.bodies, r.headers = append(r.bodies, body), append(r.headers, req.Header)
		r.arrived <- struct{}{}
	}))
	r.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that the end of a test interrupts
	r.StartTLS()
	t.Cleanup(r.Close)
	return r
}

// trust is what a sender needs to know of the receiver's certificate.
func (r *receiver) trust() *tls.Config { return r.Client().Transport.(*http.Transport).TLSClientConfig }

func (r *receiver) wait(t *testing.T, n int) [][]byte {
	t.Helper()
	ctx := stagetest.Within(t)
	for range n {
		select {
		case <-r.arrived:
		case <-ctx.Done():
			r.mu.Lock()
			defer r.mu.Unlock()
			t.Fatalf("%d messages have arrived in all, %d more were wanted", len(r.bodies), n)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.bodies)
}

// TestAPIDestination: every contact event arrives with the secret, also those that were refused for the moment.
func TestAPIDestination(t *testing.T) {
	to := receive(t)
	to.refuse = []int{503, 429, 401}
	s := start(t, connect.Config{TLS: to.trust(), Events: connect.Target{URL: to.URL + "/events", Header: "X-Secret", Secret: "s3cret"}})
	ids := play(t, s, "inbound", connect.Call{})
	var kinds []string
	for _, body := range to.wait(t, 5) {
		e := decode[contactEvent](t, body)
		if e.DetailType != "Amazon Connect Contact Event" || e.Source != "aws.connect" || e.Detail.ContactID != ids.Contact {
			t.Errorf("%s", body)
		}
		kinds = append(kinds, e.Detail.EventType)
	}
	slices.Sort(kinds)
	if got := strings.Join(kinds, " "); got != "COMPLETED CONNECTED_TO_AGENT DISCONNECTED INITIATED QUEUED" {
		t.Errorf("events: %s", got)
	}
	for _, h := range to.headers {
		if h.Get("X-Secret") != "s3cret" || !strings.HasPrefix(h.Get("Content-Type"), "application/json") {
			t.Errorf("headers: %v", h)
		}
	}
	if err := s.AwaitSent(stagetest.Within(t)); err != nil {
		t.Fatal(err)
	}
	if n := s.Sent()["events"]; n.Taken != 5 || n.Attempts != 8 || n.Refused != 0 {
		t.Errorf("counts: %+v", n)
	}
}

// TestRefusedForGood: what a receiver cannot use is not offered again.
func TestRefusedForGood(t *testing.T) {
	to := receive(t)
	to.refuse = []int{400}
	s := start(t, connect.Config{TLS: to.trust(), Events: connect.Target{URL: to.URL}})
	play(t, s, "inbound", connect.Call{})
	to.wait(t, 4)
	if err := s.AwaitSent(stagetest.Within(t)); err != nil {
		t.Fatal(err)
	}
	if n := s.Sent()["events"]; n.Refused != 1 || n.Attempts != 5 {
		t.Errorf("counts: %+v", n)
	}
}

func eventIDs(t *testing.T, heard *ear) (ids, kinds []string) {
	t.Helper()
	for _, m := range heard.take(connect.EventBridge) {
		e := decode[contactEvent](t, m.Body)
		ids, kinds = append(ids, e.ID), append(kinds, e.Detail.EventType)
	}
	return ids, kinds
}

// TestDelivery: duplicates, losses and disorder, each when it is told and only then.
func TestDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := connect.New(connect.Config{Agents: 1, Seed: 7})
		defer s.Close()
		script, _ := connect.Script("inbound")
		ordered := []string{"INITIATED", "QUEUED", "CONNECTED_TO_AGENT", "DISCONNECTED", "COMPLETED"}
		run := func(d connect.Delivery) (ids, kinds []string) {
			s.SetDelivery(d)
			heard := listen(s)
			for range 20 {
				if _, err := s.Play(t.Context(), script, connect.Call{}); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Minute) // virtual: everything that was late has come
			return eventIDs(t, heard)
		}
		if _, kinds := run(connect.Delivery{}); len(kinds) != 100 || !slices.Equal(kinds[:5], ordered) {
			t.Errorf("on a good day: %v", kinds)
		}
		ids, kinds := run(connect.Delivery{Shuffle: 2 * time.Second})
		if len(ids) != 100 || slices.Equal(kinds[:5], ordered) {
			t.Errorf("nothing is shuffled: %v", kinds[:5])
		}
		ids, _ = run(connect.Delivery{Duplicate: 1})
		if unique := slices.Compact(slices.Sorted(slices.Values(ids))); len(ids) != 200 || len(unique) != 100 {
			t.Errorf("%d events, %d of them different", len(ids), len(unique))
		}
		if ids, _ = run(connect.Delivery{Lose: 0.5}); len(ids) < 25 || len(ids) > 75 {
			t.Errorf("%d of 100 events are left when half are lost", len(ids))
		}
	})
}

// TestSpellings: the same event in the vendor's other spelling, and with moments that have not come.
func TestSpellings(t *testing.T) {
	s := connect.New(connect.Config{Agents: 1})
	t.Cleanup(s.Close)
	s.SetDelivery(connect.Delivery{MixedCase: true, Placeholders: true})
	heard := listen(s)
	play(t, s, "inbound", connect.Call{})
	m := heard.take(connect.EventBridge)[2]
	keys := decode[struct{ Detail map[string]json.RawMessage }](t, m.Body).Detail
	for _, key := range []string{"EventType", "ContactId", "AgentInfo", "QueueInfo", "channel", "tags"} {
		if keys[key] == nil {
			t.Errorf("no key %s in %s", key, m.Body)
		}
	}
	if e := decode[contactEvent](t, m.Body); e.Detail.EventType != "CONNECTED_TO_AGENT" || e.Detail.AgentInfo == nil || e.Detail.AgentInfo.AgentArn == "" ||
		e.Detail.DisconnectTimestamp != "1970-01-01T00:00:00.001Z" || string(keys["channel"]) != `"Voice"` {
		t.Errorf("%s", m.Body)
	}
}

// TestTimesOfOneCall: the moments inside the events are those of the story, also when it is told in no time.
func TestTimesOfOneCall(t *testing.T) {
	s := connect.New(connect.Config{Agents: 1})
	t.Cleanup(s.Close)
	heard := listen(s)
	play(t, s, "direct_preview", connect.Call{})
	var last contactEvent
	for _, m := range heard.take(connect.EventBridge) {
		last = decode[contactEvent](t, m.Body)
	}
	d := last.Detail
	moments := []string{d.AgentInfo.AcceptedByAgentTimestamp, d.AgentInfo.PreviewEndTimestamp, d.ConnectedToSystemTimestamp, d.DisconnectTimestamp}
	if !slices.IsSorted(moments) || len(slices.Compact(slices.Clone(moments))) != 4 || moments[0] == "" {
		t.Errorf("moments: %v", moments)
	}
	if d.InitiationTimestamp != d.AgentInfo.PreviewEndTimestamp {
		t.Errorf("a campaign contact begins at %s, after the start of its call at %s", d.InitiationTimestamp, d.AgentInfo.PreviewEndTimestamp)
	}
	if d.AgentInfo.AfterContactWorkDuration == nil || d.AgentInfo.AgentInitiatedHoldDuration == nil {
		t.Errorf("no durations: %+v", d.AgentInfo)
	}
}
