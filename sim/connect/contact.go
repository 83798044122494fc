package connect

import (
	"time"
)

// A contact is what Amazon Connect calls so: one customer with at most one agent. When a second agent comes in, that is a
// new contact which names the first one. Guarded by Server.mu.
type contact struct {
	s    *Server
	call *call

	id, initial, previous string
	method                string // how it was initiated, in the words of the contact record: INBOUND, CAMPAIGN_PREVIEW …
	customer              string // the customer's number
	queue                 *queue // nil when it never waited in one
	campaign              *campaign
	attributes            map[string]string

	agent *agent
	state string // the agent's state of the contact, in the words of Streams: connecting, connected, ended …; "" before it reaches an agent
	since time.Time
	conns []*connection // as the agent sees them

	t      times
	reason string // why it was disconnected
	amd    string // what answering machine detection found

	heldSince time.Time
	held      time.Duration
	quick     int // connections made so far, for their ids
}

// times are the moments of a contact; zero until they happen.
type times struct {
	created, started, answered, queued, connected, accepted, previewEnd, disconnected, wrapUp, cleared, updated time.Time
}

// The states of a contact at the agent (Streams: ContactStateType).
const (
	connecting = "connecting"
	connected  = "connected"
	missed     = "missed"
	rejected   = "rejected"
	failed     = "error"
	ended      = "ended"
)

// The states of a connection (Streams: ConnectionStateType); connecting and connected are the same words.
const (
	onHold       = "hold"
	disconnected = "disconnected"
)

// A role is whose connection it is; the zero value is a third party's.
type role int

const (
	thirdParty role = iota
	theAgent
	theCustomer
)

// A connection is one party of a contact, as the agent's CCP shows it.
type connection struct {
	id      string
	role    role
	kind    string // agent, inbound, outbound
	initial bool
	state   string
	since   time.Time
	number  string // of a phone; "" for the agent's own
	quick   string // the quick connect that was called, if any
	far     *contact
	peer    *agent // the colleague at the other end
	muted   bool
}

// over says that the contact has left the telephone: all that can still come is the end of the after-call work.
func (c *contact) over() bool {
	switch c.state {
	case missed, rejected, failed, ended:
		return true
	}
	return !c.t.disconnected.IsZero()
}

func (c *contact) to(state string, at time.Time) {
	if c.state != state {
		c.state, c.since = state, at
	}
}

func (n *connection) to(state string, at time.Time) {
	if n.state != state {
		n.state, n.since = state, at
	}
}

// add gives the contact one more connection.
func (c *contact) add(n connection, at time.Time) *connection {
	c.quick++
	n.id, n.since = c.s.uuid(), at
	c.conns = append(c.conns, &n)
	return c.conns[len(c.conns)-1]
}

// own is the agent's connection.
func (c *contact) own() *connection {
	for _, n := range c.conns {
		if n.role == theAgent {
			return n
		}
	}
	return nil
}

// customerConn is the customer's connection: of a preview, that of the call that was dialled afterwards.
func (c *contact) customerConn() *connection {
	for _, n := range c.conns {
		if n.role == theCustomer {
			return n
		}
	}
	return nil
}

// third is the newest third party that is still there.
func (c *contact) third() *connection {
	for i := len(c.conns) - 1; i >= 0; i-- {
		n := c.conns[i]
		if n.role == thirdParty && n.state != disconnected {
			return n
		}
	}
	return nil
}

func (c *contact) conn(id string) *connection {
	for _, n := range c.conns {
		if n.id == id {
			return n
		}
	}
	return nil
}

// hold puts a connection on hold or takes it back, and counts the time the customer waits.
func (c *contact) hold(n *connection, on bool, at time.Time) {
	customer := n == c.customerConn()
	if on {
		n.to(onHold, at)
		if customer && c.heldSince.IsZero() {
			c.heldSince = at
		}
		return
	}
	n.to(connected, at)
	if customer {
		c.release(at)
	}
}

func (c *contact) release(at time.Time) {
	if !c.heldSince.IsZero() {
		c.held += at.Sub(c.heldSince)
		c.heldSince = time.Time{}
	}
}

// disconnect ends the contact at the telephone.
func (c *contact) disconnect(reason string, at time.Time) {
	c.release(at)
	c.reason, c.t.disconnected = reason, at
	for _, n := range c.conns {
		n.to(disconnected, at)
	}
}

// streamState is the state in the agent event stream and the API (agent event streams data model: contact object).
func (c *contact) streamState() string {
	if n := c.customerConn(); c.state == connected && n != nil && n.state == onHold {
		return "CONNECTED_ONHOLD"
	}
	return upper(c.state)
}

// stateSince is when the contact came into its streamState.
func (c *contact) stateSince() time.Time {
	if n := c.customerConn(); c.state == connected && n != nil && n.since.After(c.since) && (n.state == onHold || c.held > 0) {
		return n.since
	}
	return c.since
}
