package webex_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"cordboard/sim/stage/stagetest"
	"cordboard/sim/webex"
)

func TestControl(t *testing.T) {
	s := start(t, webex.Config{Agents: 3})
	e := hear(t, s, 1)
	anyone := &user{t: t, s: s}
	status, out := anyone.do("POST", "/_sim/calls", body{"script": "predictive", "agents": []string{e.id}, "customer": customer, "vars": body{"LCMKey": "7"},
		"campaign": "Special", "speed": 0, "wait": true, "timed": true})
	if status != 200 || out["main"] == "" || out["campaign"] != "Special" {
		t.Fatalf("%d %v", status, out)
	}
	got := e.drain()
	if last := got[len(got)-1]; last.kind() != "AgentWrappedUp" || last.interaction() != out["main"] || last.text("interaction", "callProcessingDetails", "campaignId") != "Special" {
		t.Errorf("%v", last)
	}
	if first, last := got[0], got[len(got)-1]; last["eventTime"].(float64)-first["eventTime"].(float64) != 27000 {
		t.Errorf("a timed call took %v ms by its messages", last["eventTime"].(float64)-first["eventTime"].(float64))
	}
	if status, _ := anyone.do("POST", "/_sim/calls", body{"script": "inbound", "agents": []string{e.id}, "speed": 0}); status != 202 {
		t.Errorf("without wait: %d", status)
	}
	e.until("AgentWrappedUp")
	for _, get := range []string{"agents", "scripts", "orders", "webhooks", "faults"} {
		status, raw, err := anyone.try("GET", "/_sim/"+get, nil)
		if err != nil || status != 200 || !strings.HasPrefix(string(raw), "[") && string(raw) != "null\n" {
			t.Errorf("%s: %d %s", get, status, raw)
		}
	}
	for _, fault := range []string{"hold", "release", "shuffle", "swap", "duplicate", "lose", "mute", "multi-login", "sign-out", "cut", "expire-tokens",
		"revoke-tokens", "restore-tokens", "lose-webhooks", "duplicate-webhooks", "hold-webhooks", "release-webhooks", "shuffle-webhooks"} {
		if status, raw, _ := anyone.try("POST", "/_sim/faults", body{"fault": fault, "agent": e.id, "count": 1}); status != 200 {
			t.Errorf("%s: %d %s", fault, status, raw)
		}
	}
	if status, raw, _ := anyone.try("POST", "/_sim/faults", body{"kind": "slow", "delay": "10ms"}); status != 200 || !strings.Contains(string(raw), `"delay":"10ms"`) {
		t.Errorf("%d %s", status, raw)
	}
	if status, _ := anyone.do("DELETE", "/_sim/faults", nil); status != 204 || len(s.Faults()) != 0 {
		t.Errorf("%d %v", status, s.Faults())
	}
}

func TestControlTellsWhatIsWrong(t *testing.T) {
	s := start(t, webex.Config{Agents: 2})
	anyone := &user{t: t, s: s}
	for ask, want := range map[string]string{
		`{"script":"fantasy"}`:                                                "unknown script",
		`{"script":"inbound","agents":["42"]}`:                                "no agent",
		`{"scrpt":"inbound"}`:                                                 "scrpt",
		`{"steps":[{"verb":"sing"}]}`:                                         "unknown verb",
		`{"steps":[{"verb":"hold"}],"wait":true,"speed":0}`:                   "there is no task yet",
		`{"steps":[{"verb":"offer"}],"wait":true,"speed":0}`:                  "unknown mode",
		`{"steps":[{"verb":"accept"}],"wait":true,"speed":0.5}`:               "no reservation",
		`{"steps":[{"verb":"dial","actor":"1"}],"wait":true,"speed":0}`:       "only an agent",
		`{"steps":[{"verb":"cut","actor":"customer"}],"wait":true}`:           "needs an agent",
		`{"steps":[{"verb":"dial"},{"verb":"accept"}],"wait":true,"speed":0}`: "no reservation",
	} {
		if status, out := anyone.do("POST", "/_sim/calls", ask); status < 400 || !strings.Contains(fmt.Sprint(out), want) {
			t.Errorf("%s: %d %v, want %q", ask, status, out, want)
		}
	}
	for _, ask := range []string{`{"fault":"meteor"}`, `{"fault":"cut","agent":"9"}`, `{`, `{"kind":"meteor"}`, `{"kind":"slow","delay":"soon"}`} {
		if status, out := anyone.do("POST", "/_sim/faults", ask); status != 400 {
			t.Errorf("%s: %d %v", ask, status, out)
		}
	}
}

// TestNumbersOutside plays scripts of two agents with one: the other is a
// number that belongs to nobody.
func TestNumbersOutside(t *testing.T) {
	s := start(t, webex.Config{})
	e := hear(t, s, 0)
	for _, name := range []string{"inbound_conference", "inbound_consult_transfer", "inbound_consult_ended", "inbound_consult_no_answer"} {
		play(t, s, name, webex.Call{Agents: []string{e.id}})
	}
	sort := map[string]int{}
	for _, d := range e.drain() {
		sort[d.kind()]++
	}
	if sort["AgentConsulting"] != 3 || sort["AgentConsultConferenced"] != 1 || sort["ParticipantLeftConference"] != 1 || sort["AgentConsultTransferred"] != 1 ||
		sort["AgentConsultEnded"] != 1 || sort["AgentConsultFailed"] != 1 || sort["AgentWrappedUp"] != 4 {
		t.Errorf("%v", sort)
	}
}

func TestWrapUpCanBeOffOrTimed(t *testing.T) {
	s := start(t, webex.Config{WrapUpTimer: 1})
	e := hear(t, s, 0)
	script, _ := webex.Script("inbound")
	script.Steps = script.Steps[:len(script.Steps)-1] // nobody ends the wrap-up
	if _, err := s.Play(stagetest.Within(t), script, webex.Call{Agents: []string{e.id}}); err != nil {
		t.Fatal(err)
	}
	e.until("AgentWrappedUp")
	play(t, s, "inbound", webex.Call{Agents: []string{e.id}, Unwrapped: true, Silent: true})
	got := e.drain()
	if last := got[len(got)-1]; last.kind() != "ContactEnded" || last.at("agentsPendingWrapUp") != nil || len(got) != 6 {
		t.Errorf("%v", kinds(got))
	}
}

func TestHandlerAlone(t *testing.T) {
	s := webex.New(webex.Config{})
	web := httptest.NewServer(s.Handler())
	defer web.Close()
	defer s.Close()
	resp, err := web.Client().Get(web.URL + "/_sim/scripts")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 200 || s.Ready() != nil {
		t.Errorf("status %d, Ready %v before Listen", resp.StatusCode, s.Ready())
	}
}

func TestManyAgentsAreCheap(t *testing.T) {
	s := webex.New(webex.Config{Agents: 25000})
	defer s.Close()
	script, _ := webex.Script("predictive")
	for range 3 {
		if _, err := s.Play(context.Background(), script, webex.Call{}); err != nil {
			t.Error(err)
		}
	}
}

// BenchmarkPlay plays predictive calls to agents who listen; an operation is
// one message.
func BenchmarkPlay(b *testing.B) {
	s := start(b, webex.Config{Agents: 200})
	for i := range 200 {
		e := hear(b, s, i)
		go func() {
			for {
				if _, _, err := e.conn.Read(context.Background()); err != nil {
					return
				}
			}
		}()
	}
	script, _ := webex.Script("predictive")
	all := s.Ready()["agents"].([]webex.AgentToken)
	b.ReportAllocs()
	b.ResetTimer()
	for i, begin := 0, s.Told(); s.Told()-begin < b.N; i++ {
		if _, err := s.Play(context.Background(), script, webex.Call{Agents: []string{all[i%200].ID}, Vars: map[string]string{"LCMKey": "1", "account": "2"}}); err != nil {
			b.Fatal(err)
		}
	}
}
