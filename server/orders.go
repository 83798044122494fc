package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"cordboard/call"
	"cordboard/desk"
	"cordboard/platform"
)

// commander gives orders to the connections that take some, also to those that another node owns. It implements
// [workspace.Commander].
type commander struct {
	controllers map[string]platform.Controller // by connection
	names       map[call.Platform][]string
	states      func() []platform.Status
	far         *orders // to other nodes; nil when there are none
}

func commandersOf(all []platform.Managed, states func() []platform.Status) *commander {
	c := &commander{controllers: map[string]platform.Controller{}, names: map[call.Platform][]string{}, states: states}
	for _, m := range all {
		if to, ok := m.Connector.(platform.Controller); ok {
			c.controllers[m.Name] = to
			p := call.Platform(m.Platform)
			c.names[p] = append(c.names[p], m.Name)
		}
	}
	for _, names := range c.names {
		slices.Sort(names)
	}
	return c
}

// Connections implements [workspace.Commander].
func (c *commander) Connections(p call.Platform) []string { return c.names[p] }

// Verbs implements [workspace.Commander].
func (c *commander) Verbs(connection, agent string) []platform.Verb {
	if to := c.controllers[connection]; to != nil {
		return to.Verbs(agent)
	}
	return nil
}

// Control implements [workspace.Commander].
func (c *commander) Control(ctx context.Context, connection string, cmd platform.Command) error {
	to := c.controllers[connection]
	switch {
	case to == nil:
		return errors.New("this connection takes no orders")
	case c.far != nil && !atDesk(to) && c.standsBy(connection):
		return c.far.give(ctx, order{Connection: connection, Command: cmd})
	}
	return to.Control(ctx, cmd)
}

// atDesk reports whether a connection's orders go to agents' browsers, which are where their desks are.
func atDesk(to platform.Controller) bool {
	_, ok := to.(platform.DeskController)
	return ok
}

// standsBy reports whether another node owns the connection.
func (c *commander) standsBy(connection string) bool {
	return slices.ContainsFunc(c.states(), func(s platform.Status) bool {
		return s.Connection == connection && s.State == platform.Standby
	})
}

// orders are what nodes ask each other to do for a connection that one of them owns.
type orders struct {
	line desk.Relay
	obey func(ctx context.Context, o order) error
	mine func(o order) bool

	mu     sync.Mutex
	nodes  map[int64]struct{}      // the others
	asked  map[string]chan outcome // by order, who waits for an answer
	obeyed map[string]time.Time    // orders of others, until when they may come again
	all    sync.WaitGroup
}

// order is one as it is told, outcome what became of it: a command, what an agent's browser shows, or what an agent wrote into
// a call's log.
type order struct {
	Connection string           `json:"connection"`
	Command    platform.Command `json:"command"`
	Agent      string           `json:"agent,omitempty"`
	Picture    json.RawMessage  `json:"picture,omitempty"`
	Log        *call.Event      `json:"log,omitempty"`
}

type outcome struct {
	Refused string `json:"refused,omitempty"`
	Foreign bool   `json:"foreign,omitempty"` // it is none of the connection's
}

func outcomeOf(err error) outcome {
	if err == nil {
		return outcome{}
	}
	return outcome{Refused: err.Error(), Foreign: errors.Is(err, platform.ErrForeign)}
}

// err is what was refused, as an error.
func (o outcome) err() error {
	switch {
	case o.Foreign:
		return fmt.Errorf("%w: %s", platform.ErrForeign, o.Refused)
	case o.Refused != "":
		return errors.New(o.Refused)
	}
	return nil
}

const (
	tellOrder   desk.Kind = "order"
	tellOutcome desk.Kind = "ordered"
)

func newOrders(line desk.Relay) *orders {
	return &orders{line: line, nodes: map[int64]struct{}{}, asked: map[string]chan outcome{}, obeyed: map[string]time.Time{}}
}

// give asks all other nodes: the one that owns the connection answers. When none does before ctx ends, nobody knows whether
// the order was taken.
func (o *orders) give(ctx context.Context, what order) error {
	until, ok := ctx.Deadline()
	if !ok {
		until = time.Now().Add(worth)
	}
	body, err := json.Marshal(what)
	if err != nil {
		return err
	}
	id, answer := rand.Text(), make(chan outcome, 1)
	var messages []desk.Message
	o.mu.Lock()
	o.asked[id] = answer
	for node := range o.nodes {
		messages = append(messages, desk.Message{Kind: tellOrder, Node: node, Key: id, Body: body, Until: until})
	}
	o.mu.Unlock()
	defer func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.asked, id)
	}()
	if len(messages) == 0 {
		return errors.New("no node owns the connection right now")
	}
	if _, err := o.line.Send(ctx, messages); err != nil {
		return errors.New("the node that owns the connection cannot be asked")
	}
	select {
	case a := <-answer:
		return a.err()
	case <-ctx.Done():
		return errors.New("the node that owns the connection did not answer")
	}
}

// hear takes in an order of another node, or what became of one of this node.
func (o *orders) hear(ctx context.Context, m desk.Message) {
	if m.Kind == tellOutcome {
		var a outcome
		if json.Unmarshal(m.Body, &a) != nil {
			return
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		if waits := o.asked[m.Key]; waits != nil {
			select {
			case waits <- a:
			default:
			}
		}
		return
	}
	var ask order
	if json.Unmarshal(m.Body, &ask) != nil || !o.mine(ask) || !o.first(m.Key, m.Until) {
		return
	}
	o.all.Go(func() {
		ctx, cancel := context.WithDeadline(ctx, m.Until)
		defer cancel()
		body, err := json.Marshal(outcomeOf(o.obey(ctx, ask)))
		if err != nil { // plain data always marshals
			panic(err)
		}
		_, _ = o.line.Send(ctx, []desk.Message{{Kind: tellOutcome, Node: m.Node, Key: m.Key, Body: body, Until: m.Until}})
	})
}

// first reports whether an order comes for the first time.
func (o *orders) first(id string, until time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	for old, over := range o.obeyed {
		if now.After(over) {
			delete(o.obeyed, old)
		}
	}
	_, known := o.obeyed[id]
	o.obeyed[id] = until
	return !known
}

// there says whether a node can be asked.
func (o *orders) there(node int64, is bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if is {
		o.nodes[node] = struct{}{}
	} else {
		delete(o.nodes, node)
	}
}

// alone forgets the other nodes: they are told anew.
func (o *orders) alone() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.nodes)
}
