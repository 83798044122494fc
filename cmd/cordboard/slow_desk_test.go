package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cordboard/sim/browser"
)

// TestSlowBrowsers lets some browsers read a byte a second and others never answer, among many that are well: a slow one
// is closed, the others' pops come, and the server's memory stays what it was. CORDBOARD_MESSAGES says for how many messages.
func TestSlowBrowsers(t *testing.T) {
	most := setting(t, "CORDBOARD_MESSAGES", 100)
	w := newWorld(t, fed(worldOptions{agents: 8}))
	slow, silent := []string{"1001901", "1001902"}, []string{"1001903", "1001904"}
	c := w.start()
	w.await("every desk is open", func() bool { return w.desksOpen() == len(w.browsers) })
	for _, agent := range slow {
		w.sluggish(t, agent)
	}
	w.quietBrowsers(t, silent)
	w.await("every desk is open", func() bool { return w.desksOpen() == len(w.browsers)+4 })
	w.agents = append(w.agents, append(slow, silent...)...)
	f := w.feed(30 * time.Millisecond)
	began := time.Now()
	w.await("the slow desks are closed", func() bool { return !w.hasDesk(slow...) })
	closed := time.Since(began)
	t.Logf("the slow ones were closed %v after their first pop", closed.Round(10*time.Millisecond))
	if closed > 45*time.Second {
		t.Error("they were not closed because they were slow: only the next ping found them out")
	}
	f.awaitMore(t, most)
	if !w.hasDesk(silent[0]) || !w.hasDesk(silent[1]) {
		t.Error("a browser that reads and does not answer was closed")
	}
	rss := peak(t, c.cmd.Process.Pid)
	f.end()
	f.judge().clean(w)
	_, popped := f.waits()
	t.Logf("pops of the others came %v (median), %v (99 of 100) after the acknowledgement; %d MB", at(popped, 0.5), at(popped, 0.99), rss>>20)
	if at(popped, 0.5) > 10*time.Second || rss > 1<<30 {
		t.Error("the others had to wait, or the server took too much memory")
	}
	c.kill()
}

// hasDesk reports whether one of the agents has an open desk.
func (w *world) hasDesk(agents ...string) bool {
	var c connections
	if w.get("/api/v1/connections", &c) != nil {
		return true
	}
	return slices.ContainsFunc(c.Desks, func(d struct {
		Agent string `json:"agent"`
	}) bool {
		return slices.Contains(agents, d.Agent)
	})
}

// sluggish opens a desk over a connection that, from then on, gives a byte a second.
func (w *world) sluggish(t *testing.T, agent string) {
	t.Helper()
	line := &thin{over: make(chan struct{})}
	ticket, err := w.ticket(t.Context(), agent)
	if err != nil {
		t.Fatal(err)
	}
	conn, _, err := websocket.Dial(t.Context(), "ws://"+w.address+"/desk/socket", &websocket.DialOptions{
		Subprotocols: []string{"cordboard.desk.v1"}, HTTPClient: &http.Client{Transport: &http.Transport{DialContext: line.dial}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Write(t.Context(), websocket.MessageText, fmt.Appendf(nil, `{"type":"hello","ticket":%q,"tab":"slow","host":"plain"}`, ticket)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := conn.Read(t.Context()); err != nil { // the welcome
		t.Fatal(err)
	}
	line.slow.Do(func() { close(line.slowed) })
	var reading sync.WaitGroup
	reading.Go(func() {
		for {
			if _, _, err := conn.Read(context.Background()); err != nil {
				return
			}
		}
	})
	t.Cleanup(func() { close(line.over); conn.CloseNow(); reading.Wait() })
}

// thin is a connection with little room that becomes slow.
type thin struct {
	net.Conn
	slow         sync.Once
	slowed, over chan struct{}
}

func (l *thin) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.Conn, l.slowed = conn, make(chan struct{})
	return l, conn.(*net.TCPConn).SetReadBuffer(4096)
}

// Read implements net.Conn.
func (l *thin) Read(b []byte) (int, error) {
	select {
	case <-l.slowed:
	default:
		return l.Conn.Read(b)
	}
	select {
	case <-time.After(time.Second):
	case <-l.over:
		return 0, net.ErrClosed
	}
	return l.Conn.Read(b[:1])
}

// quietBrowsers opens desks that read everything and answer nothing.
func (w *world) quietBrowsers(t *testing.T, agents []string) {
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	t.Cleanup(func() { cancel(); running.Wait() })
	for _, agent := range agents {
		b := browser.New(browser.Config{Socket: "ws://" + w.address + "/desk/socket", Agent: agent, Ticket: w.ticket, Outcome: "-"})
		running.Go(func() { b.Run(ctx) })
	}
}
