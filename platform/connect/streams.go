package connect

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// picture is what the browser of one agent shows: everything that the agent has, and no change (Streams: the data of
// agent::update).
type picture struct {
	agent, username string // the agent's id and name in Amazon Connect
	instance        string // the ARN of the agent's instance
	at              time.Time
	contacts        []shown
}

// shown is one contact in a picture.
type shown struct {
	id, initial, related string
	kind, method, state  string
	at                   time.Time // of the state
	queue, customer      string
	lines                []line
	vars                 map[string]string
}

// line is one party's connection to the contact.
type line struct {
	id, kind, state string
	first           bool // Streams' initial connection: the one that the contact began with
	at              time.Time
	number          string
	routed          bool // it leads to a colleague or a queue, and not to a number
}

// live reports whether the party is on the line or being called.
func (l *line) live() bool { return l.state == "connecting" || l.talks() || l.state == "hold" }

func (l *line) talks() bool { return l.state == "connected" }

func readPicture(raw []byte) (*picture, error) {
	root, err := parse(raw)
	if err != nil {
		return nil, err
	}
	p := &picture{}
	drawn := false
	each(root, func(key string, v gjson.Result) {
		switch key {
		case "configuration":
			arn := v.Get("agentARN").String()
			p.agent, p.username = lastPart(arn), v.Get("username").String()
			p.instance, _, _ = strings.Cut(arn, "/agent/")
		case "snapshot":
			drawn = v.IsObject()
			each(v, p.read)
		}
	})
	if !drawn {
		return nil, errors.New("snapshot is missing")
	}
	return p, nil
}

// date gives everything in the picture that has no time of its own the time of what it belongs to.
func (p *picture) date(heard time.Time) error {
	if p.at = cmp.Or(p.at, heard.UTC()); p.at.IsZero() {
		return errors.New("snapshot.snapshotTimestamp is no time")
	}
	for i := range p.contacts {
		c := &p.contacts[i]
		c.at = cmp.Or(c.at, p.at)
		for j := range c.lines {
			c.lines[j].at = cmp.Or(c.lines[j].at, c.at)
		}
	}
	return nil
}

func (p *picture) read(key string, v gjson.Result) {
	switch key {
	case "snapshotTimestamp":
		p.at = when(v)
	case "contacts":
		v.ForEach(func(_, v gjson.Result) bool {
			var c shown
			each(v, c.read)
			if c.id != "" && voice(c.kind) && c.method != byMonitor {
				p.contacts = append(p.contacts, c)
			}
			return true
		})
	}
}

func (c *shown) read(key string, v gjson.Result) {
	switch key {
	case "contactId":
		c.id = v.String()
	case "initialContactId":
		c.initial = v.String()
	case "relatedContactId":
		c.related = v.String()
	case "type":
		c.kind = v.String()
	case "initiationMethod":
		c.method = strings.ToLower(v.String())
	case "state":
		c.state, c.at = readState(v)
	case "queue":
		c.queue = v.Get("name").String()
	case "customerEndpoint":
		c.customer = clean(v.Get("phoneNumber").String())
	case "connections":
		v.ForEach(func(_, v gjson.Result) bool {
			var l line
			each(v, l.read)
			c.lines = append(c.lines, l)
			return true
		})
	case "attributes":
		each(v, func(name string, v gjson.Result) {
			if c.vars == nil {
				c.vars = map[string]string{}
			}
			c.vars[name] = v.Get("value").String()
		})
	}
}

func (l *line) read(key string, v gjson.Result) {
	switch key {
	case "connectionId":
		l.id = v.String()
	case "type":
		l.kind = strings.ToLower(v.String())
	case "initial":
		l.first = v.Bool()
	case "state":
		l.state, l.at = readState(v)
	case "endpoint":
		l.number = clean(v.Get("phoneNumber").String())
		kind := strings.ToLower(v.Get("type").String())
		l.routed = kind == "agent" || kind == "queue"
	}
}

func readState(v gjson.Result) (state string, at time.Time) {
	each(v, func(key string, v gjson.Result) {
		switch key {
		case "type":
			state = strings.ToLower(v.String())
		case "timestamp":
			at = when(v)
		}
	})
	return state, at
}

// own is the agent's own line: the first of the kind agent.
func (c *shown) own() *line {
	for i := range c.lines {
		if c.lines[i].kind == "agent" {
			return &c.lines[i]
		}
	}
	return nil
}

// far is the customer's line: the one that the contact began with; a preview begins with the agent's, so there it is the
// one with the customer's number, or the first other line (inferred).
func (c *shown) far() *line {
	var first, called *line
	for i := range c.lines {
		l := &c.lines[i]
		switch {
		case l.kind == "agent" || l.kind == "monitoring":
		case l.first:
			return l
		case called == nil && l.number != "" && l.number == c.customer:
			called = l
		case first == nil:
			first = l
		}
	}
	if called != nil {
		return called
	}
	if c.method == byPreview {
		return first
	}
	return nil
}

// others are the lines of third parties.
func (c *shown) others() []*line {
	var all []*line
	own, far := c.own(), c.far()
	for i := range c.lines {
		if l := &c.lines[i]; l != own && l != far && l.kind != "monitoring" && l.id != "" {
			all = append(all, l)
		}
	}
	return all
}
