//go:build unix

package sqlite_test

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"cordboard/engine/journaltest"
)

// TestGrowth looks whether an event costs the same however many are stored, with checkpoints beside the commits.
func TestGrowth(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "journal.db"))
	t.Cleanup(running(t, s))
	journaltest.Growth(t, s, func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	})
}
