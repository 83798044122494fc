package webex

import (
	"context"
	"errors"

	"cordboard/sim/scenario"
	"cordboard/sim/stage"
)

// Calls whose agents answer and accept through REST (Call.Manual): the script
// waits for them, and goes on without them when they let it ring for too long.

func waits(step scenario.Step) bool {
	return step.Actor != scenario.Customer && step.Args["refuse"] == "" &&
		(step.Verb == scenario.Answer || step.Verb == scenario.Accept || step.Verb == scenario.ConsultAnswer)
}

// waitForAgent waits until the agent has done the step through REST. It is
// false when the step is not an agent's to do.
func (s *Server) waitForAgent(ctx context.Context, c *call, step scenario.Step) (bool, error) {
	n, ok := step.Agent()
	if !ok || n >= len(c.agents) {
		return false, nil
	}
	a, wait := c.agents[n], ctx
	if c.spec.Ring > 0 {
		var cancel context.CancelFunc
		wait, cancel = context.WithTimeout(ctx, c.spec.Ring)
		defer cancel()
	}
	over := false
	err := s.life.Await(wait, func() bool {
		over = c.over()
		return over || !c.rings(a)
	})
	if err != nil && ctx.Err() == nil && !errors.Is(err, stage.ErrEnded) {
		return true, s.rungOut(c, a)
	}
	if err == nil && over {
		err = errOver
	}
	return true, err
}

// errRungOut ends a script whose agent let an offer go: what was to come
// cannot.
var errRungOut = errors.New("an offer rang out")

// rungOut ends an offer that nobody took: RONA, after which the customer gives
// up, or the campaign's automatic action on a preview. An accepted preview is
// the one case in which the script goes on.
func (s *Server) rungOut(c *call, a *agent) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := c.current()
	switch {
	case t == nil || !c.rings(a):
		return nil
	case !t.preview() || t.reservation != nil:
		_ = t.miss(t.live(a), missRona, "")
		if t.parked {
			_ = t.hangUp("Customer Left")
		}
	case s.campaigns[t.campaign].autoAction() == "ACCEPT":
		_ = t.take(a)
		return nil
	default:
		_ = t.pass(a, "Preview offer timed out")
	}
	return errRungOut
}

// rings says that an offer of this call waits for the agent.
func (c *call) rings(a *agent) bool {
	t := c.current()
	if t == nil {
		return false
	}
	l := t.live(a)
	switch {
	case l == nil || l.joined || l.wrapUp:
		return false
	case l.consulted:
		return t.consult != nil && t.consult.to == l && !t.consult.answered
	case t == c.reservation:
		return !t.accepted
	}
	return l.offered
}

// over says that the contact has ended.
func (c *call) over() bool {
	t := c.current()
	return t != nil && !t.ended.IsZero()
}
