package webex

import (
	"cmp"
	"fmt"

	"cordboard/sim/scenario"
)

// How the words of a script become moves of a call.

// play does one step under the lock.
func (s *Server) play(c *call, step scenario.Step) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !c.clock.IsZero() {
		c.clock = c.clock.Add(step.After)
	}
	var a *agent
	if n, ok := step.Agent(); ok && n < len(c.agents) {
		a = c.agents[n]
	}
	if done, err := s.playFault(a, step.Verb); done {
		return err
	}
	if c.over() && step.Verb != scenario.WrapupDone && step.Verb != scenario.Data {
		return errOver
	}
	var r *refusal
	switch step.Verb {
	case scenario.Offer, scenario.Reserve, scenario.Accept, scenario.Skip, scenario.Dial, scenario.Ring:
		r = c.playBegin(a, step)
	default:
		t := c.current()
		if t == nil {
			return notNow("there is no task yet")
		}
		r = c.playTask(t, a, step)
	}
	if r != nil {
		return r
	}
	return nil
}

func (c *call) playBegin(a *agent, step scenario.Step) *refusal {
	if a == nil {
		return notNow("only an agent of the organization can do that")
	}
	mode := step.Args["mode"]
	switch step.Verb {
	case scenario.Ring: // the far end's device: no message tells of it
		return nil
	case scenario.Dial:
		c.create(modeManual)
		c.main.offer(c.main.reserve(a))
	case scenario.Reserve:
		if r := c.ensure(mode); r != nil {
			return r
		}
		c.main.reserve(a)
	case scenario.Offer:
		if mode == modePreview || mode == modeDirect {
			c.create(mode)
			c.reservation.present(a)
			return nil
		}
		if r := c.ensure(mode); r != nil {
			return r
		}
		l := c.main.live(a)
		if l == nil {
			l = c.main.reserve(a)
		}
		c.main.offer(l)
	case scenario.Accept, scenario.Skip:
		if c.reservation == nil {
			return notNow("there is no reservation")
		}
		if step.Verb == scenario.Accept {
			return c.reservation.take(a)
		}
		return c.reservation.pass(a, cmp.Or(step.Args["reason"], "Preview skipped"))
	}
	return nil
}

// ensure makes the task that the first offer is about.
func (c *call) ensure(mode string) *refusal {
	switch {
	case c.main != nil:
		return nil
	case mode != modeInbound && mode != modePredictive && mode != modeProgressive:
		return notNow(fmt.Sprintf("unknown mode %q", mode))
	}
	c.create(mode)
	if mode == modeInbound {
		c.main.park()
	}
	return nil
}

func (c *call) create(mode string) {
	c.mode = mode
	if mode == modePreview || mode == modeDirect {
		c.reservation = c.s.newTask(c, c.ids.Reservation, mode)
		return
	}
	c.main = c.s.newTask(c, c.ids.Main, mode)
}

func (c *call) playTask(t *task, a *agent, step scenario.Step) *refusal {
	args := step.Args
	switch step.Verb {
	case scenario.Answer:
		return c.answer(t, a, step)
	case scenario.ConsultAnswer:
		return t.advise(a)
	case scenario.Hangup:
		if args["wrapup"] == "none" {
			c.noWrapUp = true
		}
		if step.Actor == scenario.Customer {
			if t == c.reservation { // accepted, and nobody there
				return t.pass(c.agents[0], cmp.Or(args["reason"], "Customer unavailable"))
			}
			return t.hangUp(cmp.Or(args["reason"], "Customer Left"))
		}
		if a != nil {
			return t.hangUpBy(t.live(a))
		}
	case scenario.Data:
		t.change(args)
		return nil
	}
	if a == nil {
		return t.playOutside(step)
	}
	return c.playAgent(t, a, t.live(a), step)
}

// answer is a device that is picked up: the agent's, or the customer's when
// the agent dialled or accepted a preview.
func (c *call) answer(t *task, a *agent, step scenario.Step) *refusal {
	if step.Actor != scenario.Customer {
		if a == nil {
			return notNow("only an agent of the organization can do that")
		}
		if why := step.Args["refuse"]; why != "" {
			return t.miss(t.live(a), missAssign, why)
		}
		return t.assign(t.live(a))
	}
	a = c.agents[0]
	if t != c.reservation {
		return t.assign(t.live(a))
	}
	n, r := t.reach(a, c.ids.Main)
	c.main = n
	return r
}

// playAgent is what only an agent of the organization does.
func (c *call) playAgent(t *task, a *agent, l *leg, step scenario.Step) *refusal {
	args := step.Args
	switch step.Verb {
	case scenario.Hold:
		return t.hold(l, "")
	case scenario.Retrieve:
		return t.unhold(l, "", false)
	case scenario.Consult:
		to, number, kind := c.destination(args["to"])
		return t.ask(l, to, number, kind, args["hold"] == "no")
	case scenario.Conference:
		return t.join(l)
	case scenario.Transfer:
		if t.state == stateConference {
			return t.handOver(l)
		}
		return t.transfer(l, args["assigned"] != "no")
	case scenario.BlindTransfer:
		if args["to"] == "queue" {
			_, r := t.send(l, nil, secondQueue, "", "queue")
			return r
		}
		to, number, kind := c.destination(args["to"])
		_, r := t.send(l, to, "", number, kind)
		return r
	case scenario.Leave:
		if t.state == stateConference {
			return t.exit(l)
		}
		return t.unask(l)
	case scenario.NoAnswer:
		if q := t.consult; l == nil && q != nil && q.child != nil {
			return q.child.miss(q.childLeg, cmp.Or(args["as"], missRona), args["reason"])
		}
		return t.miss(l, cmp.Or(args["as"], missRona), args["reason"])
	case scenario.WrapupDone:
		if l == nil || !l.wrapUp {
			return nil // a timer or the agent ended it already
		}
		return t.wrap(l, args["reason"], args["code"])
	}
	return notNow("unknown verb")
}

// playOutside is what the number outside does that stands for a second agent.
func (t *task) playOutside(step scenario.Step) *refusal {
	switch step.Verb {
	case scenario.Leave, scenario.Hangup:
		return t.leaveOutside()
	case scenario.NoAnswer:
		if q := t.consult; q != nil && q.to == nil {
			return t.missConsult(missRona, step.Args["reason"])
		}
	case scenario.WrapupDone:
		return nil
	}
	return notNow("only an agent of the organization can do that")
}

// destination is where a consult call or a transfer goes: the second agent of
// the call, or a number outside.
func (c *call) destination(to string) (*agent, string, string) {
	switch {
	case len(c.agents) > 1 && to == "entry-point":
		return c.agents[1], entryPointID, kindEntryPoint
	case len(c.agents) > 1 && to != "number":
		return c.agents[1], "", "agent"
	}
	return nil, c.far, "dialNumber"
}
