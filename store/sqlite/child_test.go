package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/engine"
	"cordboard/engine/journaltest"
	"cordboard/store/sqlite"
)

// The environment of a child process: the file that it writes, the number of its first call, whether its commits are to
// be without fsync, after how many groups each the log begins anew, after how many it ends, and whether it goes on
// after a failure of the storage.
const (
	childPath  = "CORDBOARD_CHILD_FILE"
	childFirst = "CORDBOARD_CHILD_FIRST"
	childWeak  = "CORDBOARD_CHILD_WEAK"
	childRest  = "CORDBOARD_CHILD_REST"
	childEnd   = "CORDBOARD_CHILD_END"
	childBold  = "CORDBOARD_CHILD_BOLD"
)

// child commits groups until it is ended, and prints the keys of each group once it was acknowledged.
func child(path string) error {
	first, err := strconv.Atoi(os.Getenv(childFirst))
	if err != nil {
		return err
	}
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path, sqlite.Options{CheckpointEvery: time.Millisecond})
	if err != nil {
		return err
	}
	if os.Getenv(childWeak) != "" {
		if err := s.Weaken(ctx); err != nil {
			return err
		}
	}
	s.Thin(128 << 10) // the files of the daybook take turns every few groups
	rest, _ := strconv.Atoi(os.Getenv(childRest))
	end, _ := strconv.Atoi(os.Getenv(childEnd))
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx) }()
	f := journaltest.NewFeed(48, first)
	for n := 1; end == 0 || n <= end; n++ {
		g := f.Group(n%48 + 1)
		err := s.Commit(ctx, g)
		if errors.Is(err, engine.ErrBroken) && os.Getenv(childBold) != "" {
			s.Forgive()
			err, end = nil, n+5
		}
		if err != nil {
			return err
		}
		if _, err := fmt.Println(strings.Join(journaltest.Keys(g.Events), "\t")); err != nil {
			return err
		}
		if rest > 0 && n%rest == 0 {
			if err := s.Rest(ctx); err != nil {
				return err
			}
		}
		select {
		case err := <-ran:
			if os.Getenv(childBold) == "" {
				return fmt.Errorf("run ended: %w", err)
			}
		default:
		}
	}
	return nil
}

// committer is a child that runs, and what it has acknowledged so far.
type committer struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it says nothing more

	mu    sync.Mutex
	more  *sync.Cond
	acked []string // event keys
	lines int
	over  bool
}

// startCommitter starts a child that writes calls from a number on; wrap, if given, is the command that runs it.
func startCommitter(t *testing.T, path string, first int, env []string, wrap ...string) *committer {
	t.Helper()
	args := append(wrap, os.Args[0])
	c := &committer{cmd: exec.Command(args[0], args[1:]...), ended: make(chan struct{})}
	c.more = sync.NewCond(&c.mu)
	c.cmd.Env = append(append(os.Environ(), childPath+"="+path, fmt.Sprint(childFirst, "=", first)), env...)
	c.cmd.Stderr = t.Output()
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(c.ended)
		lines := bufio.NewReader(out)
		for {
			line, err := lines.ReadString('\n')
			c.mu.Lock()
			if err == nil { // a line that was cut off was not acknowledged
				c.acked = append(c.acked, strings.Split(strings.TrimSpace(line), "\t")...)
				c.lines++
			}
			c.over = err != nil
			c.more.Broadcast()
			c.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return c
}

// await waits until the child has acknowledged some groups; it returns all that it has acknowledged so far.
func (c *committer) await(t *testing.T, groups int) []string {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.lines < groups && !c.over {
		c.more.Wait()
	}
	if c.over {
		t.Fatalf("the child ended by itself after %d groups", c.lines)
	}
	return c.acked
}

// kill ends the child and returns all that it acknowledged.
func (c *committer) kill(t *testing.T) []string {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	acked, code := c.wait()
	if code != -1 {
		t.Fatalf("the child ended by itself with code %d", code)
	}
	return acked
}

// wait waits for the child's end; the code is -1 when it was killed.
func (c *committer) wait() (acked []string, code int) {
	<-c.ended
	_ = c.cmd.Wait() // the code says it
	return c.acked, c.cmd.ProcessState.ExitCode()
}

// missing asks the journal which of the acknowledged events it does not have.
func missing(t *testing.T, path string, acked []string) []string {
	t.Helper()
	s := open(t, path)
	k, err := s.Known(t.Context(), journaltest.CallsOf(acked))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return journaltest.Lacks(k, acked)
}

// whole fails when the file is damaged or a group was stored in part.
func whole(t *testing.T, path string) {
	t.Helper()
	if got := integrity(t, path); got != "ok" {
		t.Fatalf("integrity check: %s", got)
	}
	events, counted := count(t, path, "SELECT count(*) FROM events"), count(t, path, "SELECT events FROM totals")
	if events != counted {
		t.Fatalf("%d events, %d counted", events, counted)
	}
	// Each event's call is in the event's group: a group stored in part would differ here.
	if n := count(t, path, "SELECT coalesce(sum(version), 0) FROM calls"); n != events {
		t.Fatalf("%d events, but their calls have %d: a group was stored in part", events, n)
	}
}

// rounds is how often a test does its work: what the variable says, few by default.
func rounds(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// choices are a run's random choices; CORDBOARD_SEED repeats them.
func choices(t *testing.T) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	if n, err := strconv.ParseUint(os.Getenv("CORDBOARD_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("CORDBOARD_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}
