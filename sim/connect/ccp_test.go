package connect_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"cordboard/sim/connect"
	"cordboard/sim/stage/stagetest"
)

// panel is an open CCP without its page: the socket behind it.
type panel struct {
	t    *testing.T
	conn *websocket.Conn
	last streamsUpdate
}

func openPanel(t *testing.T, ccpURL, agent string) *panel {
	t.Helper()
	conn, _, err := websocket.Dial(stagetest.Within(t), "ws"+strings.TrimPrefix(ccpURL, "http")+"socket?agent="+agent, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	t.Cleanup(func() { _ = conn.CloseNow() })
	p := &panel{t: t, conn: conn}
	p.hear("agent::update")
	return p
}

// hear reads until a message of the event comes.
func (p *panel) hear(event string) json.RawMessage {
	p.t.Helper()
	for {
		_, raw, err := p.conn.Read(stagetest.Within(p.t))
		if err != nil {
			p.t.Fatal(err)
		}
		m := decode[struct {
			Event string
			Data  json.RawMessage
		}](p.t, raw)
		if m.Event == "agent::update" {
			p.last = decode[streamsUpdate](p.t, m.Data)
		}
		if m.Event == event {
			return m.Data
		}
	}
}

// call makes a request and says what went wrong with it; "" for nothing.
func (p *panel) call(method string, params map[string]any) string {
	p.t.Helper()
	raw, err := json.Marshal(map[string]any{"request": map[string]any{"requestId": "r", "method": method, "params": params}})
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.conn.Write(stagetest.Within(p.t), websocket.MessageText, raw); err != nil {
		p.t.Fatal(err)
	}
	answer := decode[struct {
		Err *struct{ Type, Message string }
	}](p.t, p.hear("api_response"))
	if answer.Err == nil {
		return ""
	}
	return answer.Err.Message
}

// customer is the id of the customer's connection in the first contact.
func (p *panel) customer() string {
	p.t.Helper()
	for _, c := range p.last.Snapshot.Contacts[0].Connections {
		if c.Type != "agent" {
			return c.ConnectionID
		}
	}
	p.t.Fatal("there is no customer")
	return ""
}

func holdCustomer(t *testing.T, ccpURL, agent, contact string) {
	t.Helper()
	p := openPanel(t, ccpURL, agent)
	if why := p.call("holdConnection", map[string]any{"contactId": contact, "connectionId": p.customer()}); why != "" {
		t.Fatal(why)
	}
}

// TestManualScriptWaits: with Manual the script goes on when the agent has accepted in the CCP, or the contact is missed.
func TestManualScriptWaits(t *testing.T) {
	s := start(t, connect.Config{Agents: 1})
	p := openPanel(t, s.Ready()["ccp_url"].(string), anna)
	script, _ := connect.Script("direct_preview")
	done := make(chan error, 1)
	go func() {
		_, err := s.Play(stagetest.Within(t), script, connect.Call{Agents: []string{anna}, Manual: true})
		done <- err
	}()
	p.hear("agent::update")
	id := p.last.Snapshot.Contacts[0].ContactID
	if why := p.call("clearContact", map[string]any{"contactId": id}); !strings.Contains(why, "not finished") {
		t.Errorf("cleared while it rings: %q", why)
	}
	if why := p.call("acceptContact", map[string]any{"contactId": id}); why != "" {
		t.Error(why)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := s.AwaitIdle(stagetest.Within(t), anna); err != nil {
		t.Error(err)
	}
}

// TestNobodyAccepts: with a time to ring the contact goes back to the queue, missed.
func TestNobodyAccepts(t *testing.T) {
	s := connect.New(connect.Config{Agents: 1})
	t.Cleanup(s.Close)
	heard := listen(s)
	script, _ := connect.Script("inbound")
	if _, err := s.Play(stagetest.Within(t), script, connect.Call{Agents: []string{anna}, Manual: true, Ring: 1}); err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, m := range heard.take(connect.AgentStream) {
		state := "-"
		for _, c := range decode[streamRecord](t, m.Body).CurrentAgentSnapshot.Contacts {
			state = c.State
		}
		states = append(states, state)
	}
	if got := strings.Join(states, " "); got != "CONNECTING MISSED -" {
		t.Errorf("states: %s", got)
	}
}

// TestRequestsThatCannotBe: each says why, and changes nothing.
func TestRequestsThatCannotBe(t *testing.T) {
	s := start(t, connect.Config{Agents: 2, FarEnd: -1})
	p := openPanel(t, s.Ready()["ccp_url"].(string), anna)
	if why := p.call("createOutboundContact", map[string]any{"endpoint": map[string]any{"type": "phone_number", "phoneNumber": "+15555550100"}}); why != "" {
		t.Fatal(why)
	}
	id := p.last.Snapshot.Contacts[0].ContactID
	heard := listen(s)
	for _, c := range []struct {
		method string
		params map[string]any
		want   string
	}{
		{"createOutboundContact", map[string]any{"endpoint": map[string]any{"type": "phone_number", "phoneNumber": "+1"}}, "not free"},
		{"createOutboundContact", map[string]any{"endpoint": map[string]any{"type": "queue"}}, "neither a colleague nor a number"},
		{"acceptContact", map[string]any{"contactId": "nobody"}, "not the agent's"},
		{"acceptContact", map[string]any{"contactId": id}, "does not ring"},
		{"rejectContact", map[string]any{"contactId": id}, "does not ring"},
		{"engagePreviewContact", map[string]any{"contactId": id}, "not being previewed"},
		{"conferenceConnections", map[string]any{"contactId": id}, "does not talk"},
		{"toggleActiveConnections", map[string]any{"contactId": id}, "does not talk"},
		{"createAdditionalConnection", map[string]any{"contactId": id, "endpoint": map[string]any{"type": "phone_number", "phoneNumber": "+1"}}, "does not talk"},
		{"destroyConnection", map[string]any{"contactId": id, "connectionId": "none"}, "no connection"},
		{"transferContact", map[string]any{"contactId": id}, "not simulated"},
		{"putAgentState", map[string]any{"state": map[string]any{"name": "Asleep"}}, "no state"},
	} {
		if why := p.call(c.method, c.params); !strings.Contains(why, c.want) {
			t.Errorf("%s: %q, want %q", c.method, why, c.want)
		}
	}
	if n := len(heard.take(connect.AgentStream)) + len(heard.take(connect.EventBridge)); n != 0 {
		t.Errorf("%d messages of requests that were refused", n)
	}
}
