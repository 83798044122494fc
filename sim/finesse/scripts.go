package finesse

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
// Arguments of the steps: offer{mode, as=active, blended}; dial; accept and
// skip{request, response}; answer{refuse, request}: an answer that fails with
// that message; consult{variables=plain}: without the dialer's variables;
// conference{quiet, secondary=no}; leave{revert, silent}; hangup{reason}: a
// wrap-up reason, {wrapup=none}: straight to DELETE; data{name…, wrapUpReason,
// request}; wrapup-done{reason}; no-answer{then}.
// With request the message carries a fresh requestId, as if REST had asked.
func Scripts() []scenario.Script {
	scripts := []scenario.Script{
		{Name: "predictive", Description: "A predictive campaign call with a consult call, a conference and a wrap-up.",
			Steps: dialerCall(modePredictive, true)},
		{Name: "progressive", Description: "A progressive campaign call with a consult call; the conference shows only by the end of its leg.",
			Steps: dialerCall(modeProgressive, false)},
		{Name: "predictive_plain", Description: "A predictive campaign call: ringing, talk, wrap-up.", Steps: plainDialerCall(modePredictive)},
		{Name: "progressive_plain", Description: "A progressive campaign call: ringing, talk, wrap-up.", Steps: plainDialerCall(modeProgressive)},
		{Name: "preview", Description: "A preview contact that the agent accepts, and the customer call.", Steps: previewCall(modePreview)},
		{Name: "direct_preview", Description: "A direct preview contact (blended) that the agent accepts; the agent's device dials.", Steps: previewCall(modeDirect)},
		{Name: "preview_skip", Description: "A preview contact that the agent passes on.", Steps: []scenario.Step{
			at(0, "0", scenario.Offer, args{"mode": modePreview}), at(second, "0", scenario.Reserve, nil), at(8*second, "0", scenario.Skip, nil)}},
		{Name: "manual_outbound", Description: "A call that the agent dials, with hold, retrieve and a wrap-up reason.", Steps: manualCall()},
		{Name: "inbound", Description: "A queue call that the agent answers and ends.", Steps: []scenario.Step{
			at(0, "0", scenario.Offer, args{"mode": modeInbound}), at(2*second, "0", scenario.Answer, nil),
			at(20*second, "0", scenario.Hangup, args{"reason": "Resolved"}), at(5*second, "0", scenario.WrapupDone, nil)}},
		{Name: "inbound_ring_no_answer", Description: "A queue call whose answer fails and which then goes away.", Steps: []scenario.Step{
			at(0, "0", scenario.Offer, args{"mode": modeInbound}),
			at(5*second, "0", scenario.Answer, args{"refuse": "CF_RESOURCE_OUT_OF_SERVICE", "request": "yes"}),
			at(5*second, "0", scenario.NoAnswer, nil)}},
		{Name: "inbound_blind_transfer_to_b", Description: "A queue call that the first agent sends on to the second without asking.", Steps: []scenario.Step{
			at(0, "0", scenario.Offer, args{"mode": modeInbound}), at(2*second, "0", scenario.Answer, nil),
			at(10*second, "0", scenario.BlindTransfer, nil), at(3*second, "1", scenario.Answer, nil),
			at(20*second, "1", scenario.Hangup, args{"wrapup": "none"})}},
		{Name: "inbound_warm_transfer", Description: "A queue call that the first agent hands over after a consult call.", Steps: []scenario.Step{
			at(0, "0", scenario.Offer, args{"mode": modeInbound}), at(2*second, "0", scenario.Answer, nil),
			at(10*second, "0", scenario.Consult, nil), at(3*second, "1", scenario.ConsultAnswer, nil),
			at(8*second, "0", scenario.Transfer, nil), at(5*second, "0", scenario.WrapupDone, nil),
			at(20*second, scenario.Customer, scenario.Hangup, nil), at(5*second, "1", scenario.WrapupDone, args{"reason": "Resolved"})}},
	}
	for name, mode := range map[string]string{"inbound": modeInbound, "manual_outbound": modeManual, "preview": modePreview, "direct_preview": modeDirect} {
		scripts = append(scripts, scenario.Script{Name: name + "_consult_conference",
			Description: "A call that is already up, a consult call to the second agent, and a conference that the second agent leaves first.",
			Steps:       conferenceCall(mode)})
	}
	sortScripts(scripts)
	return scripts
}

// dialerCall is the whole life of a predictive or progressive call.
func dialerCall(mode string, joined bool) []scenario.Step {
	conference, leave := args{"quiet": "yes"}, args{"silent": "yes"}
	if joined {
		conference, leave = args{"secondary": "no"}, args{"revert": "yes"}
	}
	return []scenario.Step{
		at(0, "0", scenario.Offer, args{"mode": mode}),
		at(second, "0", scenario.Ring, nil),
		at(second, "0", scenario.Answer, nil),
		at(15*second, "0", scenario.Hold, nil),
		at(second, "0", scenario.Consult, args{"variables": "plain"}),
		at(3*second, "1", scenario.ConsultAnswer, nil),
		at(8*second, "0", scenario.Conference, conference),
		at(10*second, "1", scenario.Leave, leave),
		at(10*second, scenario.Customer, scenario.Hangup, nil),
		at(5*second, "0", scenario.WrapupDone, args{"reason": "Callback"}),
	}
}

func plainDialerCall(mode string) []scenario.Step {
	return []scenario.Step{
		at(0, "0", scenario.Offer, args{"mode": mode}),
		at(second, "0", scenario.Ring, nil),
		at(second, "0", scenario.Answer, nil),
		at(30*second, scenario.Customer, scenario.Hangup, nil),
		at(5*second, "0", scenario.WrapupDone, args{"reason": "Sale"}),
	}
}

func previewCall(mode string) []scenario.Step {
	steps := []scenario.Step{
		at(0, "0", scenario.Offer, args{"mode": mode}),
		at(second, "0", scenario.Reserve, nil),
		at(8*second, "0", scenario.Accept, args{"request": "yes"}),
	}
	reason := "Promise to pay"
	if mode == modeDirect {
		reason = "No interest"
		steps[0].Args["blended"] = "yes"
		delete(steps[2].Args, "request")
		steps = append(steps, at(second, "0", scenario.Dial, nil), at(second, "0", scenario.Ring, nil), at(5*second, scenario.Customer, scenario.Answer, nil))
	} else {
		steps = append(steps, at(3*second, "0", scenario.Ring, nil), at(second, "0", scenario.Answer, nil))
	}
	return append(steps, at(20*second, scenario.Customer, scenario.Hangup, nil), at(5*second, "0", scenario.WrapupDone, args{"reason": reason}))
}

func manualCall() []scenario.Step {
	return []scenario.Step{
		at(0, "0", scenario.Dial, nil),
		at(second, "0", scenario.Ring, nil),
		at(5*second, scenario.Customer, scenario.Answer, nil),
		at(10*second, "0", scenario.Hold, nil),
		at(5*second, "0", scenario.Retrieve, nil),
		at(10*second, "0", scenario.Hangup, nil),
		at(3*second, "0", scenario.Data, args{"wrapUpReason": "Sale", "request": "yes"}),
		at(5*second, "0", scenario.WrapupDone, nil),
	}
}

func conferenceCall(mode string) []scenario.Step {
	return []scenario.Step{
		at(0, "0", scenario.Offer, args{"mode": mode, "as": "active"}),
		at(10*second, "0", scenario.Hold, nil),
		at(second, "0", scenario.Consult, nil),
		at(3*second, "1", scenario.ConsultAnswer, nil),
		at(8*second, "0", scenario.Conference, nil),
		at(10*second, "1", scenario.Leave, nil),
		at(5*second, "1", scenario.WrapupDone, args{"reason": "Advice"}),
		at(10*second, scenario.Customer, scenario.Hangup, nil),
		at(5*second, "0", scenario.WrapupDone, args{"reason": "Sale"}),
	}
}

func sortScripts(list []scenario.Script) {
	slices.SortFunc(list, func(a, b scenario.Script) int { return strings.Compare(a.Name, b.Name) })
}

// Script finds a built-in script by its name.
func Script(name string) (scenario.Script, bool) { return scenario.Find(Scripts(), name) }
