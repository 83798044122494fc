package webex

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Order is one API request as it was answered.
type Order struct {
	Seq    int             `json:"seq"`
	At     time.Time       `json:"at"`
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Agent  string          `json:"agent,omitempty"` // whose token it carried; "" for the service app or none
	Body   json.RawMessage `json:"body,omitempty"`
	Status int             `json:"status"`
}

// orders remembers the newest requests.
type orders struct {
	mu   sync.Mutex
	seq  int
	list []Order
}

const maxOrders = 20000

func (o *orders) add(r *http.Request, a *agent, raw []byte, status int) {
	order := Order{At: time.Now(), Method: r.Method, Path: r.URL.Path, Status: status}
	if a != nil {
		order.Agent = a.id
	}
	if json.Valid(raw) {
		order.Body = raw
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seq++
	order.Seq = o.seq
	o.list = append(o.list, order)
	if len(o.list) > maxOrders+maxOrders/4 {
		o.list = slices.Clone(o.list[len(o.list)-maxOrders:])
	}
}

// Orders returns the remembered requests with a token, oldest first: what was
// ordered by REST and how it was answered. Requests for tokens and those of
// the control API are not among them.
func (s *Server) Orders() []Order {
	s.orders.mu.Lock()
	defer s.orders.mu.Unlock()
	return slices.Clone(s.orders.list)
}
