package connect

import (
	"encoding/json"
	"math/rand/v2"
	"sync"
	"time"
)

// Delivery is what the ways out do to messages. Contact events are promised best effort and in no order (Amazon Connect contact
// events: subscribe), the records of the agent event stream at least once and in each shard's order. The zero value is a good day.
type Delivery struct {
	Shuffle      time.Duration `json:"shuffle"`      // each event is late by up to so much, by chance
	Duplicate    float64       `json:"duplicate"`    // the part of the events that come twice, 0 to 1
	Lose         float64       `json:"lose"`         // the part that never come
	MixedCase    bool          `json:"mixedCase"`    // keys in the spelling of some of the vendor's samples: EventType, AgentInfo.AgentArn, channel "Voice"
	Placeholders bool          `json:"placeholders"` // moments that have not come are 1970-01-01T00:00:00.001Z instead of absent

	StreamDuplicate float64 `json:"streamDuplicate"` // the part of the agent event stream's records that are put twice, 0 to 1
}

// SetDelivery changes what happens to contact events from now on.
func (s *Server) SetDelivery(d Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delivery = d
}

// SetEvents makes EventBridge send contact events to another API destination.
func (s *Server) SetEvents(t Target) { s.bus.out.target.Store(&t) }

// A bus hands contact events to the rule's targets: the API destination and the queue.
type bus struct {
	mu     sync.Mutex
	random *rand.Rand
	spread int // of the lanes, so that lanes overtake each other
	out    *courier
	queue  func(body []byte) // nil when there is no queue
}

// put delivers one event, or not, or twice, now or later. It runs under Server.mu.
func (b *bus) put(s *Server, body []byte) {
	b.mu.Lock()
	copies, late := 1, []time.Duration{0, 0}
	if s.delivery.Duplicate > 0 && b.random.Float64() < s.delivery.Duplicate {
		copies = 2
	}
	if s.delivery.Lose > 0 && b.random.Float64() < s.delivery.Lose {
		copies = 0
	}
	if s.delivery.Shuffle > 0 {
		for i := range late {
			late[i] = time.Duration(b.random.Int64N(int64(s.delivery.Shuffle)))
		}
	}
	b.mu.Unlock()
	for i := range copies {
		if late[i] == 0 {
			b.deliver(s, body)
		} else {
			s.life.Later(late[i], func() { b.deliver(s, body) })
		}
	}
}

func (b *bus) deliver(s *Server, body []byte) {
	s.tap(EventBridge, "", body)
	b.mu.Lock()
	b.spread++
	lane := b.spread
	b.mu.Unlock()
	b.out.put(lane, body)
	if b.queue != nil {
		b.queue(body)
	}
}

// otherCase spells an event's keys as the vendor's sample of a call connected by routing criteria does.
func otherCase(d *detail) any {
	raw, err := json.Marshal(d)
	if err != nil { // strings and numbers only
		panic(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(raw, &fields); err != nil { // just written
		panic(err)
	}
	out := map[string]any{}
	for key, value := range fields {
		switch key {
		case "tags", "campaign", "outboundStrategy":
		case "channel":
			value = "Voice"
		default:
			if inner, ok := value.(map[string]any); ok {
				value = capitals(inner)
			}
			key = capital(key)
		}
		out[key] = value
	}
	return out
}

func capitals(fields map[string]any) map[string]any {
	out := map[string]any{}
	for key, value := range fields {
		out[capital(key)] = value
	}
	return out
}

func capital(key string) string { return upper(key[:1]) + key[1:] }
