package connect

import (
	"maps"

	"cordboard/sim/scenario"
)

// Where an agent is in a dialer's call.
const (
	atOffer   = "offered"
	atDial    = "dialling"
	atConsult = "consulted" // the colleague, before the call is joined
	atTalk    = "talking"
	atWrapUp  = "wrapup"
	atEnd     = "done"
)

// play does one step of a script.
func (c *dialerCall) play(a *agent, step scenario.Step) error {
	if step.Verb != scenario.WrapupDone && step.Verb != scenario.Data && c.over() {
		return errOver
	}
	if a == nil && step.Actor != scenario.Customer {
		return nil // a colleague outside is nobody whom the dialer tells of
	}
	switch step.Verb {
	case scenario.Offer, scenario.Dial, scenario.Accept, scenario.Skip, scenario.Ring, scenario.NoAnswer:
		return c.playBegin(a, step)
	case scenario.Answer:
		if a != nil {
			return c.agentAnswers(a)
		}
		return c.customerAnswers(step.Args["amd"])
	case scenario.Hangup, scenario.Leave:
		return c.hangup(a, step.Verb == scenario.Leave)
	case scenario.WrapupDone:
		return c.wrapupDone(a)
	case scenario.Data:
		maps.Copy(c.variables, step.Args)
		return nil
	}
	return c.playTalk(a, step)
}

func (c *dialerCall) playBegin(a *agent, step scenario.Step) error {
	if a == nil {
		return notNow("only an agent of the instance can do that")
	}
	switch step.Verb {
	case scenario.Offer:
		if step.Args["mode"] != modePreview {
			return notNow("the dialer offers previews only, not mode %q", step.Args["mode"])
		}
		c.begin(modePreview)
		c.to(a, atOffer, "Preview")
	case scenario.Accept:
		return c.accept(a)
	case scenario.Skip:
		if c.phase[a] != atOffer {
			return notNow("nothing is being previewed")
		}
		c.to(a, atEnd, "DROPPED")
	case scenario.Dial:
		c.begin(or(step.Args["mode"], modeProgressive))
		c.to(a, atDial, "Initiate")
		c.say(a, "Started", regularCall)
	case scenario.Ring:
		if c.phase[a] != atDial {
			return notNow("nobody has been called")
		}
		c.say(a, "Ringing", regularCall)
	case scenario.NoAnswer:
		c.to(a, atEnd, "DROPPED")
	}
	return nil
}

func (c *dialerCall) to(a *agent, phase string, events ...string) {
	c.phase[a] = phase
	c.s.dialing[a] = c
	for _, event := range events {
		c.say(a, event, regularCall)
	}
	c.s.life.Changed()
}

func (c *dialerCall) accept(a *agent) error {
	if c.phase[a] != atOffer {
		return notNow("nothing is being previewed")
	}
	c.to(a, atDial, "Initiate", "Started")
	return nil
}

// customerAnswers joins the customer to the agent, unless amd says that no person is there.
func (c *dialerCall) customerAnswers(amd string) error {
	a := c.agents[0]
	if c.phase[a] != atDial {
		return notNow("nobody has been called")
	}
	c.say(a, "Answered", regularCall)
	if amd != "" && amd != "HUMAN_ANSWERED" {
		c.to(a, atEnd, "Machine", "DROPPED")
		return nil
	}
	if c.mode != modePreview {
		c.say(a, "Human", regularCall)
	}
	c.answered = true
	c.to(a, atTalk, "CustAnswered")
	return nil
}

// agentAnswers is the colleague whom a blind transfer goes to.
func (c *dialerCall) agentAnswers(a *agent) error {
	if c.phase[a] != atConsult {
		return notNow("nothing rings at agent %s", a.username)
	}
	c.to(a, atTalk, "CustAnswered")
	return nil
}

func (c *dialerCall) playTalk(a *agent, step scenario.Step) error {
	if a == nil || c.phase[a] != atTalk && c.phase[a] != atConsult {
		return notNow("that agent does not talk to the customer")
	}
	colleague := c.colleague()
	switch step.Verb {
	case scenario.Hold:
		c.say(a, "Hold", regularCall)
	case scenario.Retrieve:
		c.say(a, "Swapped", regularCall)
	case scenario.Consult:
		// The workflow tables file the event under Regular-Call, the page of parameters knows a call type Consult.
		c.say(a, "Consult", or(step.Args["type"], regularCall))
		c.consulted = true
		if colleague != nil {
			c.to(colleague, atConsult)
			c.say(colleague, "Ringing", consultCall)
		}
	case scenario.ConsultAnswer:
		if !c.consulted {
			return notNow("there is no consult call")
		}
		c.say(a, "Answered", consultCall)
	case scenario.Conference:
		c.say(a, "Conference", regularCall)
		c.say(a, "CustAnswered", regularCall)
		if colleague != nil {
			c.to(colleague, atTalk, "CustAnswered")
		}
	case scenario.Transfer:
		c.to(a, atWrapUp, "ACW")
		if colleague != nil {
			c.to(colleague, atTalk, "CustAnswered")
		}
	case scenario.BlindTransfer:
		// The agent who hands over is through at once (recommended workflows: DROPPED in the blind transfer scenario).
		c.to(a, atEnd, "DROPPED")
		if colleague != nil {
			c.to(colleague, atConsult, "Ringing")
		}
	default:
		return notNow("the dialer does not know the verb %q", step.Verb)
	}
	c.s.life.Changed()
	return nil
}

func (c *dialerCall) colleague() *agent {
	if len(c.agents) > 1 {
		return c.agents[1]
	}
	return nil
}

// hangup ends the call for everybody, or lets one agent leave it.
func (c *dialerCall) hangup(a *agent, leaves bool) error {
	for _, each := range c.agents {
		switch {
		case leaves && each != a:
		case c.phase[each] == atTalk:
			c.to(each, atWrapUp, "ACW")
		case c.phase[each] == atOffer || c.phase[each] == atDial || c.phase[each] == atConsult:
			c.to(each, atEnd, "DROPPED")
		}
	}
	return nil
}

func (c *dialerCall) wrapupDone(a *agent) error {
	if a == nil || c.phase[a] != atWrapUp {
		return errOver
	}
	c.to(a, atEnd, "DROPPED")
	return nil
}

// over says that nobody talks any more.
func (c *dialerCall) over() bool {
	if len(c.phase) == 0 {
		return false
	}
	for _, phase := range c.phase {
		if phase != atWrapUp && phase != atEnd {
			return false
		}
	}
	return true
}

func (c *dialerCall) waitsFor(a *agent, step scenario.Step) bool {
	return step.Verb == scenario.Accept && c.phase[a] == atOffer
}

func (c *dialerCall) gone(a *agent) { c.to(a, atEnd, "DROPPED") }

func (c *dialerCall) result() Result { return c.ids }
