package webex

import "cordboard/sim/scenario"

// kind is a way in which a call comes to an agent. What can happen in a call can happen in one of any kind.
type kind struct {
	name string
	mode string
	talk []scenario.Step // up to the talk with the customer
}

func kinds() []kind {
	return []kind{
		{"inbound", modeInbound, offered(modeInbound)}, {"predictive", modePredictive, offered(modePredictive)},
		{"progressive", modeProgressive, offered(modeProgressive)}, {"preview", modePreview, previewed(modePreview)},
		{"direct_preview", modeDirect, previewed(modeDirect)}, {"manual_outbound", modeManual, dialled()},
	}
}

// together are the stories of two agents.
func (k kind) together() []scenario.Script {
	story := func(name, about string, parts ...any) scenario.Script {
		return scenario.Script{Name: k.name + "_" + name, Description: about, Steps: steps(append([]any{k.talk}, parts...)...)}
	}
	ask, back := at(10*second, "0", scenario.Consult, nil), at(second, "0", scenario.Retrieve, nil)
	return []scenario.Script{
		story("conference", "A consult call to the second agent, a conference that the second agent leaves first.",
			conference(), at(10*second, "1", scenario.Leave, nil), at(5*second, "1", scenario.WrapupDone, args{"reason": "Advice"}), ended()),
		story("consult_transfer", "A call that the first agent hands over after a consult call.",
			consulted(), at(8*second, "0", scenario.Transfer, nil), handedOver()),
		story("consult_ended", "A consult call that ends; the first agent takes the customer back.",
			consulted(), at(8*second, "0", scenario.Leave, nil), back, ended()),
		story("consult_no_answer", "A consult call that the second agent lets ring.",
			ask, at(18*second, "1", scenario.NoAnswer, nil), back, ended()),
		story("blind_transfer", "A call that the first agent sends on to the second.",
			at(10*second, "0", scenario.BlindTransfer, nil), at(3*second, "1", scenario.Answer, nil), handedOver()),
		story("queue_transfer", "A call that the first agent sends to another queue, and the second takes.",
			at(10*second, "0", scenario.BlindTransfer, args{"to": "queue"}), at(3*second, "1", scenario.Offer, nil),
			at(3*second, "1", scenario.Answer, nil), handedOver()),
	}
}

// missed are the calls that do not get through to the agent. Of a preview it is heard under the id of the preview: until an
// assignment names another, the web SDK knows of none (that it comes after the agent has accepted is inferred).
func (k kind) missed() []scenario.Script {
	var list []scenario.Script
	for _, m := range []struct{ name, how, about string }{
		{"no_answer", missRona, "A call that the agent lets ring."},
		{"assign_failed", missAssign, "A call that cannot be connected to the agent who answers."},
		{"invite_failed", missInvite, "A call whose agent's device cannot be reached."},
	} {
		var told []scenario.Step
		switch gone := at(5*second, scenario.Customer, scenario.Hangup, nil); k.mode {
		case modePreview, modeDirect:
			told = steps(at(0, "0", scenario.Offer, args{"mode": k.mode}), at(8*second, "0", scenario.Accept, nil),
				at(5*second, "0", scenario.NoAnswer, args{"as": m.how}))
		case modeManual: // nobody waits for the agent yet
			told = steps(at(0, "0", scenario.Dial, nil), at(18*second, "0", scenario.NoAnswer, args{"as": m.how}))
		default:
			miss := at(18*second, "0", scenario.NoAnswer, args{"as": m.how})
			if m.how == missAssign {
				miss = at(2*second, "0", scenario.Answer, args{"refuse": misses[missAssign].reason})
			}
			told = steps(at(0, "0", scenario.Reserve, args{"mode": k.mode}), at(0, "0", scenario.Offer, nil), miss, gone)
		}
		list = append(list, scenario.Script{Name: k.name + "_" + m.name, Description: m.about, Steps: told})
	}
	return list
}
