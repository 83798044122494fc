package genesys

import (
	"context"
	"cordboard/sim/stage"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Target is where events go by HTTP: the API destination of an EventBridge bus, or the address that a workflow's data
// action posts to.
type Target struct {
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"` // such as the API destination's key
	Topics  []string          `json:"topics,omitempty"`  // templates, such as v2.detail.events.conversation.{id}.user.end; none means all
	// Workflow is the id of the workflow whose data action this is: the target then gets what triggers that start the
	// workflow let through, and nothing of the bus.
	Workflow string `json:"workflow,omitempty"`
	// Bare sends the event's body alone instead of an envelope.
	Bare bool `json:"bare,omitempty"`
}

// Delivery is one event on its way to a target.
type Delivery struct {
	Seq      int             `json:"seq"`
	URL      string          `json:"url"`
	Topic    string          `json:"topic"`
	Body     json.RawMessage `json:"body"`
	Attempts int             `json:"attempts"`
	Status   int             `json:"status"` // of the last answer; 0 when there was none
	Done     bool            `json:"done"`   // taken, or given up
}

// An eventTarget is a target with what waits for it. Guarded by Server.mu.
type eventTarget struct {
	Target
	waiting []*Delivery
	wake    chan struct{}
	gone    chan struct{} // closed when the target is removed
	feed    feed
}

// AddTarget sends events to an address from now on.
func (s *Server) AddTarget(t Target) error {
	u, err := url.Parse(t.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("a target needs an http or https address")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.life.Err(); err != nil {
		return err
	}
	for _, name := range t.Topics {
		if !slices.ContainsFunc(s.catalog, func(k topic) bool { return k.template == name }) {
			return fmt.Errorf("there is no topic %q", name)
		}
	}
	one := &eventTarget{Target: t, wake: make(chan struct{}, 1), gone: make(chan struct{})}
	s.targets = append(s.targets, one)
	s.life.Spawn(func(ctx context.Context) { s.courier(ctx, one) })
	return nil
}

// ClearTargets sends nothing anywhere any more; what waits is forgotten.
func (s *Server) ClearTargets() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.targets {
		close(t.gone)
		for _, d := range t.waiting {
			d.Done = true
		}
	}
	s.targets = nil
	s.life.Changed()
}

// Targets lists the targets.
func (s *Server) Targets() []Target {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []Target{}
	for _, t := range s.targets {
		out = append(out, t.Target)
	}
	return out
}

// Deliveries lists the last ten thousand events that were on their way to targets, oldest first.
func (s *Server) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Delivery, 0, len(s.deliveries))
	for _, d := range s.deliveries {
		out = append(out, *d)
	}
	return out
}

// busDetail is the event as EventBridge carries it inside its envelope (captured from a partner bus).
type busDetail struct {
	Topic     string            `json:"topicName"`
	Version   string            `json:"version"`
	Body      json.RawMessage   `json:"eventBody"`
	Meta      map[string]string `json:"metadata"`
	Timestamp string            `json:"timestamp"`
}

type busEvent struct {
	Version    string    `json:"version"`
	ID         string    `json:"id"`
	DetailType string    `json:"detail-type"` // the topic's template
	Source     string    `json:"source"`
	Account    string    `json:"account"`
	Time       string    `json:"time"`
	Region     string    `json:"region"`
	Resources  []string  `json:"resources"`
	Detail     busDetail `json:"detail"`
}

// forward gives an event to the targets of the bus and to triggers. Topics that only sockets have never come here.
func (s *Server) forward(template, name string, body *once) {
	i := slices.IndexFunc(s.catalog, func(t topic) bool { return t.template == template })
	if i < 0 || !slices.Equal(s.catalog[i].transports, everywhere) {
		return
	}
	s.fire(template, name, body)
	var data []byte
	for _, t := range s.targets {
		if t.Workflow != "" || len(t.Topics) > 0 && !slices.Contains(t.Topics, template) {
			continue
		}
		if t.Bare {
			s.give(t, name, body.bytes())
			continue
		}
		if data == nil {
			data = s.envelope(template, name, body.bytes())
		}
		s.give(t, name, data)
	}
}

func (s *Server) envelope(template, topic string, body []byte) []byte {
	now := time.Now()
	data, err := json.Marshal(busEvent{Version: "0", ID: newID(), DetailType: template,
		Source: "aws.partner/genesys.com/cloud/" + s.org.id + "/contactcentre", Account: "111122223333", Region: "us-west-2",
		Time: now.UTC().Format(time.RFC3339), Resources: []string{}, Detail: detailOf(topic, body, now)})
	if err != nil {
		panic(fmt.Sprintf("genesys simulator: an event cannot be written: %v", err))
	}
	return data
}

func detailOf(topic string, body []byte, now time.Time) busDetail {
	return busDetail{topic, "2", body, map[string]string{"CorrelationId": newID()}, stamp(now)}
}

// keepDeliveries is how many deliveries are remembered.
const keepDeliveries = 10_000

// give puts an event into a target's queue, or what the faults make of it. It is called under Server.mu.
func (s *Server) give(t *eventTarget, topic string, data []byte) {
	s.distort(&t.feed, topic, "target", data, func(data []byte) {
		s.delivered++
		d := &Delivery{Seq: s.delivered, URL: t.URL, Topic: topic, Body: data}
		s.deliveries = append(s.deliveries, d)
		if len(s.deliveries) > keepDeliveries+keepDeliveries/4 {
			s.deliveries = slices.Clone(s.deliveries[len(s.deliveries)-keepDeliveries:])
		}
		s.queueUp(t, d)
	})
}

func (s *Server) queueUp(t *eventTarget, d *Delivery) {
	t.waiting = append(t.waiting, d)
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// controlTargets serves /sim/targets.
func (s *Server) controlTargets(mux *http.ServeMux) {
	mux.HandleFunc("GET /sim/targets", func(w http.ResponseWriter, _ *http.Request) { stage.Answer(w, http.StatusOK, s.Targets()) })
	mux.HandleFunc("DELETE /sim/targets", func(w http.ResponseWriter, _ *http.Request) {
		s.ClearTargets()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /sim/targets", func(w http.ResponseWriter, r *http.Request) {
		var ask Target
		err := stage.Read(r, &ask)
		if err == nil {
			err = s.AddTarget(ask)
		}
		if err != nil {
			stage.Refuse(w, err)
			return
		}
		stage.Answer(w, http.StatusOK, s.Targets())
	})
}
