package connect

import (
	"cmp"
	"slices"
	"time"
)

// learnRecord takes in a record of the agent event stream.
func (d *Decoder) learnRecord(r *record) {
	for i := range r.contacts {
		if l := &r.contacts[i]; !r.beat || d.knows(l.id, r.agent) {
			d.learnListed(r.agent, l, r.at, agentStream)
		}
	}
	for i := range r.had {
		d.learnHad(r, &r.had[i])
	}
	d.learnAbsent(r.agent, r.at, agentStream, r.lists)
}

// knows reports whether something was told of the agent's part in the contact. A heart beat is no news of others: it says
// what goes on, not what happens.
func (d *Decoder) knows(id, agent string) bool {
	c := d.contacts[id]
	if c == nil {
		return false
	}
	for _, p := range c.parts {
		if p.agent == agent || p.agent == "" {
			return true
		}
	}
	return false
}

func (r *record) lists(id string) bool {
	for i := range r.contacts {
		if r.contacts[i].id == id {
			return true
		}
	}
	return false
}

// learnHad takes in a contact that the agent had before. What is not there any more was shown then.
func (d *Decoder) learnHad(r *record, l *listed) {
	if r.lists(l.id) {
		return
	}
	known := d.knows(l.id, r.agent)
	p := d.partOf(r.agent, l, false)
	if !known {
		switch stateOf(l.state) {
		case stateMissed:
			p.missed, p.ended = true, l.since
			return
		case stateOffered:
			d.miss(p, r.at)
			return
		}
	}
	p.primed = false // the record tells its end
	p.show(agentStream, l.since)
}

func (d *Decoder) partOf(agent string, l *listed, begins bool) *part {
	c := d.contact(identity{id: l.id, initial: l.initial, method: l.method})
	c.learn("", "", l.queue)
	d.settle(c)
	return d.part(c, agent, l.since, begins)
}

// learnListed compares a contact that the agent has with what was told.
func (d *Decoder) learnListed(agent string, l *listed, at time.Time, by source) {
	if l.since.IsZero() {
		l.since = at
	}
	state := stateOf(l.state)
	p := d.partOf(agent, l, state == stateOffered || state == stateTalking || state == stateHeld)
	p.show(by, at)
	switch state {
	case stateOffered:
		d.offer(p, l.since)
	case stateTalking, stateHeld:
		d.learnTalk(p, l, state, by)
	case stateMissed:
		d.miss(p, l.since)
	case stateFailed:
		if !p.told[connected] {
			d.miss(p, l.since)
			return
		}
		d.wrap(p, l.since)
	case stateWrapping:
		d.wrap(p, l.since)
	}
}

// learnTalk takes in that the agent is connected. Of a preview that means that the agent took it: whether the customer was
// dialled and answered is not to be seen here, unless the customer is put on hold.
func (d *Decoder) learnTalk(p *part, l *listed, state agentState, by source) {
	since := cmp.Or(l.connected, l.since)
	if p.contact.method == byPreview {
		d.accept(p, since)
		p.contact.dialled = p.contact.dialled || state == stateHeld
	} else {
		d.talk(p, since)
	}
	if by != answers { // there the moment of a hold stays that of the connection (AgentContactReference)
		d.look(p, l.since, state == stateHeld)
	}
}

// agentState is what a contact's state means for the agent who has it.
type agentState int

const (
	stateOther agentState = iota
	stateOffered
	stateTalking
	stateHeld // the customer is on hold
	stateWrapping
	stateMissed // the agent did not take it
	stateFailed
)

func stateOf(word string) agentState {
	switch word {
	case "INCOMING", "PENDING", "CONNECTING":
		return stateOffered
	case "CONNECTED":
		return stateTalking
	case "CONNECTED_ONHOLD":
		return stateHeld
	case "ENDED":
		return stateWrapping
	case "MISSED", "REJECTED":
		return stateMissed
	case "ERROR":
		return stateFailed
	}
	return stateOther
}

// learnAnswer takes in what the REST API says that an agent has now. It ends the parts that are not there and of which nothing
// was heard since it was asked.
func (d *Decoder) learnAnswer(agent string, has []listed) {
	for i := range has {
		d.concluded = true
		d.learnListed(agent, &has[i], d.now, answers)
		d.concluded = false
	}
	for _, p := range d.agents[agent] {
		if !p.live() || p.doubted.IsZero() || p.heard.After(p.doubted) || listsContact(has, p.contact.id) {
			continue
		}
		d.concluded = true
		d.leave(p, d.now)
		d.concluded = false
	}
}

func listsContact(all []listed, id string) bool {
	for i := range all {
		if all[i].id == id {
			return true
		}
	}
	return false
}

// doubts are the agents who have parts of which nothing was heard for so long that the REST API should be asked about
// them; each is named once in that time.
func (d *Decoder) doubts(silence time.Duration, now time.Time) []string {
	var all []string
	for agent, parts := range d.agents {
		found := false
		for _, p := range parts {
			if p.live() && now.Sub(p.heard) >= silence && now.Sub(p.doubted) >= silence {
				p.doubted, found = now, true
			}
		}
		if found {
			all = append(all, agent)
		}
	}
	slices.Sort(all)
	return all
}
