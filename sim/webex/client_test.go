package webex_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"cordboard/sim/stage/stagetest"
	"cordboard/sim/webex"
)

// start runs an organization and stops it at the end of the test.
func start(t testing.TB, cfg webex.Config) *webex.Server {
	t.Helper()
	s := webex.New(cfg)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	stagetest.Run(t, s)
	return s
}

// user is one who has a token: an agent, or the administrator.
type user struct {
	t     testing.TB
	s     *webex.Server
	id    string
	token string
}

// agent signs the n-th agent in to the API, counted from 0.
func agent(t testing.TB, s *webex.Server, n int) *user {
	t.Helper()
	a := s.Ready()["agents"].([]webex.AgentToken)[n]
	return &user{t, s, a.ID, refresh(t, s, a.RefreshToken)}
}

// admin is the service app.
func admin(t testing.TB, s *webex.Server) *user {
	t.Helper()
	return &user{t, s, "", refresh(t, s, s.Ready()["service_refresh_token"].(string))}
}

func refresh(t testing.TB, s *webex.Server, token string) string {
	t.Helper()
	code, body := tokenRequest(t, s, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
	if code != 200 {
		t.Fatalf("token: %d %v", code, body)
	}
	return body["access_token"].(string)
}

func tokenRequest(t testing.TB, s *webex.Server, form url.Values) (int, map[string]any) {
	t.Helper()
	ready := s.Ready()
	for name, value := range map[string]string{"client_id": ready["client_id"].(string), "client_secret": ready["client_secret"].(string)} {
		if !form.Has(name) {
			form.Set(name, value)
		}
	}
	resp, err := http.PostForm(ready["token_url"].(string), form)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var body map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, body
}

// do sends a request; a body that is no text is written as JSON.
func (u *user) do(method, path string, body any) (int, map[string]any) {
	u.t.Helper()
	code, raw, err := u.try(method, path, body)
	if err != nil {
		u.t.Fatal(err)
	}
	var out map[string]any
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &out); err != nil {
			u.t.Fatalf("%s %s: %v in %s", method, path, err, raw)
		}
	}
	return code, out
}

func (u *user) try(method, path string, body any) (int, []byte, error) {
	u.t.Helper()
	var raw []byte
	switch b := body.(type) {
	case nil:
	case string:
		raw = []byte(b)
	default:
		raw, _ = json.Marshal(b)
	}
	req, err := http.NewRequestWithContext(stagetest.Within(u.t), method, u.s.URL()+path, bytes.NewReader(raw))
	if err != nil {
		u.t.Fatal(err)
	}
	if u.token != "" {
		req.Header.Set("Authorization", "Bearer "+u.token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	out, err := io.ReadAll(resp.Body)
	return resp.StatusCode, out, err
}

// order posts an order that must be taken with 202.
func (u *user) order(path string, body any) {
	u.t.Helper()
	if code, out := u.do("POST", path, body); code != 202 {
		u.t.Fatalf("POST %s: %d %v", path, code, out)
	}
}

// ear is a WebSocket that listens for an agent.
type ear struct {
	*user
	conn *websocket.Conn
}

// listen subscribes and opens the socket; it reads the welcome.
func (u *user) listen(options map[string]any) *ear {
	u.t.Helper()
	if options == nil {
		options = map[string]any{"clientType": "test", "allowMultiLogin": true, "force": true}
	}
	code, body := u.do("POST", "/v1/notification/subscribe", options)
	if code != 200 || !strings.HasPrefix(body["subscriptionId"].(string), options["clientType"].(string)+"-") {
		u.t.Fatalf("subscribe: %d %v", code, body)
	}
	conn, _, err := websocket.Dial(stagetest.Within(u.t), body["webSocketUrl"].(string), nil)
	if err != nil {
		u.t.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	u.t.Cleanup(func() { _ = conn.CloseNow() })
	e := &ear{u, conn}
	if w := e.raw(); w["type"] != "Welcome" || w["data"].(map[string]any)["agentId"] != u.id {
		u.t.Fatalf("first message: %v", w)
	}
	return e
}

// hear is an agent with a socket.
func hear(t testing.TB, s *webex.Server, n int) *ear {
	t.Helper()
	return agent(t, s, n).listen(nil)
}

// tryNext is the next message that is no keepalive.
func (e *ear) tryNext() (map[string]any, error) {
	for {
		_, data, err := e.conn.Read(stagetest.Within(e.t))
		if err != nil {
			return nil, err
		}
		var m map[string]any
		if err := json.Unmarshal(data, &m); err != nil {
			e.t.Fatalf("%v in %s", err, data)
		}
		if m["keepalive"] == nil {
			return m, nil
		}
	}
}

func (e *ear) raw() map[string]any {
	e.t.Helper()
	m, err := e.tryNext()
	if err != nil {
		e.t.Fatal(err)
	}
	return m
}

// msg is the data of the next message.
func (e *ear) msg() data { e.t.Helper(); return data(e.raw()["data"].(map[string]any)) }

// until reads on to a message of a type and returns its data.
func (e *ear) until(kind string) data {
	e.t.Helper()
	for {
		if d := e.msg(); d.kind() == kind {
			return d
		}
	}
}

// drain asks for the buddy list and returns what came before its answer.
func (e *ear) drain() []data {
	e.t.Helper()
	e.order("/v1/agents/buddyList", map[string]string{"agentProfileId": "x", "mediaType": "telephony", "state": "Nobody"})
	var all []data
	for {
		d := e.msg()
		if d.kind() == "BuddyAgents" {
			return all
		}
		all = append(all, d)
	}
}

// data is the data of a message, read as a stranger would.
type data map[string]any

func (d data) text(path ...string) string { s, _ := d.at(path...).(string); return s }
func (d data) kind() string               { return d.text("type") }
func (d data) interaction() string        { return d.text("interactionId") }
func (d data) at(path ...string) any {
	var v any = map[string]any(d)
	for _, p := range path {
		m, _ := v.(map[string]any)
		v = m[p]
	}
	return v
}

func (d data) is(path ...string) bool { b, _ := d.at(path...).(bool); return b }

func play(t testing.TB, s *webex.Server, script string, call webex.Call) webex.Result {
	t.Helper()
	sc, ok := webex.Script(script)
	if !ok {
		t.Fatalf("no script %q", script)
	}
	ids, err := s.Play(stagetest.Within(t), sc, call)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func ids(users ...*ear) []string {
	var list []string
	for _, u := range users {
		list = append(list, u.id)
	}
	return list
}
