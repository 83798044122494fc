package connect

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"
)

// A call is one customer interaction as Connect has it: the contact of the first agent and, once somebody was consulted or
// the customer was transferred, the contact of the other side. Scripts, the CCP and the REST API move the same methods.
// Guarded by Server.mu.
type call struct {
	s      *Server
	spec   Call
	mode   string
	agents []*agent // by their place in the script
	far    string   // the number that is consulted when there is no second agent
	ids    Result

	main *contact
	leg  *contact // the second agent's contact, or that of a number outside

	last    time.Time // of what happened so far: two moments of a call never have the same time
	touched []*agent  // whose view has changed since the last publication
}

// errOver ends a script's step whose call somebody ended in another way.
var errOver = errors.New("the call ended before the script")

func notNow(format string, args ...any) error { return fmt.Errorf(format, args...) }

// newCall reserves the ids of the contacts, so that a caller knows them before the first message is out.
func (s *Server) newCall(spec Call, agents []*agent) *call {
	c := &call{s: s, spec: spec, agents: agents, ids: Result{Contact: s.uuid(), Second: s.uuid()}}
	if c.spec.Customer == "" {
		s.customers++
		c.spec.Customer = fmt.Sprintf("+1555555%04d", s.customers%10000)
	}
	if c.far = spec.Colleague; c.far == "" {
		c.far = "+15555550199"
	}
	c.ids.Customer = c.spec.Customer
	return c
}

// now is the time of the next moment of the call: the clock's, but never that of the moment before.
func (c *call) now() time.Time {
	t := time.Now().UTC().Truncate(time.Millisecond)
	if !t.After(c.last) {
		t = c.last.Add(time.Millisecond)
	}
	c.last = t
	return t
}

func (c *call) newContact(id, method string, at time.Time) *contact {
	n := &contact{s: c.s, call: c, id: id, method: method, customer: c.spec.Customer, attributes: map[string]string{}}
	n.t.created, n.t.started, n.t.updated = at, at, at
	c.s.remember(n)
	return n
}

// begin creates the first contact. That it waits in a queue at once is so for inbound calls and previews; a campaign's call
// is queued when the customer has answered.
func (c *call) begin(mode string) error {
	if c.main != nil {
		return nil
	}
	method := map[string]string{modeInbound: "INBOUND", modeManual: "OUTBOUND", modeDirect: "CAMPAIGN_PREVIEW",
		modeProgressive: "API", modePredictive: "API", modeAgentless: "API", modeAPI: "API"}[mode]
	if method == "" {
		return notNow("unknown mode %q", mode)
	}
	at := c.now()
	c.mode = mode
	c.main = c.newContact(c.ids.Contact, method, at)
	maps.Copy(c.main.attributes, c.spec.Attributes)
	if c.main.campaign = c.s.campaignOf(mode); c.main.campaign != nil && c.spec.Campaign != "" {
		if c.main.campaign = c.s.campaignNamed(c.spec.Campaign); c.main.campaign == nil {
			return notNow("there is no campaign %q", c.spec.Campaign)
		}
	}
	c.event("INITIATED", c.main, at)
	switch mode {
	case modeInbound:
		c.main.t.answered = at
		c.enqueue(c.main)
	case modeDirect:
		c.enqueue(c.main)
	}
	return nil
}

func (c *call) enqueue(n *contact) {
	n.queue, n.t.queued = &sales, c.now()
	c.event("QUEUED", n, n.t.queued)
}

// touch notes that the agent's view has changed.
func (c *call) touch(agents ...*agent) {
	for _, a := range agents {
		if a == nil {
			continue
		}
		known := false
		for _, have := range c.touched {
			known = known || have == a
		}
		if !known {
			c.touched = append(c.touched, a)
		}
	}
}

// flush publishes the views that have changed: to the agents' CCPs and into the agent event stream.
func (c *call) flush() {
	for _, a := range c.touched {
		c.s.publish(a, "STATE_CHANGE", c.last)
	}
	c.touched = c.touched[:0]
	c.s.life.Changed()
}

// of is the contact that the agent has of this call, a finished one included; nil when there is none.
func (c *call) of(a *agent) *contact {
	if a == nil {
		return nil
	}
	for i := len(a.contacts) - 1; i >= 0; i-- {
		if a.contacts[i].call == c {
			return a.contacts[i]
		}
	}
	return nil
}

// live is the contact in which the agent is, or which rings at the agent.
func (c *call) live(a *agent) (*contact, error) {
	n := c.of(a)
	if n == nil || n.over() {
		if c.over() {
			return nil, errOver
		}
		return nil, notNow("the agent has no part in the call now")
	}
	return n, nil
}

// over says that nothing of the call is on the telephone any more.
func (c *call) over() bool {
	if c.main == nil {
		return false
	}
	for _, n := range []*contact{c.main, c.leg} {
		if n != nil && n.t.disconnected.IsZero() {
			return false
		}
	}
	return true
}

// other is the contact of the other side of a consult call.
func (c *call) other(n *contact) *contact {
	if n == c.leg {
		return c.main
	}
	return c.leg
}

func upper(s string) string { return strings.ToUpper(s) }
