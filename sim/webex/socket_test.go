package webex_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cordboard/sim/stage/stagetest"
	"cordboard/sim/webex"
)

func TestKeepalives(t *testing.T) {
	s := start(t, webex.Config{KeepaliveEvery: 10 * time.Millisecond})
	e := hear(t, s, 0)
	for range 2 {
		_, raw, err := e.conn.Read(stagetest.Within(t))
		var m map[string]any
		if err != nil || json.Unmarshal(raw, &m) != nil || m["keepalive"] != "true" || len(m) != 1 {
			t.Fatalf("%s %v", raw, err)
		}
	}
}

func TestSilenceIsCut(t *testing.T) {
	s := start(t, webex.Config{Silence: 1500 * time.Millisecond, KeepaliveEvery: -1})
	strict := map[string]any{"clientType": "test", "allowMultiLogin": true, "isKeepAliveEnabled": true}
	silent, alive := agent(t, s, 0).listen(strict), agent(t, s, 1).listen(strict)
	lax := hear(t, s, 2) // promised no keepalives
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				_ = alive.conn.Write(t.Context(), websocket.MessageText, []byte(`{"keepalive":"true"}`))
			}
		}
	}()
	if m, err := silent.tryNext(); err == nil {
		t.Errorf("the silent client got %v", m)
	}
	lax.drain()
	alive.drain()
	close(stop)
	<-stopped
}

func TestASocketURLIsGoodOnce(t *testing.T) {
	s := start(t, webex.Config{})
	u := agent(t, s, 0)
	_, body := u.do("POST", "/v1/notification/subscribe", nil)
	if id := body["subscriptionId"].(string); !strings.HasPrefix(id, "DefaultClient-") || !strings.HasSuffix(body["webSocketUrl"].(string), "/v1/notification/subscription/"+id) {
		t.Errorf("%v", body)
	}
	conn, _, err := websocket.Dial(stagetest.Within(t), body["webSocketUrl"].(string), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	if _, resp, err := websocket.Dial(stagetest.Within(t), body["webSocketUrl"].(string), nil); err == nil || resp.StatusCode != 403 {
		t.Errorf("the second time: %v %v", resp, err)
	}
}

func TestMultiLogin(t *testing.T) {
	s := start(t, webex.Config{MultiLogin: 2})
	u := agent(t, s, 0)
	try := func(options map[string]any) int {
		code, _ := u.do("POST", "/v1/notification/subscribe", options)
		return code
	}
	many := map[string]any{"clientType": "many", "allowMultiLogin": true}
	forced := map[string]any{"clientType": "many", "allowMultiLogin": true, "force": true}
	u.listen(many)
	u.listen(many)
	if code := try(many); code != 403 {
		t.Errorf("a third socket without force: %d", code)
	}
	u.listen(forced)
	if err := s.AwaitSockets(stagetest.Within(t), 2); err != nil || s.Sockets() > 3 {
		t.Errorf("%v, %d sockets", err, s.Sockets())
	}
	one := u.listen(map[string]any{"clientType": "one"})
	if code := try(map[string]any{"clientType": "one"}); code != 403 {
		t.Errorf("a second login without force: %d", code)
	}
	u.listen(map[string]any{"clientType": "one", "force": true})
	if m := one.raw(); m["type"] != "AGENT_MULTI_LOGIN" {
		t.Errorf("the first login hears %v", m)
	}
	var closed websocket.CloseError
	if _, err := one.tryNext(); !errors.As(err, &closed) || closed.Code != websocket.StatusNormalClosure {
		t.Errorf("the first login ends with %v", err)
	}
	if code := try(map[string]any{"clientType": strings.Repeat("x", 21)}); code != 400 {
		t.Errorf("a clientType that is too long: %d", code)
	}
	other := u.listen(map[string]any{"clientType": "other"})
	if err := s.MultiLogin(u.id); err != nil {
		t.Fatal(err)
	}
	if m := other.raw(); m["type"] != "AGENT_MULTI_LOGIN" {
		t.Errorf("a login elsewhere: %v", m)
	}
}

// TestBackAfterACut loses what was told meanwhile and brings the tasks back by
// a reload: one AgentContact for each.
func TestBackAfterACut(t *testing.T) {
	s := start(t, webex.Config{})
	e := hear(t, s, 0)
	script, _ := webex.Script("inbound")
	script.Steps = script.Steps[:3] // answered
	ids, err := s.Play(stagetest.Within(t), script, webex.Call{Agents: []string{e.id}, Vars: map[string]string{"a": "1", "b": "2", "c": "3"}})
	if err != nil {
		t.Fatal(err)
	}
	e.until("ContactRecordingStarted")
	if err := s.Cut(e.id); err != nil {
		t.Fatal(err)
	}
	if m, err := e.tryNext(); err == nil {
		t.Fatalf("after the cut: %v", m)
	}
	e = e.user.listen(nil)
	e.order("/v1/tasks/"+ids.Main+"/hold", map[string]string{"mediaResourceId": ids.Main})
	e.until("AgentContactHeld")
	e.order("/v1/agents/reload", nil)
	relogin, contact := e.msg(), e.msg()
	if list, _ := relogin.at("interactionIds").([]any); relogin.kind() != "AgentReloginSuccess" || len(list) != 1 || list[0] != ids.Main {
		t.Errorf("reload: %v", relogin)
	}
	if contact.kind() != "AgentContact" || contact.interaction() != ids.Main || contact.text("interaction", "state") != "connected" || !contact.is("interaction", "media", ids.Main, "isHold") {
		t.Errorf("task: %v", contact)
	}
	if cad, _ := contact.at("interaction", "callAssociatedData").(map[string]any); len(cad) != 3 {
		t.Errorf("a reload carries all variables, this one %v", cad)
	}
}

func TestEverySocketHearsAll(t *testing.T) {
	s := start(t, webex.Config{})
	a, b := hear(t, s, 0), hear(t, s, 0)
	other := hear(t, s, 1)
	play(t, s, "predictive", webex.Call{Agents: []string{a.id}})
	if n, m := len(a.drain()), len(b.until("AgentWrappedUp")); n != 7 || m == 0 {
		t.Errorf("%d messages on the first socket, the last on the second has %d members", n, m)
	}
	if got := other.drain(); len(got) != 0 {
		t.Errorf("another agent heard %v", got)
	}
}

func TestSlowReaderIsCut(t *testing.T) {
	s := start(t, webex.Config{MaxQueue: 64 << 10})
	e := hear(t, s, 0)
	script, _ := webex.Script("predictive")
	large := strings.Repeat("x", 20000)
	for range 2000 { // more than the queue and the kernel's buffers hold
		if _, err := s.Play(stagetest.Within(t), script, webex.Call{Agents: []string{e.id}, Vars: map[string]string{"a": large, "b": large}}); err != nil {
			t.Fatal(err)
		}
		if s.Sockets() == 0 {
			return
		}
	}
	t.Fatal("the socket of a client that does not read is still there")
}
