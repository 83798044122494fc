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

// Scripts lists the built-in scripts. Pauses are those of a brisk demo.
//
// What the verbs mean here: offer{mode} begins a call, without an agent yet (with one for external); ring lets an
// agent's phone ring; reserve shows a preview to an agent; dial{queue} is an agent's own call, or that of a preview;
// answer{as=person|machine|busy|no-answer}; skip{by=client|timeout}; consult and blind-transfer{to=queue|number|back,
// attended}; conference lets all three talk; transfer and leave are an agent going; data{name…} sets attributes of the
// customer; wrapup-done{code, notes, keep, again}: with keep a preview stays open, with again a code is changed.
func Scripts() []scenario.Script {
	scripts := []scenario.Script{
		{Name: "preview_skipped", Description: "A preview that the agent accepts and skips.", Steps: append(shown(), at(10*second, "0", scenario.Skip, nil))},
		{Name: "preview_dialed", Description: "A preview that the agent accepts and dials; the callback stays open until it is wrapped up.",
			Steps: append(shown(), previewCall()...)},
		{Name: "preview_timeout", Description: "A preview that the agent keeps too long: the campaign dials it by itself.",
			Steps: append(append(shown(), at(30*second, "0", scenario.Skip, args{"by": "timeout"})), previewTalk()...)},
		{Name: "preview_not_accepted", Description: "A preview that the first agent does not take and the second one skips.", Steps: []scenario.Step{
			at(0, "0", scenario.Offer, args{"mode": "preview"}), at(300*time.Millisecond, "0", scenario.Reserve, nil),
			at(8*second, "0", scenario.NoAnswer, nil), at(second, "1", scenario.Reserve, nil),
			at(2*second, "1", scenario.Accept, nil), at(6*second, "1", scenario.Skip, nil)}},
		{Name: "agentless_machine", Description: "An agentless call that a machine answers.", Steps: []scenario.Step{
			at(0, scenario.Customer, scenario.Offer, args{"mode": "agentless"}), at(6*second, scenario.Customer, scenario.Answer, args{"as": "machine"}),
			at(2*second, scenario.Customer, scenario.Hangup, nil)}},
		{Name: "agentless_person", Description: "An agentless call that a person answers and hears.", Steps: []scenario.Step{
			at(0, scenario.Customer, scenario.Offer, args{"mode": "agentless"}), at(6*second, scenario.Customer, scenario.Answer, nil),
			at(12*second, scenario.Customer, scenario.Hangup, nil)}},
		{Name: "predictive_busy", Description: "A predictive call to a line that is busy: no agent is in it.", Steps: []scenario.Step{
			at(0, scenario.Customer, scenario.Offer, args{"mode": "predictive"}), at(4*second, scenario.Customer, scenario.Answer, args{"as": "busy"})}},
		{Name: "predictive_abandoned", Description: "A predictive call whose customer hangs up before an agent is there.", Steps: []scenario.Step{
			at(0, scenario.Customer, scenario.Offer, args{"mode": "predictive"}), at(6*second, scenario.Customer, scenario.Answer, nil),
			at(3*second, scenario.Customer, scenario.Hangup, nil)}},
		{Name: "external", Description: "A call of an external campaign that the agent makes.", Steps: []scenario.Step{
			at(0, "0", scenario.Offer, args{"mode": "external"}), at(7*second, scenario.Customer, scenario.Answer, nil),
			at(32*second, scenario.Customer, scenario.Hangup, nil), at(10*second, "0", scenario.WrapupDone, nil)}},
		{Name: "manual_outbound", Description: "A call that the agent makes, without a queue, with hold.", Steps: manualCall(nil)},
		{Name: "manual_outbound_queue", Description: "A call that the agent makes on behalf of a queue, with wrap-up.",
			Steps: append(manualCall(args{"queue": "yes"}), at(10*second, "0", scenario.WrapupDone, nil))},
		{Name: "inbound", Description: "A queue call that the agent answers and the customer ends.", Steps: append(queued("0"),
			at(32*second, scenario.Customer, scenario.Hangup, nil), at(10*second, "0", scenario.WrapupDone, nil))},
		{Name: "inbound_ring_no_answer", Description: "A queue call that the first agent does not answer and the second one does.", Steps: []scenario.Step{
			at(0, scenario.Customer, scenario.Offer, args{"mode": "inbound"}), at(second, "0", scenario.Ring, nil),
			at(8*second, "0", scenario.NoAnswer, nil), at(second, "1", scenario.Ring, nil), at(3*second, "1", scenario.Answer, nil),
			at(20*second, scenario.Customer, scenario.Hangup, nil), at(5*second, "1", scenario.WrapupDone, nil)}},
		{Name: "inbound_abandoned", Description: "A queue call whose customer hangs up while an agent's phone rings.", Steps: []scenario.Step{
			at(0, scenario.Customer, scenario.Offer, args{"mode": "inbound"}), at(second, "0", scenario.Ring, nil),
			at(3*second, scenario.Customer, scenario.Hangup, nil)}},
		{Name: "inbound_wrapup_changed", Description: "A queue call whose wrap-up code is changed afterwards.", Steps: append(queued("0"),
			at(20*second, "0", scenario.Hangup, nil), at(5*second, "0", scenario.WrapupDone, args{"code": "Sale"}),
			at(20*second, "0", scenario.WrapupDone, args{"code": "No interest", "again": "yes"}))},
	}
	for _, mode := range []string{"progressive", "power", "predictive"} {
		scripts = append(scripts, scenario.Script{Name: mode, Description: "A " + mode + " campaign call with hold and wrap-up.", Steps: append(dialed(mode),
			at(21*second, "0", scenario.Hold, nil), at(10*second, "0", scenario.Retrieve, nil),
			at(20*second, scenario.Customer, scenario.Hangup, nil), at(15*second, "0", scenario.WrapupDone, args{"notes": "note"}))})
	}
	for begin, steps := range map[string][]scenario.Step{"inbound": queued("0"), "predictive": dialed("predictive"),
		"preview": slices.Concat(shown(), previewUp()), "manual_outbound": manualUp(nil)} {
		scripts = append(scripts, together(begin, steps)...)
	}
	slices.SortFunc(scripts, func(a, b scenario.Script) int { return strings.Compare(a.Name, b.Name) })
	return scripts
}

// Script finds a built-in script by its name.
func Script(name string) (scenario.Script, bool) {
	for _, s := range Scripts() {
		if s.Name == name {
			return s, true
		}
	}
	return scenario.Script{}, false
}

func scriptNames() []string {
	var names []string
	for _, s := range Scripts() {
		names = append(names, s.Name)
	}
	return names
}
