package connect_test

import (
	"net/http"
	"strings"
	"testing"

	"cordboard/sim/connect"
	"cordboard/sim/scenario"
	"cordboard/sim/stage/stagetest"
)

// stepOf is a step with its arguments as pairs.
func stepOf(actor, verb string, pairs ...string) scenario.Step {
	s := scenario.Step{Actor: actor, Verb: verb, Args: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		s.Args[pairs[i]] = pairs[i+1]
	}
	return s
}

func TestControlPlaysCalls(t *testing.T) {
	to := receive(t)
	s := start(t, connect.Config{TLS: to.trust()})
	if code, body := do(t, s, "PUT", "/sim/targets", `{"events":{"url":"`+to.URL+`","header":"X-K","secret":"v"}}`); code != http.StatusOK {
		t.Fatal(code, body)
	}
	code, body := do(t, s, "POST", "/sim/calls", `{"script":"predictive","agents":["agent1003"],"customer":"+15555550177","attributes":{"case":"500"},"speed":0,"wait":true}`)
	ids := decode[connect.Result](t, []byte(body))
	if code != http.StatusOK || ids.Contact == "" || ids.Customer != "+15555550177" {
		t.Fatal(code, body)
	}
	to.wait(t, 6)
	if err := s.AwaitSent(stagetest.Within(t)); err != nil {
		t.Fatal(err)
	}
	if code, body = do(t, s, "GET", "/sim/sent", ""); code != http.StatusOK || !strings.Contains(body, `"taken":6`) {
		t.Error(code, body)
	}
	if code, body = do(t, s, "POST", "/sim/calls", `{"script":"inbound","agents":["agent1003"],"speed":0}`); code != http.StatusAccepted {
		t.Error(code, body)
	}
	if err := s.AwaitIdle(stagetest.Within(t), "agent1003"); err != nil {
		t.Error(err)
	}
	to.wait(t, 5)
}

func TestControlTellsWhatIsWrong(t *testing.T) {
	s := start(t, connect.Config{Agents: 2})
	for body, want := range map[string]string{
		`{"script":"fantasy"}`:                                 "unknown script",
		`{"script":"inbound","agents":["nobody"]}`:             "no agent",
		`{"scrpt":"inbound"}`:                                  "scrpt",
		`{"steps":[{"verb":"sing"}]}`:                          "unknown verb",
		`{"steps":[{"verb":"hold"}],"wait":true,"speed":0}`:    "has no part",
		`{"steps":[{"verb":"reserve"}],"wait":true,"speed":0}`: "unknown mode",
		`{"steps":[{"verb":"offer","args":{"mode":"preview","setup":"tethered"}},{"verb":"accept"},{"verb":"accept"}],"wait":true,"speed":0}`: "nothing is being previewed",
	} {
		if code, answer := do(t, s, "POST", "/sim/calls", body); code < 400 || !strings.Contains(answer, want) {
			t.Errorf("%s: %d %s, want %q", body, code, answer, want)
		}
	}
	for path, body := range map[string]string{"POST /sim/faults": `{"fault":"meteor"}`, "PUT /sim/delivery": `{"shuffle":"soon"}`,
		"POST /sim/nailup": `{"agent":"nobody"}`, "PUT /sim/targets": `{`} {
		method, at, _ := strings.Cut(path, " ")
		if code, answer := do(t, s, method, at, body); code != http.StatusBadRequest {
			t.Errorf("%s %s: %d %s", path, body, code, answer)
		}
	}
}

func TestControlListsAndFaults(t *testing.T) {
	s := start(t, connect.Config{Agents: 3})
	if _, body := do(t, s, "GET", "/sim/agents", ""); strings.Count(body, `"username"`) != 3 || !strings.Contains(body, "agent1002") {
		t.Errorf("agents: %s", body)
	}
	if _, body := do(t, s, "GET", "/sim/scripts", ""); !strings.Contains(body, `"name":"inbound_blind_transfer"`) {
		t.Errorf("scripts: %s", body)
	}
	for _, fault := range []string{"cut", "duplicate", "swap", "freeze", "release", "silence", "speak", "reload"} {
		if code, body := do(t, s, "POST", "/sim/faults", `{"fault":"`+fault+`","agent":"agent1002"}`); code != http.StatusOK {
			t.Errorf("%s: %d %s", fault, code, body)
		}
	}
	if code, body := do(t, s, "PUT", "/sim/delivery", `{"shuffle":"2s","duplicate":0.5}`); code != http.StatusOK {
		t.Error(code, body)
	}
	if code, body := do(t, s, "POST", "/sim/nailup", `{"agent":"agent1002"}`); code != http.StatusOK {
		t.Error(code, body)
	}
}

// TestNobodyIsFree: a script without agents takes one who is available, and says when there is none.
func TestNobodyIsFree(t *testing.T) {
	s := connect.New(connect.Config{Agents: 1, SignedOut: true})
	t.Cleanup(s.Close)
	script, _ := connect.Script("inbound")
	if _, err := s.Play(stagetest.Within(t), script, connect.Call{}); err == nil || !strings.Contains(err.Error(), "no agent is free") {
		t.Error(err)
	}
	if _, err := s.Play(stagetest.Within(t), script, connect.Call{Agents: []string{anna}}); err == nil || !strings.Contains(err.Error(), "signed out") {
		t.Error(err)
	}
}
