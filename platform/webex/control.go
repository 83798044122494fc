package webex

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"

	"cordboard/platform"
)

// Control implements [platform.Controller] ("Contact control APIs"; previews as @webex/contact-center orders them). Webex
// takes an order at once and tells its effect by a notification.
//
// Consult, BlindTransfer and Transfer take To: an agent's id, or a number; Args["type"] says queue, dialNumber,
// entrypointDialNumber or agent where that is not plain. Accept, Skip and Reject answer a preview and take
// Args["campaign"], its name. MakeCall takes Args["entry_point"], the id of the outdial entry point, unless the configuration names one, and may take
// Args["origin"], the number to show. NotReady and LogOut take Args["reason"], an auxiliary code id or a text. SetData writes
// Args into the call's variables of the same names; WrapUp takes Args["code"], an auxiliary code id, and Args["reason"].
func (c *Connector) Control(ctx context.Context, cmd platform.Command) error {
	a := c.agents[cmd.Agent]
	if a == nil {
		return fmt.Errorf("webex: agent %s is not configured", cmd.Agent)
	}
	o, err := c.orderOf(cmd)
	if err == nil {
		err = a.do(ctx, o.method, o.path, o.body, nil)
	}
	if err != nil {
		return fmt.Errorf("webex: %s: %w", cmd.Verb, err)
	}
	return nil
}

// verbs are all that Control knows.
var verbs = []platform.Verb{
	platform.Ready, platform.NotReady, platform.LogOut, platform.MakeCall, platform.Answer, platform.Drop, platform.EndConsult,
	platform.PauseRecording, platform.ResumeRecording, platform.Accept, platform.Skip, platform.Reject, platform.Hold,
	platform.Retrieve, platform.SetData, platform.WrapUp, platform.Conference, platform.Transfer, platform.Consult,
	platform.BlindTransfer,
}

// Verbs implements [platform.Controller].
func (c *Connector) Verbs(agent string) []platform.Verb {
	if c.agents[agent] == nil {
		return nil
	}
	if c.cfg.EntryPoint == "" { // who names no entry point cannot call
		return slices.DeleteFunc(slices.Clone(verbs), func(v platform.Verb) bool { return v == platform.MakeCall })
	}
	return verbs
}

// order is a command as one request.
type order struct {
	method, path string
	body         any
}

var errNoOrder = errors.New("no such order")

// simple are the orders to a task that take nothing but the task.
var simple = map[platform.Verb]string{
	platform.Answer: "accept", platform.Drop: "end", platform.EndConsult: "consult/end",
	platform.PauseRecording: "record/pause", platform.ResumeRecording: "record/resume",
}

// previews are the answers to a preview.
var previews = map[platform.Verb]string{platform.Accept: "accept", platform.Skip: "skip", platform.Reject: "remove"}

func (c *Connector) orderOf(cmd platform.Command) (order, error) {
	switch cmd.Verb {
	case platform.Ready:
		return order{http.MethodPut, "/v1/agents/session/state", map[string]string{"state": "Available", "auxCodeId": "0"}}, nil
	case platform.NotReady:
		return order{http.MethodPut, "/v1/agents/session/state", map[string]string{"state": "Idle", "auxCodeId": cmd.Args["reason"]}}, nil
	case platform.LogOut:
		return order{http.MethodPut, "/v1/agents/logout", map[string]string{"logoutReason": cmp.Or(cmd.Args["reason"], "User requested logout")}}, nil
	case platform.MakeCall:
		return makeCall(cmd, c.cfg.EntryPoint)
	case platform.SetStatus:
		return order{}, errNoOrder
	}
	if cmd.Ref == "" {
		return order{}, errors.New("the order names no task")
	}
	return taskOrder(cmd)
}

func makeCall(cmd platform.Command, entryPoint string) (order, error) {
	if entryPoint = cmp.Or(cmd.Args["entry_point"], entryPoint); cmd.To == "" || entryPoint == "" {
		return order{}, errors.New("it wants a number, and Args[entry_point] where the connection has no entry_point")
	}
	return order{http.MethodPost, "/v1/tasks", map[string]any{
		"entryPointId": entryPoint, "destination": cmd.To, "direction": "OUTBOUND", "attributes": map[string]string{},
		"mediaType": "telephony", "outboundType": "OUTDIAL", "origin": cmd.Args["origin"],
	}}, nil
}

func taskOrder(cmd platform.Command) (order, error) {
	task := "/v1/tasks/" + url.PathEscape(cmd.Ref)
	post := func(what string, body any) (order, error) {
		return order{http.MethodPost, task + "/" + what, body}, nil
	}
	if what, ok := simple[cmd.Verb]; ok {
		return post(what, nil)
	}
	if what, ok := previews[cmd.Verb]; ok {
		if cmd.Args["campaign"] == "" {
			return order{}, errors.New("it wants Args[campaign], the name of the preview's campaign")
		}
		return order{http.MethodPost, "/v1/dialer/campaign/" + url.PathEscape(cmd.Args["campaign"]) + "/preview-task/" + url.PathEscape(cmd.Ref) + "/" + what, nil}, nil
	}
	switch cmd.Verb {
	case platform.Hold:
		return post("hold", map[string]string{"mediaResourceId": cmd.Ref})
	case platform.Retrieve:
		return post("unhold", map[string]string{"mediaResourceId": cmd.Ref})
	case platform.SetData:
		return order{http.MethodPatch, task, map[string]any{"attributes": cmd.Args}}, nil
	case platform.WrapUp:
		return post("wrapup", map[string]string{"auxCodeId": cmd.Args["code"], "wrapUpReason": cmd.Args["reason"]})
	case platform.Conference:
		return post("consult/conference", destination(cmd))
	case platform.Transfer:
		return post("consult/transfer", destination(cmd))
	case platform.Consult, platform.BlindTransfer:
		if cmd.To == "" {
			return order{}, errors.New("it wants an agent, a queue or a number")
		}
		if cmd.Verb == platform.BlindTransfer {
			return post("transfer", destination(cmd))
		}
		to := destination(cmd)
		to["holdParticipants"] = true
		return post("consult", to)
	}
	return order{}, errNoOrder
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// destination is whom an order is about: agents and queues have ids, everything else is dialled.
func destination(cmd platform.Command) map[string]any {
	kind := cmd.Args["type"]
	if kind == "" && cmd.To != "" {
		if kind = "dialNumber"; uuid.MatchString(cmd.To) {
			kind = "agent"
		}
	}
	to := map[string]any{}
	if cmd.To != "" {
		to["to"] = cmd.To
	}
	if kind != "" {
		to["destinationType"] = kind
	}
	return to
}
