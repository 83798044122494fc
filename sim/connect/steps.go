package connect

import "cordboard/sim/scenario"

// How the words of a script become moves of a call of Connect's own.

// play does one step; what it changed is published.
func (c *call) play(a *agent, step scenario.Step) error {
	defer c.flush()
	if a == nil && step.Actor != scenario.Customer {
		return c.playOutside(step)
	}
	args := step.Args
	switch step.Verb {
	case scenario.Reserve:
		return c.begin(or(args["mode"], c.mode))
	case scenario.Offer:
		return c.offer(a, args["mode"])
	case scenario.Dial:
		return c.dial(a, args["mode"])
	case scenario.Ring:
		return nil // the far end's ringing is nothing that Connect tells of
	case scenario.Accept:
		return c.answer(a)
	case scenario.Skip:
		return c.skip(a)
	case scenario.Answer:
		if a == nil {
			return c.customerAnswers(args["amd"])
		}
		return c.answer(a)
	case scenario.ConsultAnswer:
		return c.consultAnswer(a)
	case scenario.Hangup:
		return c.hangup(a, args["reason"])
	case scenario.Data:
		return c.setData(args)
	case scenario.Leave:
		if a == nil {
			return c.customerLeaves()
		}
	}
	if a == nil {
		return notNow("only an agent of the instance can do that")
	}
	return c.playAgent(a, step)
}

// playOutside is what a number outside does that takes the second agent's part.
func (c *call) playOutside(step scenario.Step) error {
	switch step.Verb {
	case scenario.Answer, scenario.ConsultAnswer:
		return c.consultAnswer(nil)
	case scenario.Leave:
		return c.dropThird(c.main)
	case scenario.Hangup:
		if c.main == nil || c.over() {
			return errOver
		}
		c.everybodyOut("THIRD_PARTY_DISCONNECT")
		return nil
	case scenario.WrapupDone:
		return nil // nobody's after-call work
	}
	return notNow("only an agent of the instance can do that")
}

// playAgent is what only an agent of the instance does in a call.
func (c *call) playAgent(a *agent, step scenario.Step) error {
	switch step.Verb {
	case scenario.Hold, scenario.Retrieve:
		return c.holding(a, step.Verb == scenario.Hold)
	case scenario.Consult:
		return c.consult(a, c.colleague(a), c.far, "")
	case scenario.Conference:
		return c.conference(a)
	case scenario.Transfer:
		return c.transfer(a)
	case scenario.BlindTransfer:
		if err := c.consult(a, c.colleague(a), c.far, ""); err != nil {
			return err
		}
		c.flush()
		return c.transfer(a)
	case scenario.Leave:
		return c.leave(a)
	case scenario.NoAnswer:
		return c.noAnswer(a, missed)
	case scenario.WrapupDone:
		return c.wrapupDone(a)
	}
	return notNow("unknown verb %q", step.Verb)
}

// colleague is the next agent of the call after a; nil when a number outside takes that part.
func (c *call) colleague(a *agent) *agent {
	for i, each := range c.agents {
		if each == a && i+1 < len(c.agents) {
			return c.agents[i+1]
		}
	}
	return nil
}

func (c *call) waitsFor(a *agent, _ scenario.Step) bool {
	n := c.of(a)
	return n != nil && n.state == connecting
}

func (c *call) gone(a *agent) {
	_ = c.noAnswer(a, missed) // it does ring: waitsFor said so
	c.flush()
}

func (c *call) result() Result { return c.ids }
