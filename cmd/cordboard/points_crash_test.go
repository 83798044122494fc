package main

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestPoints kills the server between two steps where it matters: after a commit, before whoever sent was told; after
// the org wrote or the agent saw, before the journal knows; in the middle of a checkpoint. A dialer goes on sending, and
// is owed every message that it was told is taken. CORDBOARD_POINTS says how often at each point.
func TestPoints(t *testing.T) {
	rounds := setting(t, "CORDBOARD_POINTS", 1)
	seed := uint64(setting(t, "CORDBOARD_CRASH_SEED", int(time.Now().UnixNano()&0xffffff)))
	t.Logf("%d kills at each point, CORDBOARD_CRASH_SEED=%d", rounds, seed)
	rng := rand.New(rand.NewPCG(seed, 3))
	w := newWorld(t, fed(worldOptions{agents: 8}))
	f := w.feed(50 * time.Millisecond)
	_, noTrace := exec.LookPath("strace")
	for range rounds {
		for _, point := range []string{afterCommit, beforeOutcome} {
			w.startUntil(fmt.Sprintf("%s:%d", point, 1+rng.IntN(60))).dies(t)
		}
		if noTrace == nil { // a page of the checkpoint is the last that the file gets
			w.startTraced("-P", filepath.Join(w.dir, "data", "cordboard.db"), "-e", "trace=pwrite64",
				"-e", fmt.Sprintf("inject=pwrite64:signal=KILL:when=%d", 1+rng.IntN(80))).dies(t)
		}
	}
	c := w.start()
	f.awaitMore(t, 50)
	f.end()
	f.judge().clean(w)
	w.checkLog()
	c.kill()
}

// TestPointsAreNoticed acknowledges before it stores: that must show, or TestPoints proves nothing. A sender that has not read
// its answer when the process dies sends again, and misses nothing: so there are three lives.
func TestPointsAreNoticed(t *testing.T) {
	w := newWorld(t, fed(worldOptions{agents: 8}))
	f := w.feed(50 * time.Millisecond)
	for range 3 {
		w.startUntil(ackFirst + ":20").dies(t)
	}
	w.start()
	f.awaitMore(t, 50)
	f.end()
	v := f.judge()
	t.Log(v)
	if v.lost == 0 {
		t.Error("events were acknowledged before they were stored, the process was killed, and nothing is missed")
	}
}

// dies waits until the process is killed, by itself or by what watches it.
func (c *child) dies(t *testing.T) {
	t.Helper()
	if code := c.code(t, 2*time.Minute); code != -1 {
		t.Fatalf("the server ended with code %d, and was not killed", code)
	}
}
