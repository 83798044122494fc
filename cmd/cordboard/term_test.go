package main

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// Ensure that a server that is asked to stop under load ends well and soon, tells the desks to come back, and leaves to
// its successor what it could not finish: nothing is lost or doubled.
func TestTerminate(t *testing.T) {
	w := newWorld(t, worldOptions{agents: 8})
	seed := uint64(setting(t, "CORDBOARD_CRASH_SEED", 7))
	r := newCrash(w, rand.New(rand.NewPCG(seed, 2)))
	r.playUntilStopped(seed)
	for range 3 {
		c := r.live()
		tab := w.openTab(t, w.agents[0])
		time.Sleep(time.Duration(r.rng.Float64() * float64(time.Second))) // any moment will do
		asked := time.Now()
		r.lives[len(r.lives)-1].ended = asked
		c.cmd.Process.Signal(syscall.SIGTERM)
		if code := websocket.CloseStatus(<-tab); code != 4000 {
			t.Errorf("the desk was closed with code %d, want 4000: moving", code)
		}
		if code := c.code(t, 30*time.Second); code != 0 {
			t.Errorf("exit code %d\n%s", code, w.log())
		}
		if took := time.Since(asked); took > 10*time.Second {
			t.Errorf("stopping took %v", took)
		}
	}
	r.live() // waits until every desk has come back
	r.stop.Store(true)
	r.players.Wait()
	total := r.settled()
	r.judge(total)
	r.checkLog()
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
