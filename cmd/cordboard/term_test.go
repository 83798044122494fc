package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// Ensure that a server that is asked to stop under load ends well and soon, tells the desks to come back, and leaves to
// its successor what it could not finish: nothing is lost or doubled. CORDBOARD_TERMS says how often.
func TestTerminate(t *testing.T) {
	w := newWorld(t, worldOptions{agents: 8})
	seed := uint64(setting(t, "CORDBOARD_CRASH_SEED", 7))
	r := newCrash(w, rand.New(rand.NewPCG(seed, 2)))
	r.playUntilStopped(seed)
	for range setting(t, "CORDBOARD_TERMS", 3) {
		c := r.live()
		wrong := w.ends(c, func() {
			time.Sleep(time.Duration(r.rng.Float64() * float64(time.Second))) // any moment will do
			r.lives[len(r.lives)-1].ended = time.Now()
			c.cmd.Process.Signal(syscall.SIGTERM)
		})
		for _, s := range wrong {
			t.Errorf("%s\n%s", s, w.log())
		}
	}
	r.live() // waits until every desk has come back
	r.stop.Store(true)
	r.players.Wait()
	total := r.settled()
	r.judge(total)
	r.checkLog()
}

// Ensure that the same holds to the last message when a dialer sends as fast as it is answered.
func TestTerminateWhileMessagesPour(t *testing.T) {
	w := newWorld(t, fed(worldOptions{agents: 8}))
	f := w.feed(0)
	for range setting(t, "CORDBOARD_TERMS", 1) {
		c := w.start()
		w.await("every desk is open", func() bool { return w.desksOpen() == len(w.browsers) })
		for _, s := range w.ends(c, func() {
			f.awaitMore(t, 40)
			c.cmd.Process.Signal(syscall.SIGTERM)
		}) {
			t.Errorf("%s\n%s", s, w.log())
		}
	}
	w.start()
	f.awaitMore(t, 40)
	f.end()
	f.judge().clean(w)
	w.checkLog()
}

// Ensure that a server that is cut off instead is noticed.
func TestTerminateIsNoticed(t *testing.T) {
	w := newWorld(t, fed(worldOptions{}))
	c := w.start()
	w.await("every desk is open", func() bool { return w.desksOpen() == len(w.browsers) })
	if wrong := w.ends(c, c.kill); len(wrong) < 2 {
		t.Errorf("the server was killed, and only this was noticed: %q", wrong)
	}
}

// ends asks a server to stop and returns what is not as it should be.
func (w *world) ends(c *child, ask func()) (wrong []string) {
	tab := w.openTab(w.t, w.agents[0])
	ask()
	asked := time.Now()
	if code := websocket.CloseStatus(<-tab); code != 4000 {
		wrong = append(wrong, fmt.Sprintf("the desk was closed with code %d, want 4000: moving", code))
	}
	if code := c.code(w.t, 30*time.Second); code != exitOK {
		wrong = append(wrong, fmt.Sprintf("exit code %d", code))
	}
	if took := c.at.Sub(asked); took > 10*time.Second {
		wrong = append(wrong, fmt.Sprintf("stopping took %v", took))
	}
	return wrong
}

// openTab opens one more tab of an agent and returns how its socket ends.
func (w *world) openTab(t *testing.T, agent string) <-chan error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ticket, err := w.ticket(ctx, agent)
	if err != nil {
		t.Fatal(err)
	}
	conn, _, err := websocket.Dial(ctx, "ws://"+w.address+"/desk/socket", &websocket.DialOptions{Subprotocols: []string{"cordboard.desk.v1"}})
	if err != nil {
		t.Fatal(err)
	}
	hello, err := json.Marshal(map[string]string{"type": "hello", "ticket": ticket, "tab": "second", "host": "plain"})
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Write(ctx, websocket.MessageText, hello); err != nil {
		t.Fatal(err)
	}
	if _, _, err := conn.Read(ctx); err != nil { // the welcome
		t.Fatal(err)
	}
	closed, done := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(done)
		for {
			if _, _, err := conn.Read(ctx); err != nil {
				closed <- err
				return
			}
		}
	}()
	t.Cleanup(func() { cancel(); conn.CloseNow(); <-done })
	return closed
}
