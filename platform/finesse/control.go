package finesse

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"cordboard/platform"
)

// answerTime is how long an order waits for an error that Finesse may still send by XMPP after it said 202.
const answerTime = 2 * time.Second

// actions are the verbs that a dialog takes (Finesse Web Services Developer Guide, "Dialog APIs"). Accept, Skip and
// Reject answer a preview on UCCE: Skip leaves the contact for later (REJECT), Reject takes it off the list (CLOSE).
var actions = map[platform.Verb]string{
	platform.Answer: "ANSWER", platform.Hold: "HOLD", platform.Retrieve: "RETRIEVE", platform.Drop: "DROP",
	platform.Consult: "CONSULT_CALL", platform.Conference: "CONFERENCE", platform.Transfer: "TRANSFER",
	platform.BlindTransfer: "TRANSFER_SST", platform.Accept: "ACCEPT", platform.Skip: "REJECT", platform.Reject: "CLOSE",
}

// Control implements [platform.Controller] with the verbs of actions, and those below. Ready, NotReady and LogOut act on the agent;
// NotReady and LogOut take Args["reason"], a reason code id. SetData writes Args into the call variables of the same
// names (a bare name is an ECC variable), and Args["wrapup"] as the wrap-up reason, which is all that WrapUp writes: it takes
// Args["code"], the reason's label.
func (c *Connector) Control(ctx context.Context, cmd platform.Command) error {
	r, leave := c.current.Enter()
	leave() // an order outlives the Run rather than hold it up
	if r == nil {
		return errors.New("finesse: not connected")
	}
	i := slices.IndexFunc(c.cfg.Agents, func(a Agent) bool { return a.ID == cmd.Agent })
	if i < 0 {
		return fmt.Errorf("finesse: agent %s is not configured", cmd.Agent)
	}
	a := &c.cfg.Agents[i]
	p, err := c.nodes.inService(ctx, a)
	if err != nil {
		return err
	}
	id := rand.Text()
	wait := r.answers.expect(id)
	defer r.answers.forget(id)
	if err := order(ctx, p.rest, a, id, cmd); err != nil {
		return err
	}
	timer := time.NewTimer(answerTime)
	defer timer.Stop()
	select {
	case err := <-wait:
		return err
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return nil // Finesse took the order
	}
}

// beside are the verbs beside actions.
var beside = []platform.Verb{
	platform.Ready, platform.NotReady, platform.LogOut, platform.MakeCall, platform.SetData, platform.WrapUp,
}

// Verbs implements [platform.Controller].
func (c *Connector) Verbs(agent string) []platform.Verb {
	if !slices.ContainsFunc(c.cfg.Agents, func(a Agent) bool { return a.ID == agent }) {
		return nil
	}
	return slices.AppendSeq(slices.Clone(beside), maps.Keys(actions))
}

// order sends the command by REST.
func order(ctx context.Context, r *rest, a *Agent, id string, cmd platform.Command) error {
	switch cmd.Verb {
	case platform.Ready:
		return r.setUser(ctx, a, id, "READY", "", "")
	case platform.NotReady:
		return r.setUser(ctx, a, id, "NOT_READY", "", cmd.Args["reason"])
	case platform.LogOut:
		return r.setUser(ctx, a, id, "LOGOUT", "", cmd.Args["reason"])
	case platform.SetData:
		return r.dialogOrder(ctx, a, id, cmd.Ref, callData(cmd.Args))
	case platform.WrapUp:
		return r.dialogOrder(ctx, a, id, cmd.Ref, callData(map[string]string{"wrapup": cmd.Args["code"]}))
	}
	extension := a.Extension
	if extension == "" {
		u, err := r.user(ctx, a)
		if err != nil {
			return err
		}
		extension = u.extension
	}
	if cmd.Verb == platform.MakeCall {
		body := "<Dialog>" + field("requestedAction", "MAKE_CALL") + field("fromAddress", extension) + field("toAddress", cmd.To) + "</Dialog>"
		_, err := r.do(ctx, a, http.MethodPost, "/finesse/api/User/"+url.PathEscape(a.ID)+"/Dialogs", id, body)
		return err
	}
	action, known := actions[cmd.Verb]
	if !known {
		return fmt.Errorf("finesse: no such order: %s", cmd.Verb)
	}
	if cmd.To == "" && (cmd.Verb == platform.Consult || cmd.Verb == platform.BlindTransfer) {
		return fmt.Errorf("finesse: %s wants a number", cmd.Verb)
	}
	return r.dialogOrder(ctx, a, id, cmd.Ref, field("targetMediaAddress", extension)+optional("toAddress", cmd.To)+field("requestedAction", action))
}

func (r *rest) dialogOrder(ctx context.Context, a *Agent, id, ref, content string) error {
	if ref == "" {
		return errors.New("finesse: the order names no dialog")
	}
	_, err := r.do(ctx, a, http.MethodPut, "/finesse/api/Dialog/"+url.PathEscape(ref), id, "<Dialog>"+content+"</Dialog>")
	return err
}

func callData(args map[string]string) string {
	var b strings.Builder
	b.WriteString(field("requestedAction", "UPDATE_CALL_DATA") + "<mediaProperties>" + optional("wrapUpReason", args["wrapup"]))
	names := make([]string, 0, len(args))
	for name := range args {
		if name != "wrapup" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) > 0 {
		b.WriteString("<callvariables>")
		for _, name := range names {
			b.WriteString("<CallVariable>" + field("name", wireName(name)) + field("value", args[name]) + "</CallVariable>")
		}
		b.WriteString("</callvariables>")
	}
	b.WriteString("</mediaProperties>")
	return b.String()
}

// wireName is the name that Finesse knows a variable by: what is neither a call variable nor a dialer's is an ECC
// variable, which events show without its prefix.
func wireName(name string) string {
	for _, prefix := range []string{"callVariable", "BA", "user."} {
		if strings.HasPrefix(name, prefix) {
			return name
		}
	}
	return "user." + name
}

// answers joins orders to the notifications that answer them: both carry the order's request id.
type answers struct {
	mu      sync.Mutex
	waiting map[string]chan error
}

func newAnswers() *answers { return &answers{waiting: map[string]chan error{}} }

func (a *answers) expect(id string) <-chan error {
	ch := make(chan error, 1)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.waiting[id] = ch
	return ch
}

func (a *answers) forget(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.waiting, id)
}

// take gives a notification to the order that it answers.
func (a *answers) take(n *notice) {
	if n.requestID == "" {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	ch := a.waiting[n.requestID]
	if ch == nil {
		return
	}
	delete(a.waiting, n.requestID)
	if len(n.errors) > 0 {
		ch <- fmt.Errorf("finesse: %s: %s", n.errors[0].Type, n.errors[0].Message)
		return
	}
	ch <- nil
}
