package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	simfinesse "cordboard/sim/finesse"
)

// Ensure that a backup made under load can be put in the place of the journal: the server goes on from there, shows
// nothing again and writes no record twice.
func TestBackupAndRestore(t *testing.T) {
	w := newWorld(t, worldOptions{})
	c := w.start()
	w.await("the sessions are up", func() bool { return w.up(4) })
	first := w.playOne(w.agents[0])
	w.await("the log is there", func() bool { return w.hasLog(first) })

	var stop atomic.Bool
	var players sync.WaitGroup
	script, _ := simfinesse.Script("predictive_plain")
	for _, agent := range w.agents[1:] {
		players.Go(func() {
			for !stop.Load() {
				if _, err := w.site.Play(t.Context(), script, simfinesse.Call{Agents: []string{agent}, Customer: w.people[1].Number, Scale: 0.005}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	t.Cleanup(func() { stop.Store(true); players.Wait() })
	file := filepath.Join(w.dir, "backup.db")
	code, out, errs := command(t, t.Context(), "", "backup", "-c", w.configFile(), file)
	if code != exitOK || !strings.Contains(out, "checked") {
		t.Fatalf("backup: code %d\n%s%s", code, out, errs)
	}
	if code, _, errs := command(t, t.Context(), "", "restore", "-c", w.configFile(), file); code != exitFailed || !strings.Contains(errs, "stop it first") {
		t.Errorf("restored under a server that runs: code %d\n%s", code, errs)
	}
	later := w.playOne(w.agents[0])
	w.await("the log is there", func() bool { return w.hasLog(later) })
	stop.Store(true)
	players.Wait()
	w.settled()
	c.cmd.Process.Signal(os.Interrupt)
	if code := c.code(t, time.Minute); code != 0 {
		t.Fatalf("the server ended with code %d\n%s", code, w.log())
	}

	if code, out, errs := command(t, t.Context(), "", "restore", "-c", w.configFile(), file); code != exitOK || !strings.Contains(errs, "kept as") {
		t.Fatalf("restore: code %d\n%s%s", code, out, errs)
	}
	w.start()
	w.await("the sessions are up", func() bool { return w.up(4) })
	w.settled()
	if s, ok := w.storyOf("finesse:" + first.Main); !ok || len(s.Timeline) < 4 {
		t.Errorf("what was there before the backup is not there after it was put back: %d events", len(s.Timeline))
	}
	if _, ok := w.storyOf("finesse:" + later.Main); ok {
		t.Error("what came after the backup is there after it was put back")
	}
	if d := w.org.Duplicates(); len(d) > 0 {
		t.Errorf("records share a key: %v", d)
	}
	for agent, b := range w.browsers {
		seen := map[string]int{}
		for _, p := range b.Pops() {
			if seen[p.Call+p.Kind]++; seen[p.Call+p.Kind] > 1 {
				t.Errorf("agent %s saw the %s of %s again", agent, p.Kind, p.Call)
			}
		}
	}
	again := w.playOne(w.agents[0])
	w.await("calls go on", func() bool { return w.hasLog(again) })
	w.checkLog()
}
