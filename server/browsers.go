package server

import (
	"context"

	"cordboard/desk"
	"cordboard/platform"
)

// browsers are the agents' browsers at this node's desks, for connections that give orders there. It implements
// [cordboard/platform/connect.Browser]. Connections are opened before the desks, so it asks for the hub only when there is an order.
type browsers struct{ s *Server }

// Bridge implements [cordboard/platform/connect.Browser].
func (b browsers) Bridge(agent string) (arn string, verbs []platform.Verb) {
	arn, names := b.s.hub.Bridge(agent)
	for _, name := range names {
		verbs = append(verbs, platform.Verb(name))
	}
	return arn, verbs
}

// Command implements [cordboard/platform/connect.Browser].
func (b browsers) Command(ctx context.Context, c platform.Command) error {
	return b.s.hub.Command(ctx, c.Agent, desk.Command{Verb: string(c.Verb), Ref: c.Ref, To: c.To, Args: c.Args})
}
