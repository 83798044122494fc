package workflow_test

import (
	"encoding/json"
	"strings"
	"testing"

	"cordboard/call"
	"cordboard/workflow"
)

// value evaluates one template as a field of a Task, at the end of a predictive call.
func value(t *testing.T, template string) string {
	t.Helper()
	quoted, err := json.Marshal(template) // a JSON text is a YAML text
	if err != nil {
		t.Fatal(err)
	}
	set := mustCompile(t, "name: x\nrules:\n- on: ended\n  do:\n  - create: Task\n    set: { F: "+string(quoted)+" }\n")
	plans := set.Match(talk("DROPPED", call.Ended, func(e *call.Event) { e.Extension = "2001"; e.Wrapup = "Sold" }))
	if len(plans) != 1 {
		t.Fatal("no match")
	}
	raw, err := workflow.Resolve(plans[0].Steps[0], workflow.Results{
		Pop:    json.RawMessage(`{"id":"003A","type":"Contact","name":"Ada","count":1}`),
		Record: map[string]json.RawMessage{"Task": json.RawMessage(`{"id":"00T1","created":true}`)},
	})
	if err != nil {
		return "error: " + err.Error()
	}
	var args struct {
		Set map[string]json.RawMessage `json:"set"`
	}
	if err := json.Unmarshal(raw, &args); err != nil {
		t.Fatal(err)
	}
	return string(args.Set["F"])
}

func TestExpressions(t *testing.T) {
	for template, want := range map[string]string{
		"plain":                            `"plain"`,
		"":                                 `""`,
		"$${call.id}":                      `"${call.id}"`,
		"costs 5$":                         `"costs 5$"`,
		"${call.talkSeconds}":              `125`,
		"talked ${call.talkSeconds} s":     `"talked 125 s"`,
		"${call.reconciled}":               `false`,
		"${call.answeredAt}":               `"2026-03-02T09:00:03Z"`,
		"${event.at}":                      `"2026-03-02T09:02:08Z"`,
		"${call.endedAt - call.startedAt}": `"2m8s"`,
		"${digits(call.customer)}":         `"2025550143"`,
		"${last4(call.customer)}":          `"0143"`,
		"${phone(call.customer)}":          `"+12025550143"`,
		`${phone("030 123456", "DE")}`:     `"+4930123456"`,
		`${phone("anonymous")}`:            `"anonymous"`,
		"${call.vars.LCMKey}":              `"L1"`,
		`${call.vars["LCMKey"]}`:           `"L1"`,
		"${call.vars.None}":                ``,
		"[${call.vars.None}]":              `"[]"`,
		"${has(call.vars.None)}":           `false`,
		"${has(call.vars.LCMKey)}":         `true`,
		`${"None" in call.vars}`:           `false`,
		"${has(record.Task)}":              `true`,
		"${record.Task.id}":                `"00T1"`,
		"${record.Task.created}":           `true`,
		"${pop.count}":                     `1`,
		"${pop.name}: ${call.talkSeconds}": `"Ada: 125"`,
		"${pop.name} at ${event.at}":       `"Ada at 2026-03-02T09:02:08Z"`,
		"${call.legs.size()}":              `1`,
		"${call.legs[0].agent}":            `"1001"`,
		`${call.legs.exists(l, l.role == "customer" && l.talkSeconds > 100)}`:    `true`,
		`${call.legs.map(l, l.agent)}`:                                           `["1001"]`,
		"${call.agent} ${call.extension} ${call.role} ${call.phase} ${call.leg}": `"1001 2001 customer ended a"`,
		"${event.type} ${event.rawType} ${event.name} ${event.phase}":            `"PREDICTIVE_OUTBOUND OUTBOUND DROPPED ended"`,
		"${call.platform} ${call.connection} ${call.mode} ${call.id}":            `"cisco finesse-1 predictive c1"`,
		"${call.customer.replace('(', '').split(' ')[0]}":                        `"202)"`,
		"${call.campaign.upperAscii()}":                                          `"WINBACK 26"`,
		"${call.campaign == 'x}' ? '}' : {'a': 'b}'}.a}":                         `"b}"`,
		"${1.5}":     `1.5`,
		"${null}":    ``,
		"${[1, 2]}":  `[1,2]`,
		"a ${[1,2]}": `"a [1,2]"`,
		"${call}":    `error: create: set/F: call: Call has no value of its own: name one of its fields`,
	} {
		if got := value(t, template); got != want && !(strings.HasPrefix(want, "error") && strings.Contains(got, "no value of its own")) {
			t.Errorf("%s: want %s, got %s", template, want, got)
		}
	}
}

func TestExpressionsAreBounded(t *testing.T) {
	long := strings.Repeat("a", 20000)
	set := mustCompile(t, "name: x\nrules:\n- on: ended\n  when: call.vars.Long.split('').all(x, call.vars.Long.contains(x))\n  do: [{ page: /x }]\n")
	m := talk("DROPPED", call.Ended, func(e *call.Event) { e.Vars = map[string]string{"Long": long} })
	if plans := set.Match(m); len(plans) != 0 {
		t.Error("it matched")
	}
	if v := set.Explain(m)[0]; v.Reason != workflow.ConditionError || !strings.Contains(v.Detail, "cost limit") {
		t.Errorf("%+v", v)
	}
}

func TestValuesInAddressesAreEscaped(t *testing.T) {
	set := mustCompile(t, "name: x\nrules:\n- on: ended\n  do:\n  - page: /a/${call.vars.V}?b=${call.vars.V}&n=${call.talkSeconds}&c=${urlpart(call.vars.V)}\n  - page: ${call.vars.U}\n  - page: /b?c=${pop.name}\n  - pop:\n")
	plans := set.Match(talk("DROPPED", call.Ended, func(e *call.Event) { e.Vars = map[string]string{"V": "1 &/?é", "U": "https://x/y?z=1"} }))
	want := []string{`{"url":"/a/1%20%26%2F%3F%C3%A9?b=1%20%26%2F%3F%C3%A9&n=125&c=1%20%26%2F%3F%C3%A9"}`, `{"url":"https://x/y?z=1"}`, `{"url":"/b?c=A%26B"}`}
	for i, w := range want {
		got, err := workflow.Resolve(plans[0].Steps[i], workflow.Results{Pop: json.RawMessage(`{"name":"A&B"}`)})
		if unescaped := strings.ReplaceAll(string(got), `\u0026`, "&"); err != nil || unescaped != w {
			t.Errorf("%s, %v", unescaped, err)
		}
	}
}
