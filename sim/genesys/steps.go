package genesys

import (
	"fmt"
	"maps"
	"strings"

	"cordboard/sim/scenario"
)

// How the words of a script become moves of a conversation.

// step does one step under the lock.
func (s *Server) step(p *play, step scenario.Step) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.life.Err(); err != nil {
		return err
	}
	c := p.c
	if !c.at.IsZero() {
		c.at = c.at.Add(step.After)
	}
	var u *user
	if n, ok := step.Agent(); ok && n < len(p.agents) {
		u = p.agents[n]
	}
	if done, err := s.playFault(u, step.Verb); done {
		return err
	}
	if c.over() && step.Verb != scenario.WrapupDone {
		return errOver
	}
	var refused *apiError
	switch step.Verb {
	case scenario.Offer, scenario.Dial, scenario.Ring, scenario.Reserve:
		refused = p.bring(u, step)
	case scenario.Accept, scenario.Skip, scenario.Answer, scenario.ConsultAnswer, scenario.NoAnswer:
		refused = p.take(u, step)
	default:
		refused = p.talk(u, step)
	}
	if refused != nil {
		return refused
	}
	return nil
}

// bring is what brings a call about.
func (p *play) bring(u *user, step scenario.Step) *apiError {
	c := p.c
	switch {
	case step.Verb == scenario.Ring && u != nil:
		c.alert(u, true)
		return nil
	case step.Verb == scenario.Reserve && u != nil:
		c.offer(u)
		return nil
	case step.Verb == scenario.Dial && u != nil:
		if part := c.partyOf(u); part != nil {
			return c.place(part, "", "")
		}
		var q *queue
		if step.Args["queue"] != "" {
			q = c.s.org.queues[0]
		}
		c.manual(u, q)
		return nil
	case step.Verb != scenario.Offer:
		return badRequest("only an agent of the org can do that")
	}
	switch c.mode {
	case "inbound":
		c.inbound(c.s.org.queueNamed(or(p.spec.Queue, "Support")))
	case "preview":
		c.show()
	case "external":
		c.external(u)
	default:
		c.dial()
	}
	return nil
}

// take is what becomes of something that rings or is shown.
func (p *play) take(u *user, step scenario.Step) *apiError {
	c := p.c
	part := p.actor(u, step)
	if part == nil {
		return notNow("the actor is not in the call")
	}
	switch step.Verb {
	case scenario.Accept:
		if p.spec.Manual && part.session(callback).is(connected) {
			return nil
		}
		return c.accept(part)
	case scenario.Skip:
		if step.Args["by"] == "timeout" {
			return c.timedOut(part)
		}
		return c.closePreview(part, or(step.Args["by"], "client"))
	case scenario.NoAnswer:
		if part == c.remote() {
			return c.reached(silent)
		}
		return c.noAnswer(part)
	}
	if part.user != nil {
		if p.spec.Manual && part.session(voice).is(connected) {
			return nil
		}
		return c.answer(part)
	}
	if part == c.remote() && c.campaign != nil && part.session(callback) == nil && c.mode != "external" {
		return c.reached(analyses[step.Args["as"]])
	}
	return c.farAnswers(part)
}

var analyses = map[string]string{"": person, "person": person, "machine": machine, "busy": busy, "no-answer": silent}

// talk is what happens in a call, and after it.
func (p *play) talk(u *user, step scenario.Step) *apiError {
	c, args := p.c, step.Args
	part := p.actor(u, step)
	if part == nil {
		return notNow("the actor is not in the call")
	}
	switch step.Verb {
	case scenario.Hold, scenario.Retrieve:
		return c.hold(part, part.talk().media, step.Verb == scenario.Hold)
	case scenario.Consult:
		_, refused := c.consult(part, p.far(args["to"]), toDestination)
		return refused
	case scenario.Conference:
		if !c.consulting() {
			return notNow("there is no consult")
		}
		c.speak(toAll)
		return nil
	case scenario.BlindTransfer:
		return c.replace(part, p.far(args["to"]), args["attended"] != "")
	case scenario.Transfer, scenario.Leave, scenario.Hangup:
		switch {
		case part == c.remote() && c.mode == "agentless":
			return c.hangUp()
		case part == c.remote():
			return c.customerLeaves()
		case part.session(voice) == nil || !part.session(voice).live():
			return c.closePreview(part, "client")
		}
		return c.partyLeaves(part)
	case scenario.Data:
		c.setAttributes(c.remote(), maps.Clone(args))
		return nil
	case scenario.WrapupDone:
		return p.wrapUp(part, args)
	}
	return badRequest("unknown verb %s", step.Verb)
}

// wrapUp gives the code; a preview that is still open is closed with it, unless the step says keep.
func (p *play) wrapUp(part *party, args map[string]string) *apiError {
	c := p.c
	ss := part.toWrap()
	open := ss != nil && ss.media == callback && ss.live()
	if ss == nil || !ss.acw.pending() && !open && args["again"] == "" {
		return nil // none is owed, or a timer or the agent was quicker
	}
	code := c.s.org.codes[0].id
	for _, k := range c.s.org.codes {
		if strings.EqualFold(k.name, args["code"]) || k.id == args["code"] {
			code = k.id
		}
	}
	if refused := c.wrapUp(part, ss, code, args["notes"]); refused != nil {
		return refused
	}
	if open && args["keep"] == "" {
		return c.closePreview(part, "client")
	}
	return nil
}

// actor finds the participant that a step speaks of: an agent's, the customer's, or that of the number outside which
// stands for a missing second agent.
func (p *play) actor(u *user, step scenario.Step) *party {
	c := p.c
	switch {
	case u != nil && step.Verb == scenario.WrapupDone && c.owing(u) != nil:
		return c.owing(u)
	case u != nil && c.partyOf(u) != nil:
		return c.partyOf(u)
	case step.Actor == scenario.Customer:
		return c.remote()
	}
	for i := len(c.parties) - 1; i > 0; i-- {
		if c.parties[i].purpose == isExternal && c.parties[i] != c.remote() {
			return c.parties[i]
		}
	}
	return nil
}

// far is whom a consult or a transfer goes to: the second agent, a queue, or the number outside.
func (p *play) far(to string) destination {
	switch {
	case to == "back":
		return destination{user: p.agents[0]}
	case to == "queue":
		return destination{queue: p.c.s.org.queues[1]}
	case to != "number" && len(p.agents) > 1:
		return destination{user: p.agents[1]}
	}
	return destination{address: or(p.spec.Colleague, "+15555550777")}
}

// playFault does the fault of a script's step; it is false for other verbs.
func (s *Server) playFault(u *user, verb string) (bool, error) {
	switch verb {
	case scenario.Duplicate, scenario.Cut, scenario.Swap:
	default:
		return false, nil
	}
	if u == nil {
		return true, fmt.Errorf("a fault needs an agent of the org")
	}
	switch verb {
	case scenario.Duplicate:
		s.repeat(u)
	case scenario.Cut:
		for _, c := range s.channels {
			if c.about(u) {
				s.cut(c)
			}
		}
	case scenario.Swap:
		return true, s.AddFault(Fault{Kind: Swap, Count: 1, Topic: "v2.users." + u.id, Via: "socket"})
	}
	return true, nil
}
