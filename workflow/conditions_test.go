package workflow_test

import (
	"encoding/json"
	"strings"
	"testing"

	"cordboard/call"
	"cordboard/catalog"
	"cordboard/workflow"
)

// previewEnd is the end of a preview as Genesys Cloud tells it by EventBridge, shortened.
const previewEnd = `{"detail-type":"v2.detail.events.conversation.{id}.user.end","detail":{"topicName":"v2.detail.events.conversation.c.user.end","version":"2",
	"eventBody":{"eventTime":1769706784067,"disconnectType":"CLIENT","mediaType":"CALLBACK","provider":"PureCloud Callback","direction":"OUTBOUND",
	"callbackNumbers":["+15555551234","+15555551235"],"interactingDurationMs":122659,"heldDurationMs":0,"queueId":null,"flags":{"a":true},
	"parts":[{"purpose":"customer","n":1},{"purpose":"agent","n":7}],"code":"007"}}}`

// ended is the end of a leg that a message told.
func ended(raw string) workflow.Moment {
	return talk("DROPPED", call.Ended, func(ev *call.Event) { ev.Raw = []byte(raw) })
}

// matching is a workflow with these match conditions.
func matching(conditions ...string) string {
	src := "name: x\nrules:\n- on: ended\n  match:\n"
	for _, c := range conditions {
		src += "  - { " + c + " }\n"
	}
	return src + "  do: [{ page: /x }]\n"
}

// Ensure that the conditions of a trigger are taken as its page writes them.
func TestTriggerOfAPreviewEnd(t *testing.T) {
	set := mustCompile(t, matching(`path: disconnectType, operator: "==", value: CLIENT`, `path: mediaType, operator: Equal, value: CALLBACK`,
		`path: provider, operator: ==, value: PureCloud Callback`, `path: direction, operator: equal, value: OUTBOUND`))
	if plans := set.Match(ended(previewEnd)); len(plans) != 1 {
		t.Fatalf("%d plans", len(plans))
	}
	m := ended(strings.Replace(previewEnd, `"CALLBACK"`, `"VOICE"`, 1))
	if plans := set.Match(m); len(plans) != 0 {
		t.Error("another medium matches")
	}
	v := set.Explain(m)[0]
	if v.Reason != workflow.ConditionFalse || v.Detail != `The condition mediaType == "CALLBACK" was false: mediaType was "VOICE".` || v.Hits.When != workflow.Miss || !v.Near() {
		t.Errorf("%+v", v)
	}
	if got := set.Workflows()[0].Rules[0].Condition(); !strings.HasPrefix(got, `disconnectType == "CLIENT", and mediaType == "CALLBACK", and `) {
		t.Error(got)
	}
}

func TestOperators(t *testing.T) {
	for condition, want := range map[string]bool{
		`path: heldDurationMs, operator: "==", value: 0`: true, `path: heldDurationMs, operator: Equal, value: "0"`: true, `path: code, operator: Equal, value: 7`: true,
		`path: code, operator: Equal, value: "7"`: false, `path: disconnectType, operator: Equal, value: client`: false,
		`path: disconnectType, operator: "!=", value: PEER`: true, `path: none, operator: NotEqual, value: PEER`: true, `path: disconnectType, operator: NotEqual, value: CLIENT`: false,
		`path: interactingDurationMs, operator: ">", value: 122658`: true, `path: interactingDurationMs, operator: GreaterThan, value: 122659`: false,
		`path: interactingDurationMs, operator: ">=", value: 122659`: true, `path: interactingDurationMs, operator: LessThan, value: 9000000`: true,
		`path: interactingDurationMs, operator: "<=", value: 122659.5`: true, `path: interactingDurationMs, operator: LessThanOrEqual, value: 5`: false,
		`path: provider, operator: GreaterThan, value: 5`: false, `path: none, operator: LessThan, value: 5`: false, `path: mediaType, operator: LessThan, value: D`: true,
		`path: mediaType, operator: In, values: [VOICE, CALLBACK]`: true, `path: mediaType, operator: In, value: [VOICE]`: false, `path: mediaType, operator: NotIn, values: [VOICE]`: true,
		`path: mediaType, operator: not in, values: [CALLBACK]`: false, `path: none, operator: NotIn, values: [a]`: true, `path: none, operator: In, values: [a]`: false,
		`path: provider, operator: Contains, value: Cloud`: true, `path: provider, operator: Contains, value: cloud`: false, `path: callbackNumbers, operator: Contains, value: "+15555551235"`: true,
		`path: callbackNumbers, operator: Contains, value: "+1555"`: false, `path: "callbackNumbers[*]", operator: Contains, value: "+1555"`: true,
		`path: callbackNumbers, operator: All, values: ["+15555551235", "+15555551234"]`: true, `path: callbackNumbers, operator: All, values: ["+15555551235", "+1"]`: false,
		`path: "parts[*].purpose", operator: All, values: [agent]`: true, `path: none, operator: All, values: [a]`: false,
		`path: provider, operator: Exists`: true, `path: queueId, operator: Exists`: false, `path: none, operator: Exists, value: false`: true, `path: provider, operator: Exists, value: false`: false,
		`path: callbackNumbers, operator: Size, value: 2`: true, `path: mediaType, operator: Size, value: 8`: true, `path: flags, operator: Size, value: 1`: true, `path: "parts[*].n", operator: Size, value: 2`: true,
		`path: none, operator: Size, value: 0`: false, `path: flags.a, operator: "==", value: true`: true, `path: flags.a, operator: "==", value: false`: false,
		`path: "parts[1].purpose", operator: "==", value: agent`: true, `path: "$.parts[0]['purpose']", operator: "==", value: agent`: false, `path: "parts[9].n", operator: Exists`: false,
		`path: "parts[*].n", operator: ">", value: 6`: true, `path: parts, operator: "==", value: customer`: false,
		`path: topicName, operator: Contains, value: user.end`: true, `path: detail.version, operator: "==", value: 2`: true, `path: detail-type, operator: Exists`: true,
		`path: call.vars.Tier, operator: "==", value: gold`: true, `path: call.vars.None, operator: Exists`: false, `path: call.talkSeconds, operator: ">=", value: 125`: true,
		`path: event.name, operator: In, values: [DROPPED]`: true, `path: call.answeredAt, operator: ">", value: "2020-01-01T00:00:00Z"`: true,
	} {
		set := mustCompile(t, matching(condition))
		m := ended(previewEnd)
		if got := len(set.Match(m)) == 1; got != want || set.Explain(m)[0].Matched != want {
			t.Errorf("%s: %v, want %v; %s", condition, got, want, set.Explain(m)[0].Detail)
		}
		for _, err := range validate(t, schema(t), []byte(matching(condition))) {
			if err != nil {
				t.Errorf("the schema refuses %s: %v", condition, err)
			}
		}
	}
}

// Ensure that what cannot be looked at meets no condition, not even a negative one, and that Explain says why.
func TestMessagesThatCannotBeRead(t *testing.T) {
	set := mustCompile(t, matching(`path: disconnectType, operator: "!=", value: PEER`))
	for raw, want := range map[string]string{"": "the event has no message", "<Update/>": "the event's message is not JSON"} {
		m := ended(raw)
		v := set.Explain(m)[0]
		if len(set.Match(m)) != 0 || v.Reason != workflow.ConditionError || !strings.Contains(v.Detail, want) {
			t.Errorf("%q: %+v", raw, v)
		}
	}
	if len(mustCompile(t, matching(`path: call.vars.Tier, operator: "==", value: gold`)).Match(ended("<Update/>"))) != 1 {
		t.Error("a variable needs no message")
	}
}

func TestMatchMistakes(t *testing.T) {
	for condition, want := range map[string]string{
		`path: a, operator: "==="`:                       "5:26: unknown operator",
		`path: a, operator: Equals, value: 1`:            `unknown operator "Equals" (did you mean Equal?)`,
		`path: a, operator: "=="`:                        "Equal needs value",
		`path: a, value: 1`:                              "a condition needs operator",
		`operator: Exists`:                               "a condition needs path",
		`path: a, operator: In, values: []`:              "the list is empty",
		`path: a, operator: "==", value: [1]`:            "Equal compares with one value",
		`path: a, operator: "==", value: { b: 1 }`:       "must be a text, a number",
		`path: a, operator: "==", value: 1, values: [1]`: "value or values, not both",
		`path: a, operator: Exists, value: maybe`:        "true or false",
		`path: a, operator: Size, value: -1`:             "whole number",
		`path: a, operator: "==", value: null`:           "use Exists",
		`path: a, operator: "==", valu: 1`:               `did you mean value`,
		`path: "a[?(@.b == 1)]", operator: Exists`:       "filters are for when",
		`path: a..b, operator: Exists`:                   "it is no path",
		`path: "a.", operator: Exists`:                   "it is no path",
		`path: "a[b]", operator: Exists`:                 "it is no path",
		`path: $, operator: Exists`:                      "it is no path",
		`path: call.campain, operator: "==", value: x`:   `call has no field "campain" (did you mean campaign?)`,
	} {
		ws, problems := workflow.Parse("w.yaml", []byte(matching(condition)), specs())
		for _, w := range ws {
			problems = append(problems, w.Check(catalog.Default())...)
		}
		if err := problems.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", condition, err, want)
		}
	}
	for _, m := range []string{"match: x", "match: []", "match: [x]"} {
		if _, problems := workflow.Parse("w.yaml", []byte("name: x\nrules:\n- on: ended\n  "+m+"\n  do: [{ page: /x }]\n"), specs()); problems.Err() == nil {
			t.Errorf("%s is taken", m)
		}
	}
}

// Ensure that a test of a workflow can say which message told an event.
func TestMessageInTests(t *testing.T) {
	const tests = `workflows: [w.yaml]
tests:
- name: Only the client's end
  call: { platform: genesys }
  events:
  - { on: ended, message: { topicName: t, eventBody: { disconnectType: PEER } }, none: true }
  - { on: ended, message: { topicName: t, eventBody: { disconnectType: CLIENT } }, expect: [{ page: /x }] }
`
	src := matching(`path: disconnectType, operator: ==, value: CLIENT`)
	report, problems := workflow.RunTests("t.yaml", []byte(tests), func(string) ([]byte, error) { return []byte(src), nil }, specs(), catalog.Default())
	if len(problems) > 0 || report.Failed() > 0 || len(report.Tests) != 1 {
		raw, _ := json.Marshal(report)
		t.Errorf("%v %s", problems, raw)
	}
}
