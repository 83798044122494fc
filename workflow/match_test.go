package workflow_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cordboard/action/contact"
	"cordboard/action/http"
	"cordboard/action/page"
	"cordboard/action/pop"
	"cordboard/action/record"
	"cordboard/action/table"
	"cordboard/action/wait"
	"cordboard/action/when"
	"cordboard/call"
	"cordboard/workflow"
)

func specs() []workflow.Spec {
	return slices.Concat([]workflow.Spec{pop.Spec(), page.Spec(), http.Spec(), when.Spec(), wait.Spec()}, contact.Specs(), record.Specs(), table.Specs())
}

const predictive = `
name: Predictive calls
platform: cisco
mode: predictive
rules:
  - on: PREDICTIVE_OUTBOUND ALERTING
    do:
      - pop: { find: [Contact, Lead], by: call.customer, none: new Lead, many: list }
      - page: /apex/CallScript?lcm=${call.vars.LCMKey}
  - on: PREDICTIVE_OUTBOUND ACTIVE
    when: call.campaign.startsWith("Winback") && call.vars.Tier == "gold"
    do:
      - create: Task
        set: { Subject: "Call ${call.customer}", CallType: Outbound, WhoId: "${pop.id}", Description: "${pop.name} of ${call.campaign}", Priority: 3 }
  - on: PREDICTIVE_OUTBOUND DROPPED
    do:
      - update: Task
        set: { Status: Completed, CallDurationInSeconds: "${call.talkSeconds}", CallDisposition: "${call.wrapup}" }
`

func mustCompile(t testing.TB, src string) *workflow.Set {
	t.Helper()
	ws, problems := workflow.Parse("test.yaml", []byte(src), specs())
	for _, p := range problems {
		t.Fatal(p)
	}
	set, err := workflow.Compile(ws)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// talk is a predictive call in the middle of its life, with the event at hand folded in.
func talk(name string, phase call.Phase, change func(*call.Event)) workflow.Moment {
	var s call.State
	at := start
	apply := func(name string, phase call.Phase, change func(*call.Event)) *call.Event {
		ev := &call.Event{
			ID: name, Connection: "finesse-1", Platform: call.Cisco, Call: "c1", Ref: "17", Leg: "a", Role: call.CustomerLeg, Agent: "1001",
			Mode: call.Predictive, CallType: "PREDICTIVE_OUTBOUND", RawType: "OUTBOUND", Name: name, Phase: phase, At: at,
			Customer: "(202) 555-0143", Campaign: "Winback 26", Vars: map[string]string{"LCMKey": "L1", "Tier": "gold"},
		}
		if change != nil {
			change(ev)
		}
		s = call.Apply(s, ev)
		return ev
	}
	if name != "ALERTING" {
		apply("ALERTING", call.Ringing, nil)
		at = at.Add(3 * time.Second)
	}
	if name == "DROPPED" {
		apply("ACTIVE", call.Answered, nil)
		at = at.Add(125 * time.Second)
	}
	return workflow.Moment{Event: apply(name, phase, change), State: &s}
}

func TestMatchPlansSteps(t *testing.T) {
	set := mustCompile(t, predictive)
	plans := set.Match(talk("ALERTING", call.Ringing, nil))
	if len(plans) != 1 || plans[0].Rule != "rule 1" || !plans[0].Once || plans[0].Line != 6 {
		t.Fatalf("plans: %+v", plans)
	}
	want := []workflow.Planned{
		{Kind: "pop", Lane: workflow.ScreenLane, Args: map[string]any{"find": []string{"Contact", "Lead"}, "by": "(202) 555-0143", "none": "new Lead", "many": "list"}},
		{Kind: "page", Lane: workflow.ScreenLane, Args: map[string]any{"url": "/apex/CallScript?lcm=L1"}},
	}
	if diff := cmp.Diff(want, plans[0].Steps); diff != "" {
		t.Error(diff)
	}
}

func TestDeferredValues(t *testing.T) {
	set := mustCompile(t, predictive)
	plans := set.Match(talk("ACTIVE", call.Answered, nil))
	if len(plans) != 1 {
		t.Fatalf("plans: %+v", plans)
	}
	step := plans[0].Steps[0]
	if diff := cmp.Diff([]string{"pop"}, step.Needs); diff != "" || len(step.View) == 0 {
		t.Errorf("needs %s view %s", diff, step.View)
	}
	// The journal stores the step as JSON.
	raw, err := json.Marshal(step)
	if err != nil {
		t.Fatal(err)
	}
	var stored workflow.Planned
	if err := json.Unmarshal(raw, &stored); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		pop, want string
	}{
		"found": {`{"id":"003A","type":"Contact","name":"Ada","count":1}`, `{"object":"Task","set":{"CallType":"Outbound","Description":"Ada of Winback 26","Priority":3,"Subject":"Call (202) 555-0143","WhoId":"003A"}}`},
		"none":  {``, `{"object":"Task","set":{"CallType":"Outbound","Description":" of Winback 26","Priority":3,"Subject":"Call (202) 555-0143"}}`},
	} {
		args, err := workflow.Resolve(stored, workflow.Results{Pop: json.RawMessage(c.pop)})
		if err != nil || string(args) != c.want {
			t.Errorf("%s: %s, %v", name, args, err)
		}
	}
}

func TestDurationsAreTakenAtTheEvent(t *testing.T) {
	set := mustCompile(t, predictive)
	plans := set.Match(talk("DROPPED", call.Ended, func(e *call.Event) { e.Wrapup = "Sold" }))
	if len(plans) != 1 {
		t.Fatalf("plans: %+v", plans)
	}
	want := map[string]any{"object": "Task", "set": map[string]any{"Status": "Completed", "CallDurationInSeconds": int64(125), "CallDisposition": "Sold"}}
	if diff := cmp.Diff(want, plans[0].Steps[0].Args); diff != "" {
		t.Error(diff)
	}
}

// Naming the leg does not help: the customer's own dialog may be the one that is swallowed.
func TestAMergedDialogIsNoEnd(t *testing.T) {
	swallowed := talk("DROPPED", call.Ended, func(e *call.Event) { e.Merged = true })
	if plans := mustCompile(t, predictive).Match(swallowed); len(plans) != 0 {
		t.Errorf("a swallowed dialog fired %+v", plans)
	}
	if plans := mustCompile(t, strings.Replace(predictive, "DROPPED\n", "DROPPED\n    merged: true\n", 1)).Match(swallowed); len(plans) != 1 {
		t.Errorf("merged: true did not fire: %+v", plans)
	}
}

func TestExplainAgreesWithMatch(t *testing.T) {
	type expect struct {
		reason workflow.Reason
		detail string
	}
	live := talk("ACTIVE", call.Answered, nil)
	for name, c := range map[string]struct {
		src    string
		moment workflow.Moment
		want   expect // of the second rule
	}{
		"matched":   {predictive, live, expect{"", "The rule matched."}},
		"off":       {strings.Replace(predictive, "mode:", "state: off\nmode:", 1), live, expect{workflow.WorkflowOff, "The workflow is switched off."}},
		"shadow":    {strings.Replace(predictive, "mode:", "state: shadow\nmode:", 1), live, expect{workflow.InShadow, "The rule matched, but its workflow only watches: nothing was done."}},
		"platform":  {predictive, talk("ACTIVE", call.Answered, func(e *call.Event) { e.Platform = call.Webex }), expect{workflow.OtherPlatform, "The workflow is for the platform cisco; the event is from webex."}},
		"mode":      {predictive, talk("ACTIVE", call.Answered, func(e *call.Event) { e.Mode = call.Inbound }), expect{workflow.OtherMode, "The rule is for predictive calls; this one is inbound."}},
		"type":      {predictive, talk("ACTIVE", call.Answered, func(e *call.Event) { e.CallType = "OUT" }), expect{workflow.OtherCallType, "The rule is for PREDICTIVE_OUTBOUND ACTIVE; the call type was OUT (OUTBOUND)."}},
		"event":     {predictive, talk("HELD", call.Held, nil), expect{workflow.OtherEvent, "The rule is for PREDICTIVE_OUTBOUND ACTIVE; the event was PREDICTIVE_OUTBOUND HELD, phase held."}},
		"raw type":  {strings.Replace(predictive, "OUTBOUND ACTIVE", "OUTBOUND ACTIVE\n    leg: consult", 1), live, expect{workflow.OtherLeg, "The rule is for the consult leg; the event is of the customer leg."}},
		"condition": {strings.Replace(predictive, "Winback", "Winforward", 1), live, expect{workflow.ConditionFalse, `The condition call.campaign.startsWith("Winforward") was false: call.campaign was "Winback 26".`}},
		"error":     {strings.Replace(predictive, `call.vars.Tier == "gold"`, `int(call.vars.Tier) > 1`, 1), live, expect{workflow.ConditionError, `The condition int(call.vars.Tier) > 1 could not be evaluated: type conversion error from 'string' to 'int': call.vars.Tier was "gold".`}},
	} {
		t.Run(name, func(t *testing.T) {
			set := mustCompile(t, c.src)
			v := set.Explain(c.moment)[1]
			if diff := cmp.Diff(c.want, expect{v.Reason, v.Detail}, cmp.AllowUnexported(expect{})); diff != "" {
				t.Error(diff)
			}
			if got := len(set.Match(c.moment)) == 1; got != v.Matched {
				t.Errorf("Match says %v, Explain %v", got, v.Matched)
			}
		})
	}
}

func TestARuleMayNameTheRawTypeOrAPhase(t *testing.T) {
	for _, on := range []string{"outbound active", "Predictive_Outbound Active", "answered", "ACTIVE", `"* active"`, "[answered, OUTBOUND ACTIVE, ACTIVE]"} {
		set := mustCompile(t, "name: x\nrules:\n- on: "+on+"\n  do: [{page: /x}]\n")
		if plans := set.Match(talk("ACTIVE", call.Answered, nil)); len(plans) != 1 {
			t.Errorf("on: %s fired %d times", on, len(plans))
		}
	}
}

func TestNewDataStartsNothing(t *testing.T) {
	m := talk("ACTIVE", call.Answered, func(e *call.Event) { e.Name, e.Phase = "", "" })
	set := mustCompile(t, "name: x\nrules:\n- on: answered\n  do: [{page: /x}]\n")
	if plans := set.Match(m); len(plans) != 0 || set.Explain(m)[0].Matched {
		t.Errorf("fired: %+v", plans)
	}
}

// A moment for which the platform has no word starts the rules that name its phase, and no others.
func TestAPhaseWithoutAWord(t *testing.T) {
	m := talk("ACTIVE", call.Answered, func(e *call.Event) { e.Name = "" })
	for on, want := range map[string]int{"answered": 1, "ACTIVE": 0, `"* active"`: 0, "held": 0} {
		set := mustCompile(t, "name: x\nrules:\n- on: "+on+"\n  do: [{page: /x}]\n")
		if got := len(set.Match(m)); got != want || set.Explain(m)[0].Matched != (want == 1) {
			t.Errorf("on: %s fired %d times, want %d", on, got, want)
		}
	}
}

func TestAnArgumentThatFailsIsNotLost(t *testing.T) {
	set := mustCompile(t, "name: x\nrules:\n- on: answered\n  do:\n  - page: /x?n=${int(call.vars.None)}\n  - page: /y\n")
	plans := set.Match(talk("ACTIVE", call.Answered, nil))
	if len(plans) != 1 || len(plans[0].Steps) != 2 {
		t.Fatalf("plans: %+v", plans)
	}
	if _, err := workflow.Resolve(plans[0].Steps[0], workflow.Results{}); err == nil || !strings.Contains(err.Error(), "int(call.vars.None)") {
		t.Errorf("error: %v", err)
	}
	if _, err := workflow.Resolve(plans[0].Steps[1], workflow.Results{}); err != nil {
		t.Error(err)
	}
}

func BenchmarkMatch(b *testing.B) {
	set := mustCompile(b, predictive)
	m := talk("ACTIVE", call.Answered, nil)
	for b.Loop() {
		set.Match(m)
	}
}

func TestHitsShowHowFarARuleCame(t *testing.T) {
	set := mustCompile(t, strings.Replace(predictive, "Winback", "Winforward", 1))
	v := set.Explain(talk("ACTIVE", call.Answered, nil))
	want := []workflow.Hits{
		{Platform: workflow.Met, Mode: workflow.Met, Type: workflow.Met, Event: workflow.Miss, Leg: workflow.Unreached, When: workflow.Unreached},
		{Platform: workflow.Met, Mode: workflow.Met, Type: workflow.Met, Event: workflow.Met, Leg: workflow.Met, When: workflow.Miss},
		{Platform: workflow.Met, Mode: workflow.Met, Type: workflow.Met, Event: workflow.Miss, Leg: workflow.Unreached, When: workflow.Unreached},
	}
	for i := range want {
		if diff := cmp.Diff(want[i], v[i].Hits); diff != "" {
			t.Errorf("rule %d: %s", i+1, diff)
		}
	}
	if v[1].Values["call.campaign"] != `"Winback 26"` || v[1].Leaf != `call.campaign.startsWith("Winforward")` {
		t.Errorf("leaf %s, values %v", v[1].Leaf, v[1].Values)
	}
}
