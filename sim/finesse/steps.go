package finesse

import "cordboard/sim/scenario"

// How the words of a script become moves of a call.

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
	if c.over() && step.Verb != scenario.Data && step.Verb != scenario.WrapupDone {
		return errOver
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
				c.s.setState(a, a.after(), "")
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
	return c.playAgent(a, d, p, step)
}

// playAgent is what only an agent of the site does in a call.
func (c *call) playAgent(a *agent, d *dialog, p *party, step scenario.Step) *refusal {
	args := step.Args
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
