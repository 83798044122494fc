package desk

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"sync"
	"time"
)

// TicketLife is how long a ticket may be redeemed: long enough to open a socket, too short to be worth stealing.
const TicketLife = 30 * time.Second

// ErrTicket means that a ticket is unknown, used or too old.
var ErrTicket = errors.New("desk: the ticket is unknown, used or too old")

// Safe is where tickets are kept until they are redeemed. It is safe for concurrent use.
type Safe interface {
	// PutTicket keeps a ticket for its life. It is told by its SHA-256, so that nobody who reads the safe can use it.
	PutTicket(ctx context.Context, ticket [32]byte, agent string, life time.Duration) error
	// TakeTicket returns the agent of a ticket and voids it: of two who ask, one gets it. It fails with ErrTicket,
	// or with another error when nobody can say.
	TakeTicket(ctx context.Context, ticket [32]byte) (agent string, err error)
}

// Tickets hands out one-time tickets that let a browser tab open the desk of one agent. Who may ask for one is decided
// where they are asked for. It is safe for concurrent use.
type Tickets struct{ safe Safe }

// NewTickets returns an office that keeps its tickets in memory. now is the clock; nil means time.Now.
func NewTickets(now func() time.Time) *Tickets {
	if now == nil {
		now = time.Now
	}
	return &Tickets{&drawer{now: now, issued: map[[32]byte]ticket{}}}
}

// NewSharedTickets returns an office that shares its tickets with those of other nodes.
func NewSharedTickets(safe Safe) *Tickets { return &Tickets{safe} }

// Issue returns a new ticket for the agent's desk.
func (t *Tickets) Issue(ctx context.Context, agent string) (string, error) {
	raw := make([]byte, 24)
	rand.Read(raw) // never fails, see its documentation
	id := base64.RawURLEncoding.EncodeToString(raw)
	return id, t.safe.PutTicket(ctx, sha256.Sum256([]byte(id)), agent, TicketLife)
}

// Redeem returns the agent of a ticket and voids it. It fails with ErrTicket, or with another error when nobody can say.
func (t *Tickets) Redeem(ctx context.Context, id string) (agent string, err error) {
	return t.safe.TakeTicket(ctx, sha256.Sum256([]byte(id)))
}

// drawer is a Safe in memory.
type drawer struct {
	now func() time.Time

	mu     sync.Mutex
	issued map[[32]byte]ticket
	swept  time.Time // when the old ones were last thrown away
}

type ticket struct {
	agent string
	until time.Time
}

// PutTicket implements [Safe].
func (d *drawer) PutTicket(_ context.Context, id [32]byte, agent string, life time.Duration) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	d.sweepLocked(now)
	d.issued[id] = ticket{agent: agent, until: now.Add(life)}
	return nil
}

// sweepLocked throws old tickets away, not more often than one gets old: thousands of browsers come at the same moment.
func (d *drawer) sweepLocked(now time.Time) {
	if now.Sub(d.swept) < TicketLife {
		return
	}
	d.swept = now
	for id, k := range d.issued {
		if now.After(k.until) {
			delete(d.issued, id)
		}
	}
}

// TakeTicket implements [Safe].
func (d *drawer) TakeTicket(_ context.Context, id [32]byte) (agent string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	k, ok := d.issued[id]
	delete(d.issued, id)
	if !ok || d.now().After(k.until) {
		return "", ErrTicket
	}
	return k.agent, nil
}
