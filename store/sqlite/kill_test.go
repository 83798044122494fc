package sqlite_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// TestKill kills a process that commits, at random instants: everything acknowledged is there, no group is stored in part, and
// the file is intact. It proves nothing about power cuts. CORDBOARD_KILLS sets how often; CORDBOARD_SEED repeats a run's choices.
func TestKill(t *testing.T) {
	otherwise := 8
	if testing.Short() {
		otherwise = 3
	}
	kills, rnd := rounds(t, "CORDBOARD_KILLS", otherwise), choices(t)
	dir, path, total := t.TempDir(), "", 0
	var acked []string
	for i := range kills {
		if i%4 == 0 { // a file lives through a few kills
			total += len(acked)
			path, acked = filepath.Join(dir, fmt.Sprint(i, ".db")), nil
		}
		c := startCommitter(t, path, (i+1)*1_000_000, nil)
		c.await(t, 1+rnd.IntN(60))
		time.Sleep(time.Duration(rnd.IntN(3000)) * time.Microsecond) // any instant will do
		acked = append(acked, c.kill(t)...)
		for _, key := range missing(t, path, acked) {
			t.Errorf("acknowledged and lost: %q", key)
		}
		whole(t, path)
	}
	t.Logf("%d kills, %d events acknowledged", kills, total+len(acked))
}
