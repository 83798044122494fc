package connect

import (
	"cmp"
	"strings"
	"time"

	"cordboard/call"
)

// contact is one contact, with everybody's part in it.
type contact struct {
	id, of string // of names the contact that its call began with
	method string

	mode     call.Mode
	settled  bool   // the mode is as well known as it will be
	campaign string // its id
	customer string
	queue    string
	vars     map[string]string
	varsAt   time.Time
	wrapup   string
	unsaid   unsaid

	// Of a preview: when the customer was dialled and answered, and that the agent passed it on.
	dialled   bool
	discarded bool
	answered  time.Time

	parts []*part
	last  time.Time // when something was heard of it
	over  bool

	asked     bool // what is missing was asked for
	described bool // and answered, or will not be
	pending   []pending
	due       time.Time // until then it waits
	waited    bool      // long enough, once
	told      bool      // something was
	touched   bool      // by the present message
}

// unsaid is what became known of a contact and was not told yet.
type unsaid struct {
	vars   map[string]string
	wrapup string
	frame  bool // mode, customer or campaign
}

func (u *unsaid) any() bool { return u.frame || u.wrapup != "" || len(u.vars) > 0 }

// identity is what every source says of a contact.
type identity struct {
	id, initial, previous, related string
	method                         string
}

// contact finds a contact, or begins to know it, and learns what links it to others.
func (d *Decoder) contact(i identity) *contact {
	c := d.contacts[i.id]
	if c == nil {
		c = &contact{id: strings.Clone(i.id)}
		d.contacts[c.id] = c
	}
	c.last = d.now
	d.touch(c)
	c.method = cmp.Or(c.method, i.method)
	if c.of == "" {
		if of := cmp.Or(i.initial, i.previous, i.related); of != i.id && of != "" {
			c.of = strings.Clone(of)
			d.children[c.of] = append(d.children[c.of], c)
		}
	}
	return c
}

// learn keeps what a message says of the whole contact. What is known stays.
func (c *contact) learn(customer, campaign, queue string) {
	if c.customer == "" && customer != "" {
		c.customer, c.unsaid.frame = strings.Clone(customer), true
	}
	if c.campaign == "" && campaign != "" {
		c.campaign, c.unsaid.frame = strings.Clone(campaign), true
	}
	c.queue = cmp.Or(c.queue, strings.Clone(queue))
}

// learnVars keeps the contact's attributes as they were at a time; they may change.
func (c *contact) learnVars(vars map[string]string, at time.Time, names Variables) {
	if at.Before(c.varsAt) {
		return
	}
	c.varsAt = at
	for name, v := range vars {
		if old, known := c.vars[name]; known && old == v {
			continue
		}
		if c.vars == nil {
			c.vars = map[string]string{}
		}
		if c.unsaid.vars == nil {
			c.unsaid.vars = map[string]string{}
		}
		name, v = strings.Clone(name), strings.Clone(v)
		c.vars[name], c.unsaid.vars[name] = v, v
	}
	if w := pick(c.vars, names.Wrapup); w != c.wrapup {
		c.wrapup, c.unsaid.wrapup = w, w
	}
}

// root is the contact that the call began with, if it is known and another one.
func (d *Decoder) root(c *contact) *contact {
	r := c
	for range 8 { // no chain is longer, and one may be a ring
		before := d.contacts[r.of]
		if before == nil {
			break
		}
		r = before
	}
	if r == c {
		return nil
	}
	return r
}

// family are the contacts that are known of a contact's call.
func (d *Decoder) family(c *contact) []*contact {
	all := append([]*contact{c}, d.children[c.id]...)
	if r := d.root(c); r != nil {
		all = append(append(all, r), d.children[r.id]...)
	} else if c.of != "" {
		all = append(all, d.children[c.of]...)
	}
	return all
}

// settle finds out in which mode the contact is: a preview by its method, then by its campaign, then again by its
// method. What only the campaign's settings tell is asked for.
func (d *Decoder) settle(c *contact) {
	if c.settled {
		return
	}
	mode, sure := d.modeOf(c)
	if mode != c.mode {
		c.mode, c.unsaid.frame = mode, true
	}
	c.settled = sure
}

func (d *Decoder) modeOf(c *contact) (mode call.Mode, sure bool) {
	if c.method == byPreview {
		return call.DirectPreview, true
	}
	if c.campaign != "" && c.method != byOutbound {
		return d.campaignMode(c.campaign)
	}
	switch {
	case c.method == byOutbound:
		return call.Manual, true
	case c.method == "":
		return "", false
	case c.method == byAPI:
		mode := modeNamed(pick(c.vars, d.variables.Mode))
		return mode, mode != "" || c.described // a program's own call, or one whose campaign will not be known
	}
	if r := d.root(c); r != nil && continues(c.method) {
		d.settle(r)
		return cmp.Or(r.mode, call.Inbound), r.settled
	}
	return call.Inbound, true
}

// campaign is what is known of one outbound campaign.
type campaign struct {
	name string
	mode call.Mode // empty when its calls reach no agent by themselves
}

func (d *Decoder) campaignMode(id string) (call.Mode, bool) {
	if mode, ok := d.modes[id]; ok {
		return mode, true
	}
	known, ok := d.campaigns[id]
	return known.mode, ok
}

// pick is the first value that one of the names has.
func pick(vars map[string]string, names []string) string {
	for _, name := range names {
		if v := vars[name]; v != "" {
			return v
		}
	}
	return ""
}

// callType is what the page files the contact's moments under.
func (c *contact) callType() string {
	switch c.mode {
	case call.Inbound:
		return inbound
	case call.DirectPreview:
		if !c.dialled {
			return regularCall
		}
	}
	return outbound
}

func (c *contact) direction() string {
	switch {
	case c.mode == call.Inbound:
		return "inbound"
	case c.mode != "" || c.method == byAPI:
		return "outbound"
	}
	return ""
}

// role is what an agent in the contact is to the call.
func (c *contact) role() call.Role {
	if c.method == byTransfer {
		return call.TransferLeg
	}
	return call.CustomerLeg
}
