package sqlite_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"cordboard/store/sqlite"
	"cordboard/table"
)

// childTable makes a child count in a table instead of committing groups.
const childTable = "CORDBOARD_CHILD_TABLE"

// counts is the table that children count in.
func counts() table.Definition {
	return table.Definition{Name: "counts", Key: table.Key{Name: "k"}, Columns: []table.Column{{Name: "n", Type: table.Number}}}
}

// counting counts up until it is ended, step by step from a number on, and prints each step once it was acknowledged.
func counting(path string) error {
	step, err := strconv.Atoi(os.Getenv(childFirst))
	if err != nil {
		return err
	}
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path, sqlite.Options{CheckpointEvery: time.Millisecond})
	if err != nil {
		return err
	}
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx) }()
	if _, err := s.Define(ctx, counts(), "child", nil); err != nil {
		return err
	}
	for ; ; step++ {
		once := fmt.Sprint("step-", step)
		if _, err := s.Change(ctx, counts(), "child", []table.Change{{Key: "a", Add: map[string]float64{"n": 1}, Once: once}}); err != nil {
			return err
		}
		if _, err := fmt.Println(once); err != nil {
			return err
		}
		select {
		case err := <-ran:
			return fmt.Errorf("run ended: %w", err)
		default:
		}
	}
}

// TestKillTables kills a process that counts in a table, at random instants, and lets the next one begin with the step that was
// not acknowledged: every acknowledged step is there, and every step has counted once.
func TestKillTables(t *testing.T) {
	kills, rnd := rounds(t, "CORDBOARD_KILLS", 5), choices(t)
	path, acked, repeated := filepath.Join(t.TempDir(), "tables.db"), 0, 0
	for range kills {
		c := startCommitter(t, path, acked+1, []string{childTable + "=1"})
		c.await(t, 1+rnd.IntN(40))
		time.Sleep(time.Duration(rnd.IntN(3000)) * time.Microsecond) // any instant will do
		steps := c.kill(t)
		acked += len(steps)
		if last := steps[len(steps)-1]; last != fmt.Sprint("step-", acked) {
			t.Fatalf("%d steps acknowledged, the last one is %s", acked, last)
		}
		s := open(t, path)
		row, err := s.Row(t.Context(), "counts", "a")
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(string(row.Values["n"].(json.Number)))
		if err != nil || n < acked || n > acked+1 {
			t.Errorf("%d steps acknowledged, counted %d; %v", acked, n, err)
		}
		repeated += n - acked
		all, err := s.History(t.Context(), "counts", table.HistoryQuery{ID: "a", Limit: acked + 10})
		if err != nil || len(all) != n {
			t.Errorf("counted %d, %d changes in the history; %v", n, len(all), err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		whole(t, path)
	}
	t.Logf("%d kills, %d steps acknowledged, %d of them made before the kill and asked for again", kills, acked, repeated)
}
