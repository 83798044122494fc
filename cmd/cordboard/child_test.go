package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// child is the server as a process.
type child struct {
	cmd   *exec.Cmd
	born  time.Time
	ended chan struct{}
	err   error
	at    time.Time // of its end
}

// start runs `cordboard serve` on the world's folder. The process ends with the test at the latest.
func (w *world) start(args ...string) *child {
	w.t.Helper()
	if len(args) == 0 {
		args = []string{"serve", "-c", w.configFile()}
	}
	c := newChild(w.t, args...)
	w.begin(c)
	return c
}

// startUntil runs the server until it kills itself at a point.
func (w *world) startUntil(point string) *child {
	w.t.Helper()
	c := newChild(w.t, "serve", "-c", w.configFile())
	c.cmd.Env = append(c.cmd.Env, pointEnv+"="+point)
	w.begin(c)
	return c
}

// startTraced runs the server under strace, which may make something fail. The process is the server's own. With
// --seccomp-bpf among the options it is quicker, but signals cannot be sent.
func (w *world) startTraced(options ...string) *child {
	w.t.Helper()
	c := newChild(w.t)
	options = append([]string{"-D", "-f", "-qq", "-e", "signal=none", "-o", filepath.Join(w.dir, "trace.log")}, options...)
	again := exec.Command("strace", append(options, c.cmd.Path, "serve", "-c", w.configFile())...)
	again.Env = c.cmd.Env
	c.cmd = again
	w.begin(c)
	return c
}

// begin starts a child of this world, which logs beside its data.
func (w *world) begin(c *child) {
	w.t.Helper()
	log, err := os.OpenFile(filepath.Join(w.dir, "server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		w.t.Fatal(err)
	}
	defer log.Close()
	c.cmd.Stderr, c.cmd.Dir = log, w.dir
	c.begin(w.t)
}

func newChild(t *testing.T, args ...string) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: exec.Command(self, args...), ended: make(chan struct{})}
	c.cmd.Env = append(os.Environ(), childEnv+"=1", "GORACE=exitcode=66")
	return c
}

func (c *child) begin(t *testing.T) {
	t.Helper()
	c.born = time.Now()
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { c.err, c.at = c.cmd.Wait(), time.Now(); close(c.ended) }()
	t.Cleanup(func() { c.kill() })
}

// kill ends the process without a chance to clean up.
func (c *child) kill() {
	c.cmd.Process.Kill()
	<-c.ended
}

// running reports whether the process lives.
func (c *child) running() bool {
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

// code waits for the process and returns its exit code; -1 when a signal ended it.
func (c *child) code(t *testing.T, within time.Duration) int {
	t.Helper()
	select {
	case <-c.ended:
	case <-time.After(within):
		c.cmd.Process.Signal(syscall.SIGQUIT)
		t.Fatalf("the process did not end within %v", within)
	}
	if c.err == nil {
		return 0
	}
	if e, ok := errors.AsType[*exec.ExitError](c.err); ok {
		return e.ExitCode()
	}
	t.Fatal(c.err)
	return 0
}

// checkLog fails when a process of the world raced or panicked.
func (w *world) checkLog() {
	w.t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.dir, "server.log"))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, bad := range []string{"DATA RACE", "panic", "goroutine 1 ["} {
		if i := strings.Index(string(raw), bad); i >= 0 {
			w.t.Errorf("the server's log holds %q:\n%s", bad, raw[i:min(len(raw), i+3000)])
		}
	}
}
