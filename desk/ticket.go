package desk

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"sync"
	"time"
)

// TicketLife is how long a ticket may be redeemed: long enough to open a socket, too short to be worth stealing.
const TicketLife = 30 * time.Second

// ErrTicket means that a ticket is unknown, used or too old.
var ErrTicket = errors.New("desk: the ticket is unknown, used or too old")

// Tickets hands out one-time tickets that let a browser tab open the desk of one agent. Who may ask for one is decided
// where they are asked for. It is safe for concurrent use.
type Tickets struct {
	now func() time.Time

	mu     sync.Mutex
	issued map[string]ticket
	swept  time.Time // when the old ones were last thrown away
}

type ticket struct {
	agent string
	until time.Time
}

// NewTickets returns an empty office. now is the clock; nil means time.Now.
func NewTickets(now func() time.Time) *Tickets {
	if now == nil {
		now = time.Now
	}
	return &Tickets{now: now, issued: map[string]ticket{}}
}

// Issue returns a new ticket for the agent's desk.
func (t *Tickets) Issue(agent string) string {
	raw := make([]byte, 24)
	rand.Read(raw) // never fails, see its documentation
	id := base64.RawURLEncoding.EncodeToString(raw)

	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	t.sweepLocked(now)
	t.issued[id] = ticket{agent: agent, until: now.Add(TicketLife)}
	return id
}

// sweepLocked throws old tickets away, not more often than one gets old: thousands of browsers come at the same moment.
func (t *Tickets) sweepLocked(now time.Time) {
	if now.Sub(t.swept) < TicketLife {
		return
	}
	t.swept = now
	for id, k := range t.issued {
		if now.After(k.until) {
			delete(t.issued, id)
		}
	}
}

// Redeem returns the agent of a ticket and voids it.
func (t *Tickets) Redeem(id string) (agent string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k, ok := t.issued[id]
	delete(t.issued, id)
	if !ok || t.now().After(k.until) {
		return "", ErrTicket
	}
	return k.agent, nil
}
