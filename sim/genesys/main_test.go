package genesys_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"cordboard/sim/genesys"
	"cordboard/sim/stage/stagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience only guards against hanging.
const patience = 2 * time.Minute

// org is a running simulator with a plain HTTP client that is logged in.
type org struct {
	*genesys.Server
	t     *testing.T
	http  *http.Client
	token string
	users []genesys.User
}

func start(t *testing.T, cfg genesys.Config) *org {
	t.Helper()
	s := genesys.New(cfg)
	stagetest.Run(t, s)
	transport := &http.Transport{}
	o := &org{Server: s, t: t, http: &http.Client{Transport: transport}, users: s.Users()}
	t.Cleanup(transport.CloseIdleConnections)
	o.token = o.login(s.Ready()["client_id"].(string), s.Ready()["client_secret"].(string)).str("access_token")
	if o.token == "" {
		t.Fatal("no token")
	}
	return o
}

func (o *org) login(id, secret string) reply {
	o.t.Helper()
	req, _ := http.NewRequest("POST", o.URL()+"/oauth/token", strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(id, secret)
	r, err := o.send(req)
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

// reply is an answer as a test reads it.
type reply struct {
	t      *testing.T
	status int
	header http.Header
	text   string
}

func (o *org) send(req *http.Request) (reply, error) {
	res, err := o.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return reply{o.t, res.StatusCode, res.Header, string(text)}, err
}

// do sends one request; the body is JSON text or is made JSON.
func (o *org) do(method, path string, body any) reply {
	o.t.Helper()
	r, err := o.try(method, path, body)
	if err != nil {
		o.t.Fatalf("%s %s: %v", method, path, err)
	}
	return r
}

func (o *org) try(method, path string, body any) (reply, error) {
	var raw []byte
	switch b := body.(type) {
	case nil:
	case string:
		raw = []byte(b)
	default:
		raw, _ = json.Marshal(b)
	}
	req, err := http.NewRequest(method, o.URL()+path, bytes.NewReader(raw))
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Authorization", "Bearer "+o.token)
	req.Header.Set("Content-Type", "application/json")
	return o.send(req)
}

// want checks the status and that the body contains every text; it returns the reply for more.
func (r reply) want(status int, texts ...string) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d, want %d: %s", r.status, status, r.text)
	}
	for _, text := range texts {
		if !strings.Contains(r.text, text) {
			r.t.Fatalf("no %q in %s", text, r.text)
		}
	}
	return r
}

func (r reply) str(path string) string {
	r.t.Helper()
	s, _ := dig([]byte(r.text), path).(string)
	return s
}

// dig reads a value of a JSON text by a path such as "entities.0.id"; nil when it is not there.
func dig(text []byte, path string) any {
	var v any
	if json.Unmarshal(text, &v) != nil {
		return nil
	}
	if path == "" {
		return v
	}
	for step := range strings.SplitSeq(path, ".") {
		switch node := v.(type) {
		case map[string]any:
			v = node[step]
		case []any:
			i := 0
			for _, c := range step {
				i = i*10 + int(c-'0')
			}
			if i >= len(node) {
				return nil
			}
			v = node[i]
		default:
			return nil
		}
	}
	return v
}

// note is one notification.
type note struct {
	Topic   string                         `json:"topicName"`
	Version string                         `json:"version"`
	Body    json.RawMessage                `json:"eventBody"`
	Meta    struct{ CorrelationID string } `json:"metadata"`
}

// channel is a channel with an open socket whose messages pile up.
type channel struct {
	o     *org
	id    string
	uri   string
	conn  *websocket.Conn
	notes chan note
}

// listen makes a channel, subscribes it and opens its socket.
func (o *org) listen(topics ...string) *channel {
	o.t.Helper()
	made := o.do("POST", "/api/v2/notifications/channels", nil).want(200)
	c := &channel{o: o, id: made.str("id"), uri: made.str("connectUri")}
	c.subscribe("PUT", topics...).want(200)
	c.open()
	return c
}

func (c *channel) subscribe(method string, topics ...string) reply {
	c.o.t.Helper()
	body := []map[string]string{}
	for _, t := range topics {
		body = append(body, map[string]string{"id": t})
	}
	return c.o.do(method, "/api/v2/notifications/channels/"+c.id+"/subscriptions", body)
}

func (c *channel) open() {
	c.o.t.Helper()
	conn, _, err := websocket.Dial(stagetest.Within(c.o.t), c.uri, &websocket.DialOptions{HTTPClient: c.o.http})
	if err != nil {
		c.o.t.Fatal(err)
	}
	conn.SetReadLimit(-1)
	c.conn = conn
	notes := make(chan note, 10_000)
	c.notes = notes
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		defer close(notes)
		for {
			_, data, err := conn.Read(context.Background())
			if err != nil {
				return
			}
			var n note
			if err := json.Unmarshal(data, &n); err != nil {
				n.Topic = "unreadable " + err.Error()
			}
			notes <- n
		}
	}()
	c.o.t.Cleanup(func() {
		_ = conn.CloseNow()
		<-gone
	})
}

// next is the next message; false when the socket has ended.
func (c *channel) next() (note, bool) {
	c.o.t.Helper()
	select {
	case n, ok := <-c.notes:
		return n, ok
	case <-time.After(patience):
		c.o.t.Fatal("nothing comes")
		return note{}, false
	}
}

// drain asks for a pong and returns everything that came before it.
func (c *channel) drain() []note {
	c.o.t.Helper()
	if err := c.conn.Write(stagetest.Within(c.o.t), websocket.MessageText, []byte(`{"message":"ping"}`)); err != nil {
		c.o.t.Fatal(err)
	}
	var list []note
	for {
		n, ok := c.next()
		if !ok {
			c.o.t.Fatal("the socket ended")
		}
		if n.Topic == "channel.metadata" {
			if strings.Contains(string(n.Body), "pong") {
				return list
			}
			continue
		}
		list = append(list, n)
	}
}

func userTopic(u genesys.User, what string) string { return "v2.users." + u.ID + "." + what }

func play(t *testing.T, o *org, name string, call genesys.Call) genesys.Result {
	t.Helper()
	script, ok := genesys.Script(name)
	if !ok {
		t.Fatalf("no script %q", name)
	}
	result, err := o.Play(stagetest.Within(t), script, call)
	if err != nil {
		t.Fatal(err)
	}
	return result
}
