package genesys

import (
	"time"

	"cordboard/sim/scenario"
)

// The parts that the built-in scripts are made of.

func steps(list ...scenario.Step) []scenario.Step { return list }

// dialed is a campaign's call up to the agent's talk.
func dialed(mode string) []scenario.Step {
	return steps(
		at(0, scenario.Customer, scenario.Offer, args{"mode": mode}),
		at(6*second, scenario.Customer, scenario.Answer, nil),
		at(second, "0", scenario.Ring, nil),
		at(2*second, "0", scenario.Answer, nil))
}

// queued is an inbound call up to the agent's talk.
func queued(agent string) []scenario.Step {
	return steps(
		at(0, scenario.Customer, scenario.Offer, args{"mode": "inbound"}),
		at(second, agent, scenario.Ring, nil),
		at(3*second, agent, scenario.Answer, nil))
}

// shown is a preview up to its acceptance.
func shown() []scenario.Step {
	return steps(
		at(0, scenario.Customer, scenario.Offer, args{"mode": "preview"}),
		at(300*time.Millisecond, "0", scenario.Reserve, nil),
		at(2*second, "0", scenario.Accept, nil))
}

// previewUp is the preview's call up to the talk.
func previewUp() []scenario.Step {
	return steps(at(16*second, "0", scenario.Dial, nil), at(9*second, scenario.Customer, scenario.Answer, nil))
}

// previewTalk is a preview's call, which is being dialed, up to the end of the preview.
func previewTalk() []scenario.Step {
	return steps(
		at(9*second, scenario.Customer, scenario.Answer, nil),
		at(21*second, "0", scenario.Hold, nil),
		at(12*second, "0", scenario.Retrieve, nil),
		at(28*second, "0", scenario.Hangup, nil),
		at(10*second, "0", scenario.WrapupDone, args{"keep": "yes"}),
		at(4*second, "0", scenario.Leave, nil))
}

// manualUp is an agent's own call up to the talk.
func manualUp(a args) []scenario.Step {
	return steps(at(0, "0", scenario.Dial, a), at(7*second, scenario.Customer, scenario.Answer, nil))
}

// together are the stories of two agents that a call can turn into.
func together(begin string, up []scenario.Step) []scenario.Script {
	wrap := func(agent string) scenario.Step { return at(5*second, agent, scenario.WrapupDone, nil) }
	end := func(after time.Duration) scenario.Step { return at(after, scenario.Customer, scenario.Hangup, nil) }
	asked := steps(at(10*second, "0", scenario.Consult, nil), at(3*second, "1", scenario.ConsultAnswer, nil))
	sent := steps(at(10*second, "0", scenario.BlindTransfer, nil), at(3*second, "1", scenario.Answer, nil))
	story := func(name, about string, parts ...[]scenario.Step) scenario.Script {
		return script(begin+"_"+name, about, append([][]scenario.Step{up}, parts...)...)
	}
	return []scenario.Script{
		story("consult_transfer", "The first agent asks the second one, hands the customer over and leaves.", asked,
			steps(at(8*second, "0", scenario.Transfer, nil), wrap("0"), end(20*second), wrap("1"))),
		story("conference", "The first agent asks the second one, all three talk, the second agent leaves first.", asked,
			steps(at(8*second, "0", scenario.Conference, nil), at(10*second, "1", scenario.Leave, nil), end(10*second), wrap("0"))),
		story("consult_no_answer", "The second agent does not answer; the first one goes on with the customer.", asked[:1],
			steps(at(8*second, "1", scenario.NoAnswer, nil), end(10*second), wrap("0"))),
		story("blind_transfer", "The first agent sends the customer on to the second one without asking.", sent,
			steps(wrap("0"), end(20*second), wrap("1"))),
		story("blind_transfer_outside", "The agent sends the customer on to a number outside.",
			steps(at(10*second, "0", scenario.BlindTransfer, args{"to": "number"}), at(3*second, "1", scenario.Answer, nil),
				wrap("0"), end(20*second))),
		story("transfer_back", "The second agent sends the customer back while the first one, then in the call twice, still wraps up.", sent,
			steps(at(10*second, "1", scenario.BlindTransfer, args{"to": "back"}), at(3*second, "0", scenario.Answer, nil),
				wrap("1"), end(10*second), wrap("0"), wrap("0"))),
	}
}
