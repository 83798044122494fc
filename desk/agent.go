package desk

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"cordboard/screen"
)

// agentDesk is all open tabs of one agent, and the pops that wait for them.
type agentDesk struct {
	hub   *Hub
	agent string

	mu      sync.Mutex
	offset  uint64
	tabs    []*tab // those of this node in the order of coming; the first leads unless another took over
	places  places // the other nodes' desks of this agent
	left    time.Time
	state   json.RawMessage
	stateAt time.Time
	pops    map[string]*popping // by key: waiting ones, and finished ones until their time is over
	last    *popping            // the newest one, for a page that is loaded anew
	gallery *gallery            // nil before the first picture

	commands map[string]*commanding // by key, those that no tab has answered
}

// popping is one pop on its way.
type popping struct {
	pop     screen.Pop
	offset  uint64
	at      int64     // where it is: here, nowhere, or another node
	heard   time.Time // when that node was asked or told something last
	sent    bool      // a tab was given it
	own     bool      // it is this node's to bring about
	askers  []int64   // the other nodes that asked for it
	done    chan struct{}
	over    bool
	receipt screen.Receipt
}

// begin starts a pop, or joins the one of the same key. It returns no popping but a receipt when there is nothing to
// wait for.
func (d *agentDesk) begin(p screen.Pop) (*popping, screen.Receipt) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.hub.cfg.Now()
	d.forgetLocked(now)
	if w := d.pops[p.Key]; w != nil {
		if !w.over {
			w.own = true
			return w, screen.Receipt{}
		}
		return nil, again(w.receipt)
	}
	w := d.newPopLocked(p)
	w.own = true
	at := d.leaderLocked(nowhere)
	if !now.Before(p.Until) {
		d.finishLocked(w, screen.Receipt{Outcome: screen.Late, Detail: "its time was over before it could be sent"})
		d.offerLateLocked(w, at)
		return nil, w.receipt
	}
	if at == nowhere && !d.mayComeLocked(now) {
		d.finishLocked(w, screen.Receipt{Outcome: screen.NoDesk, Detail: "the agent has no desk open"})
		return nil, w.receipt
	}
	d.pops[p.Key] = w
	d.giveLocked(w, at)
	return w, screen.Receipt{}
}

func (d *agentDesk) newPopLocked(p screen.Pop) *popping {
	d.offset++
	d.last = &popping{pop: p, offset: d.offset, at: nowhere, done: make(chan struct{})}
	return d.last
}

// again is the receipt of a pop for who asks once more.
func again(r screen.Receipt) screen.Receipt {
	if r.Outcome == screen.Shown || r.Outcome == screen.Offered {
		r.Outcome = screen.Already
	}
	return r
}

// offerLateLocked gives the leading tab, wherever it is, what came too late: not to be shown, but there for who wants it.
func (d *agentDesk) offerLateLocked(w *popping, at int64) {
	switch at {
	case nowhere:
	case here:
		d.tabs[0].send(popMessage{Type: "late", Offset: w.offset, Now: d.hub.cfg.Now(), Pop: w.pop})
	default:
		d.hub.out.pop(tellLate, at, d.agent, w.pop, d.hub.cfg.Now().Add(patience))
	}
}

// mayComeLocked reports whether a desk may still come back: a page reload takes seconds, and after a restart of the
// server every browser has to find it again.
func (d *agentDesk) mayComeLocked(now time.Time) bool {
	grace := d.hub.cfg.Grace
	return now.Sub(d.hub.born) < grace || (!d.left.IsZero() && now.Sub(d.left) < grace)
}

func (d *agentDesk) sendPopLocked(w *popping) {
	w.at, w.sent = here, true
	d.tabs[0].send(popMessage{Type: "pop", Offset: w.offset, Now: d.hub.cfg.Now(), Pop: w.pop})
}

// expire ends a pop whose time is over.
func (d *agentDesk) expire(w *popping) screen.Receipt {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !w.over {
		d.finishLocked(w, d.unanswered(w))
	}
	return w.receipt
}

// receive takes a tab's receipt. A receipt for a pop that is over changes nothing.
func (d *agentDesk) receive(t *tab, m fromTab) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.pops[m.Key]
	if w == nil || w.over {
		return
	}
	detail := []rune(m.Detail)
	if len(detail) > maxText {
		detail = detail[:maxText]
	}
	d.finishLocked(w, screen.Receipt{Outcome: m.Outcome, Detail: string(detail), Tab: t.id})
	d.hub.out.receipt(d.agent, w, w.receipt, w.askers...)
}

func (d *agentDesk) finishLocked(w *popping, r screen.Receipt) {
	if r.At.IsZero() {
		r.At = d.hub.cfg.Now()
	}
	w.receipt, w.over = r, true
	close(w.done)
}

// forgetLocked drops the pops whose time is over: nobody will ask for them again but a retry after a crash, and that is
// then late. One that is not over had its waiters leave before its time came.
func (d *agentDesk) forgetLocked(now time.Time) {
	for key, w := range d.pops {
		if now.Before(w.pop.Until) {
			continue
		}
		if !w.over {
			d.finishLocked(w, d.unanswered(w))
		}
		delete(d.pops, key)
	}
}

// unanswered says what became of a pop that no tab reported on.
func (d *agentDesk) unanswered(w *popping) screen.Receipt {
	if w.sent {
		return screen.Receipt{Outcome: screen.Late, Detail: "the browser did not answer in time"}
	}
	return screen.Receipt{Outcome: screen.NoDesk, Detail: "no desk came in time"}
}

// join adds a tab, welcomes it, and gives it what it missed. It reports false when the desk has too many tabs.
func (d *agentDesk) join(t *tab, r *resume) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if i := slices.IndexFunc(d.tabs, func(o *tab) bool { return o.id == t.id }); i >= 0 {
		old := d.tabs[i]
		d.tabs[i] = t // keeps its place, and with it the lead
		d.unbridgeLocked(old)
		old.close(CloseReplaced, "this tab connected again")
	} else if len(d.tabs) >= maxTabs {
		return false
	} else {
		d.tabs = append(d.tabs, t)
		if len(d.tabs) == 1 {
			d.attachLocked()
		}
	}
	var seen uint64
	resumed := r != nil && r.Epoch == d.hub.epoch && r.Offset <= d.offset
	if resumed {
		seen = r.Offset
	}
	leader := d.tabs[0] == t && d.leaderLocked(nowhere) == here
	t.send(welcome{Type: "welcome", Last: d.lastLocked(), Agent: d.agent, Epoch: d.hub.epoch, Offset: d.offset, Resumed: resumed, Leader: leader, State: d.state, Now: d.hub.cfg.Now()})
	if leader {
		d.places.told = true
		d.resendLocked(seen)
	}
	return true
}

// lastLocked is the newest pop of a desk, when it is over and not long ago.
func (d *agentDesk) lastLocked() *lastPop {
	if d.last == nil || !d.last.over || d.hub.cfg.Now().Sub(d.last.receipt.At) > keepLast {
		return nil
	}
	return &lastPop{Pop: d.last.pop, Outcome: d.last.receipt.Outcome}
}

// resendLocked gives the leading tab of this node every waiting pop beyond offset seen, oldest first, but those that
// another node has. What the tab before it was given but never answered is given again: the browser knows by its key
// whether it was shown.
func (d *agentDesk) resendLocked(seen uint64) {
	var waiting []*popping
	now := d.hub.cfg.Now()
	for _, w := range d.pops {
		if !w.over && now.Before(w.pop.Until) && (w.at == nowhere || w.at == here && (w.offset > seen || w.sent)) {
			waiting = append(waiting, w)
		}
	}
	slices.SortFunc(waiting, func(a, b *popping) int { return cmp.Compare(a.offset, b.offset) })
	for _, w := range waiting {
		d.sendPopLocked(w)
	}
}

// leave removes a tab; the next one leads.
func (d *agentDesk) leave(t *tab) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.Index(d.tabs, t)
	if i < 0 {
		return // replaced, or gone before
	}
	d.tabs = slices.Delete(d.tabs, i, i+1)
	d.unbridgeLocked(t)
	d.left = d.hub.cfg.Now()
	if len(d.tabs) == 0 {
		d.detachLocked()
	} else if i == 0 {
		d.newLeaderLocked()
	}
}

// lead makes t the leader.
func (d *agentDesk) lead(t *tab) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, leads := slices.Index(d.tabs, t), d.leaderLocked(nowhere) == here
	if i < 0 || i == 0 && leads {
		return
	}
	if i > 0 && leads {
		d.tabs[0].send(leadMessage{Type: "lead", Leader: false})
	}
	d.tabs = slices.Insert(slices.Delete(d.tabs, i, i+1), 0, t)
	if !leads {
		d.attachLocked()
	}
	d.newLeaderLocked()
}

// newLeaderLocked is called when another tab has become the first one.
func (d *agentDesk) newLeaderLocked() {
	if d.places.told = d.leaderLocked(nowhere) == here; d.places.told {
		d.tabs[0].send(leadMessage{Type: "lead", Leader: true})
	}
	d.resendLocked(d.offset)
}

func (d *agentDesk) setState(state json.RawMessage) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if bytes.Equal(state, d.state) {
		return
	}
	d.showStateLocked(state, d.hub.cfg.Now())
	for node := range d.places.others {
		d.hub.out.state(node, d.agent, state, d.stateAt)
	}
}

func (d *agentDesk) showStateLocked(state json.RawMessage, at time.Time) {
	d.offset++
	d.state, d.stateAt = state, at
	if len(d.tabs) == 0 {
		return
	}
	frame := stateFrame(d.offset, state)
	for _, t := range d.tabs {
		t.socket.Send(frame)
	}
}

func (d *agentDesk) list() []Tab {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]Tab, 0, len(d.tabs))
	for i, t := range d.tabs {
		all = append(all, Tab{Agent: d.agent, Tab: t.id, Host: t.host, Leader: i == 0 && d.leaderLocked(nowhere) == here, Since: t.since})
	}
	return all
}

func (d *agentDesk) drain() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, t := range d.tabs {
		t.close(CloseMoving, "the server is stopping")
	}
}
