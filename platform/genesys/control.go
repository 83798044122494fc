package genesys

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"cordboard/platform"
)

// orderTime is how long an order may take. When Genesys wants a longer pause (429), the order is refused at once: what an
// agent asked for is not done when it has gone out of mind.
const orderTime = 12 * time.Second

// Control implements [platform.Controller] with every verb of platform ("Conversations", "Presence" of the Platform API). It
// needs no Run. Genesys takes an order and tells its effect by a notification. Every order about a call reads the
// conversation first: which participant and which media are meant can have changed.
//
// Answer and Accept take what is offered, a call or a preview; Skip ends a preview, Reject declines whatever is offered. Dial
// calls the preview's contact at To, or at its first number, and may take Args["column"]. Drop ends the call of a preview
// before the preview. Consult, BlindTransfer and the last step of both take To: a user's or a queue's id, or an address, such
// as a number or "sip:" with a flow's name; Args["type"] is userId, queueId or address where that is not plain: an id without
// it is a user's. Consult without To changes whom the agent speaks to: Args["speak_to"] is destination, object or both.
// Transfer hands the customer over to who is consulted, EndConsult takes the customer back. Conference lets all three talk, or
// brings the conversations of Args["with"], ids with commas between, into this one; the agent must be in all of them.
// SecureSession takes To, a flow's id, Args["user_data"], and Args["disconnect"], "true" when the agent leaves. SetData writes
// Args into the customer's attributes. WrapUp takes Args["code"], an id or a name, and Args["notes"]. MakeCall may take
// Args["queue"], the id of the queue that it is made for, and Args["origin"], the number to show. SetStatus takes To, NotReady
// Args["reason"]: a presence's id or name; Ready is On Queue, NotReady Busy by default, LogOut Offline.
func (c *Connector) Control(ctx context.Context, cmd platform.Command) error {
	if !c.serves(cmd.Agent) {
		return fmt.Errorf("genesys: agent %s is not configured", cmd.Agent)
	}
	ctx, cancel := context.WithTimeout(ctx, orderTime)
	defer cancel()
	if err := c.rest.control(ctx, cmd); err != nil {
		return fmt.Errorf("genesys: %s: %w", cmd.Verb, err)
	}
	return nil
}

// onAgents are the verbs beside orders.
var onAgents = []platform.Verb{platform.Ready, platform.NotReady, platform.SetStatus, platform.LogOut, platform.MakeCall}

// Verbs implements [platform.Controller].
func (c *Connector) Verbs(agent string) []platform.Verb {
	if !c.serves(agent) {
		return nil
	}
	return slices.AppendSeq(slices.Clone(onAgents), maps.Keys(orders))
}

func (c *Connector) serves(agent string) bool {
	return agent != "" && (len(c.cfg.Agents) == 0 || slices.Contains(c.cfg.Agents, agent))
}

// control carries an order out.
func (r *rest) control(ctx context.Context, cmd platform.Command) error {
	switch cmd.Verb {
	case platform.Ready:
		return r.setPresence(ctx, cmd.Agent, "On Queue")
	case platform.NotReady:
		return r.setPresence(ctx, cmd.Agent, cmp.Or(cmd.Args["reason"], "Busy"))
	case platform.SetStatus:
		return r.setPresence(ctx, cmd.Agent, cmd.To)
	case platform.LogOut:
		return r.setPresence(ctx, cmd.Agent, "Offline")
	case platform.MakeCall:
		return r.makeCall(ctx, cmd)
	}
	do, known := orders[cmd.Verb]
	switch {
	case !known:
		return errors.New("no such order")
	case cmd.Ref == "":
		return errors.New("the order names no conversation")
	}
	s, err := r.scene(ctx, cmd.Ref, cmd.Agent)
	if err != nil {
		return err
	}
	return do(s, ctx, cmd)
}

// orders are the verbs that act on a call.
var orders = map[platform.Verb]func(*scene, context.Context, platform.Command) error{
	platform.Answer:          (*scene).take,
	platform.Accept:          (*scene).take,
	platform.Reject:          (*scene).decline,
	platform.Skip:            (*scene).skip,
	platform.Dial:            (*scene).dial,
	platform.Hold:            change("held", true),
	platform.Retrieve:        change("held", false),
	platform.Mute:            change("muted", true),
	platform.Unmute:          change("muted", false),
	platform.PauseRecording:  record("PAUSED"),
	platform.ResumeRecording: record("ACTIVE"),
	platform.Drop:            change("state", disconnected),
	platform.Consult:         (*scene).consult,
	platform.EndConsult:      (*scene).endConsult,
	platform.Conference:      (*scene).conference,
	platform.Transfer:        (*scene).transfer,
	platform.BlindTransfer:   (*scene).blindTransfer,
	platform.SecureSession:   (*scene).secure,
	platform.SetData:         (*scene).setData,
	platform.WrapUp:          (*scene).wrapUp,
}

// makeCall calls on behalf of the agent.
func (r *rest) makeCall(ctx context.Context, cmd platform.Command) error {
	if cmd.To == "" {
		return errors.New("it wants a number")
	}
	body := map[string]string{"phoneNumber": cmd.To}
	if queue := cmd.Args["queue"]; queue != "" {
		body["callFromQueueId"] = queue
	}
	if origin := cmd.Args["origin"]; origin != "" {
		body["callerId"] = origin
	}
	return r.order(ctx, http.MethodPost, pathConversations+"/calls/user/"+url.PathEscape(cmd.Agent), body)
}

// order sends a request that changes something.
func (r *rest) order(ctx context.Context, method, path string, body any) error {
	_, err := r.ask(ctx, ordered, method, path, body)
	return err
}
