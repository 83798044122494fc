package workspace

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/platform"
)

// What these two ask a platform for depends on where the call is.
const (
	// accept takes what is offered: a preview, or a call that rings.
	accept platform.Verb = "workspace/accept"
	// clearCall ends whatever is left of a call: the talk, or the work after it.
	clearCall platform.Verb = "workspace/clear"
)

// order passes a page's command on.
func (p *client) order(ctx context.Context, r request) *refusal {
	of, _ := platformOf(r.Channel)
	return p.workspace.order(ctx, of, r.body.Connection, r.body.Call, r.Subtopic, platform.Command{
		Agent: p.agent, Verb: verbOf(r.Subtopic), To: r.body.To, Args: r.body.Args,
	})
}

// order passes a command on: on a platform, or on whichever has the call.
func (w *Workspace) order(ctx context.Context, of call.Platform, named, callNamed, name string, cmd platform.Command) *refusal {
	var connection string
	var refused *refusal
	switch cmd.Verb {
	case platform.MakeCall, platform.SetStatus, platform.Ready, platform.NotReady, platform.LogOut:
		connection, refused = w.connection(of, cmd.Agent, named)
	default:
		connection, refused = w.aim(ctx, of, callNamed, &cmd)
	}
	if cmd.To == "" && (cmd.Verb == platform.MakeCall || cmd.Verb == platform.SetStatus) {
		refused = refuse(malformed, "message: to is missing: the number to call, or the status")
	}
	if refused != nil {
		return refused
	}
	if err := w.cfg.Orders.Control(ctx, connection, cmd); err != nil {
		return refuse(refusedByPlatform, short(err.Error()))
	}
	w.tally.taken(name)
	return nil
}

// short is a text of the platform's, as far as a page needs it.
func short(text string) string {
	if runes := []rune(text); len(runes) > maxDetail {
		return string(runes[:maxDetail]) + "…"
	}
	return text
}

// connection is where an order goes that is about no call that exists: of several the one that knows the agent.
func (w *Workspace) connection(of call.Platform, agent, named string) (string, *refusal) {
	all := w.connections(of)
	if named == "" && len(all) > 1 {
		all = slices.DeleteFunc(all, func(c string) bool { return len(w.cfg.Orders.Verbs(c, agent)) == 0 })
	}
	switch {
	case named != "" && slices.Contains(all, named):
		return named, nil
	case len(all) == 0 || named != "":
		return "", refuse(noConnection, "no such connection of this platform takes orders")
	case len(all) > 1:
		return "", refuse(severalConnections, "name one of the connections "+strings.Join(all, ", "))
	}
	return all[0], nil
}

// connections are those of a platform that take orders, or of all of them.
func (w *Workspace) connections(of call.Platform) (all []string) {
	for _, p := range call.Platforms() {
		if of == "" || p == of {
			all = append(all, w.cfg.Orders.Connections(p)...)
		}
	}
	return all
}

// part is an open leg of the agent who gives an order.
type part struct {
	platform.OpenLeg
	phase      call.Phase
	connection string
}

// aim finds the call that a command is about among the agent's open ones, and completes the command.
func (w *Workspace) aim(ctx context.Context, of call.Platform, named string, cmd *platform.Command) (string, *refusal) {
	rows, err := w.cfg.Journal.Calls(ctx, engine.Filter{Agent: cmd.Agent, State: "open", Limit: engine.MostOpen})
	if err != nil {
		w.cfg.Log.Warn("the open calls of an agent cannot be read", "error", err)
		return "", refuse(unavailable, "the open calls cannot be read right now: try again")
	}
	var mine []part
	for i := range rows {
		c := &rows[i].State
		if of != "" && c.Platform != of {
			continue
		}
		for _, l := range legsOf(c, cmd.Agent) {
			if leg := c.Leg(l.Leg); named == "" || string(c.ID) == named || goesBy(leg, l.Ref, named) {
				mine = append(mine, part{l, leg.Phase(), c.Connection})
			}
		}
	}
	if len(mine) == 0 {
		return "", refuse(noCall, "this agent has no such open call")
	}
	slices.SortStableFunc(mine, func(a, b part) int { return a.At.Compare(b.At) })
	last := mine[len(mine)-1]
	for _, m := range mine {
		if m.Ref != last.Ref || m.connection != last.connection {
			return "", refuse(severalCalls, "this agent has several open calls: name one by its id")
		}
	}
	if !slices.Contains(w.connections(of), last.connection) {
		return "", refuse(noConnection, "the connection of this call takes no orders")
	}
	complete(cmd, &last)
	return last.connection, nil
}

// GoesBy reports whether a part in a call has, or had, the platform's id.
func GoesBy(l *call.Leg, named string) bool {
	return l.Ref == named || slices.ContainsFunc(l.Moments, func(m call.Moment) bool { return m.Ref == named || m.Was == named })
}

// goesBy reports whether a leg has, or had, the platform's id: that of a preview becomes another when it is accepted.
func goesBy(l *call.Leg, ref, named string) bool {
	if ref == named {
		return true
	}
	at := slices.IndexFunc(l.Moments, func(m call.Moment) bool { return m.Was == named })
	return at >= 0 && l.Moments[at].Ref == ref
}

// complete says what the order is about, and which it is where that depends on the call.
func complete(cmd *platform.Command, l *part) {
	cmd.Ref = l.Ref
	switch cmd.Verb {
	case accept:
		if cmd.Verb = platform.Answer; l.Role == call.ReservationLeg {
			cmd.Verb = platform.Accept
		}
	case clearCall:
		if cmd.Verb = platform.Drop; l.phase == call.Wrapup {
			cmd.Verb = platform.WrapUp
		}
	}
	switch cmd.Verb {
	case platform.Accept, platform.Skip, platform.Reject: // the campaign is known: a page need not tell it
		args := map[string]string{"campaign": l.Campaign}
		maps.Copy(args, cmd.Args)
		args["campaign"] = cmp.Or(args["campaign"], l.Campaign)
		cmd.Args = args
	}
}
