package desk

import (
	"encoding/json"
	"slices"
	"time"

	"cordboard/screen"
)

// Where a pop can be beside another node, which has a positive number.
const (
	here    int64 = 0
	nowhere int64 = -1
)

const (
	// askAgain is the pause after which a node that has a pop is asked again for what became of it.
	askAgain = time.Second
	// patience is how long a node may say nothing before a pop is given to another one, if the agent is there, too;
	// and how long messages wait that have no end of their own.
	patience = 3 * time.Second
)

// places are the nodes on which desks of one agent hang. The newest leads: pops go to it. A pop that a node was given
// stays with it while the agent's desk hangs there, whoever leads by then: its tab may be about to show it.
type places struct {
	since  time.Time // of this node's desk; far ahead until the relay has told
	others map[int64]time.Time
	told   bool // the first tab was told that it leads
}

// farAhead is later than anything that the relay tells.
var farAhead = time.Unix(1<<40, 0)

// leaderLocked is the node with the newest desk, leaving one out.
func (d *agentDesk) leaderLocked(except int64) int64 {
	at, since := nowhere, time.Time{}
	if len(d.tabs) > 0 && except != here {
		at, since = here, d.places.since
	}
	for node, s := range d.places.others {
		if node != except && (at == nowhere || s.After(since)) {
			at, since = node, s
		}
	}
	return at
}

// giveLocked gives a pop to where the agent is.
func (d *agentDesk) giveLocked(w *popping, at int64) {
	switch at {
	case nowhere:
		w.at = nowhere
	case here:
		d.sendPopLocked(w)
	default:
		w.at, w.sent, w.heard = at, true, d.hub.cfg.Now()
		d.hub.out.pop(askShow, at, d.agent, w.pop, w.pop.Until)
	}
}

// attachLocked makes this node's desk the newest one.
func (d *agentDesk) attachLocked() {
	d.hub.cfg.Arrived(d.agent)
	if d.hub.cfg.Relay != nil {
		d.places.since = farAhead
		d.hub.out.place(d.agent)
	}
}

// detachLocked is called when the last tab of this node is gone. What this node has to bring about goes on elsewhere; what
// it was asked for, the asker will bring elsewhere.
func (d *agentDesk) detachLocked() {
	d.places.told = false
	if d.hub.cfg.Relay == nil {
		d.strandLocked(here)
		return
	}
	d.hub.out.place(d.agent)
	for key, w := range d.pops {
		if w.over || w.own {
			continue
		}
		delete(d.pops, key)
		d.hub.out.answer(nobody, d.agent, key, w.askers...)
	}
	d.strandLocked(here)
}

// strandLocked gives away the pops that a place had which is no longer one.
func (d *agentDesk) strandLocked(place int64) {
	for _, w := range d.pops {
		if w.at == place && !w.over {
			d.giveLocked(w, d.leaderLocked(place))
		}
	}
}

// came says that a desk of the agent hangs on a node.
func (d *agentDesk) came(node int64, since time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if node == here {
		if len(d.tabs) > 0 {
			d.places.since = since
		}
		d.leadLocked()
		return
	}
	if d.places.others == nil {
		d.places.others = map[int64]time.Time{}
	}
	if _, known := d.places.others[node]; !known {
		d.hub.cfg.Arrived(d.agent)
	}
	d.places.others[node] = since
	if d.state != nil {
		d.hub.out.state(node, d.agent, d.state, d.stateAt)
	}
	d.leadLocked()
	d.strandLocked(nowhere)
}

// gone says that no desk of the agent hangs on a node any more.
func (d *agentDesk) gone(node int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.goneLocked(node)
}

func (d *agentDesk) goneLocked(node int64) {
	if _, was := d.places.others[node]; was {
		delete(d.places.others, node)
		d.left = d.hub.cfg.Now()
	}
	d.leadLocked()
	d.strandLocked(node)
}

// leadLocked tells the first tab when it has begun or ceased to lead.
func (d *agentDesk) leadLocked() {
	if leads := len(d.tabs) > 0 && d.leaderLocked(nowhere) == here; leads != d.places.told && len(d.tabs) > 0 {
		d.places.told = leads
		d.tabs[0].send(leadMessage{Type: "lead", Leader: leads})
	}
}

// anew forgets the other nodes' desks: where they are is told again.
func (d *agentDesk) anew() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.places.others = nil
	d.leadLocked()
}

// nudge is called now and then while a pop waits: messages may have been lost, or the node that has it is dead and
// nobody knows yet, while the agent has come elsewhere.
func (d *agentDesk) nudge(w *popping) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if w.over || w.at == here {
		return
	}
	at, other := w.at, d.leaderLocked(w.at)
	_, placed := d.places.others[at]
	silent := d.hub.cfg.Now().Sub(w.heard) >= patience
	switch {
	case at == nowhere, !placed, silent && other != nowhere:
		d.giveLocked(w, other)
	default:
		d.hub.out.pop(askShow, at, d.agent, w.pop, w.pop.Until)
	}
}

// asked shows a pop for another node.
func (d *agentDesk) asked(node int64, p screen.Pop) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.hub.cfg.Now()
	d.forgetLocked(now)
	w := d.pops[p.Key]
	switch {
	case w == nil && !now.Before(p.Until):
	case w == nil && len(d.tabs) == 0:
		d.hub.out.answer(nobody, d.agent, p.Key, node)
	case w == nil:
		w = d.newPopLocked(p)
		w.askers = []int64{node}
		d.pops[p.Key] = w
		d.sendPopLocked(w)
	case w.over && slices.Contains(w.askers, node):
		d.hub.out.receipt(d.agent, w, w.receipt, node)
	case w.over:
		d.hub.out.receipt(d.agent, w, again(w.receipt), node)
	case w.at != here:
		d.hub.out.answer(nobody, d.agent, p.Key, node)
	default:
		if !slices.Contains(w.askers, node) {
			w.askers = append(w.askers, node)
		}
		d.hub.out.answer(waiting, d.agent, p.Key, node)
	}
}

// answered hears what another node says of a pop that it was given.
func (d *agentDesk) answered(m Message) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.pops[m.Key]
	if w == nil || w.over {
		return
	}
	switch m.Kind {
	case waiting:
		w.heard = d.hub.cfg.Now()
	case nobody:
		if w.at == m.Node {
			d.goneLocked(m.Node)
		}
	case gotReceipt:
		var r screen.Receipt
		if err := json.Unmarshal(m.Body, &r); err == nil && receivable(r.Outcome) {
			d.finishLocked(w, r)
			d.hub.out.receipt(d.agent, w, r, w.askers...)
		}
	}
}

// late offers the leading tab of this node what came too late for another one.
func (d *agentDesk) late(p screen.Pop) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.tabs) > 0 {
		d.offerLateLocked(d.newPopLocked(p), here)
	}
}

// stated takes a state that another node knows, unless a newer one is shown.
func (d *agentDesk) stated(s stampedState) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s.At.After(d.stateAt) {
		d.showStateLocked(s.State, s.At)
	}
}
