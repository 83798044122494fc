package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cordboard/store/internal/disk"
)

// TestPowerCut cuts the power of a disk while a process commits and checkpoints: everything acknowledged before is
// there, no group is stored in part, and the file is intact. CORDBOARD_CUTS sets how often; CORDBOARD_SEED repeats a
// run's choices.
func TestPowerCut(t *testing.T) {
	d, cuts := disk.New(t, 1024), rounds(t, "CORDBOARD_CUTS", 4)
	p := &powerCuts{d: d, t: t}
	rnd := choices(t)
	for i := range cuts {
		if i%4 == 0 { // a file lives through a few cuts
			p.fresh()
		}
		p.cut(1+rnd.IntN(80), time.Duration(rnd.IntN(500))*time.Millisecond)
		if n := len(p.lost); n > 0 {
			t.Fatalf("cut %d: %d of %d acknowledged events are lost: %q …", i, n, len(p.acked), p.lost[0])
		}
	}
	t.Logf("%d cuts, %d events acknowledged before them, 0 lost", cuts, p.total)
}

// TestPowerCutIsNoticed takes the fsync out of commits: then a power cut must lose what was acknowledged, or TestPowerCut
// proves nothing.
func TestPowerCutIsNoticed(t *testing.T) {
	p := &powerCuts{d: disk.New(t, 1024), t: t, env: []string{childWeak + "=1"}}
	rnd := choices(t)
	cuts, lost, most := 0, 0, max(6, rounds(t, "CORDBOARD_CUTS", 0)/10)
	for ; cuts < most && (lost == 0 || os.Getenv("CORDBOARD_CUTS") != ""); cuts++ {
		p.fresh()
		p.cut(20+rnd.IntN(60), time.Duration(rnd.IntN(500))*time.Millisecond)
		lost += len(p.lost)
	}
	t.Logf("without fsync: %d cuts, %d events acknowledged before them, %d lost", cuts, p.total, lost)
	if lost == 0 {
		t.Error("commits without fsync survived every power cut: the cuts do not cut")
	}
}

// powerCuts is a file on a disk whose power is cut again and again.
type powerCuts struct {
	t    *testing.T
	d    *disk.Disk
	env  []string
	runs int

	path  string
	acked []string // in this file
	total int
	lost  []string
}

// fresh begins a new file.
func (p *powerCuts) fresh() {
	if p.path != "" {
		removeAll(p.t, p.path+"*")
	}
	p.path, p.acked = filepath.Join(p.d.Dir, fmt.Sprintf("journal-%d.db", p.runs)), nil
}

// cut lets a process commit some groups and a little longer, cuts the power and looks what is left.
func (p *powerCuts) cut(groups int, longer time.Duration) {
	p.t.Helper()
	p.runs++
	c := startCommitter(p.t, p.path, p.runs*10_000_000, p.env)
	c.await(p.t, groups)
	time.Sleep(longer) // any instant will do
	acked := c.await(p.t, groups)
	p.d.Cut()
	_ = c.cmd.Process.Kill() // it may have noticed the cut and ended
	_, _ = c.wait()
	p.d.Restore()
	p.total += len(acked)
	p.acked = append(p.acked, acked...)
	p.lost = missing(p.t, p.path, p.acked)
	whole(p.t, p.path)
}
