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
	if err := s.life.Err(); err != nil {
		return nil, err
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
	for _, a := range agents {
		a.claims++
	}
	return s.newCall(spec, agents), nil
}

// release ends the script's claim on its agents.
func (s *Server) release(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range c.agents {
		a.claims--
	}
}

// free is the first READY agent without a call or a script, one with a session if any.
func (s *Server) free() *agent {
	var some *agent
	for _, a := range s.agents {
		if a.state != userReady || len(a.dialogs) > 0 || a.claims > 0 {
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
	defer s.release(c)
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
			continue // somebody was faster than the script; wrap-up may still be its part
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
	err := s.life.Await(wait, func() bool {
		over = c.over()
		if step.Verb == scenario.Accept {
			return over || c.reservation == nil || c.reservation.state == accepted
		}
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

// over says that no agent is in the conversation any more.
func (c *call) over() bool {
	if c.main == nil && c.reservation == nil {
		return false
	}
	for _, d := range []*dialog{c.main, c.reservation, c.consult} {
		if d == nil {
			continue
		}
		for _, p := range d.parties {
			if p.agent != nil && p.live() && p.agent.has(d) {
				return false
			}
		}
	}
	return true
}
