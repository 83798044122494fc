package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// TestFewDescriptors gives the server 256 descriptors and has 400 browsers at its door: whom it has no room for is told so
// with 503, the others get their pops, what is acknowledged stays so, the journal is taken for whole, and when the crowd
// goes, the next may come in. CORDBOARD_CROWDS says how often it comes and goes.
func TestFewDescriptors(t *testing.T) {
	crowds := setting(t, "CORDBOARD_CROWDS", 1)
	w := newWorld(t, fed(worldOptions{agents: 12}))
	f := w.feed(20 * time.Millisecond)
	c := w.startLimited(t, 256)
	w.await("every desk is open", func() bool { return w.desksOpen() == len(w.browsers) })
	for range crowds {
		f.awaitMore(t, 20)
		crowd := w.crowd(t, 400)
		if crowd.refused == 0 || len(crowd.open) == 0 {
			t.Errorf("%d desks were opened, %d refused with 503, %d in another way", len(crowd.open), crowd.refused, crowd.other)
		}
		t.Logf("%d desks were opened, %d refused with 503, %d in another way", len(crowd.open), crowd.refused, crowd.other)
		f.awaitMore(t, 50) // calls go on while the house is full
		crowd.leave()
		w.await("the crowd is gone", func() bool { return w.desksOpen() == len(w.browsers) })
		again := w.crowd(t, 20)
		if len(again.open) != 20 {
			t.Errorf("%d of 20 desks were opened once there was room again", len(again.open))
		}
		again.leave()
	}
	f.end()
	f.judge().clean(w)
	w.checkLog()
	if _, err := os.Stat(filepath.Join(w.dir, "data", "cordboard.db.failed")); err == nil || !c.running() {
		t.Errorf("the server took its disk for broken\n%s", w.log())
	}
	c.kill()
}

// startLimited runs the server with few descriptors.
func (w *world) startLimited(t *testing.T, descriptors int) *child {
	t.Helper()
	c := newChild(t)
	limited := exec.Command("sh", "-c", fmt.Sprintf(`ulimit -n %d; exec "$0" "$@"`, descriptors), c.cmd.Path, "serve", "-c", w.configFile())
	limited.Env = c.cmd.Env
	c.cmd = limited
	w.begin(c)
	return c
}

// desksOpen is how many desks the server says are open; -1 when it says nothing.
func (w *world) desksOpen() int {
	var c connections
	if w.get("/api/v1/connections", &c) != nil {
		return -1
	}
	return len(c.Desks)
}

// crowd are browsers that came together.
type crowd struct {
	mu             sync.Mutex
	open           []*websocket.Conn
	refused, other int // with 503, and in another way
}

func (c *crowd) leave() {
	for _, conn := range c.open {
		conn.CloseNow()
	}
}

// crowd lets n browsers open desks of as many agents.
func (w *world) crowd(t *testing.T, n int) *crowd {
	c := &crowd{}
	var all sync.WaitGroup
	turn := make(chan struct{}, 20)
	for i := range n {
		all.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			conn, status := w.desk(t, "crowd"+strconv.Itoa(i))
			c.mu.Lock()
			defer c.mu.Unlock()
			switch {
			case conn != nil:
				c.open = append(c.open, conn)
			case status == http.StatusServiceUnavailable:
				c.refused++
			default:
				c.other++
			}
		})
	}
	all.Wait()
	t.Cleanup(c.leave)
	return c
}

// desk opens a desk, or tells with which status that was refused.
func (w *world) desk(t *testing.T, agent string) (*websocket.Conn, int) {
	ticket, err := w.ticket(t.Context(), agent)
	if err != nil {
		if errors.Is(err, errBusy) {
			return nil, http.StatusServiceUnavailable
		}
		return nil, 0
	}
	conn, resp, err := websocket.Dial(t.Context(), "ws://"+w.address+"/desk/socket", &websocket.DialOptions{Subprotocols: []string{"cordboard.desk.v1"}})
	if err != nil {
		if resp == nil {
			return nil, 0
		}
		return nil, resp.StatusCode
	}
	hello := fmt.Sprintf(`{"type":"hello","ticket":%q,"tab":"only","host":"plain"}`, ticket)
	if err = conn.Write(t.Context(), websocket.MessageText, []byte(hello)); err == nil {
		_, _, err = conn.Read(t.Context()) // the welcome
	}
	if err != nil {
		conn.CloseNow()
		if websocket.CloseStatus(err) == websocket.StatusTryAgainLater {
			return nil, http.StatusServiceUnavailable
		}
		return nil, 0
	}
	return conn, 0
}

// TestLittleMemory gives the server 256 MB (1 GB with the race detector, which takes several times as much) and lets calls
// go on: it is not ended for what it takes. It needs the right to make a control group.
func TestLittleMemory(t *testing.T) {
	most := setting(t, "CORDBOARD_MESSAGES", 100)
	limit := 256
	if raced() {
		limit = 1024
	}
	group := memoryGroup(t, limit<<20)
	w := newWorld(t, fed(worldOptions{agents: 12}))
	f := w.feed(0)
	c := newChild(t)
	inside := exec.Command("sh", "-c", fmt.Sprintf(`echo $$ >%s/cgroup.procs && exec "$0" "$@"`, group), c.cmd.Path, "serve", "-c", w.configFile())
	inside.Env = append(c.cmd.Env, fmt.Sprintf("GOMEMLIMIT=%dMiB", limit*3/4))
	c.cmd = inside
	w.begin(c)
	f.awaitMore(t, most)
	rss := peak(t, c.cmd.Process.Pid)
	f.end()
	f.judge().clean(w)
	t.Logf("%d MB at most", rss>>20)
	if !c.running() {
		t.Error("the server was ended")
	}
	c.kill()
}

// raced reports whether the race detector watches.
func raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.ContainsFunc(info.Settings, func(s debug.BuildSetting) bool { return s.Key == "-race" && s.Value == "true" })
}

// memoryGroup makes a control group whose processes may have so much memory.
func memoryGroup(t *testing.T, bytes int) string {
	t.Helper()
	dir := filepath.Join("/sys/fs/cgroup/memory", fmt.Sprintf("cordboard-test-%d", os.Getpid()))
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Skipf("cannot make a control group: %v", err)
	}
	t.Cleanup(func() {
		for end := time.Now().Add(10 * time.Second); os.Remove(dir) != nil && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		}
	})
	if err := os.WriteFile(filepath.Join(dir, "memory.limit_in_bytes"), []byte(strconv.Itoa(bytes)), 0o644); err != nil {
		t.Skipf("cannot limit memory: %v", err)
	}
	return dir
}
