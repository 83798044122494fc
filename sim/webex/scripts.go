package webex

import (
	"slices"
	"strings"
	"time"

	"cordboard/sim/scenario"
)

type args = map[string]string

const second = time.Second

func at(after time.Duration, actor, verb string, a args) scenario.Step {
	return scenario.Step{After: after, Actor: actor, Verb: verb, Args: a}
}

// Scripts lists the built-in scripts. Pauses are those of a brisk demo.
//
// Arguments of the steps: reserve{mode}, offer{mode}: reserve alone sends only
// the first of the two messages of an offer; skip{reason}; answer{refuse}: the
// agent could not be connected, for that reason; consult{to=number|entry-point, hold=no};
// transfer{assigned=no}: the colleague hears of the transfer only;
// blind-transfer{to=queue|number}; leave: out of a conference, or the end of a
// consult call; hangup{reason, wrapup=none}; data{name…}; wrapup-done{reason,
// code}; no-answer{as=rona|assign-failed|invite-failed|outbound-failed,
// reason}. The verb ring sends nothing: no message tells of it.
func Scripts() []scenario.Script {
	scripts := []scenario.Script{
		{Name: "inbound", Description: "A queue call with hold; the customer hangs up.", Steps: steps(offered(modeInbound),
			at(10*second, "0", scenario.Hold, nil), at(5*second, "0", scenario.Retrieve, nil), ended())},
		{Name: "predictive", Description: "A predictive campaign call; the customer hangs up.", Steps: steps(offered(modePredictive), ended())},
		{Name: "progressive", Description: "A progressive campaign call; the agent ends it.", Steps: steps(offered(modeProgressive),
			at(20*second, "0", scenario.Hangup, nil), at(5*second, "0", scenario.WrapupDone, args{"reason": "Sale"}))},
		{Name: "preview", Description: "A preview contact that the agent accepts; the dialer reaches the customer.", Steps: steps(previewed(modePreview), ended())},
		{Name: "direct_preview", Description: "A direct preview contact that the agent accepts; the agent hears it ringing.", Steps: steps(previewed(modeDirect), ended())},
		{Name: "manual_outbound", Description: "A call that the agent dials, with hold.", Steps: steps(dialled(),
			at(10*second, "0", scenario.Hold, nil), at(5*second, "0", scenario.Retrieve, nil), ended())},
	}
	scripts = append(scripts, missedScripts()...)
	scripts = append(scripts, transferScripts()...)
	for _, kind := range kinds() {
		scripts = append(scripts, kind.together()...)
		scripts = append(scripts, kind.missed()...)
	}
	slices.SortFunc(scripts, func(a, b scenario.Script) int { return strings.Compare(a.Name, b.Name) })
	return scripts
}

// missedScripts are the offers and previews that come to nothing.
func missedScripts() []scenario.Script {
	offer := func(mode string) []scenario.Step {
		return []scenario.Step{at(0, "0", scenario.Reserve, args{"mode": mode}), at(0, "0", scenario.Offer, nil)}
	}
	shown := func(mode string) []scenario.Step {
		return []scenario.Step{at(0, "0", scenario.Offer, args{"mode": mode})}
	}
	return []scenario.Script{
		{Name: "inbound_no_answer_rerouted", Description: "A queue call that the first agent lets ring and the second answers.", Steps: steps(offer(modeInbound),
			at(18*second, "0", scenario.NoAnswer, nil), at(second, "1", scenario.Offer, nil), at(2*second, "1", scenario.Answer, nil),
			at(20*second, scenario.Customer, scenario.Hangup, nil), at(5*second, "1", scenario.WrapupDone, args{"reason": "Resolved"}))},
		{Name: "inbound_abandoned", Description: "The customer hangs up while the agent's device rings.", Steps: steps(offer(modeInbound),
			at(8*second, scenario.Customer, scenario.Hangup, nil))},
		{Name: "manual_outbound_failed", Description: "A call that the agent dials and that cannot be put through.", Steps: []scenario.Step{
			at(0, "0", scenario.Dial, nil), at(5*second, "0", scenario.NoAnswer, args{"as": missOutdial, "reason": "CUSTOMER_BUSY"})}},
		{Name: "preview_skip", Description: "A preview contact that the agent passes on.", Steps: steps(shown(modePreview), at(8*second, "0", scenario.Skip, nil))},
		{Name: "direct_preview_remove", Description: "A direct preview contact that the agent takes off the list.", Steps: steps(shown(modeDirect),
			at(8*second, "0", scenario.Skip, args{"reason": "Preview removed"}))},
		{Name: "preview_unreached", Description: "A preview contact that the agent accepts, and nobody answers.", Steps: steps(shown(modePreview),
			at(8*second, "0", scenario.Accept, nil), at(20*second, scenario.Customer, scenario.Hangup, nil))},
	}
}

// transferScripts are inbound calls that change hands.
func transferScripts() []scenario.Script {
	return []scenario.Script{
		{Name: "inbound_consult_transfer_unassigned", Description: "A consult transfer of which the second agent gets no assignment.", Steps: steps(offered(modeInbound),
			consulted(), at(8*second, "0", scenario.Transfer, args{"assigned": "no"}), handedOver())},
		{Name: "inbound_consult_customer_left", Description: "The customer hangs up during a consult call.", Steps: steps(offered(modeInbound),
			consulted(), ended())},
		{Name: "inbound_conference_owner_leaves", Description: "A conference that the first agent leaves; the second goes on with the customer.", Steps: steps(offered(modeInbound),
			conference(), at(10*second, "0", scenario.Leave, nil), handedOver())},
		{Name: "inbound_conference_transfer", Description: "A conference that the first agent hands over.", Steps: steps(offered(modeInbound),
			conference(), at(10*second, "0", scenario.Transfer, nil), handedOver())},
		{Name: "inbound_entry_point_transfer", Description: "A consult call to an entry point, whose contact is merged at the transfer.", Steps: steps(offered(modeInbound),
			at(10*second, "0", scenario.Consult, args{"to": "entry-point"}), at(3*second, "1", scenario.ConsultAnswer, nil), at(8*second, "0", scenario.Transfer, nil), handedOver())},
		{Name: "inbound_entry_point_conference", Description: "A consult call to an entry point, whose contact is merged into a conference.", Steps: steps(offered(modeInbound),
			at(10*second, "0", scenario.Consult, args{"to": "entry-point"}), at(3*second, "1", scenario.ConsultAnswer, nil), at(8*second, "0", scenario.Conference, nil),
			at(10*second, "1", scenario.Leave, nil), at(5*second, "1", scenario.WrapupDone, nil), ended())},
		{Name: "inbound_entry_point_ended", Description: "A consult call to an entry point that ends; the first agent takes the customer back.", Steps: steps(offered(modeInbound),
			at(10*second, "0", scenario.Consult, args{"to": "entry-point"}), at(3*second, "1", scenario.ConsultAnswer, nil), at(8*second, "0", scenario.Leave, nil),
			at(second, "0", scenario.Retrieve, nil), ended())},
		{Name: "inbound_entry_point_no_answer", Description: "A consult call to an entry point that nobody answers.", Steps: steps(offered(modeInbound),
			at(10*second, "0", scenario.Consult, args{"to": "entry-point"}), at(18*second, "1", scenario.NoAnswer, nil), at(second, "0", scenario.Retrieve, nil), ended())},
		{Name: "inbound_conference_ended", Description: "A conference that the customer ends for all.", Steps: steps(offered(modeInbound),
			conference(), ended(), at(5*second, "1", scenario.WrapupDone, args{"reason": "Advice"}))},
	}
}

// The parts that the scripts are made of.

func steps(parts ...any) []scenario.Step {
	var all []scenario.Step
	for _, p := range parts {
		switch p := p.(type) {
		case scenario.Step:
			all = append(all, p)
		case []scenario.Step:
			all = append(all, p...)
		}
	}
	return all
}

func offered(mode string) []scenario.Step {
	return []scenario.Step{at(0, "0", scenario.Reserve, args{"mode": mode}), at(0, "0", scenario.Offer, nil), at(2*second, "0", scenario.Answer, nil)}
}

func previewed(mode string) []scenario.Step {
	return []scenario.Step{at(0, "0", scenario.Offer, args{"mode": mode}), at(8*second, "0", scenario.Accept, nil),
		at(5*second, scenario.Customer, scenario.Answer, nil)}
}

func dialled() []scenario.Step {
	return []scenario.Step{at(0, "0", scenario.Dial, nil), at(5*second, scenario.Customer, scenario.Answer, nil)}
}

func ended() []scenario.Step {
	return []scenario.Step{at(20*second, scenario.Customer, scenario.Hangup, nil), at(5*second, "0", scenario.WrapupDone, args{"reason": "Resolved"})}
}

func consulted() []scenario.Step {
	return []scenario.Step{at(10*second, "0", scenario.Consult, nil), at(3*second, "1", scenario.ConsultAnswer, nil)}
}

func conference() []scenario.Step {
	return append(consulted(), at(8*second, "0", scenario.Conference, nil))
}

// handedOver is the end of a call that the second agent has.
func handedOver() []scenario.Step {
	return []scenario.Step{at(5*second, "0", scenario.WrapupDone, args{"reason": "Transferred"}), at(20*second, scenario.Customer, scenario.Hangup, nil),
		at(5*second, "1", scenario.WrapupDone, args{"reason": "Resolved"})}
}

// Script finds a built-in script by its name.
func Script(name string) (scenario.Script, bool) { return scenario.Find(Scripts(), name) }
