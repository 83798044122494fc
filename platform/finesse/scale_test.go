package finesse_test

import (
	"log/slog"
	"os"
	"runtime"
	"testing"
	"time"

	"cordboard/platform"
	"cordboard/platform/platformtest"
)

// TestManySessions logs a thousand agents in. What a session costs is printed with -v; the simulator's part is in it.
func TestManySessions(t *testing.T) {
	if testing.Short() || os.Getenv("CORDBOARD_SCALE") == "" {
		t.Skip("set CORDBOARD_SCALE to log a thousand agents in")
	}
	const agents = 1000
	for _, transport := range []string{"ws", "tcp"} {
		s := newSite(t, transport, agents)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		began := time.Now()
		sink := platformtest.NewSink()
		stop := platformtest.Start(t, s.open(t, slog.New(slog.DiscardHandler)), sink)
		sink.AwaitState(t, platform.Up)
		took := time.Since(began)
		runtime.GC()
		runtime.ReadMemStats(&after)
		t.Logf("%s: %d sessions up in %s, %d KiB each with the simulator's side, %d goroutines", transport, agents, took,
			(int64(after.HeapInuse+after.StackInuse)-int64(before.HeapInuse+before.StackInuse))/agents/1024, runtime.NumGoroutine())
		stop()
	}
}
