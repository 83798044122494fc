package desk

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"cordboard/screen"
)

// Run carries pops and states between this node's desks and those of other nodes until ctx ends. It is called once, and
// whatever shows pops stops before it. Without a relay it has nothing to do.
func (h *Hub) Run(ctx context.Context) error {
	if h.cfg.Relay == nil {
		<-ctx.Done()
		return nil
	}
	var telling sync.WaitGroup
	telling.Go(func() { h.tell(ctx) })
	h.hear(ctx)
	telling.Wait()
	return nil
}

// tell sends what waits; while one load is on its way the next one gathers.
func (h *Hub) tell(ctx context.Context) {
	failing := false
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-h.out.some:
		}
		places, messages := h.out.take()
		err := h.deliver(context.WithoutCancel(ctx), places, messages)
		if err != nil {
			if !failing {
				h.cfg.Log.Warn("desks on other nodes cannot be told", "error", err)
			}
			h.out.back(places, messages)
			h.out.wake()
			select {
			case <-ctx.Done():
			case <-time.After(askAgain / 2):
			}
		}
		failing = err != nil
	}
}

// deliver tells the other nodes which desks hang here, and hands messages to them.
func (h *Hub) deliver(ctx context.Context, places []string, messages []Message) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var come, left []string
	for _, agent := range places {
		if h.here(agent) {
			come = append(come, agent)
		} else {
			left = append(left, agent)
		}
	}
	if len(left) > 0 {
		if err := h.cfg.Relay.Detach(ctx, left); err != nil {
			return err
		}
	}
	if len(come) > 0 {
		if err := h.cfg.Relay.Attach(ctx, come); err != nil {
			return err
		}
	}
	if len(messages) == 0 {
		return nil
	}
	gone, err := h.cfg.Relay.Send(ctx, messages)
	for _, node := range gone {
		h.each(func(d *agentDesk) { d.gone(node) })
	}
	return err
}

// hear takes in what other nodes tell.
func (h *Hub) hear(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-h.cfg.Relay.Messages():
			h.heard(m)
		}
	}
}

func (h *Hub) heard(m Message) {
	switch m.Kind {
	case Anew:
		h.each((*agentDesk).anew)
	case Gone:
		h.each(func(d *agentDesk) { d.gone(m.Node) })
	case Came:
		h.desk(m.Agent).came(m.Node, m.Since)
	case Left:
		h.desk(m.Agent).gone(m.Node)
	case askShow, tellLate:
		var p screen.Pop
		if err := json.Unmarshal(m.Body, &p); err != nil {
			h.unread(m, err)
		} else if m.Kind == askShow {
			h.desk(m.Agent).asked(m.Node, p)
		} else {
			h.desk(m.Agent).late(p)
		}
	case tellState:
		var s stampedState
		if err := json.Unmarshal(m.Body, &s); err != nil {
			h.unread(m, err)
			return
		}
		h.desk(m.Agent).stated(s)
	case gotReceipt, waiting, nobody:
		h.desk(m.Agent).answered(m)
	default: // of a newer release
		h.cfg.Log.Debug("another node told something unknown", "kind", m.Kind)
	}
}

func (h *Hub) unread(m Message, err error) {
	h.cfg.Log.Error("another node told something that cannot be read", "kind", m.Kind, "error", err)
}

// each does something with every desk.
func (h *Hub) each(do func(*agentDesk)) {
	h.mu.Lock()
	all := make([]*agentDesk, 0, len(h.desks))
	for _, d := range h.desks {
		all = append(all, d)
	}
	h.mu.Unlock()
	for _, d := range all {
		do(d)
	}
}

// here reports whether the agent has a tab open on this node.
func (h *Hub) here(agent string) bool {
	d := h.desk(agent)
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.tabs) > 0
}
