package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSlowDisk lets every fsync of the journal take a third of a second: who sends has to wait, and what is on disk is
// shown at once. CORDBOARD_MESSAGES says for how many messages, 100 by default.
func TestSlowDisk(t *testing.T) {
	needStrace(t)
	most := setting(t, "CORDBOARD_MESSAGES", 100)
	w := newWorld(t, fed(worldOptions{agents: 16}))
	f := w.feed(0)
	options := []string{"--seccomp-bpf", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:delay_enter=300000"}
	for _, suffix := range []string{"", "-wal", "-day1", "-day2"} {
		options = append(options, "-P", filepath.Join(w.dir, "data", "cordboard.db"+suffix))
	}
	c := w.startTraced(options...)
	f.awaitMore(t, most)
	rss := peak(t, c.cmd.Process.Pid)
	f.end()
	v := f.judge()
	v.clean(w)
	took, popped := f.waits()
	t.Logf("acknowledged after %v (median), shown %v (median), %v (99 of 100) after that; %d MB", at(took, 0.5), at(popped, 0.5), at(popped, 0.99), rss>>20)
	if at(took, 0.5) < 150*time.Millisecond {
		t.Error("the disk was not slow")
	}
	if rss > 1<<30 {
		t.Errorf("the server took %d MB", rss>>20)
	}
	c.kill()
}

// waits are how long messages waited for their acknowledgement, and pops, from that of their message, for their browser.
func (f *feed) waits() (acks, pops []time.Duration) {
	f.world.mu.Lock()
	defer f.world.mu.Unlock()
	for _, c := range f.told {
		acks = append(acks, c.took...)
		if at, ok := f.arrived["dialer:"+c.id]; ok {
			pops = append(pops, max(0, at.Sub(c.acked)))
		}
	}
	slices.Sort(acks)
	slices.Sort(pops)
	return acks, pops
}

// at is the value below which a part of them lie.
func at(sorted []time.Duration, part float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(part*float64(len(sorted))))].Round(time.Millisecond)
}

// peak is the most memory that a process has had, in bytes.
func peak(t *testing.T, pid int) (bytes int) {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(raw), "VmHWM:")
	if _, err := fmt.Sscan(rest, &bytes); err != nil {
		t.Fatal(err)
	}
	return bytes << 10
}
