package sqlite_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// TestDiskErrors lets an fsync or a write fail with EIO at random positions, in commits, posts and checkpoints: after it no
// group is acknowledged any more, the process ends, and at the next start everything acknowledged is there.
// CORDBOARD_ERRORS sets how often; CORDBOARD_SEED repeats a run's choices.
func TestDiskErrors(t *testing.T) {
	errors, rnd := rounds(t, "CORDBOARD_ERRORS", 4), choices(t)
	total := 0
	for i := range errors {
		d := failDisk(t, rnd, nil)
		total += d.acked
		if d.code != 1 || d.after > 0 || d.lost > 0 {
			t.Fatalf("error %d (%s): exit code %d, %d groups acknowledged after the error, %d of %d events lost", i, d.what, d.code, d.after, d.lost, d.acked)
		}
	}
	t.Logf("%d errors of the disk, %d events acknowledged before them, 0 lost", errors, total)
}

// TestDiskErrorsAreNoticed goes on after errors as if nothing had happened: that must show, or TestDiskErrors proves
// nothing.
func TestDiskErrorsAreNoticed(t *testing.T) {
	rnd := choices(t)
	for range 30 { // which error shows is a matter of chance
		d := failDisk(t, rnd, []string{childBold + "=1"})
		t.Logf("%s: exit code %d, %d groups acknowledged after the error", d.what, d.code, d.after)
		if d.after > 0 {
			return
		}
	}
	t.Error("thirty errors were passed over, and no group was acknowledged after them")
}

// diskFailure is what came of one error of the disk.
type diskFailure struct {
	what        string
	code        int
	acked, lost int // events
	after       int // groups acknowledged although they were not on disk before the error
}

// failDisk runs a child until the disk fails it.
func failDisk(t *testing.T, rnd *rand.Rand, env []string) (d diskFailure) {
	t.Helper()
	dir, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "journal.db")
	// The count is each thread's own, so what fails is a matter of chance.
	d.what = fmt.Sprintf("inject=fsync,fdatasync:error=EIO:when=%d", 10+rnd.IntN(40)) // the first ones are those of the migrations
	if rnd.IntN(3) == 0 {
		d.what = fmt.Sprintf("inject=pwrite64:error=EIO:when=%d", 100+rnd.IntN(600))
	}
	ops, code := record(t, path, 1000, env, "-e", d.what)
	d.code = code
	var acked []string
	failed := ""
	for i, o := range ops {
		switch {
		case o.failed:
			failed = o.file
		case o.kind == "ack":
			acked = append(acked, o.acked...)
			if failed != "" && !committed(ops[:i]) {
				d.after++
			}
		}
	}
	if failed != "" && !isDaybook(failed) && d.after > 0 {
		d.after-- // a post or a checkpoint failed beside a commit that had begun
	}
	if failed == "" {
		t.Fatalf("%s: nothing failed", d.what)
	}
	if d.acked = len(acked); len(env) == 0 {
		d.lost = len(missing(t, path, acked))
		whole(t, path)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	return d
}

// committed reports whether the newest group was on disk before anything failed: then its acknowledgement is right,
// however late it comes.
func committed(ops []op) bool {
	for i := len(ops) - 1; i >= 0; i-- {
		switch o := ops[i]; {
		case o.failed && isDaybook(o.file), o.kind == "ack":
			return false
		case o.kind == "sync" && isDaybook(o.file):
			for _, before := range ops[:i] {
				if before.failed {
					return false
				}
			}
			return true
		}
	}
	return false
}
