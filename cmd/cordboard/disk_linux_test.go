package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDiskFails lets every fsync of the running server fail from a random one on: it ends by itself with code 1, no
// message that is sent after the failure is acknowledged, and the next start finds everything that was. CORDBOARD_ERRORS
// says how often.
func TestDiskFails(t *testing.T) {
	needStrace(t)
	rounds := setting(t, "CORDBOARD_ERRORS", 1)
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 4))
	w := newWorld(t, fed(worldOptions{agents: 8}))
	f := w.feed(20 * time.Millisecond)
	w.firstLife(f)
	var longest time.Duration
	for range rounds {
		c := w.startTraced(w.failing("fsync,fdatasync", 4+rng.IntN(12))...)
		if code := c.code(t, 3*time.Minute); code != exitFailed {
			t.Fatalf("the disk failed, and the server ended with code %d\n%s", code, w.log())
		}
		failed := w.firstFailure(t)
		longest = max(longest, c.at.Sub(failed))
		// What left in the last moment before may have been stored by a commit that was under way.
		if _, late := f.acknowledged(); late.Sub(failed) > time.Second {
			t.Errorf("a message that left %v after the failure was acknowledged", late.Sub(failed))
		}
	}
	t.Logf("%d times the disk failed; the process ended within %v", rounds, longest)
	if longest > 20*time.Second {
		t.Errorf("the process went on for %v after the disk had failed", longest)
	}
	w.start()
	f.awaitMore(t, 30)
	f.end()
	f.judge().clean(w)
}

// TestDiskFailsIsNoticed passes failures over as if the group had been stored: that must show, as soon as a message is
// acknowledged that left after the failure. A life that ends before one is says nothing. Writes fail here, because what no
// fsync brought to the disk is in the system's cache all the same.
func TestDiskFailsIsNoticed(t *testing.T) {
	needStrace(t)
	w := newWorld(t, fed(worldOptions{agents: 8}))
	f := w.feed(20 * time.Millisecond)
	w.firstLife(f)
	options := append([]string{"-E", pointEnv + "=" + passOver + ":0"}, w.failing("pwrite64", 10)...)
	lives := 0
	for claimed := false; !claimed; lives++ {
		if lives == 20 {
			t.Fatal("20 times the disk failed, and nothing was acknowledged after it")
		}
		w.startTraced(options...).code(t, 3*time.Minute)
		_, late := f.acknowledged()
		claimed = late.After(w.firstFailure(t))
	}
	w.start()
	f.awaitMore(t, 30)
	f.end()
	v := f.judge()
	t.Logf("%d lives: %v", lives, v)
	if v.lost == 0 {
		t.Error("a group that was not stored was acknowledged, and nothing is missed")
	}
}

func needStrace(t *testing.T) {
	t.Helper()
	if out, err := exec.Command("strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=fsync", "-o", "/dev/null", "true").CombinedOutput(); err != nil {
		t.Skipf("this test needs strace and the right to use it: %v %s", err, out)
	}
}

// firstLife lets a server make the journal and be killed, so that what fails later is not its making.
func (w *world) firstLife(f *feed) {
	w.t.Helper()
	c := w.start()
	f.awaitMore(w.t, 20)
	c.kill()
}

// failing are strace's options that let calls on the journal's daybook fail from the nth of each thread on.
func (w *world) failing(calls string, n int) []string {
	day := filepath.Join(w.dir, "data", "cordboard.db-day")
	return []string{"--seccomp-bpf", "-ttt", "-P", day + "1", "-P", day + "2", "-e", "trace=" + calls, "-e", fmt.Sprintf("inject=%s:error=EIO:when=%d+", calls, n)}
}

// firstFailure is when strace let the first call fail.
func (w *world) firstFailure(t *testing.T) time.Time {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.dir, "trace.log"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		fields := strings.Fields(line)
		if !strings.Contains(line, "INJECTED") || len(fields) < 2 {
			continue
		}
		seconds, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		return time.UnixMicro(int64(seconds * 1e6))
	}
	t.Fatalf("nothing failed:\n%s", raw)
	return time.Time{}
}

// TestDiskIsFull fills the disk of the running server and empties it again: while it is full nothing is acknowledged
// (503) and the console reads on; then the same process goes on, and nothing is lost or half written. CORDBOARD_FULL says
// how often.
func TestDiskIsFull(t *testing.T) {
	rounds := setting(t, "CORDBOARD_FULL", 1)
	w := newWorld(t, fed(worldOptions{agents: 8}))
	disk := w.smallDisk(t, 64)
	f := w.feed(20 * time.Millisecond)
	c := w.start()
	for range rounds {
		f.awaitMore(t, 30)
		var n counts
		if err := w.get("/api/v1/counts", &n); err != nil || n.Events == 0 { // and what is counted is in the tables
			t.Errorf("before the disk is full the console reads %+v, %v", n, err)
		}
		ballast := fill(t, disk)
		refused := f.answers(http.StatusServiceUnavailable)
		w.await("messages are refused", func() bool { return f.answers(http.StatusServiceUnavailable) >= refused+5 })
		before, _ := f.acknowledged()
		if page := w.page("/calls"); !strings.Contains(page, "<html") {
			t.Errorf("the console shows %.100q", page)
		}
		n = counts{}
		if err := w.get("/api/v1/counts", &n); err != nil || n.Events == 0 {
			t.Errorf("the console reads %+v, %v", n, err)
		}
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		w.await("messages are taken again", func() bool { n, _ := f.acknowledged(); return n > before })
	}
	f.awaitMore(t, 30)
	f.end()
	f.judge().clean(w)
	w.checkLog()
	if !c.running() {
		t.Error("the server ended")
	}
	c.kill()
}

// smallDisk puts the data folder on a disk of so many megabytes. It needs the right to mount.
func (w *world) smallDisk(t *testing.T, megabytes int) string {
	t.Helper()
	dir := filepath.Join(w.dir, "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", megabytes)); err != nil {
		t.Skipf("cannot mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill leaves no space on a disk.
func fill(t *testing.T, dir string) (ballast string) {
	t.Helper()
	ballast = filepath.Join(dir, "ballast")
	file, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for block := bytes.Repeat([]byte("x"), 64<<10); len(block) > 0; {
		if _, err := file.Write(block); errors.Is(err, syscall.ENOSPC) {
			block = block[:len(block)/2]
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return ballast
}
