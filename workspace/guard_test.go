package workspace_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	simwebex "cordboard/sim/webex"
	"cordboard/workspace"
)

// TestWhoMayOpen tries everything but a page of our own with a fresh ticket.
func TestWhoMayOpen(t *testing.T) {
	s := newSite(t, 1)
	address := s.url + "/v1/workspace"
	for origin, want := range map[string]int{
		"https://evil.example": 403, "https://pages.example.evil.example": 403, "http://pages.example": 403, "null": 403, "https://pages.example": 101, s.url: 101, "": 101,
	} {
		conn, resp, err := dial(t, address, origin)
		if conn != nil {
			conn.CloseNow()
		}
		if resp == nil || resp.StatusCode != want {
			t.Errorf("origin %q: %v", origin, err)
		}
	}
	if status, body := s.request(http.MethodGet, "/v1/workspace", ""); status != http.StatusUpgradeRequired || !problem(body) {
		t.Errorf("without a WebSocket: %d %s", status, body)
	}
	if status, body := s.request(http.MethodPost, "/v1/workspace", ""); status != http.StatusMethodNotAllowed {
		t.Errorf("with POST: %d %s", status, body)
	}

	leaked := s.ticket(s.agents[0])
	_, resp, err := dial(t, address+"?ticket="+leaked, "")
	if err == nil || resp == nil || resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a ticket in the address: %v", err)
	}
	used := s.ticket(s.agents[0])
	conn, _, err := dial(t, address, "", "cordboard.ticket."+used)
	if err != nil {
		t.Fatal(err)
	}
	p := attend(t, conn)
	if p.next("signedIn").response.Message.Agent != s.agents[0] || conn.Subprotocol() != workspace.Subprotocol {
		t.Errorf("a ticket among the subprotocols: %s", conn.Subprotocol())
	}
	for name, ticket := range map[string]string{"used": used, "leaked": leaked, "forged": "3q2-7wAAq83vASNFZ4mrze8BI0VniavN", "none": ""} {
		conn, _, err := dial(t, address, "")
		if err != nil {
			t.Fatal(err)
		}
		p := attend(t, conn)
		p.say("signIn", envelope("workspace", "session", "SignIn", `{"ticket":"`+ticket+`"}`))
		p.wantClosed(workspace.CloseNoTicket)
		if conn, _, err = dial(t, address, "", "cordboard.ticket."+ticket); err == nil && ticket != "" {
			attend(t, conn).wantClosed(workspace.CloseNoTicket)
		} else if err == nil {
			conn.CloseNow()
		}
		t.Log(name)
	}
	for _, first := range []string{
		`hello`, `{}`, envelope("workspace", "subscription", "Subscribe", `{}`), envelope("Webexcc", "command", "Drop", `{"ticket":"`+s.ticket(s.agents[0])+`"}`),
	} {
		conn, _, err := dial(t, address, "")
		if err != nil {
			t.Fatal(err)
		}
		p := attend(t, conn)
		p.say("", first)
		p.wantClosed(workspace.CloseProtocol)
	}
}

func problem(body []byte) bool {
	var p struct {
		Type, Title, Detail string
		Status              int
	}
	return json.Unmarshal(body, &p) == nil && p.Type != "" && p.Title != "" && p.Detail != "" && p.Status != 0
}

// TestGarbage sends what no page should in the middle of a call: each is refused for its reason, and the call and the next
// request are as if nothing had been sent.
func TestGarbage(t *testing.T) {
	s := newSite(t, 1)
	anna := s.page(s.agents[0])
	anna.subscribe("*", "*", "*")
	id := s.play(answered, simwebex.Call{Agents: s.agents, Silent: true}).Main
	anna.await("CustAnswered")
	for _, c := range []struct{ frame, reason string }{
		{``, "malformed"},
		{`hold`, "malformed"},
		{`null`, "malformed"},
		{`[1,2]`, "malformed"},
		{`{"channel":"Webexcc"`, "malformed"},
		{`{"channel":7,"topic":"command","subtopic":"Hold"}`, "malformed"},
		{envelope("Webexcc", "command", "Hold", `"now"`), "malformed"},
		{envelope("Webexcc", "command", "Hold", `{"call":12}`), "malformed"},
		{envelope("Webexcc", "command", "Hold", `{"args":["a"]}`), "malformed"},
		{envelope("Webexcc", "command", "Hold", `{"args":{"a":{}}}`), "malformed"},
		{envelope("Webexcc", "command", "Hold", `{"call":"`+strings.Repeat("1", 129)+`"}`), "malformed"},
		{envelope("Webexcc", "command", "Hold", `{"id":"`+strings.Repeat("1", 60000)+`"}`), "malformed"},
		{envelope("Webexcc", "command", strings.Repeat("Hold", 100), `{}`), "malformed"},
		{envelope("Webexcc", "command", "Hold", strings.Repeat(`{"args":`, 5000)+"1"+strings.Repeat(`}`, 5000)), "malformed"},
		{envelope("Webexcc", "command", "Shout", `{}`), "unknown-command"},
		{envelope("Webexcc", "command", "", `{}`), "unknown-command"},
		{envelope("Webexcc", "outbound", "OutBoundCallStateChange", `{}`), "unknown-topic"},
		{envelope("fax", "command", "Hold", `{}`), "unknown-channel"},
		{envelope("", "", "", `{}`), "unknown-channel"},
		{envelope("workspace", "command", "Hold", `{}`), "unknown-topic"},
		{envelope("workspace", "session", "Hold", `{}`), "unknown-command"},
		{envelope("workspace", "session", "SignIn", `{"ticket":"`+s.ticket(s.agents[0])+`"}`), "unknown-command"},
		{envelope("workspace", "subscription", "Subscribe", `{"channel":"fax"}`), "unknown-channel"},
		{envelope("workspace", "subscription", "Subscribe", `{"topic":"weather"}`), "unknown-topic"},
		{envelope("workspace", "subscription", "Unsubscribe", `{"topic":"inbound","subtopic":"OutBoundCallStateChange"}`), "unknown-topic"},
		{envelope("cisco", "command", "Hold", `{"call":"`+id+`"}`), "no-call"},
		{envelope("genesys", "command", "MakeCall", `{"to":"+15555550147"}`), "no-connection"},
	} {
		anna.say("", c.frame)
		if f := anna.next("refused"); f.response.Message.Reason != c.reason {
			t.Errorf("%.100q is refused for %s, want %s: %s", c.frame, f.response.Message.Reason, c.reason, f.response.Message.Detail)
		}
	}
	anna.write(websocket.MessageBinary, []byte(envelope("Webexcc", "command", "Drop", `{}`)))
	if f := anna.next("refused"); f.response.Message.Reason != "malformed" {
		t.Errorf("binary: %s", f.raw)
	}
	if got := s.metric(`cordboard_workspace_refused_total{reason="malformed"}`); got != "15" {
		t.Errorf("%s malformed messages are counted, want 15", got)
	}
	anna.take("Hold", `{}`)
	anna.await("eAgentContactHeld")
}

// TestTooLargeAFrame ends that socket, and no other.
func TestTooLargeAFrame(t *testing.T) {
	s := newSite(t, 1)
	anna, other := s.page(s.agents[0]), s.page(s.agents[0])
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	anna.conn.Write(ctx, websocket.MessageText, make([]byte, 64<<10+1)) // may fail: the socket is closed while it is written
	select {
	case <-anna.closed:
	case <-ctx.Done():
		t.Fatal("the socket is still open")
	}
	other.silent()
}

func TestTooManyPages(t *testing.T) {
	s := newSite(t, 2)
	for range 16 {
		s.page(s.agents[0])
	}
	conn, _, err := dial(t, s.url+"/v1/workspace", "", "cordboard.ticket."+s.ticket(s.agents[0]))
	if err != nil {
		t.Fatal(err)
	}
	attend(t, conn).wantClosed(workspace.CloseTooMany)
	s.page(s.agents[1]) // another agent has room
	if got := s.metric("cordboard_workspace_pages"); got != "17" {
		t.Errorf("%s pages are counted, want 17", got)
	}
}
