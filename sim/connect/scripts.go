package connect

import (
	"slices"
	"strings"
	"time"

	"cordboard/sim/scenario"
)

type args = map[string]string

const second = time.Second

// tethered is the value of the argument "setup" that makes a call one of the external dialer's.
const tethered = "tethered"

func at(after time.Duration, actor, verb string, a args) scenario.Step {
	return scenario.Step{After: after, Actor: actor, Verb: verb, Args: a}
}

// Scripts lists the built-in scripts. Pauses are those of a brisk demo.
//
// Arguments of the steps: of the first step mode (inbound, manual, direct-preview, progressive, predictive, agentless) and
// setup=tethered for the external dialer (preview, progressive, predictive); answer by the customer{amd}: what answering
// machine detection says, a person if left out; hangup by the customer{reason}; data{name…}: contact attributes;
// consult{type=Consult}: the call type of the dialer's event.
//
// Verbs: reserve makes a contact that waits in the queue; dial without an agent's mode lets a campaign call the customer;
// offer makes it ring at the agent, doing what is missing first; accept takes a preview, dial ends it; skip discards it; leave
// by the customer ends the customer's connection alone.
func Scripts() []scenario.Script {
	scripts := slices.Concat(inboundScripts(), manualScripts(), previewScripts(), campaignScripts(modeProgressive),
		campaignScripts(modePredictive), tetheredScripts(), []scenario.Script{
			{Name: "predictive_machine", Description: "A predictive campaign call that an answering machine takes: no agent ever sees it.", Steps: []scenario.Step{
				at(0, scenario.Customer, scenario.Dial, args{"mode": modePredictive}),
				at(6*second, scenario.Customer, scenario.Answer, args{"amd": "VOICEMAIL_BEEP"}),
				at(5*second, scenario.Customer, scenario.Hangup, args{"reason": "CONTACT_FLOW_DISCONNECT"})}},
		})
	slices.SortFunc(scripts, func(a, b scenario.Script) int { return strings.Compare(a.Name, b.Name) })
	return scripts
}

// Script finds a built-in script by its name.
func Script(name string) (scenario.Script, bool) { return scenario.Find(Scripts(), name) }

// The ways in which a call begins, until agent and customer talk.
var (
	inboundBegin = []scenario.Step{at(0, scenario.Customer, scenario.Reserve, args{"mode": modeInbound}),
		at(2*second, "0", scenario.Offer, nil), at(3*second, "0", scenario.Answer, nil)}
	manualBegin  = []scenario.Step{at(0, "0", scenario.Dial, args{"mode": modeManual}), at(6*second, scenario.Customer, scenario.Answer, nil)}
	previewBegin = []scenario.Step{at(0, scenario.Customer, scenario.Reserve, args{"mode": modeDirect}),
		at(second, "0", scenario.Offer, nil), at(4*second, "0", scenario.Accept, nil), at(5*second, "0", scenario.Dial, nil),
		at(6*second, scenario.Customer, scenario.Answer, nil)}
)

func campaignBegin(mode string) []scenario.Step {
	return []scenario.Step{at(0, scenario.Customer, scenario.Dial, args{"mode": mode}), at(4*second, scenario.Customer, scenario.Answer, nil),
		at(second, "0", scenario.Offer, nil), at(2*second, "0", scenario.Answer, nil)}
}

// The ways in which it ends.
var (
	customerEnds = []scenario.Step{at(15*second, scenario.Customer, scenario.Hangup, nil), at(5*second, "0", scenario.WrapupDone, nil)}
	agentEnds    = []scenario.Step{at(15*second, "0", scenario.Hangup, nil), at(5*second, "0", scenario.WrapupDone, nil)}
)

// consultConference is hold, a consult call, a conference that the second agent leaves, and the customer's end.
func consultConference(begin []scenario.Step) []scenario.Step {
	return slices.Concat(begin, []scenario.Step{
		at(10*second, "0", scenario.Hold, nil), at(2*second, "0", scenario.Consult, nil), at(4*second, "1", scenario.ConsultAnswer, nil),
		at(6*second, "0", scenario.Conference, nil), at(8*second, "1", scenario.Leave, nil), at(3*second, "1", scenario.WrapupDone, nil),
	}, customerEnds)
}

func warmTransfer(begin []scenario.Step) []scenario.Step {
	return slices.Concat(begin, []scenario.Step{
		at(10*second, "0", scenario.Consult, nil), at(4*second, "1", scenario.ConsultAnswer, nil), at(6*second, "0", scenario.Transfer, nil),
		at(5*second, "0", scenario.WrapupDone, nil), at(12*second, scenario.Customer, scenario.Hangup, nil), at(4*second, "1", scenario.WrapupDone, nil)})
}

func blindTransfer(begin []scenario.Step) []scenario.Step {
	return slices.Concat(begin, []scenario.Step{
		at(8*second, "0", scenario.BlindTransfer, nil), at(3*second, "1", scenario.Answer, nil), at(2*second, "0", scenario.WrapupDone, nil),
		at(12*second, "1", scenario.Hangup, nil), at(4*second, "1", scenario.WrapupDone, nil)})
}

// withHold is a call with the customer on hold once, and nobody else in it.
func withHold(begin []scenario.Step) []scenario.Step {
	return slices.Concat(begin, []scenario.Step{at(8*second, "0", scenario.Hold, nil), at(5*second, "0", scenario.Retrieve, nil)}, agentEnds)
}

func inboundScripts() []scenario.Script {
	ring := inboundBegin[:2]
	return []scenario.Script{
		{Name: "inbound", Description: "A queue call that the agent answers and the customer ends.", Steps: slices.Concat(inboundBegin, customerEnds)},
		{Name: "inbound_hold", Description: "A queue call with the customer on hold for a while.", Steps: withHold(inboundBegin)},
		{Name: "inbound_missed", Description: "A queue call that the agent does not answer; the customer gives up in the queue.", Steps: slices.Concat(ring, []scenario.Step{
			at(20*second, "0", scenario.NoAnswer, nil), at(5*second, "0", scenario.WrapupDone, nil), at(5*second, scenario.Customer, scenario.Hangup, nil)})},
		{Name: "inbound_missed_then_second", Description: "A queue call that the first agent misses and the second answers: the same contact.", Steps: slices.Concat(ring, []scenario.Step{
			at(20*second, "0", scenario.NoAnswer, nil), at(2*second, "1", scenario.Offer, nil), at(second, "0", scenario.WrapupDone, nil),
			at(2*second, "1", scenario.Answer, nil), at(15*second, scenario.Customer, scenario.Hangup, nil), at(5*second, "1", scenario.WrapupDone, nil)})},
		{Name: "inbound_abandoned", Description: "A queue call whose customer hangs up while it rings.", Steps: slices.Concat(ring, []scenario.Step{
			at(6*second, scenario.Customer, scenario.Hangup, nil), at(2*second, "0", scenario.WrapupDone, nil)})},
		{Name: "inbound_consult_conference", Description: "A queue call, a consult call to the second agent, a conference.", Steps: consultConference(inboundBegin)},
		{Name: "inbound_warm_transfer", Description: "A queue call that the first agent hands over after a consult call.", Steps: warmTransfer(inboundBegin)},
		{Name: "inbound_blind_transfer", Description: "A queue call that the first agent sends on without asking.", Steps: blindTransfer(inboundBegin)},
	}
}

func manualScripts() []scenario.Script {
	return []scenario.Script{
		{Name: "manual_outbound", Description: "A call that the agent dials, with hold.", Steps: withHold(manualBegin)},
		{Name: "manual_outbound_no_answer", Description: "A call that the agent dials and nobody answers.", Steps: slices.Concat(manualBegin[:1], []scenario.Step{
			at(25*second, "0", scenario.NoAnswer, nil), at(3*second, "0", scenario.WrapupDone, nil)})},
		{Name: "manual_outbound_consult_conference", Description: "A dialled call, a consult call to the second agent, a conference.", Steps: consultConference(manualBegin)},
		{Name: "manual_outbound_consult_outlives", Description: "A dialled call whose customer hangs up while the agent consults, and the consult goes on.", Steps: slices.Concat(manualBegin, []scenario.Step{
			at(10*second, "0", scenario.Consult, nil), at(4*second, "1", scenario.ConsultAnswer, nil), at(6*second, scenario.Customer, scenario.Leave, nil),
			at(8*second, "0", scenario.Hangup, nil), at(3*second, "1", scenario.WrapupDone, nil), at(2*second, "0", scenario.WrapupDone, nil)})},
		{Name: "manual_outbound_warm_transfer", Description: "A dialled call that the first agent hands over after a consult call.", Steps: warmTransfer(manualBegin)},
		{Name: "manual_outbound_blind_transfer", Description: "A dialled call that the first agent sends on without asking.", Steps: blindTransfer(manualBegin)},
	}
}

func previewScripts() []scenario.Script {
	looking := previewBegin[:3]
	return []scenario.Script{
		{Name: "direct_preview", Description: "A preview contact that the agent accepts and calls.", Steps: slices.Concat(previewBegin, customerEnds)},
		{Name: "direct_preview_discarded", Description: "A preview contact that the agent looks at and discards.", Steps: slices.Concat(looking, []scenario.Step{
			at(5*second, "0", scenario.Skip, nil), at(4*second, "0", scenario.WrapupDone, nil)})},
		{Name: "direct_preview_missed", Description: "A preview contact that the agent does not accept in time.", Steps: slices.Concat(previewBegin[:2], []scenario.Step{
			at(20*second, "0", scenario.NoAnswer, nil), at(4*second, "0", scenario.WrapupDone, nil), at(second, scenario.Customer, scenario.Hangup, args{"reason": "EXPIRED"})})},
		{Name: "direct_preview_no_answer", Description: "A preview contact that is called; nobody answers.", Steps: slices.Concat(previewBegin[:4], []scenario.Step{
			at(25*second, "0", scenario.NoAnswer, nil), at(4*second, "0", scenario.WrapupDone, nil)})},
		{Name: "direct_preview_consult_conference", Description: "A preview call with a consult call and a conference.", Steps: consultConference(previewBegin)},
		{Name: "direct_preview_warm_transfer", Description: "A preview call that the first agent hands over.", Steps: warmTransfer(previewBegin)},
	}
}

func campaignScripts(mode string) []scenario.Script {
	begin := campaignBegin(mode)
	return []scenario.Script{
		{Name: mode, Description: "A " + mode + " campaign call.", Steps: slices.Concat(begin, customerEnds)},
		{Name: mode + "_consult_conference", Description: "A " + mode + " campaign call with hold, a consult call and a conference.", Steps: consultConference(begin)},
		{Name: mode + "_warm_transfer", Description: "A " + mode + " campaign call that the first agent hands over.", Steps: warmTransfer(begin)},
		{Name: mode + "_blind_transfer", Description: "A " + mode + " campaign call that the first agent sends on.", Steps: blindTransfer(begin)},
	}
}

// tetheredScripts are the external dialer's. Manual and inbound calls of a tethered instance are Connect's own: the scripts
// without the word play them.
func tetheredScripts() []scenario.Script {
	preview := []scenario.Step{at(0, "0", scenario.Offer, args{"mode": modePreview, "setup": tethered}), at(6*second, "0", scenario.Accept, nil),
		at(2*second, "0", scenario.Ring, nil), at(6*second, scenario.Customer, scenario.Answer, nil)}
	scripts := []scenario.Script{
		{Name: "tethered_preview_skip", Description: "The external dialer: a preview that the agent passes on.", Steps: []scenario.Step{
			preview[0], at(6*second, "0", scenario.Skip, nil)}},
		{Name: "tethered_predictive_machine", Description: "The external dialer: a predictive call that a machine answers.", Steps: []scenario.Step{
			at(0, "0", scenario.Dial, args{"mode": modePredictive, "setup": tethered}), at(2*second, "0", scenario.Ring, nil),
			at(5*second, scenario.Customer, scenario.Answer, args{"amd": "VOICEMAIL_BEEP"})}},
	}
	begins := map[string][]scenario.Step{modePreview: preview}
	for _, mode := range []string{modeProgressive, modePredictive} {
		begins[mode] = []scenario.Step{at(0, "0", scenario.Dial, args{"mode": mode, "setup": tethered}), at(2*second, "0", scenario.Ring, nil),
			at(5*second, scenario.Customer, scenario.Answer, nil)}
	}
	for mode, begin := range begins {
		name, of := "tethered_"+mode, "The external dialer: a "+mode+" call"
		scripts = append(scripts,
			scenario.Script{Name: name, Description: of + ".", Steps: slices.Concat(begin, customerEnds)},
			scenario.Script{Name: name + "_consult_conference", Description: of + " with hold, a consult call and a conference.", Steps: consultConference(begin)},
			scenario.Script{Name: name + "_warm_transfer", Description: of + " that the first agent hands over after a consult call.",
				Steps: asConsult(warmTransfer(slices.Concat(begin, []scenario.Step{at(5*second, "0", scenario.Hold, nil)})))},
			scenario.Script{Name: name + "_blind_transfer", Description: of + " that the first agent sends on.", Steps: blindTransfer(begin)})
	}
	return scripts
}

// asConsult gives the consult call's event the call type that the vendor's page of parameters has for it; the workflow tables
// file it under the other one.
func asConsult(steps []scenario.Step) []scenario.Step {
	for i := range steps {
		if steps[i].Verb == scenario.Consult {
			steps[i].Args = args{"type": consultCall}
		}
	}
	return steps
}
