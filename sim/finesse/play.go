package finesse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cordboard/sim/scenario"
)

// Call is the call that a script is played with: who is in it and what it
// carries. Its zero value is a call with a made-up customer for the first
// agent who is free.
type Call struct {
	Agents    []string          // ids, in the order of the script's actors; a missing second agent becomes a number outside
	Customer  string            // the customer's number, a leading "+" is dropped as on the wire; "" makes one up
	Colleague string            // the number that is consulted when there is no second agent
	Vars      map[string]string // call variables; a bare name becomes the ECC variable user.<name>
	Campaign  string            // BACampaign of outbound calls
	Account   string            // BAAccountNumber and callVariable2
	Scale     float64           // times the script's pauses; 0 plays as fast as possible
	Manual    bool              // agents answer and accept through REST; the script waits for them
	Ring      time.Duration     // how long it waits in that case until the call goes away unanswered; 0 means for ever
}

// Result names what a call was made of. The ids are reserved before the first
// message; those of dialogs that the script has no use for stay unused.
type Result struct {
	Main        string `json:"main"`        // the customer call
	Reservation string `json:"reservation"` // the preview reservation
	Consult     string `json:"consult"`     // the first consult call
	Customer    string `json:"customer"`    // the number as it stands in the messages
}

// errOver ends a script whose call an agent ended in another way.
var errOver = errors.New("the call ended before the script")

// Play plays the script to its end, as fast as call.Scale says, and blocks
// meanwhile. It fails when the script or an agent is unknown, an agent is
// signed out, a step does not fit the state that the call is in, or ctx ends.
func (s *Server) Play(ctx context.Context, script scenario.Script, call Call) (Result, error) {
	c, err := s.begin(script, call)
	if err != nil {
		return Result{}, err
	}
	return c.ids, s.run(ctx, script, c)
}

func (s *Server) begin(script scenario.Script, spec Call) (*call, error) {
	if err := script.Check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errors.New("finesse simulator is closed")
	}
	var agents []*agent
	for _, id := range spec.Agents {
		a := s.agent(id)
		if a == nil {
			return nil, fmt.Errorf("script %q: there is no agent %q", script.Name, id)
		}
		agents = append(agents, a)
	}
	if len(agents) == 0 {
		a := s.free()
		if a == nil {
			return nil, fmt.Errorf("script %q: no agent is free", script.Name)
		}
		agents = append(agents, a)
	}
	for _, a := range agents {
		if a.state == userLogout {
			return nil, fmt.Errorf("script %q: agent %s is signed out", script.Name, a.id)
		}
	}
	return s.newCall(spec, agents), nil
}

// free is the first READY agent without a call, one with a session if any.
func (s *Server) free() *agent {
	var some *agent
	for _, a := range s.agents {
		if a.state != userReady || len(a.dialogs) > 0 {
			continue
		}
		if len(a.sessions) > 0 {
			return a
		}
		if some == nil {
			some = a
		}
	}
	return some
}

func (s *Server) run(ctx context.Context, script scenario.Script, c *call) error {
	for i, step := range script.Steps {
		err := scenario.Pause(ctx, step.After, c.spec.Scale)
		if err == nil && c.spec.Manual && (step.Verb == scenario.Answer || step.Verb == scenario.Accept || step.Verb == scenario.ConsultAnswer) {
			var handled bool
			if handled, err = s.waitForAgent(ctx, c, step); handled {
				continue
			}
		}
		if err == nil {
			err = s.play(c, step)
		}
		if errors.Is(err, errOver) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("script %q, step %d (%s): %w", script.Name, i+1, step.Verb, err)
		}
	}
	return nil
}

// waitForAgent waits until the agent has done the step through REST. It is
// false when the step is not an agent's to do.
func (s *Server) waitForAgent(ctx context.Context, c *call, step scenario.Step) (bool, error) {
	n, ok := step.Agent()
	if !ok || n >= len(c.agents) || step.Args["refuse"] != "" {
		return false, nil
	}
	a := c.agents[n]
	wait := ctx
	if c.spec.Ring > 0 {
		var cancel context.CancelFunc
		wait, cancel = context.WithTimeout(ctx, c.spec.Ring)
		defer cancel()
	}
	over := false
	err := s.await(wait, func() bool {
		if step.Verb == scenario.Accept {
			over = c.reservation == nil || !a.has(c.reservation)
			return over || c.reservation.state == accepted
		}
		over = len(a.dialogs) == 0
		return over || c.ringing(a) == nil
	})
	if err != nil && ctx.Err() == nil { // rung out
		s.mu.Lock()
		defer s.mu.Unlock()
		if d := c.ringing(a); d != nil {
			c.noAnswer(d, a, userNotReady)
		}
		return true, errOver
	}
	if err == nil && over {
		err = errOver
	}
	return true, err
}

// ringing is the dialog of this call that rings at the agent.
func (c *call) ringing(a *agent) *dialog {
	for _, d := range []*dialog{c.consult, c.main, c.reservation} {
		if d == nil || !a.has(d) {
			continue
		}
		if p := d.party(a); p != nil && p.state == alerting {
			return d
		}
	}
	return nil
}

// play does one step under the lock.
func (s *Server) play(c *call, step scenario.Step) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var a *agent
	if n, ok := step.Agent(); ok && n < len(c.agents) {
		a = c.agents[n]
	}
	if done, err := s.playFault(a, step.Verb); done {
		return err
	}
	var r *refusal
	switch step.Verb {
	case scenario.Offer, scenario.Reserve, scenario.Accept, scenario.Skip, scenario.Dial, scenario.Ring:
		r = c.playBegin(a, step)
	case scenario.WrapupDone:
		if d := c.wrapping(a); d != nil {
			r = c.wrapupDone(d, a, step.Args["reason"])
		}
	default:
		r = c.playTalk(a, step)
	}
	if r != nil {
		return r
	}
	return nil
}

// wrapping is the dialog in whose wrap-up the agent is; nil when a timer or
// the agent ended it already.
func (c *call) wrapping(a *agent) *dialog {
	for _, d := range []*dialog{c.main, c.consult} {
		if d == nil || a == nil || !a.has(d) {
			continue
		}
		if p := d.party(a); p != nil && !p.live() {
			return d
		}
	}
	return nil
}

func (c *call) playBegin(a *agent, step scenario.Step) *refusal {
	if a == nil {
		return notNow("only an agent of the site can do that")
	}
	args := step.Args
	if args["blended"] != "" {
		c.blended = true
	}
	switch step.Verb {
	case scenario.Offer:
		if args["as"] == "active" {
			c.offerActive(a, args["mode"])
		} else {
			c.offer(a, args["mode"])
		}
		if c.main == nil && c.reservation == nil {
			return notNow("unknown mode " + args["mode"])
		}
	case scenario.Reserve:
		return c.reserve(a)
	case scenario.Dial:
		c.dial(a, "")
	case scenario.Ring:
		return c.ring(a)
	case scenario.Accept, scenario.Skip:
		if c.reservation == nil {
			return notNow("there is no reservation")
		}
		if step.Verb == scenario.Accept {
			return c.accept(a, c.s.request(args))
		}
		return c.skip(a, or(args["response"], "Skip"), c.s.request(args))
	}
	return nil
}

func (c *call) playTalk(a *agent, step scenario.Step) *refusal {
	d, args := c.main, step.Args
	if d == nil {
		return notNow("there is no customer call yet")
	}
	p := c.actor(d, a, step.Actor)
	switch step.Verb {
	case scenario.Answer:
		if args["refuse"] != "" {
			c.s.publishRefusal(a, d.uri(), &refusal{"Call Operation Failure", args["refuse"], "34"}, c.s.request(args))
			return nil
		}
		return c.answer(d, p, "")
	case scenario.ConsultAnswer:
		if c.consult == nil {
			return notNow("there is no consult call")
		}
		return c.answer(c.consult, c.actor(c.consult, a, step.Actor), "")
	case scenario.Hangup:
		if args["wrapup"] == "none" {
			if a != nil {
				c.s.setState(a, userReady, "")
				c.finish(d, p, "")
			}
			return nil
		}
		return c.hangup(d, p, "", args["reason"])
	case scenario.Leave:
		return c.leave(p, "", args["revert"] != "", args["silent"] != "")
	}
	if a == nil {
		return notNow("only an agent of the site can do that")
	}
	switch step.Verb {
	case scenario.Hold:
		return c.hold(d, p, "")
	case scenario.Retrieve:
		return c.retrieve(d, p, "")
	case scenario.Consult:
		return c.startConsult(a, c.far, "", args["variables"] != "plain")
	case scenario.Conference:
		return c.conference(a, "", args["quiet"] != "", args["secondary"] == "no")
	case scenario.Transfer:
		return c.transfer(a, "")
	case scenario.BlindTransfer:
		return c.blindTransfer(a, c.far, "")
	case scenario.NoAnswer:
		if ringing := c.ringing(a); ringing != nil {
			d = ringing
		}
		return c.noAnswer(d, a, or(args["then"], userReady))
	case scenario.Data:
		var vars []variable
		for name, value := range args {
			if name != "wrapUpReason" && name != "request" {
				vars = append(vars, variable{variableName(name), value})
			}
		}
		c.setData(d, a, vars, args["wrapUpReason"], c.s.request(args))
		return nil
	}
	return notNow("unknown verb")
}

// actor finds the party that a step speaks of: the agent's, the customer's, or
// that of a number outside which stands for the second agent.
func (c *call) actor(d *dialog, a *agent, actor string) *party {
	if a != nil {
		return d.party(a)
	}
	if actor != scenario.Customer {
		return d.address(c.far)
	}
	if p := d.address(c.spec.Customer); p != nil {
		return p
	}
	return d.address(c.s.cfg.DialPrefix + c.spec.Customer)
}

// request makes up the id of the REST request that a step stands for.
func (s *Server) request(args map[string]string) string {
	if args["request"] == "" {
		return ""
	}
	return string(s.appendUUID(nil))
}
