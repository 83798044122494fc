package desk_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"cordboard/desk"
	"cordboard/desk/desktest"
)

// exchange connects the nodes of a test: a relay in memory.
type exchange struct {
	mu    sync.Mutex
	nodes []*line
	tick  time.Time
}

// line is one node's end of an exchange.
type line struct {
	all   *exchange
	id    int64
	desks map[string]time.Time
	inbox chan desk.Message
	mute  bool // nothing comes from it or to it, and nobody is told
	gone  bool
	// lose says which messages are lost on their way to this node.
	lose func(desk.Message) bool
}

func newExchange() *exchange { return &exchange{tick: time.Now()} }

// join adds a node.
func (x *exchange) join() *line {
	x.mu.Lock()
	defer x.mu.Unlock()
	w := &line{all: x, id: int64(len(x.nodes) + 1), desks: map[string]time.Time{}, inbox: make(chan desk.Message, 10_000)}
	w.inbox <- desk.Message{Kind: desk.Anew}
	for _, o := range x.nodes {
		for agent, since := range o.desks {
			w.inbox <- desk.Message{Kind: desk.Came, Node: o.id, Agent: agent, Since: since}
		}
	}
	x.nodes = append(x.nodes, w)
	return w
}

// tell hands a message to a node.
func (w *line) tell(to *line, m desk.Message) {
	if m.Node = w.id; to == w {
		m.Node = 0
	}
	if to.gone || to.mute || w.mute || to.lose != nil && to.lose(m) {
		return
	}
	to.inbox <- m
}

func (w *line) Attach(_ context.Context, agents []string) error {
	w.all.mu.Lock()
	defer w.all.mu.Unlock()
	for _, agent := range agents {
		w.all.tick = w.all.tick.Add(time.Microsecond)
		w.desks[agent] = w.all.tick
		for _, o := range w.all.nodes {
			w.tell(o, desk.Message{Kind: desk.Came, Agent: agent, Since: w.all.tick})
		}
	}
	return nil
}

func (w *line) Detach(_ context.Context, agents []string) error {
	w.all.mu.Lock()
	defer w.all.mu.Unlock()
	for _, agent := range agents {
		delete(w.desks, agent)
		for _, o := range w.all.nodes {
			if o != w {
				w.tell(o, desk.Message{Kind: desk.Left, Agent: agent})
			}
		}
	}
	return nil
}

func (w *line) Send(_ context.Context, messages []desk.Message) (gone []int64, err error) {
	w.all.mu.Lock()
	defer w.all.mu.Unlock()
	for _, m := range messages {
		to := w.all.nodes[m.Node-1]
		if to.gone && !slices.Contains(gone, m.Node) {
			gone = append(gone, m.Node)
		}
		if m.Until.After(time.Now()) {
			w.tell(to, m)
		}
	}
	return gone, nil
}

func (w *line) Messages() <-chan desk.Message { return w.inbox }

// End takes the node away, and the others hear of it.
func (w *line) End() {
	w.all.mu.Lock()
	defer w.all.mu.Unlock()
	if w.gone {
		return
	}
	w.mute = false
	for _, o := range w.all.nodes {
		if o != w {
			w.tell(o, desk.Message{Kind: desk.Gone})
		}
	}
	w.gone, w.desks = true, nil
}

// silence makes the node dead without anybody knowing.
func (w *line) silence() {
	w.all.mu.Lock()
	defer w.all.mu.Unlock()
	w.mute = true
}

func TestExchange(t *testing.T) {
	desktest.Run(t, func(*testing.T) func() desktest.Node {
		x := newExchange()
		return func() desktest.Node { return x.join() }
	})
}
