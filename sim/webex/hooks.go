package webex

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"
)

// Webhooks: every event goes to each subscription that asked for its type, one
// after the other, unless the faults that tests ask for lose, repeat or
// shuffle them. The vendor promises neither delivery nor order; here nothing is
// tried again (inferred).

// hooks holds the subscriptions to webhooks and their ways out.
type hooks struct {
	s       *Server
	mu      sync.Mutex
	subs    []*hook
	past    []Delivery
	lose    int
	twice   int
	holding bool
	waiting []posting
}

// A hook is one subscription. Its members are those of "Register
// Subscription"; the secret is never shown again.
type hook struct {
	ID              string   `json:"id"`
	Name            string   `json:"name"`
	Description     string   `json:"description,omitempty"`
	EventTypes      []string `json:"eventTypes"`
	DestinationURL  string   `json:"destinationUrl"`
	Created         int64    `json:"createdTime"`
	CreatedBy       string   `json:"createdBy"`
	Status          string   `json:"status"`
	Updated         int64    `json:"lastUpdatedTime"`
	UpdatedBy       string   `json:"lastUpdatedBy"`
	ResourceVersion string   `json:"resourceVersion,omitempty"` // of version 2 only

	version int
	secret  string
	queue   *outbox
}

// A posting is one event on its way to one subscription.
type posting struct {
	to    *hook
	event event
}

// event is the body of a webhook, in the form of CloudEvents 1.0.
type event struct {
	ID          string         `json:"id"`
	SpecVersion string         `json:"specversion"`
	Type        string         `json:"type"`
	Source      string         `json:"source"`
	OrgID       string         `json:"comciscoorgid"`
	Timestamp   string         `json:"comciscotimestamp,omitempty"` // of version 2 only
	ContentType string         `json:"datacontenttype"`
	Data        map[string]any `json:"data"`
}

// Delivery is one attempt to deliver a webhook.
type Delivery struct {
	Subscription string `json:"subscription"`
	ID           string `json:"id"`
	Type         string `json:"type"`
	Task         string `json:"task,omitempty"`
	Status       int    `json:"status"`          // of the answer; 0 when there was none
	Error        string `json:"error,omitempty"` // why there was none
}

const maxDeliveries = 20000

func newHooks(s *Server) *hooks { return &hooks{s: s} }

// emit sends an event to whoever subscribed to it.
func (h *hooks) emit(kind string, data map[string]any, uuid func() string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, sub := range h.subs {
		if !sub.wants(kind) {
			continue
		}
		e := event{ID: uuid(), SpecVersion: "1.0", Type: kind, Source: "/com/cisco/wxcc/" + sub.ID, OrgID: orgID, ContentType: "application/json", Data: data}
		switch p := (posting{sub, e}); {
		case h.lose > 0:
			h.lose--
		case h.holding:
			h.waiting = append(h.waiting, p)
		default:
			h.post(p)
			if h.twice > 0 {
				h.twice--
				h.post(p)
			}
		}
	}
}

// post puts an event into its subscription's queue, signed over the bytes that
// are sent.
func (h *hooks) post(p posting) {
	if p.to.version == 2 {
		p.event.Timestamp = strconv.FormatInt(nowMilli(), 10)
	}
	raw, err := json.Marshal(p.event)
	if err != nil {
		h.s.cfg.Log.Error("webhook not written", "error", err)
		return
	}
	p.to.queue.push(raw)
}

func (k *hook) wants(kind string) bool {
	if k.Status != "active" {
		return false
	}
	for _, t := range k.EventTypes {
		if t == kind {
			return true
		}
	}
	return false
}

func sign(raw []byte, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(raw)
	return hex.EncodeToString(mac.Sum(nil))
}

func nowMilli() int64 { return time.Now().UnixMilli() }

// LoseWebhooks throws away the next n webhooks.
func (s *Server) LoseWebhooks(n int) {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	s.hooks.lose = n
}

// DuplicateWebhooks delivers each of the next n webhooks twice, with the same
// id.
func (s *Server) DuplicateWebhooks(n int) {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	s.hooks.twice = n
}

// HoldWebhooks keeps webhooks back until ReleaseWebhooks.
func (s *Server) HoldWebhooks() {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	s.hooks.holding = true
}

// ReleaseWebhooks ends HoldWebhooks: what was kept back is delivered in its
// order, or in a random one when shuffled.
func (s *Server) ReleaseWebhooks(shuffled bool) {
	h := s.hooks
	h.mu.Lock()
	defer h.mu.Unlock()
	waiting := h.waiting
	h.holding, h.waiting = false, nil
	if shuffled {
		rand.Shuffle(len(waiting), func(i, j int) { waiting[i], waiting[j] = waiting[j], waiting[i] })
	}
	for _, p := range waiting {
		h.post(p)
		if h.twice > 0 {
			h.twice--
			h.post(p)
		}
	}
}

// Webhooks returns the remembered deliveries, oldest first.
func (s *Server) Webhooks() []Delivery {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	return append([]Delivery(nil), s.hooks.past...)
}
