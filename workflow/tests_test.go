package workflow_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cordboard/catalog"
	"cordboard/workflow"
)

// run runs a test file against the predictive example.
func run(t *testing.T, src string) (workflow.TestReport, workflow.Problems) {
	t.Helper()
	return workflow.RunTests("w/tests/x.yaml", []byte(src), func(path string) ([]byte, error) {
		if path != "w/predictive.yaml" {
			return nil, errors.New("no such file")
		}
		return []byte(predictive), nil
	}, specs(), catalog.Default())
}

const failing = `
workflows: [../predictive.yaml]
tests:
  - name: Passes
    call: { platform: cisco, mode: predictive, campaign: Winback 26, customer: "5550143", vars: { Tier: gold } }
    found: [{ object: Lead, id: 00Q1, name: Ada }]
    events: [PREDICTIVE_OUTBOUND ALERTING, PREDICTIVE_OUTBOUND ACTIVE]
    expect:
      - pop: { shows: Lead 00Q1 }
      - page: /apex/CallScript?lcm=
      - create: Task
        set: { WhoId: 00Q1, Priority: 3, Description: Ada of Winback 26 }
  - name: Fails
    call: { platform: cisco, mode: predictive, campaign: Winback 26, vars: { Tier: gold } }
    events:
      - on: PREDICTIVE_OUTBOUND ACTIVE
        expect: [{ create: Task, set: { Priority: 4, WhoId: null } }, { page: /x }]
      - { on: PREDICTIVE_OUTBOUND DROPPED, none: true }
`

func TestReportOfATestThatFails(t *testing.T) {
	report, problems := run(t, failing)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var text strings.Builder
	if err := report.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	want := `ok    Passes
FAIL  Fails (w/tests/x.yaml:13)
      at PREDICTIVE_OUTBOUND ACTIVE (line 16):
        effect 1: create.set.Priority: want 4, got 3
        effect 2: want page {"url":"/x"}
                  got  nothing
      at PREDICTIVE_OUTBOUND DROPPED (line 18):
        effect 1: want nothing
                  got  update {"object":"Task","set":{"CallDurationInSeconds":1,"Status":"Completed"}}
w/tests/x.yaml: 2 tests, 1 failed
`
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Error(diff)
	}
}

func TestJUnit(t *testing.T) {
	report, _ := run(t, failing)
	var out bytes.Buffer
	if err := workflow.WriteJUnit(&out, []workflow.TestReport{report}); err != nil {
		t.Fatal(err)
	}
	var suites struct {
		Suites []struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Cases    []struct {
				Name    string `xml:"name,attr"`
				Failure string `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(out.Bytes(), &suites); err != nil {
		t.Fatal(err)
	}
	s := suites.Suites[0]
	if s.Tests != 2 || s.Failures != 1 || s.Cases[0].Failure != "" || !strings.Contains(s.Cases[1].Failure, "want 4, got 3") {
		t.Errorf("%+v", s)
	}
}

func TestMistakesInTestFiles(t *testing.T) {
	for src, want := range map[string]string{
		"workflows: [../other.yaml]\ntests: [{ name: x, events: [offered] }]":                                                                             "cannot read w/other.yaml",
		"workflows: [../predictive.yaml]":                                                                                                                 "a file of tests needs tests",
		"workflows: [../predictive.yaml]\ntests:\n- name: x\n  call: { platform: cisco }\n  events: [TRANSFER ACTIVE]":                                    "does not know the phase of TRANSFER ACTIVE",
		"workflows: [../predictive.yaml]\ntests:\n- name: x\n  evnts: []":                                                                                 `"evnts" (did you mean events?)`,
		"workflows: [../predictive.yaml]\ntests:\n- name: x\n  call: { platform: cisco }\n  events: [OUT ACTIVE]\n  expect: [{ create: Task, sett: {} }]": `create has no argument "sett" (did you mean set?)`,
		"workflows: [../predictive.yaml]\ntests:\n- name: x\n  call: { platform: cisco }\n  events: [{ on: OUT ACTIVE, after: soon }]":                    "after must be a duration",
		"workflows: [../predictive.yaml]\ntests:\n- name: x\n  call: { platform: cisco, mood: manual }\n  events: [OUT ACTIVE]":                           "mode",
		"workflows: [../predictive.yaml]\ntests:\n- name: x\n  call: { platform: cisco }\n  events: [OUT ACTIVE]\n  expect: [{ poop: {} }]":               "an effect needs its kind",
		"name: not tests": `a file of tests has no key "name"`,
	} {
		_, problems := run(t, src)
		if err := problems.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q:\nwant %s\ngot  %v", src, want, err)
		}
	}
}
