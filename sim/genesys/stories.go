package genesys

import (
	"slices"
	"time"

	"cordboard/sim/scenario"
)

// The parts that the built-in scripts are made of.

// dialed is a campaign's call up to the agent's talk.
func dialed(mode string) []scenario.Step {
	return []scenario.Step{
		at(0, scenario.Customer, scenario.Offer, args{"mode": mode}),
		at(6*second, scenario.Customer, scenario.Answer, nil),
		at(second, "0", scenario.Ring, nil),
		at(2*second, "0", scenario.Answer, nil),
	}
}

// queued is an inbound call up to the agent's talk.
func queued(agent string) []scenario.Step {
	return []scenario.Step{
		at(0, scenario.Customer, scenario.Offer, args{"mode": "inbound"}),
		at(second, agent, scenario.Ring, nil),
		at(3*second, agent, scenario.Answer, nil),
	}
}

// shown is a preview up to its acceptance.
func shown() []scenario.Step {
	return []scenario.Step{
		at(0, scenario.Customer, scenario.Offer, args{"mode": "preview"}),
		at(300*time.Millisecond, "0", scenario.Reserve, nil),
		at(2*second, "0", scenario.Accept, nil),
	}
}

// previewUp is the preview's call up to the talk.
func previewUp() []scenario.Step {
	return []scenario.Step{at(16*second, "0", scenario.Dial, nil), at(9*second, scenario.Customer, scenario.Answer, nil)}
}

func previewCall() []scenario.Step {
	return slices.Concat([]scenario.Step{at(16*second, "0", scenario.Dial, nil)}, previewTalk())
}

// previewTalk is a preview's call from its dialing to the end of the preview.
func previewTalk() []scenario.Step {
	return []scenario.Step{
		at(9*second, scenario.Customer, scenario.Answer, nil),
		at(21*second, "0", scenario.Hold, nil),
		at(12*second, "0", scenario.Retrieve, nil),
		at(28*second, "0", scenario.Hangup, nil),
		at(10*second, "0", scenario.WrapupDone, args{"keep": "yes"}),
		at(4*second, "0", scenario.Leave, nil),
	}
}

func manualUp(a args) []scenario.Step {
	return []scenario.Step{at(0, "0", scenario.Dial, a), at(7*second, scenario.Customer, scenario.Answer, nil)}
}

func manualCall(a args) []scenario.Step {
	return append(manualUp(a), at(10*second, "0", scenario.Hold, nil), at(5*second, "0", scenario.Retrieve, nil),
		at(17*second, scenario.Customer, scenario.Hangup, nil))
}

// together are the stories of two agents that a call can turn into.
func together(begin string, up []scenario.Step) []scenario.Script {
	wrap := func(agent string) scenario.Step { return at(5*second, agent, scenario.WrapupDone, nil) }
	script := func(name, about string, steps ...scenario.Step) scenario.Script {
		return scenario.Script{Name: begin + "_" + name, Description: about, Steps: slices.Concat(up, steps)}
	}
	return []scenario.Script{
		script("consult_transfer", "The first agent asks the second one, hands the customer over and leaves.",
			at(10*second, "0", scenario.Consult, nil), at(3*second, "1", scenario.ConsultAnswer, nil),
			at(8*second, "0", scenario.Transfer, nil), wrap("0"),
			at(20*second, scenario.Customer, scenario.Hangup, nil), wrap("1")),
		script("conference", "The first agent asks the second one, all three talk, the second agent leaves first.",
			at(10*second, "0", scenario.Consult, nil), at(3*second, "1", scenario.ConsultAnswer, nil),
			at(8*second, "0", scenario.Conference, nil), at(10*second, "1", scenario.Leave, nil),
			at(10*second, scenario.Customer, scenario.Hangup, nil), wrap("0")),
		script("consult_no_answer", "The second agent does not answer; the first one goes on with the customer.",
			at(10*second, "0", scenario.Consult, nil), at(8*second, "1", scenario.NoAnswer, nil),
			at(10*second, scenario.Customer, scenario.Hangup, nil), wrap("0")),
		script("blind_transfer", "The first agent sends the customer on to the second one without asking.",
			at(10*second, "0", scenario.BlindTransfer, nil), at(3*second, "1", scenario.Answer, nil), wrap("0"),
			at(20*second, scenario.Customer, scenario.Hangup, nil), wrap("1")),
		script("blind_transfer_outside", "The agent sends the customer on to a number outside.",
			at(10*second, "0", scenario.BlindTransfer, args{"to": "number"}), at(3*second, "1", scenario.Answer, nil), wrap("0"),
			at(20*second, scenario.Customer, scenario.Hangup, nil)),
		script("transfer_back", "The second agent sends the customer back while the first one still wraps up: the first agent is in the call twice.",
			at(10*second, "0", scenario.BlindTransfer, nil), at(3*second, "1", scenario.Answer, nil),
			at(10*second, "1", scenario.BlindTransfer, args{"to": "back"}), at(3*second, "0", scenario.Answer, nil), wrap("1"),
			at(10*second, scenario.Customer, scenario.Hangup, nil), wrap("0"), wrap("0")),
	}
}
