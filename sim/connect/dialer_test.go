package connect_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"cordboard/sim/connect"
	"cordboard/sim/stage/stagetest"
)

// TestDialerPosts: each agent's events arrive in their order, with the secret.
func TestDialerPosts(t *testing.T) {
	to := receive(t)
	s := start(t, connect.Config{TLS: to.trust(), Dialer: connect.Target{URL: to.URL, Secret: "Bearer x"}})
	if err := s.NailUp(anna, true); err != nil {
		t.Fatal(err)
	}
	ids := play(t, s, "tethered_preview", connect.Call{Agents: []string{anna}, Attributes: map[string]string{"ContactID": "003"}})
	var events []string
	for i, body := range to.wait(t, 9) {
		m := decode[dialerEvent](t, body)
		if i == 0 {
			if m.Subtopic != "SetNailupDetails" || m.Message.CallStatus != "Connected" || m.Message.UUID == "" {
				t.Errorf("%s", body)
			}
			continue
		}
		c := m.Message.Call
		if m.Channel != "Amazon" || m.Topic != "OutboundCall" || c.ID != ids.Contact || c.User.UserID != anna || c.Variables["ContactID"] != "003" {
			t.Errorf("%s", body)
		}
		events = append(events, c.Event)
	}
	if got := strings.Join(events, " "); got != "Preview Initiate Started Ringing Answered CustAnswered ACW DROPPED" {
		t.Errorf("events: %s", got)
	}
	if got := to.headers[0].Get("Authorization"); got != "Bearer x" {
		t.Errorf("secret: %q", got)
	}
}

// socketServer accepts the dialer's WebSocket, one connection after the other.
func socketServer(t *testing.T) (url string, conns chan *websocket.Conn) {
	t.Helper()
	conns = make(chan *websocket.Conn)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Key") != "k" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		select {
		case conns <- conn:
		case <-ctx.Done():
			_ = conn.CloseNow()
		}
	}))
	t.Cleanup(server.Close)
	return "ws" + strings.TrimPrefix(server.URL, "http"), conns
}

func next(t *testing.T, conn *websocket.Conn) dialerEvent {
	t.Helper()
	_, raw, err := conn.Read(stagetest.Within(t))
	if err != nil {
		t.Fatal(err)
	}
	return decode[dialerEvent](t, raw)
}

func order(t *testing.T, conn *websocket.Conn, subtopic, agent string) {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"channel": "Amazon", "topic": "OutboundCall", "subtopic": subtopic, "source": "test",
		"message": map[string]any{"call": map[string]any{"User": map[string]string{"UserId": agent}}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Write(stagetest.Within(t), websocket.MessageText, raw); err != nil {
		t.Fatal(err)
	}
}

// TestDialerSocket: events come over the socket, commands go back, and what waits survives a break.
func TestDialerSocket(t *testing.T) {
	url, conns := socketServer(t)
	s := start(t, connect.Config{})
	s.SetDialer(connect.Target{}, connect.Target{URL: url, Header: "X-Key", Secret: "k"})
	conn := <-conns
	defer func() { _ = conn.CloseNow() }()
	script, _ := connect.Script("tethered_preview")
	done := make(chan error, 1)
	go func() {
		_, err := s.Play(stagetest.Within(t), script, connect.Call{Agents: []string{anna}, Manual: true})
		done <- err
	}()
	if m := next(t, conn); m.Message.Call.Event != "Preview" {
		t.Fatalf("%+v", m)
	}
	order(t, conn, "Skip", ben)
	if m := next(t, conn); m.Subtopic != "Skip" || m.Message.Source != "error" {
		t.Errorf("a command that cannot be done: %+v", m)
	}
	order(t, conn, "MakeCall", anna)
	for _, want := range []string{"Initiate", "Started", "Ringing", "Answered", "CustAnswered", "ACW", "DROPPED"} {
		if got := next(t, conn).Message.Call.Event; got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if o := s.Orders(); len(o) != 1 || o[0].What != "dialer MakeCall" || o[0].Agent != anna {
		t.Errorf("orders: %+v", o)
	}
	if err := s.Cut(anna); err != nil {
		t.Fatal(err)
	}
	if _, _, err := conn.Read(stagetest.Within(t)); err == nil {
		t.Error("the socket is not cut")
	}
	play(t, s, "tethered_progressive", connect.Call{Agents: []string{anna}})
	again := <-conns
	defer func() { _ = again.CloseNow() }()
	if m := next(t, again); m.Message.Call.Event != "Initiate" {
		t.Errorf("after the break: %+v", m)
	}
}

// TestDialerFaults: an event twice, two in the wrong order.
func TestDialerFaults(t *testing.T) {
	s := connect.New(connect.Config{})
	t.Cleanup(s.Close)
	heard := listen(s)
	_, err := steps(t, s, connect.Call{Agents: []string{anna}},
		stepOf("", "dial", "mode", "predictive", "setup", "tethered"), stepOf("", "duplicate"), stepOf("", "swap"), stepOf("customer", "answer"))
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for _, m := range heard.take(connect.DialerFeed) {
		events = append(events, decode[dialerEvent](t, m.Body).Message.Call.Event)
	}
	if got := strings.Join(events, " "); got != "Initiate Started Started Human Answered CustAnswered" {
		t.Errorf("events: %s", got)
	}
}
