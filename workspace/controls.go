package workspace

import (
	"context"
	"slices"
	"strings"

	"cordboard/call"
	"cordboard/platform"
)

// Order is one that an agent gives in a panel, not in a page with a workspace of its own.
type Order struct {
	// Name is that of a command of the workspace, however it is spelled.
	Name string
	// Call is the platform's id of a call, or ours; "" is the only one that is open. Orders that act on the agent need none.
	Call string
	To   string
	Args map[string]string
}

// Refusal is the error of an order that was not taken. Its Reason is one of a closed list, its text a sentence for people.
type Refusal struct {
	Reason string
	Detail string
}

// Error is the sentence.
func (r *Refusal) Error() string { return r.Detail }

// Give carries an order of an agent out, as if a page had sent it. The error is a *[Refusal]; its effect comes as events.
func (w *Workspace) Give(ctx context.Context, agent string, o Order) error {
	ctx, cancel := context.WithTimeout(ctx, orderLimit)
	defer cancel()
	refused := refuse(unknownCommand, "there is no such order")
	if i := slices.IndexFunc(orders, func(k order) bool { return k.is(o.Name) }); i >= 0 {
		k := orders[i]
		refused = w.order(ctx, "", "", o.Call, k.name, platform.Command{Agent: agent, Verb: k.verb, To: o.To, Args: o.Args})
	}
	if refused == nil {
		return nil
	}
	w.tally.refuse(refused.reason)
	return &Refusal{Reason: string(refused.reason), Detail: refused.detail}
}

// onAgent are the orders that are about no call.
var onAgent = []platform.Verb{platform.MakeCall, platform.Ready, platform.NotReady, platform.SetStatus, platform.LogOut}

// Standing are the orders that an agent may give without a call, in the workspace's spelling: what some connection can do.
func (w *Workspace) Standing(agent string) (names []string) {
	for _, c := range w.connections("") {
		for _, name := range named(onAgent, w.cfg.Orders.Verbs(c, agent)) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// Controls are the orders that an agent may give about a part in a call as it is now, in the workspace's spelling: what
// makes sense and its connection can do. Whether the platform takes one is the platform's to say.
func (w *Workspace) Controls(connection string, l platform.OpenLeg) []string {
	return named(sensible(l), w.cfg.Orders.Verbs(connection, l.Agent))
}

// named are the orders of those verbs that can be done.
func named(verbs, can []platform.Verb) (names []string) {
	for _, v := range verbs {
		if !slices.Contains(can, v) {
			continue
		}
		if i := slices.IndexFunc(orders, func(o order) bool { return o.verb == v }); i >= 0 { // a page has no word for some
			names = append(names, orders[i].name)
		}
	}
	return names
}

// talking are the orders of every talk.
var talking = []platform.Verb{
	platform.Mute, platform.Unmute, platform.PauseRecording, platform.ResumeRecording, platform.SecureSession, platform.SetData,
}

// rings reports whether a part in a call waits for its agent, by the platform's word for it (inferred: what platforms call
// alerting, or an offer).
func rings(l platform.OpenLeg) bool {
	word := strings.ToLower(l.Name)
	return strings.Contains(word, "alert") || strings.Contains(word, "offer")
}

// sensible are the verbs that a part in a call has in its phase.
func sensible(l platform.OpenLeg) []platform.Verb {
	if l.Role == call.ConsultLeg && l.Phase == call.Consulting {
		if rings(l) {
			return []platform.Verb{platform.Answer, platform.Drop}
		}
		return append([]platform.Verb{platform.Drop}, talking...)
	}
	switch l.Phase {
	case call.Offered, call.Reserved:
		if l.Role == call.ReservationLeg {
			return []platform.Verb{platform.Accept, platform.Skip, platform.Reject, platform.SetData}
		}
		return []platform.Verb{platform.Answer, platform.SetData}
	case call.Accepted:
		return []platform.Verb{platform.Dial, platform.Skip, platform.SetData}
	case call.Ringing:
		if l.Mode == call.Manual && l.Role == call.CustomerLeg { // the customer's telephone rings, not the agent's
			return []platform.Verb{platform.Drop, platform.SetData}
		}
		return []platform.Verb{platform.Answer, platform.Drop, platform.SetData}
	case call.Dialing:
		return []platform.Verb{platform.Drop, platform.SetData}
	case call.Answered, call.Transferred:
		return append([]platform.Verb{platform.Hold, platform.Consult, platform.BlindTransfer, platform.Conference, platform.Drop}, talking...)
	case call.Conferenced:
		return append([]platform.Verb{platform.Hold, platform.Consult, platform.Drop}, talking...)
	case call.Held:
		return append([]platform.Verb{platform.Retrieve, platform.Consult, platform.BlindTransfer, platform.Conference, platform.Transfer, platform.EndConsult, platform.Drop}, talking...)
	case call.Consulting:
		return append([]platform.Verb{platform.Transfer, platform.Conference, platform.EndConsult, platform.Retrieve, platform.Drop}, talking...)
	case call.Wrapup:
		return []platform.Verb{platform.WrapUp, platform.SetData}
	}
	return nil
}
