package finesse_test

import (
	"strings"
	"testing"
	"time"

	"cordboard/sim/finesse"
	"cordboard/sim/stage/stagetest"
)

// agentsTurn plays a script whose agents act through REST.
func agentsTurn(t *testing.T, s *finesse.Server, name string, call finesse.Call) chan error {
	t.Helper()
	script, ok := finesse.Script(name)
	if !ok {
		t.Fatalf("no script %q", name)
	}
	call.Manual = true
	if call.Agents == nil {
		call.Agents = []string{"1001001", "1001002"}
	}
	over, ctx := make(chan error, 1), stagetest.Within(t)
	go func() {
		_, err := s.Play(ctx, script, call)
		over <- err
	}()
	return over
}

func story(list []update) string {
	var out []string
	for _, u := range list {
		if d := u.dialog(); d != nil {
			out = append(out, u.Event+" "+d.Media.CallType+" "+d.variable("BAResponse")+" "+u.RequestID)
		} else if u.Data.User != nil {
			out = append(out, "user "+u.Data.User.State)
		}
	}
	return strings.Join(out, ", ")
}

func TestAgentAcceptsAPreview(t *testing.T) {
	s := start(t, finesse.Config{})
	hear, do := login(t, s, "1001001"), rest{t, s, "1001001", "finesse"}
	over := agentsTurn(t, s, "preview", finesse.Call{})
	id, err := s.AwaitDialog(stagetest.Within(t), "1001001", "ACTIVE")
	if err != nil {
		t.Fatal(err)
	}
	do.act(id, "ACCEPT", "")
	customer, err := s.AwaitDialog(stagetest.Within(t), "1001001", "ALERTING")
	if err != nil || customer == id {
		t.Fatalf("customer call %s, reservation %s: %v", customer, id, err)
	}
	do.act(customer, "ANSWER", "")
	if err := <-over; err != nil {
		t.Fatal(err)
	}
	got := story(hear.drain())
	for _, want := range []string{"PUT OUTBOUND_PREVIEW Accept req-ACCEPT", "POST OUTBOUND Accept", "DELETE OUTBOUND_PREVIEW Accept", "PUT OUTBOUND Accept req-ANSWER"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
}

func TestAgentRejectsAPreview(t *testing.T) {
	for action, response := range map[string]string{"REJECT": "Reject", "CLOSE": "Skip-Close"} {
		s := start(t, finesse.Config{})
		hear, do := login(t, s, "1001001"), rest{t, s, "1001001", "finesse"}
		over := agentsTurn(t, s, "direct_preview", finesse.Call{})
		id, err := s.AwaitDialog(stagetest.Within(t), "1001001", "ACTIVE")
		if err != nil {
			t.Fatal(err)
		}
		do.act(id, action, "")
		if err := <-over; err != nil {
			t.Errorf("%s: the script ends with %v", action, err)
		}
		got := story(hear.drain())
		if !strings.HasSuffix(got, "DELETE OUTBOUND_DIRECT_PREVIEW "+response+" , user READY") {
			t.Errorf("%s: %s", action, got)
		}
	}
}

func TestNobodyAnswers(t *testing.T) {
	s := start(t, finesse.Config{})
	hear := login(t, s, "1001001")
	if err := <-agentsTurn(t, s, "inbound", finesse.Call{Ring: 10 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	got := states(hear.drain())
	if want := "user-RESERVED POST-ALERTING-ALERTING DELETE-ALERTING-DROPPED user-NOT_READY"; strings.Join(got, " ") != want {
		t.Errorf("got %v", got)
	}
}

func TestAgentHangsUpBeforeTheScript(t *testing.T) {
	s := start(t, finesse.Config{})
	do := rest{t, s, "1001001", "finesse"}
	over := agentsTurn(t, s, "predictive_plain", finesse.Call{Scale: 0.01}) // 0.3 s of talk
	id, err := s.AwaitDialog(stagetest.Within(t), "1001001", "ALERTING")
	if err != nil {
		t.Fatal(err)
	}
	do.act(id, "ANSWER", "")
	do.act(id, "DROP", "")
	if err := <-over; err != nil {
		t.Errorf("the script ends with %v", err)
	}
	if err := s.AwaitUser(stagetest.Within(t), "1001001", "READY"); err != nil {
		t.Error(err)
	}
}

func TestTransfersThroughREST(t *testing.T) {
	s := start(t, finesse.Config{})
	a, b := rest{t, s, "1001001", "finesse"}, rest{t, s, "1001002", "finesse"}
	second := login(t, s, "1001002")
	up := func() string {
		script, _ := finesse.Script("inbound")
		script.Steps = script.Steps[:2] // offer and answer
		ids, err := s.Play(stagetest.Within(t), script, finesse.Call{Agents: []string{"1001001"}})
		if err != nil {
			t.Fatal(err)
		}
		return ids.Main
	}
	id := up()
	a.act(id, "TRANSFER_SST", "<toAddress>2002</toAddress>")
	b.answer(id)
	if got := story(second.drain()); got != "user RESERVED, POST TRANSFER  , user TALKING, PUT TRANSFER  req-ANSWER" {
		t.Errorf("blind transfer, second agent: %s", got)
	}
	b.drop(id)
	if err := s.AwaitUser(stagetest.Within(t), "1001002", "WORK_READY"); err != nil {
		t.Fatal(err)
	}
	if code, _ := b.do("PUT", "/finesse/api/User/1001002", "<User><state>READY</state></User>", ""); code != 202 {
		t.Fatal(code)
	}
	second.drain()
	id = up()
	a.act(id, "CONSULT_CALL", "<toAddress>2002</toAddress>")
	consult, err := s.AwaitDialog(stagetest.Within(t), "1001002", "ALERTING")
	if err != nil {
		t.Fatal(err)
	}
	b.answer(consult)
	a.act(id, "TRANSFER", "")
	if got := story(second.drain()); got != "POST CONSULT  , user TALKING, PUT CONSULT  req-ANSWER, DELETE TRANSFER  , POST TRANSFER  " {
		t.Errorf("warm transfer, second agent: %s", got)
	}
}

func (r rest) answer(dialog string) { r.as2002(dialog, "ANSWER") }
func (r rest) drop(dialog string)   { r.as2002(dialog, "DROP") }

func (r rest) as2002(dialog, action string) {
	r.t.Helper()
	body := `<Dialog><targetMediaAddress>2002</targetMediaAddress><requestedAction>` + action + `</requestedAction></Dialog>`
	if code, answer := r.do("PUT", "/finesse/api/Dialog/"+dialog, body, "req-"+action); code != 202 {
		r.t.Fatalf("%s: %d %s", action, code, answer)
	}
}

func TestConsultThatComesToNothing(t *testing.T) {
	s := start(t, finesse.Config{})
	a := rest{t, s, "1001001", "finesse"}
	first, second := login(t, s, "1001001"), login(t, s, "1001002")
	script, _ := finesse.Script("inbound")
	script.Steps = script.Steps[:2]
	ids, err := s.Play(stagetest.Within(t), script, finesse.Call{Agents: []string{"1001001"}})
	if err != nil {
		t.Fatal(err)
	}
	a.act(ids.Main, "CONSULT_CALL", "<toAddress>2002</toAddress>")
	first.drain()
	a.act(ids.Consult, "DROP", "")
	a.act(ids.Main, "RETRIEVE", "")
	if got := story(first.drain()); got != "PUT OUT  req-DROP, DELETE OUT  , user HOLD, user TALKING, PUT PREROUTE_ACD_IN  req-RETRIEVE" {
		t.Errorf("first agent: %s", got)
	}
	if got := story(second.drain()); got != "POST CONSULT  , DELETE CONSULT  , user READY" && got != "POST CONSULT  , DELETE CONSULT  " {
		t.Errorf("second agent: %s", got)
	}
	// The call is whole again: a second consult call can follow.
	a.act(ids.Main, "CONSULT_CALL", "<toAddress>2002</toAddress>")
	if id, err := s.AwaitDialog(stagetest.Within(t), "1001002", "ALERTING"); err != nil || id == ids.Consult {
		t.Errorf("second consult call %q: %v", id, err)
	}
}
