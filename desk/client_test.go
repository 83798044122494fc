package desk_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cordboard/desk"
	"cordboard/screen"
)

// site is a hub behind a real HTTP server on this machine.
type site struct {
	t       *testing.T
	hub     *desk.Hub
	tickets *desk.Tickets
	url     string
	clock   *clock
}

// clock is moved by hand; it begins at the present, because timers of the hub run in real time.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func newSite(t *testing.T, change func(*desk.Config)) *site {
	t.Helper()
	s := &site{t: t, clock: &clock{at: time.Now()}}
	s.tickets = desk.NewTickets(s.clock.now)
	cfg := desk.Config{Redeem: s.tickets.Redeem, Now: s.clock.now, Origins: []string{"https://org.example"}}
	if change != nil {
		change(&cfg)
	}
	s.hub = desk.NewHub(cfg)
	server := httptest.NewServer(s.hub)
	s.url = server.URL
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		if err := s.hub.Drain(ctx); err != nil {
			t.Errorf("the hub does not drain: %v", err)
		}
		server.Close()
	})
	return s
}

// client is a browser's end of a socket. A goroutine reads, as browsers do, so that pings and closes are answered.
type client struct {
	t       *testing.T
	conn    *websocket.Conn
	heard   chan message
	closed  chan struct{}
	code    websocket.StatusCode // valid once closed is
	reading sync.WaitGroup
}

type message struct {
	Type    string          `json:"type"`
	Agent   string          `json:"agent"`
	Epoch   string          `json:"epoch"`
	Offset  uint64          `json:"offset"`
	Resumed bool            `json:"resumed"`
	Leader  bool            `json:"leader"`
	State   json.RawMessage `json:"state"`
	Now     time.Time       `json:"now"`
	Pop     screen.Pop      `json:"pop"`
	N       int64           `json:"n"`
	Outcome string          `json:"outcome"`
	Reason  string          `json:"reason"`
	Detail  string          `json:"detail"`
	Key     string          `json:"key"`
	Command desk.Command    `json:"command"`
	Last    *struct {
		Pop     screen.Pop     `json:"pop"`
		Outcome screen.Outcome `json:"outcome"`
	} `json:"last"`
}

// dial opens a socket without saying anything, and without reading.
func (s *site) dial(header http.Header) (*websocket.Conn, *http.Response, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	dialer := net.Dialer{Control: smallBuffers}
	transport := &http.Transport{DisableKeepAlives: true, DialContext: dialer.DialContext}
	return websocket.Dial(ctx, strings.Replace(s.url, "http", "ws", 1), &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, HTTPHeader: header, Subprotocols: []string{desk.Subprotocol},
	})
}

// connect opens a socket and says hello.
func (s *site) connect(hello map[string]any) *client {
	s.t.Helper()
	conn := s.must(s.dial(nil))
	hello["type"] = "hello"
	write(s.t, conn, hello)
	return listen(s.t, conn)
}

func (s *site) must(conn *websocket.Conn, _ *http.Response, err error) *websocket.Conn {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	conn.SetReadLimit(-1)
	s.t.Cleanup(func() { conn.CloseNow() })
	return conn
}

// ticket is a fresh one.
func (s *site) ticket(agent string) string {
	s.t.Helper()
	id, err := s.tickets.Issue(s.t.Context(), agent)
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// tab opens a desk's tab and awaits its welcome.
func (s *site) tab(agent, id string) (*client, message) {
	s.t.Helper()
	c := s.connect(map[string]any{"ticket": s.ticket(agent), "tab": id, "host": "plain"})
	return c, c.next("welcome")
}

func write(t *testing.T, conn *websocket.Conn, v any) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := conn.Write(ctx, websocket.MessageText, b); err != nil {
		t.Fatal(err)
	}
}

// listen begins to read.
func listen(t *testing.T, conn *websocket.Conn) *client {
	c := &client{t: t, conn: conn, heard: make(chan message, 1024), closed: make(chan struct{})}
	c.reading.Go(func() {
		defer close(c.closed)
		for {
			_, b, err := conn.Read(context.Background())
			if err != nil {
				c.code = websocket.CloseStatus(err)
				return
			}
			var m message
			if err := json.Unmarshal(b, &m); err != nil {
				t.Errorf("the hub sent %q: %v", b, err)
			}
			c.heard <- m
		}
	})
	t.Cleanup(func() { conn.CloseNow(); c.reading.Wait() })
	return c
}

// next is the next message, which must be of this type.
// next is what is heard next; it has to be of that kind, if one is named.
func (c *client) next(kind string) message {
	c.t.Helper()
	select {
	case m := <-c.heard:
		if kind != "" && m.Type != kind {
			c.t.Fatalf("heard %+v, want a %s", m, kind)
		}
		return m
	case <-c.closed:
		c.t.Fatalf("the socket was closed with %d, want a %s", c.code, kind)
	case <-time.After(limit):
		c.t.Fatalf("nothing heard, want a %s", kind)
	}
	panic("unreachable")
}

// quiet checks that nothing was said before answer: the hub serves one socket's messages in order, so a message that
// it was asked for now comes after whatever it had to say.
func (c *client) quiet(s *site, agent string) {
	c.t.Helper()
	s.hub.SetState(agent, json.RawMessage(`{"fence":true}`))
	c.next("state")
}

func (c *client) wantClosed(code websocket.StatusCode) {
	c.t.Helper()
	select {
	case <-c.closed:
	case <-time.After(limit):
		c.t.Fatalf("the socket is still open, want it closed with %d", code)
	}
	if c.code != code {
		c.t.Fatalf("closed with %d, want %d", c.code, code)
	}
}

func (c *client) receipt(key string, o screen.Outcome, detail string) {
	c.t.Helper()
	write(c.t, c.conn, map[string]any{"type": "receipt", "key": key, "outcome": o, "detail": detail})
}

// leave closes the socket as a closed page does, and waits until the hub knows.
func (c *client) leave(s *site) {
	c.t.Helper()
	n := len(s.hub.Tabs())
	c.conn.Close(websocket.StatusGoingAway, "")
	await(c.t, "the tab is gone", func() bool { return len(s.hub.Tabs()) < n })
}

// show shows a pop in the background.
func (s *site) show(agent string, p screen.Pop) <-chan screen.Receipt {
	return s.showUntil(agent, p, s.clock.now().Add(limit))
}

func (s *site) showUntil(agent string, p screen.Pop, until time.Time) <-chan screen.Receipt {
	p.Until = until
	got := make(chan screen.Receipt, 1)
	go func() {
		r, err := s.hub.Show(context.Background(), agent, p)
		if err != nil {
			s.t.Errorf("show: %v", err)
		}
		got <- r
	}()
	return got
}

// begin starts a pop and does not wait for what becomes of it.
func (s *site) begin(agent string, p screen.Pop) {
	s.t.Helper()
	p.Until = s.clock.now().Add(limit)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.hub.Show(ctx, agent, p); err == nil {
		s.t.Fatal("the pop was over before it began")
	}
}
