package connect

import (
	"strconv"
	"strings"
	"time"

	"cordboard/call"
)

// near is how far apart two sources may date the same moment.
const near = 2 * time.Second

// source is one of the ways by which moments are heard; sources are bits of a set.
type source uint8

const (
	browser source = 1 << iota
	agentStream
	contactEvents
	answers
	sources = iota
)

// part is one agent's part in a contact.
type part struct {
	contact *contact
	agent   string // the agent's id in Amazon Connect; empty while only the contact is known
	leg     string

	told    map[string]bool // moments, by their key
	looks   []look
	began   time.Time // the first moment
	talked  time.Time // since when agent and customer talk
	wrapped time.Time // since when after-call work runs
	missed  bool
	ended   time.Time          // nothing more will come
	seen    [sources]time.Time // when each source last showed it
	heard   time.Time          // when anything was heard of it
	doubted time.Time          // when the REST API was asked whether it still lives
	asides  []*aside
	farGone bool      // the customer left, the agent stayed
	closed  time.Time // when it was over, as the browser shows it
	primed  bool      // from before a restart
	user    string    // the agent's user name, of a primed part without the agent's id
}

// look says whether the customer waited on hold, at the time at which a source says that this began or ended.
type look struct {
	at    time.Time
	waits bool
}

// part finds the agent's part in the contact, or begins it. at is since when the agent is in the state that was heard of.
// An agent to whom the contact comes back after it was missed has a second part; begins says that the state may begin one.
func (d *Decoder) part(c *contact, agent string, at time.Time, begins bool) *part {
	var mine []*part
	for _, p := range c.parts {
		if p.agent == agent || c.method == byOutbound && (p.agent == "" || agent == "") {
			mine = append(mine, p)
		}
	}
	for i := len(mine) - 1; i >= 0; i-- {
		p := mine[i]
		if i > 0 && at.Before(p.began) {
			continue // it is about an earlier one
		}
		if begins && i == len(mine)-1 && !p.ended.IsZero() && at.After(p.ended.Add(near)) {
			break
		}
		if p.agent == "" && agent != "" {
			p.agent = strings.Clone(agent)
			d.agents[p.agent] = append(d.agents[p.agent], p)
			d.nameAgent(p.agent, p.user)
		}
		p.heard = d.now
		return p
	}
	return d.newPart(c, agent, legID(c, agent, len(mine)+1), at)
}

func (d *Decoder) newPart(c *contact, agent, leg string, at time.Time) *part {
	p := &part{contact: c, agent: strings.Clone(agent), leg: leg, told: map[string]bool{}, heard: d.now, began: at}
	c.parts = append(c.parts, p)
	if agent != "" {
		d.agents[p.agent] = append(d.agents[p.agent], p)
	}
	return p
}

// legID names a part. A call that an agent dials has that agent only, whom not every source names.
func legID(c *contact, agent string, stint int) string {
	id := c.id
	if c.method != byOutbound {
		id += "/" + agent
	}
	if stint > 1 {
		id += "/" + strconv.Itoa(stint)
	}
	return id
}

// live reports whether the part goes on.
func (p *part) live() bool { return p.ended.IsZero() }

// once notes a moment that comes once; false means that it was told already.
func (p *part) once(key string) bool {
	if p.told[key] {
		return false
	}
	p.told[key] = true
	return true
}

// show notes that a source showed the part at a time.
func (p *part) show(by source, at time.Time) {
	i := by.index()
	p.seen[i] = later(p.seen[i], at)
}

// shows reports whether the source has shown the part, and not later than at.
func (p *part) shows(by source, at time.Time) bool {
	seen := p.seen[by.index()]
	return !seen.IsZero() && seen.Before(at)
}

// recalls reports whether the source has not shown the part since the restart before which it began.
func (p *part) recalls(by source) bool { return p.primed && p.seen[by.index()].Equal(p.began) }

func (s source) index() int {
	i := 0
	for ; s > 1; s >>= 1 {
		i++
	}
	return i
}

// accepts reports whether the part begins with an offer that the agent may let pass.
func (p *part) accepts() bool { return p.contact.mode != call.Manual && p.contact.method != byOutbound }
