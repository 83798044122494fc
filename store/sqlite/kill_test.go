package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cordboard/engine"
	"cordboard/store/sqlite"
)

// childPath names the file that a child process of TestKill writes.
const childPath = "CORDBOARD_KILL_FILE"

// child commits groups until it is killed, and prints the keys of each group once it was acknowledged.
func child(path string) error {
	first, err := strconv.Atoi(os.Getenv("CORDBOARD_KILL_FIRST"))
	if err != nil {
		return err
	}
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{CheckpointEvery: time.Millisecond})
	if err != nil {
		return err
	}
	ran := make(chan error, 1)
	go func() { ran <- s.Run(context.Background()) }()
	out := bufio.NewWriter(os.Stdout)
	f := newFeedFrom(48, first)
	for size := 1; ; size = size%48 + 1 {
		g := f.group(size)
		if err := s.Commit(context.Background(), g); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, strings.Join(keys(g.Events), "\t")); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return err
		}
		select {
		case err := <-ran:
			return fmt.Errorf("run ended: %w", err)
		default:
		}
	}
}

// TestKill kills a process that commits, at random instants: everything acknowledged is there, no group is stored in part, and
// the file is intact. It proves nothing about power cuts. CORDBOARD_KILLS sets how often; CORDBOARD_SEED repeats a run's choices.
func TestKill(t *testing.T) {
	kills := 20
	if testing.Short() {
		kills = 3
	}
	if n, err := strconv.Atoi(os.Getenv("CORDBOARD_KILLS")); err == nil {
		kills = n
	}
	seed := rand.Uint64()
	if n, err := strconv.ParseUint(os.Getenv("CORDBOARD_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("CORDBOARD_SEED=%d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	path := filepath.Join(t.TempDir(), "journal.db")
	var acked []string
	for i := range kills {
		acked = append(acked, killOne(t, path, (i+1)*1_000_000, 1+rnd.IntN(60), time.Duration(rnd.IntN(3000))*time.Microsecond)...)
		afterKill(t, path, acked)
	}
	t.Logf("%d kills, %d events acknowledged, 0 lost", kills, len(acked))
}

// killOne lets a child acknowledge some groups, waits a little and kills it; it returns the keys acknowledged.
func killOne(t *testing.T, path string, first, groups int, wait time.Duration) (acked []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childPath+"="+path, fmt.Sprint("CORDBOARD_KILL_FIRST=", first))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for n := 0; ; n++ {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // a line that was cut off was not acknowledged
		}
		acked = append(acked, strings.Split(strings.TrimSpace(line), "\t")...)
		if n == groups {
			time.Sleep(wait) // any instant will do
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("the child ended by itself: %v", err)
	}
	return acked
}

func afterKill(t *testing.T, path string, acked []string) {
	t.Helper()
	s := open(t, path)
	k, err := s.Known(t.Context(), engine.Ask{Events: acked})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range acked {
		if !k.Events[key] {
			t.Errorf("acknowledged and lost: %q", key)
		}
	}
	counts, err := s.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := integrity(t, path); got != "ok" {
		t.Fatalf("integrity check: %s", got)
	}
	// Each event's call is in the event's group: a group stored in part would differ here.
	if n := count(t, path, "SELECT count(*) FROM events"); n != counts.Events {
		t.Fatalf("%d events, %d counted", n, counts.Events)
	}
	if n := count(t, path, "SELECT coalesce(sum(version), 0) FROM calls"); n != counts.Events {
		t.Fatalf("%d events, but their calls have %d: a group was stored in part", counts.Events, n)
	}
}
