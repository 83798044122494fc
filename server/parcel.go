package server

import (
	"maps"
	"slices"
	"sync"

	"cordboard/call"
	"cordboard/engine"
)

// parcel is what one node tells another's pages at a time.
type parcel struct {
	Events  []toldEvent            `json:"events,omitempty"` // of agents who have a page there
	Calls   map[call.ID]call.State `json:"calls,omitempty"`  // of the events, after them
	Changed []call.ID              `json:"changed,omitempty"`
	// Missed says that something before this is lost.
	Missed bool `json:"missed,omitempty"`
}

// toldEvent is an event with the message that it came in, from which pages are told.
type toldEvent struct {
	call.Event
	Message []byte `json:"message,omitempty"`
}

// change is the parcel as this node's watchers take it.
func (p *parcel) change() engine.Change {
	var c engine.Change
	if p.Missed {
		c.Missed = 1
	}
	for i := range p.Events {
		ev := p.Events[i].Event
		ev.Raw = p.Events[i].Message
		c.Events = append(c.Events, ev)
	}
	for _, id := range slices.Sorted(maps.Keys(p.Calls)) {
		c.Calls = append(c.Calls, engine.Call{State: p.Calls[id]})
	}
	for _, id := range p.Changed {
		if _, told := p.Calls[id]; !told {
			c.Calls = append(c.Calls, engine.Call{State: call.State{ID: id}})
		}
	}
	return c
}

const (
	// mostEvents bounds what waits for one node: whoever is that far behind reads anew.
	mostEvents = 2000
	// mostChanged is as many calls as a page is told by name.
	mostChanged = 51
)

// parcels are what waits for each node. It is safe for concurrent use.
type parcels struct {
	mu      sync.Mutex
	waiting map[int64]*parcel
	urgent  chan struct{} // has room for one: an event waits
}

func newParcels() *parcels {
	return &parcels{waiting: map[int64]*parcel{}, urgent: make(chan struct{}, 1)}
}

func (p *parcels) of(node int64) *parcel {
	if p.waiting[node] == nil {
		p.waiting[node] = &parcel{Calls: map[call.ID]call.State{}}
	}
	return p.waiting[node]
}

// event adds an event, with its call.
func (p *parcels) event(node int64, ev call.Event, c call.State) {
	p.mu.Lock()
	defer p.mu.Unlock()
	to := p.of(node)
	if len(to.Events) >= mostEvents {
		to.Events, to.Calls, to.Missed = nil, map[call.ID]call.State{}, true
	}
	to.Events = append(to.Events, toldEvent{ev, ev.Raw})
	to.Calls[ev.Call] = c
	select {
	case p.urgent <- struct{}{}:
	default:
	}
}

// changed adds that a call changed.
func (p *parcels) changed(node int64, id call.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if to := p.of(node); len(to.Changed) < mostChanged && !slices.Contains(to.Changed, id) {
		to.Changed = append(to.Changed, id)
	}
}

// missed says that a node was not told something.
func (p *parcels) missed(node int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.of(node).Missed = true
}

// forget drops what waits for a node.
func (p *parcels) forget(node int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.waiting, node)
}

// take empties it.
func (p *parcels) take() map[int64]*parcel {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.waiting
	p.waiting = map[int64]*parcel{}
	return all
}
