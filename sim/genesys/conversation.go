package genesys

import (
	"slices"
	"time"
)

// A conversation is one interaction over all its participants. Scripts and REST requests move the same methods.
// Guarded by Server.mu.
type conversation struct {
	s              *Server
	id             string
	mode           string // a dialing mode, "inbound" or "manual"
	direction      string // inbound or outbound
	start, end     time.Time
	at             time.Time // the simulated moment of a call that has a clock of its own
	customer       string    // the customer's number
	recordingState string
	securePause    bool
	campaign       *campaign
	contact        *contact
	column         string // the phone column that is dialed
	interaction    string // dialerInteractionId
	queue          *queue
	vars           map[string]string
	disposition    string // call analysis
	final          string // the wrap-up code that counts for the contact: the first one
	contacted      *user  // the agent whom the contact was given to
	autoEnded      bool   // the preview ended by its timeout
	userEndFirst   bool   // the end of a skipped preview is told before its wrap-up
	told           bool   // postContact is out
	parties        []*party
	transfers      []transferView
	secure         []*secureSession
	scripted       bool   // a script says when far ends answer; otherwise they do by themselves
	by, to         *party // who consults whom
	heir           *party // who leaves when the one transferred to answers
}

func (c *conversation) now() time.Time {
	if !c.at.IsZero() {
		return c.at
	}
	return time.Now()
}

func (c *conversation) add(p *party) *party {
	p.id, p.started = newID(), c.now()
	if p.attributes == nil {
		p.attributes = map[string]string{}
	}
	c.parties = append(c.parties, p)
	return p
}

// remote is the customer, or whoever is outside instead: the first of them. It is nil before there is one.
func (c *conversation) remote() *party {
	for _, p := range c.parties {
		if p.purpose == isCustomer || p.purpose == isExternal {
			return p
		}
	}
	return nil
}

func (c *conversation) party(id string) *party {
	for _, p := range c.parties {
		if p.id == id {
			return p
		}
	}
	return nil
}

// partyOf is a user's newest part in the conversation.
func (c *conversation) partyOf(u *user) *party {
	for _, p := range slices.Backward(c.parties) {
		if p.user == u {
			return p
		}
	}
	return nil
}

// owing is the user's oldest part that owes a wrap-up, or has a preview open; nil when there is none.
func (c *conversation) owing(u *user) *party {
	for _, p := range c.parties {
		if p.user == u && (p.wrapping() || p.session(callback).is(connected)) {
			return p
		}
	}
	return nil
}

// acd is the newest queue participant that waits for an agent; nil when there is none.
func (c *conversation) acd() *party {
	for _, p := range slices.Backward(c.parties) {
		if p.purpose == isACD && p.live() {
			return p
		}
	}
	return nil
}

// talking are the parties with a connected call, other than not.
func (c *conversation) talking(not ...*party) []*party {
	var list []*party
	for _, p := range c.parties {
		if p.purpose != isACD && p.session(voice).is(connected) && !slices.Contains(not, p) {
			list = append(list, p)
		}
	}
	return list
}

// newConversation registers a conversation that starts now.
func (s *Server) newConversation(mode, direction, customer string) *conversation {
	c := &conversation{s: s, id: newID(), mode: mode, direction: direction, customer: customer, recordingState: "none",
		start: time.Now(), queue: s.org.queues[0]}
	return c
}

func (c *conversation) begin() {
	c.start = c.now()
	c.s.calls[c.id] = c
	c.s.life.Changed()
}

// keepEnded is how many conversations that are over can still be asked for.
const keepEnded = 5000

// settle ends the conversation once nobody is in it and nobody owes a wrap-up.
func (c *conversation) settle() {
	if !c.end.IsZero() {
		return
	}
	for _, p := range c.parties {
		if p.live() || p.wrapping() {
			return
		}
	}
	c.end = c.now()
	c.s.recent = append(c.s.recent, c)
	if len(c.s.recent) > keepEnded {
		for _, old := range c.s.recent[:keepEnded/10] {
			delete(c.s.calls, old.id)
		}
		c.s.recent = slices.Clone(c.s.recent[keepEnded/10:])
	}
	c.tellContact()
	c.s.life.Changed()
}

// over says whether the conversation has ended for everybody.
func (c *conversation) over() bool { return !c.end.IsZero() }
