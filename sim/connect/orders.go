package connect

import "time"

// Order is something that an agent, or the client under test for an agent, commanded: in the CCP, through the REST API or by
// the dialer's commands.
type Order struct {
	At      time.Time `json:"at"`
	Agent   string    `json:"agent,omitempty"` // the user name
	What    string    `json:"what"`            // the method: acceptContact, PutUserStatus, "dialer MakeCall" …
	Contact string    `json:"contact,omitempty"`
}

// ordersKept is how many orders are remembered.
const ordersKept = 10000

// ordered notes an order. It runs under Server.mu.
func (s *Server) ordered(a *agent, what, contact string) {
	o := Order{At: time.Now().UTC(), What: what, Contact: contact}
	if a != nil {
		o.Agent = a.username
	}
	if len(s.orders) >= ordersKept {
		s.orders = append(s.orders[:0], s.orders[ordersKept/2:]...)
	}
	s.orders = append(s.orders, o)
	s.life.Changed()
}

// Orders returns what was commanded so far, oldest first; of very many, the newest.
func (s *Server) Orders() []Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Order(nil), s.orders...)
}
