package connect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cordboard/sim/scenario"
)

// Call is the call that a script is played with: who is in it and what it carries. Its zero value is a call with a made-up
// customer for the first agent who is free.
type Call struct {
	Agents     []string          // user names, in the order of the script's actors; a missing second agent becomes a number outside
	Customer   string            // the customer's number, in E.164; "" makes one up
	Colleague  string            // the number that is consulted when there is no second agent
	Attributes map[string]string // contact attributes; in a call of the external dialer, call variables
	Campaign   string            // the campaign's name; "" takes the one of the call's mode
	Scale      float64           // times the script's pauses; 0 plays as fast as possible
	Manual     bool              // agents answer and accept in the CCP (or by the dialer's commands); the script waits for them
	Ring       time.Duration     // how long it waits in that case until the contact is missed; 0 means for ever
}

// Result names what a call is made of. The ids are reserved before the first message; that of a second contact which the
// script has no use for stays unused.
type Result struct {
	Contact  string `json:"contact"`  // the first contact; of the external dialer, the id of the call
	Second   string `json:"second"`   // the contact of the consulted agent or number
	Customer string `json:"customer"` // the number as it stands in the messages
}

// A story is what a script moves: a call of Connect's own, or one of the external dialer. Its methods run under Server.mu.
type story interface {
	play(a *agent, step scenario.Step) error
	over() bool
	waitsFor(a *agent, step scenario.Step) bool // the agent has not done the step yet
	gone(a *agent)                              // the agent did not do it in time
	result() Result
}

type performance struct {
	story
	spec   Call
	agents []*agent
}

// Play plays the script to its end, as fast as call.Scale says, and blocks meanwhile. It fails when the script or an agent is
// unknown, an agent is signed out, a step does not fit the state that the call is in, or ctx ends.
func (s *Server) Play(ctx context.Context, script scenario.Script, call Call) (Result, error) {
	p, err := s.begin(script, call)
	if err != nil {
		return Result{}, err
	}
	return p.result(), s.run(ctx, script, p)
}

// begin finds the agents and reserves the ids.
func (s *Server) begin(script scenario.Script, spec Call) (*performance, error) {
	if err := script.Check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.life.Err(); err != nil {
		return nil, err
	}
	agents, err := s.cast(spec.Agents)
	if err != nil {
		return nil, fmt.Errorf("script %q: %w", script.Name, err)
	}
	for _, a := range agents {
		a.claims++
	}
	p := &performance{spec: spec, agents: agents}
	if script.Steps[0].Args["setup"] == tethered {
		p.story = s.newDialerCall(spec, agents)
	} else {
		p.story = s.newCall(spec, agents)
	}
	return p, nil
}

func (s *Server) cast(names []string) ([]*agent, error) {
	var agents []*agent
	for _, name := range names {
		a := s.users[name]
		if a == nil {
			return nil, fmt.Errorf("there is no agent %q", name)
		}
		agents = append(agents, a)
	}
	if len(agents) == 0 {
		for _, a := range s.agents {
			if a.available() {
				agents = append(agents, a)
				break
			}
		}
		if len(agents) == 0 {
			return nil, errors.New("no agent is free")
		}
	}
	for _, a := range agents {
		if a.status.kind == "OFFLINE" {
			return nil, fmt.Errorf("agent %s is signed out", a.username)
		}
	}
	return agents, nil
}

func (s *Server) run(ctx context.Context, script scenario.Script, p *performance) error {
	defer s.release(p)
	for i, step := range script.Steps {
		err := scenario.Pause(ctx, step.After, p.spec.Scale)
		if err == nil && p.spec.Manual && agentsOwn(step) {
			var handled bool
			if handled, err = s.waitForAgent(ctx, p, step); handled {
				continue
			}
		}
		if err == nil {
			err = s.play(p, step)
		}
		if errors.Is(err, errOver) {
			continue // somebody was faster than the script; after-call work may still be its part
		}
		if err != nil {
			return fmt.Errorf("script %q, step %d (%s): %w", script.Name, i+1, step.Verb, err)
		}
	}
	return nil
}

func (s *Server) release(p *performance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range p.agents {
		a.claims--
	}
	s.life.Changed()
}

// play does one step under the lock.
func (s *Server) play(p *performance, step scenario.Step) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var a *agent
	if n, ok := step.Agent(); ok && n < len(p.agents) {
		a = p.agents[n]
	}
	if done, err := s.playFault(a, step.Verb); done {
		return err
	}
	return p.play(a, step)
}

func agentsOwn(step scenario.Step) bool {
	switch step.Verb {
	case scenario.Answer, scenario.Accept, scenario.ConsultAnswer:
		return step.Actor != scenario.Customer
	}
	return false
}

// waitForAgent waits until the agent has done the step. It is false when the step is not an agent's of the instance.
func (s *Server) waitForAgent(ctx context.Context, p *performance, step scenario.Step) (bool, error) {
	n, ok := step.Agent()
	if !ok || n >= len(p.agents) {
		return false, nil
	}
	a, wait := p.agents[n], ctx
	if p.spec.Ring > 0 {
		var cancel context.CancelFunc
		wait, cancel = context.WithTimeout(ctx, p.spec.Ring)
		defer cancel()
	}
	over := false
	err := s.life.Await(wait, func() bool {
		over = p.over()
		return over || !p.waitsFor(a, step)
	})
	if err != nil && ctx.Err() == nil { // rung out
		s.mu.Lock()
		defer s.mu.Unlock()
		if p.waitsFor(a, step) {
			p.gone(a)
		}
		return true, errOver
	}
	if err == nil && over {
		err = errOver
	}
	return true, err
}

// playLater plays a script that nobody waits for; Close ends it.
func (s *Server) playLater(script scenario.Script, p *performance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.life.Spawn(func(ctx context.Context) {
		if err := s.run(ctx, script, p); err != nil && ctx.Err() == nil {
			s.cfg.Log.Warn("script stopped", "error", err)
		}
	})
}
