package connect

import (
	"strconv"
	"strings"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// Prime tells the decoder which legs were open before a restart, so that it ends those that vanished. It is called before
// the first Decode.
func (d *Decoder) Prime(legs []platform.OpenLeg) {
	for _, o := range legs {
		if o.Ref == "" || o.Leg == "" {
			continue
		}
		leg, line, side := strings.Cut(o.Leg, "/c/")
		c := d.primeContact(&o)
		p := d.primePart(c, leg, &o)
		if side {
			a := p.aside(line)
			a.recall(&o)
		} else {
			p.recall(&o)
		}
	}
}

func (d *Decoder) primeContact(o *platform.OpenLeg) *contact {
	c := d.contacts[o.Ref]
	if c != nil {
		return c
	}
	c = &contact{id: o.Ref, mode: o.Mode, customer: o.Customer, told: true, waited: true, asked: true}
	c.settled = o.Mode != ""
	switch {
	case o.Leg == o.Ref || strings.HasPrefix(o.Leg, o.Ref+"/c/"):
		c.method = byOutbound
	case o.Mode == call.DirectPreview:
		c.method = byPreview
	case o.Role == call.TransferLeg: // the mode is that of the whole call
		c.method, c.mode = byTransfer, call.Inbound
	case o.Mode == call.Inbound:
		c.method = "inbound"
	default:
		c.method = byAPI
	}
	d.contacts[c.id] = c
	return c
}

func (d *Decoder) primePart(c *contact, leg string, o *platform.OpenLeg) *part {
	for _, p := range c.parts {
		if p.leg == leg {
			return p
		}
	}
	agent, stint, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(leg, c.id), "/"), "/")
	for n, _ := strconv.Atoi(stint); n > 1; n-- { // what was before is over
		p := d.newPart(c, agent, legID(c, agent, len(c.parts)+1), time.Time{})
		p.missed, p.ended = true, o.At.Add(-near-1)
	}
	p := d.newPart(c, agent, leg, o.At)
	p.primed, p.heard = true, o.At
	for i := range p.seen {
		p.seen[i] = o.At
	}
	switch {
	case o.Agent == "":
	case agent != "":
		d.names[agent], d.ids[strings.ToLower(o.Agent)] = o.Agent, agent
	default: // a call that the agent dialled: its leg does not name the agent
		p.user = o.Agent
		if d.recalled == nil {
			d.recalled = map[string][]*part{}
		}
		d.recalled[o.Agent] = append(d.recalled[o.Agent], p)
	}
	return p
}

// claim gives an agent the parts that were found under the user name.
func (d *Decoder) claim(agent, name string) {
	for _, p := range d.recalled[name] {
		if p.agent == "" {
			p.agent = strings.Clone(agent)
			d.agents[p.agent] = append(d.agents[p.agent], p)
		}
	}
	delete(d.recalled, name)
}

// recall notes what must have been told before the side talk's newest moment.
func (a *aside) recall(o *platform.OpenLeg) {
	a.told[connecting], a.seen = true, o.At
	switch {
	case o.Phase == call.Wrapup:
		a.told[connected], a.told[acw] = true, true
	case o.Name == connected:
		a.told[connected] = true
	default:
		a.waits, a.recalled = o.At, true
	}
}

// recall notes what must have been told before the leg's newest moment.
func (p *part) recall(o *platform.OpenLeg) {
	c := p.contact
	p.told["offer"] = true
	switch o.Phase {
	case call.Accepted:
		p.told["accepted"] = true
	case call.Dialing:
		p.told["accepted"] = c.method == byPreview
		p.told[connecting] = c.method == byPreview
	case call.Answered, call.Held, call.Conferenced, call.Wrapup:
		p.told["accepted"], p.told[connected], p.told[connecting] = true, true, true
		if o.Phase == call.Wrapup {
			p.told[acw], p.wrapped = true, o.At
		}
		p.looks = []look{{o.At, o.Phase == call.Held}}
	}
	if c.method == byPreview {
		c.dialled = strings.EqualFold(o.CallType, outbound)
		c.discarded = !c.dialled && o.Phase == call.Wrapup
	}
}
