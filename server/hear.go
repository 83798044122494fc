package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"cordboard/call"
	"cordboard/platform"
)

// hearer is a connection that listens to agents' browsers, too.
type hearer struct {
	name string
	to   platform.Listener
}

// hearersOf are the connections that listen to browsers, in the order of the configuration.
func hearersOf(all []platform.Managed) []hearer {
	var found []hearer
	for _, m := range all {
		if to, ok := m.Connector.(platform.Listener); ok {
			found = append(found, hearer{m.Name, to})
		}
	}
	return found
}

// hear hands what an agent's browser shows to the connection that it is about, also when another node owns that.
func (s *Server) hear(ctx context.Context, agent string, picture json.RawMessage) (durable func() error, err error) {
	err = fmt.Errorf("no connection listens to browsers: %w", platform.ErrForeign)
	for _, h := range s.hearers {
		durable, err = h.to.Hear(ctx, agent, platform.Message{Agent: agent, Message: picture})
		if errors.Is(err, platform.ErrNotRunning) && s.news != nil {
			err = s.news.orders.give(ctx, order{Connection: h.name, Agent: agent, Picture: picture})
			durable = func() error { return nil } // it was waited for
		}
		if !errors.Is(err, platform.ErrForeign) {
			break
		}
	}
	return durable, err
}

// takes reports whether a connection of this node's takes such an order.
func (s *Server) takes(to *commander, o order) bool {
	switch {
	case o.Log != nil:
		return true
	case o.Picture == nil:
		return to.controllers[o.Connection] != nil
	}
	return s.hearer(o.Connection) != nil
}

// obey does what another node asks of a connection that this one owns.
func (s *Server) obey(ctx context.Context, to *commander, o order) error {
	switch {
	case o.Log != nil:
		return s.engine.Accept(ctx, []call.Event{*o.Log})
	case o.Picture == nil:
		return to.controllers[o.Connection].Control(ctx, o.Command)
	}
	durable, err := s.hearer(o.Connection).Hear(ctx, o.Agent, platform.Message{Agent: o.Agent, Message: o.Picture})
	if err == nil {
		err = durable()
	}
	return err
}

func (s *Server) hearer(connection string) platform.Listener {
	for _, h := range s.hearers {
		if h.name == connection {
			return h.to
		}
	}
	return nil
}
