package genesys_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// busEvent is an event as EventBridge delivers it.
type busEvent struct {
	Type   string `json:"detail-type"`
	Source string
	Detail struct {
		Topic string          `json:"topicName"`
		Body  json.RawMessage `json:"eventBody"`
	}
}

// destination is an HTTP address that takes events.
type destination struct {
	*httptest.Server
	mu      sync.Mutex
	refuse  int // so many requests are answered 503 first
	events  []busEvent
	bodies  []string
	headers []http.Header
}

func listenHTTP(t *testing.T) *destination {
	t.Helper()
	d := &destination{}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.refuse > 0 {
			d.refuse--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		var raw json.RawMessage
		var e busEvent
		if err := json.NewDecoder(r.Body).Decode(&raw); err != nil || json.Unmarshal(raw, &e) != nil {
			t.Errorf("not an event: %v %s", err, raw)
		}
		d.events, d.bodies, d.headers = append(d.events, e), append(d.bodies, string(raw)), append(d.headers, r.Header)
	}))
	t.Cleanup(d.Close)
	return d
}

func (d *destination) taken() []busEvent {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]busEvent(nil), d.events...)
}
