package server

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"cordboard/call"
	"cordboard/desk"
	"cordboard/engine"
	"cordboard/platform"
)

// news tells the pages of other nodes what this node commits, and this node's pages what the others do: whoever owns a
// connection hears its calls, and the agent's page or the console may hang anywhere. Nodes tell each other which agents have
// a page at them, and are told of these only. What is lost on the way, because a node or the database died, is said to be
// lost, and pages read anew.
type news struct {
	line  desk.Relay
	own   func() (changes <-chan engine.Change, stop func())
	log   *slog.Logger
	out   *parcels
	moved chan struct{} // has room for one: a page has come or gone

	mu     sync.Mutex
	here   map[string]struct{} // who has a page on this node
	places map[string]struct{} // of whom is to be told whether that is so
	heard  feed
	orders *orders

	// What follows belongs to the goroutine that reads.
	pages map[string]map[int64]struct{} // where else somebody has a page
	ring  recent
	known recentKeys
	begun bool
}

// everybody is the name under which each node's console is told which calls have changed.
const everybody = ""

const (
	tellNews desk.Kind = "news" // a parcel
	// worth is how long a parcel waits for a node that does not read.
	worth = 30 * time.Second
	// calmly is the pause between two messages that only say which calls have changed.
	calmly = 250 * time.Millisecond
	// breath is the pause between two loads: more gathers meanwhile.
	breath = 20 * time.Millisecond
)

func newNews(line desk.Relay, own func() (<-chan engine.Change, func()), log *slog.Logger) *news {
	return &news{
		line: line, own: own, log: log, out: newParcels(), moved: make(chan struct{}, 1), here: map[string]struct{}{},
		places: map[string]struct{}{}, pages: map[string]map[int64]struct{}{}, known: recentKeys{at: map[string]time.Time{}},
		orders: newOrders(line),
	}
}

// page says that somebody's first page has come to this node, or that the last one has gone. It does not block.
func (n *news) page(agent string, here bool) {
	n.mu.Lock()
	if here {
		n.here[agent] = struct{}{}
	} else {
		delete(n.here, agent)
	}
	n.places[agent] = struct{}{}
	n.mu.Unlock()
	select {
	case n.moved <- struct{}{}:
	default:
	}
}

// run tells and hears until ctx ends.
func (n *news) run(ctx context.Context) error {
	n.page(everybody, true)
	var telling sync.WaitGroup
	telling.Go(func() { n.place(ctx) })
	telling.Go(func() { n.tell(ctx) })
	changes, stop := n.own()
	defer stop()
	for {
		select {
		case <-ctx.Done():
			telling.Wait()
			n.orders.all.Wait()
			return nil
		case c := <-changes:
			n.committed(&c)
		case m := <-n.line.Messages():
			n.hear(ctx, m)
		}
	}
}

// committed puts what this node has stored into the parcels of those who want it.
func (n *news) committed(c *engine.Change) {
	if len(n.pages) == 0 {
		return
	}
	if c.Missed > 0 {
		for node := range n.pages[everybody] {
			n.out.missed(node)
		}
	}
	for i := range c.Calls {
		for node := range n.pages[everybody] {
			n.out.changed(node, c.Calls[i].State.ID)
		}
	}
	if len(c.Events) == 0 {
		return
	}
	calls := make(map[call.ID]*call.State, len(c.Calls))
	for i := range c.Calls {
		calls[c.Calls[i].State.ID] = &c.Calls[i].State
	}
	for i := range c.Events {
		ev := &c.Events[i]
		state := calls[ev.Call]
		if state == nil {
			continue
		}
		n.ring.add(ev, state)
		for node := range n.pages[ev.Agent] {
			n.out.event(node, *ev, *state)
		}
	}
}

// hear takes in what other nodes tell.
func (n *news) hear(ctx context.Context, m desk.Message) {
	switch m.Kind {
	case desk.Anew:
		n.pages = map[string]map[int64]struct{}{}
		n.orders.alone()
		if n.begun {
			n.heard.tell(engine.Change{Missed: 1})
		}
		n.begun = true
	case desk.Came:
		n.came(m.Agent, m.Node)
	case desk.Left:
		n.left(m.Agent, m.Node)
	case desk.Gone:
		for agent := range n.pages {
			n.left(agent, m.Node)
		}
		n.out.forget(m.Node)
		n.heard.tell(engine.Change{Missed: 1}) // it may have died before it told everything
	case tellOrder, tellOutcome:
		n.orders.hear(ctx, m)
	case tellNews:
		var p parcel
		if err := json.Unmarshal(m.Body, &p); err != nil {
			n.log.Error("another node's news cannot be read", "error", err)
			p = parcel{Missed: true}
		}
		p.Events = n.known.fresh(p.Events)
		n.heard.tell(p.change())
	}
}

// came says that somebody has a page on a node. What happened since it came, but before this node knew of it, is told.
func (n *news) came(agent string, node int64) {
	if node == 0 { // this one
		return
	}
	if n.pages[agent] == nil {
		n.pages[agent] = map[int64]struct{}{}
	}
	n.pages[agent][node] = struct{}{}
	if agent == everybody {
		n.orders.there(node, true)
	}
	n.ring.each(agent, func(ev *call.Event, state *call.State) { n.out.event(node, *ev, *state) })
}

func (n *news) left(agent string, node int64) {
	if delete(n.pages[agent], node); len(n.pages[agent]) == 0 {
		delete(n.pages, agent)
	}
	if agent == everybody {
		n.orders.there(node, false)
	}
}

// place tells the other nodes who has a page here.
func (n *news) place(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.moved:
		}
		var come, left []string
		n.mu.Lock()
		for agent := range n.places {
			if _, here := n.here[agent]; here {
				come = append(come, agent)
			} else {
				left = append(left, agent)
			}
		}
		clear(n.places)
		n.mu.Unlock()
		err := n.move(ctx, come, left)
		if err == nil || ctx.Err() != nil {
			continue
		}
		n.log.Warn("other nodes cannot be told which agents have pages here", "error", err)
		n.mu.Lock()
		for _, agent := range append(come, left...) {
			n.places[agent] = struct{}{}
		}
		n.mu.Unlock()
		select {
		case n.moved <- struct{}{}:
		default:
		}
		platform.Pause(ctx, time.Second)
	}
}

func (n *news) move(ctx context.Context, come, left []string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if len(left) > 0 {
		if err := n.line.Detach(ctx, left); err != nil {
			return err
		}
	}
	if len(come) > 0 {
		return n.line.Attach(ctx, come)
	}
	return nil
}

// tell sends the parcels.
func (n *news) tell(ctx context.Context) {
	tick := time.NewTicker(calmly)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return
		case <-n.out.urgent:
		case <-tick.C:
		}
		all := n.out.take()
		if len(all) == 0 {
			continue
		}
		if err := n.send(ctx, all); err != nil {
			for node := range all {
				n.out.missed(node)
			}
			platform.Pause(ctx, time.Second)
		}
		platform.Pause(ctx, breath)
	}
}

func (n *news) send(ctx context.Context, all map[int64]*parcel) error {
	var messages []desk.Message
	for node, p := range all {
		body, err := json.Marshal(p)
		if err != nil { // plain data always marshals
			panic(err)
		}
		messages = append(messages, desk.Message{Kind: tellNews, Node: node, Body: body, Until: time.Now().Add(worth)})
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err := n.line.Send(ctx, messages)
	return err
}
