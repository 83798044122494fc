package workflow_test

import (
	"encoding/json"
	"strings"
	"testing"

	"cordboard/call"
	"cordboard/catalog"
	"cordboard/workflow"
)

const asking = `
name: Ask
platform: cisco
rules:
  - on: ended
    do:
      - http: https://api.example.com/calls/${call.id}?c=${call.customer}
        method: put
        headers: { X-Tenant: acme, X-None: "${call.vars.None}" }
        body:
          number: ${call.customer}
          none: ${call.vars.None}
          talk: { seconds: "${call.talkSeconds}", text: "talked ${call.talkSeconds} s" }
          lines: [1, "${call.vars.LCMKey}", "${call.vars.None}", { tier: gold, deep: ["${call.agent}"] }]
          empty: {}
          nobody: []
        as: score
      - http: https://api.example.com/again
        body: { first: "${reply.score.body.tier}", list: [a, "${reply.score.status}", "${reply.score.body.none}"] }
`

// resolved are the arguments of a step of the first rule at the end of a talk.
func resolved(t *testing.T, src string, step int, replies map[string]json.RawMessage) string {
	t.Helper()
	plans := mustCompile(t, src).Match(talk("DROPPED", call.Ended, nil))
	if len(plans) != 1 {
		t.Fatal("no match")
	}
	stored, err := json.Marshal(plans[0].Steps[step])
	if err != nil {
		t.Fatal(err)
	}
	var p workflow.Planned
	if err := json.Unmarshal(stored, &p); err != nil {
		t.Fatal(err)
	}
	for range 2 { // it may be performed again
		raw, err := workflow.Resolve(p, workflow.Results{Reply: replies})
		if err != nil {
			return "error: " + err.Error()
		}
		stored = raw
	}
	return string(stored)
}

// Ensure that a body of any shape comes out as it is written, its values evaluated, and that answers fill later ones.
func TestBodies(t *testing.T) {
	want := `{"as":"score","body":{"empty":{},"lines":[1,"L1","",{"deep":["1001"],"tier":"gold"}],"nobody":[],"number":"(202) 555-0143","talk":{"seconds":125,"text":"talked 125 s"}},` +
		`"headers":{"X-Tenant":"acme"},"method":"PUT","timeout":"10s","url":"https://api.example.com/calls/c1?c=%28202%29%20555-0143"}`
	if got := resolved(t, asking, 0, nil); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	reply := map[string]json.RawMessage{"score": json.RawMessage(`{"status":200,"body":{"tier":"gold"}}`)}
	want = `{"body":{"first":"gold","list":["a",200,null]},"method":"POST","timeout":"10s","url":"https://api.example.com/again"}`
	if got := resolved(t, asking, 1, reply); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	want = `{"body":{"list":["a",0,null]},"method":"POST","timeout":"10s","url":"https://api.example.com/again"}`
	if got := resolved(t, asking, 1, nil); got != want {
		t.Errorf("without an answer: got\n%s, want\n%s", got, want)
	}
}

// Ensure that expressions read answers of any shape, and that what is not there is no error.
func TestReplies(t *testing.T) {
	answer := map[string]json.RawMessage{"x": json.RawMessage(`{"status":201,"headers":{"etag":"e"},"body":{"n":5,"f":0.5,"big":12345678901234567890,"yes":true,"no":null,"deep":{"a":["b",{"c":"d"}]},"empty":{}}}`)}
	for expr, want := range map[string]string{
		"reply.x.status": "201", "reply.x.headers.etag": "e", "reply.x.headers.none": "", "reply.x.body.n + 1": "6", "reply.x.body.f": "0.5",
		"reply.x.body.yes": "true", "reply.x.body.no": "", "reply.x.body.none": "", "reply.x.body.none.of.it": "", "reply.x.body.deep.a[1].c": "d",
		"reply.x.body.deep.a[0] == 'b'": "true", "reply.x.body.no == null": "true", "reply.x.body.none == 'b'": "false", "reply.x.body.n > 4": "true",
		"has(reply.x)": "true", "has(reply.x.body.n)": "true", "has(reply.x.body.none)": "false", "has(reply.x.body.none.of.it)": "false", "has(reply.x.headers.etag)": "true",
		"reply.x.body.deep.a.exists(v, v == 'b')": "true", "size(reply.x.body.none)": "0",
		"reply.x.body.n == 5 ? 'five' : 'other'": "five", "reply.x.body.deep": `{"a":["b",{"c":"d"}]}`,
	} {
		quoted, err := json.Marshal("<${" + expr + "}>")
		if err != nil {
			t.Fatal(err)
		}
		src := "name: x\nrules:\n- on: ended\n  do:\n  - http: { url: \"https://a.com\", as: x }\n  - http: { url: \"https://a.com\", body: " + string(quoted) + " }\n"
		var got struct{ Body string }
		if raw := resolved(t, src, 1, answer); json.Unmarshal([]byte(raw), &got) != nil || got.Body != "<"+want+">" {
			t.Errorf("%s: %s, want %s", expr, raw, want)
		}
	}
	src := "name: x\nrules:\n- on: ended\n  do:\n  - http: { url: \"https://a.com\", as: x }\n  - http: \"https://a.com/${reply.x.body.deep.a[0]}?n=${reply.x.body.n}&o=${reply.x.body.none}\"\n"
	if got := resolved(t, src, 1, answer); !strings.Contains(got, `"https://a.com/b?n=5\u0026o="`) {
		t.Errorf("in an address: %s", got)
	}
	if got := resolved(t, "name: x\nrules:\n- on: ended\n  do:\n  - http: { url: \"https://a.com\", as: x }\n  - http: { url: \"https://a.com\", body: \"${reply.x.body.deep.a[7]}\" }\n", 1, answer); !strings.HasPrefix(got, "error: http: body") {
		t.Errorf("beyond a list: %s", got)
	}
}

// Ensure that mistakes are named with their place.
func TestRequestMistakes(t *testing.T) {
	head := "name: x\nrules:\n- on: ended\n  do:\n"
	for src, want := range map[string]string{
		"  - http: {}\n": "5:5: http needs url",
		"  - http: https://a.com\n    body: { a: \"${call.custmer}\" }\n":                                                "6:24: call has no field \"custmer\" (did you mean customer?)",
		"  - http: https://a.com\n    body: [a, \"x ${call.}\"]\n":                                                       "6:",
		"  - http: https://a.com\n    body: { a/b: 1 }\n":                                                                "6:13: \"a/b\" is no name of a field",
		"  - http: https://a.com\n    body: { \"[0]\": 1 }\n":                                                            "6:13: \"[0]\" is no name of a field",
		"  - http: https://a.com\n    body: " + strings.Repeat("[", 20) + strings.Repeat("]", 20) + "\n":                 "nested too deeply",
		"  - http: https://a.com\n    method: fetch\n":                                                                   "6:13: unknown method",
		"  - http: https://a.com\n    body: \"${reply.score.status}\"\n":                                                 "6:14: no step of this workflow asks for a reply named score",
		"  - http: { url: \"https://a.com\", as: score }\n  - http: https://a.com\n    body: \"${reply.scor.status}\"\n": "(did you mean reply.score?)",
		"  - http: { url: \"https://a.com\", as: score }\n  - http: https://a.com\n    body: \"${reply.score.state}\"\n": "(did you mean status?)",
	} {
		ws, problems := workflow.Parse("x.yaml", []byte(head+src), specs())
		for _, w := range ws {
			problems = append(problems, w.Check(catalog.Default())...)
		}
		found := false
		for _, p := range problems {
			found = found || strings.Contains(p.String(), want)
		}
		if !found {
			t.Errorf("%s: %v, want %q", src, problems, want)
		}
	}
}

// Ensure that tests of workflows say what requests are answered, and that a misspelt part of an answer is named.
func TestRepliesInTests(t *testing.T) {
	load := func(string) ([]byte, error) { return []byte(asking), nil }
	src := `
workflows: [ask.yaml]
tests:
  - name: The answer is used
    call: { platform: cisco, customer: "5550143" }
    replies: { score: { status: 200, body: { tier: gold } } }
    events:
      - on: OUT DROPPED
        phase: ended
        expect:
          - http: { as: score, body: { number: "5550143" } }
          - http: { body: { first: gold, list: [a, 200, null] } }
`
	report, problems := workflow.RunTests("t.yaml", []byte(src), load, specs(), catalog.Default())
	if len(problems) > 0 || report.Failed() != 0 || len(report.Tests) != 1 {
		t.Errorf("%v %+v", problems, report)
	}
	_, problems = workflow.RunTests("t.yaml", []byte(strings.Replace(src, "status:", "statis:", 1)), load, specs(), catalog.Default())
	if len(problems) != 1 || !strings.Contains(problems[0].String(), "(did you mean status?)") {
		t.Errorf("%v", problems)
	}
}
