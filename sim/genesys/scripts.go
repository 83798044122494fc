package genesys

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

func script(name, about string, parts ...[]scenario.Step) scenario.Script {
	return scenario.Script{Name: name, Description: about, Steps: slices.Concat(parts...)}
}

// Scripts lists the built-in scripts by name. Pauses are those of a brisk demo.
//
// What the verbs mean here: offer{mode} begins a call, without an agent yet (with one for external); ring lets an
// agent's phone ring; reserve shows a preview to an agent; dial{queue} is an agent's own call, or that of a preview;
// answer{as=person|machine|busy|no-answer}; skip{by=client|timeout}; consult and blind-transfer{to=queue|number|back,
// attended}; conference lets all three talk; transfer and leave are an agent going; data{name…} sets attributes of the
// customer; wrapup-done{code, notes, keep, again}: with keep a preview stays open, with again a code is changed.
func Scripts() []scenario.Script {
	list := slices.Concat(previewScripts(), campaignScripts(), manualScripts(), inboundScripts(),
		together("inbound", queued("0")), together("predictive", dialed("predictive")),
		together("progressive", dialed("progressive")), together("power", dialed("power")),
		together("preview", slices.Concat(shown(), previewUp())), together("manual_outbound", manualUp(nil)))
	slices.SortFunc(list, func(a, b scenario.Script) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func previewScripts() []scenario.Script {
	return []scenario.Script{
		script("preview_skipped", "A preview that the agent accepts and skips.",
			shown(), steps(at(10*second, "0", scenario.Skip, nil))),
		script("preview_dialed", "A preview that the agent accepts and dials; it stays open until it is wrapped up.",
			shown(), steps(at(16*second, "0", scenario.Dial, nil)), previewTalk()),
		script("preview_timeout", "A preview that the agent keeps too long: the campaign dials it by itself.",
			shown(), steps(at(30*second, "0", scenario.Skip, args{"by": "timeout"})), previewTalk()),
		script("preview_not_accepted", "A preview that the first agent does not take and the second one skips.", steps(
			at(0, scenario.Customer, scenario.Offer, args{"mode": "preview"}),
			at(300*time.Millisecond, "0", scenario.Reserve, nil), at(8*second, "0", scenario.NoAnswer, nil),
			at(second, "1", scenario.Reserve, nil), at(2*second, "1", scenario.Accept, nil), at(6*second, "1", scenario.Skip, nil))),
	}
}

func campaignScripts() []scenario.Script {
	began := func(mode string, after time.Duration, as string) []scenario.Step {
		return steps(at(0, scenario.Customer, scenario.Offer, args{"mode": mode}),
			at(after, scenario.Customer, scenario.Answer, args{"as": as}))
	}
	gone := func(after time.Duration) []scenario.Step {
		return steps(at(after, scenario.Customer, scenario.Hangup, nil))
	}
	list := []scenario.Script{
		script("agentless_machine", "An agentless call that a machine answers.", began("agentless", 6*second, "machine"), gone(2*second)),
		script("agentless_person", "An agentless call that a person answers and hears.", began("agentless", 6*second, "person"), gone(12*second)),
		script("predictive_busy", "A predictive call to a line that is busy: no agent is in it.", began("predictive", 4*second, "busy")),
		script("predictive_abandoned", "A predictive call whose customer hangs up before an agent is there.",
			began("predictive", 6*second, "person"), gone(3*second)),
		script("external", "A call of an external campaign that the agent makes.", steps(
			at(0, "0", scenario.Offer, args{"mode": "external"}), at(7*second, scenario.Customer, scenario.Answer, nil)),
			gone(32*second), steps(at(10*second, "0", scenario.WrapupDone, nil))),
	}
	for _, mode := range []string{"progressive", "power", "predictive"} {
		list = append(list, script(mode, "A "+mode+" campaign call with hold and wrap-up.", dialed(mode),
			steps(at(21*second, "0", scenario.Hold, nil), at(10*second, "0", scenario.Retrieve, nil)), gone(20*second),
			steps(at(15*second, "0", scenario.WrapupDone, args{"notes": "note"}))))
	}
	return list
}

func manualScripts() []scenario.Script {
	talk := steps(at(10*second, "0", scenario.Hold, nil), at(5*second, "0", scenario.Retrieve, nil),
		at(17*second, scenario.Customer, scenario.Hangup, nil))
	return []scenario.Script{
		script("manual_outbound", "A call that the agent makes, without a queue, with hold.", manualUp(nil), talk),
		script("manual_outbound_queue", "A call that the agent makes on behalf of a queue, with wrap-up.",
			manualUp(args{"queue": "yes"}), talk, steps(at(10*second, "0", scenario.WrapupDone, nil))),
	}
}

func inboundScripts() []scenario.Script {
	came := at(0, scenario.Customer, scenario.Offer, args{"mode": "inbound"})
	return []scenario.Script{
		script("inbound", "A queue call that the agent answers and the customer ends.", queued("0"),
			steps(at(32*second, scenario.Customer, scenario.Hangup, nil), at(10*second, "0", scenario.WrapupDone, nil))),
		script("inbound_ring_no_answer", "A queue call that the first agent does not answer and the second one does.", steps(
			came, at(second, "0", scenario.Ring, nil), at(8*second, "0", scenario.NoAnswer, nil),
			at(second, "1", scenario.Ring, nil), at(3*second, "1", scenario.Answer, nil),
			at(20*second, scenario.Customer, scenario.Hangup, nil), at(5*second, "1", scenario.WrapupDone, nil))),
		script("inbound_abandoned", "A queue call whose customer hangs up while an agent's phone rings.", steps(
			came, at(second, "0", scenario.Ring, nil), at(3*second, scenario.Customer, scenario.Hangup, nil))),
		script("inbound_wrapup_changed", "A queue call whose wrap-up code is changed afterwards.", queued("0"), steps(
			at(20*second, "0", scenario.Hangup, nil), at(5*second, "0", scenario.WrapupDone, args{"code": "Sale"}),
			at(20*second, "0", scenario.WrapupDone, args{"code": "No interest", "again": "yes"}))),
	}
}

// Script finds a built-in script by its name.
func Script(name string) (scenario.Script, bool) { return scenario.Find(Scripts(), name) }
