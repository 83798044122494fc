package workflow_test

import (
	"encoding/json"
	"strings"
	"testing"

	"cordboard/catalog"
	"cordboard/workflow"
)

const counting = `name: Counting
rules:
- on: ended
  do:
  - table.get: { table: policy, key: "${call.wrapup}", as: policy }
  - table.put:
      table: waits
      key: "${call.customer}"
      set: { wait: "${reply.policy.row.wait}", note: "${reply.policy.row.none}", dialled: true }
      add: { attempts: 1 }
      if: reply.policy.version
`

// Ensure that steps whose kinds have a dot are read, planned and resolved as all others are, and that a row is read like an
// answer.
func TestTableSteps(t *testing.T) {
	for reply, want := range map[string]string{
		`{"found":true,"version":7,"row":{"wait":"240m","tries":3}}`: `{"add":{"attempts":1},"if":7,"key":"(202) 555-0143","set":{"dialled":true,"wait":"240m"},"table":"waits"}`,
		`{"found":false,"version":0,"row":{}}`:                       `{"add":{"attempts":1},"if":0,"key":"(202) 555-0143","set":{"dialled":true},"table":"waits"}`,
	} {
		if got := resolved(t, counting, 1, map[string]json.RawMessage{"policy": json.RawMessage(reply)}); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", reply, got, want)
		}
	}
	const tests = `workflows: [counting.yaml]
tests:
- name: A skipped preview waits
  call: { platform: genesys, customer: "+12025550143" }
  events: [{ on: ended, wrapup: SKIPPED }]
  replies: { policy: { found: true, version: 3, row: { wait: 240m } } }
  expect:
  - table.get: { table: policy, key: SKIPPED }
  - table.put: { table: waits, set: { wait: 240m, dialled: true }, if: 3 }
`
	report, problems := workflow.RunTests("tests.yaml", []byte(tests), func(string) ([]byte, error) { return []byte(counting), nil }, specs(), catalog.Default())
	var text strings.Builder
	if err := report.WriteText(&text); err != nil || len(problems) > 0 || report.Failed() > 0 || len(report.Tests) != 1 {
		t.Errorf("%v\n%s", problems, &text)
	}
	for _, err := range validate(t, schema(t), []byte(counting)) {
		if err != nil {
			t.Errorf("the schema refuses it: %v", err)
		}
	}
	_, problems = workflow.Parse("w.yaml", []byte(strings.Replace(counting, "table.get", "table.got", 1)), specs())
	if text := problems.Err(); text == nil || !strings.Contains(text.Error(), `did you mean table.get?`) {
		t.Errorf("a kind that is not there: %v", text)
	}
}
