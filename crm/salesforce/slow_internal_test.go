package salesforce

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"cordboard/config"
	"cordboard/crm"
	sim "cordboard/sim/salesforce"
)

// TestTimeoutAndRetryMakeOneRecord lets an upsert go on in the org after the client has given up, in an org that
// overlooks what came in meanwhile, as real ones do for an external id that is not unique.
func TestTimeoutAndRetryMakeOneRecord(t *testing.T) {
	for name, hold := range map[string]time.Duration{"with the pause": time.Second, "without: the control": 0} {
		t.Run(name, func(t *testing.T) {
			dups := timeoutAndRetry(t, hold)
			if (dups == 0) != (hold > 0) {
				t.Errorf("%d keys have more than one record", dups)
			}
		})
	}
}

func timeoutAndRetry(t *testing.T, hold time.Duration) int {
	org := sim.New(sim.Config{ClientID: "c", ClientSecret: "s"})
	if err := org.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 2)
	go func() { done <- org.Run(ctx) }()
	c, err := New(Config{URL: org.URL(), ClientID: "c", ClientSecret: config.NewSecret("s")}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	c.urgent.timeout, c.afterTimeout = 200*time.Millisecond, hold
	go func() { done <- c.Run(ctx) }()
	defer func() {
		cancel()
		<-done
		<-done
		c.Close()
	}()
	for _, f := range []sim.Fault{
		{Kind: sim.Slow, Method: "PATCH", Delay: sim.Delay(500 * time.Millisecond), Count: 1},
		{Kind: sim.UpsertRace, Object: "Task"},
	} {
		if err := org.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	w := crm.Write{Object: "Task", Key: "k", Fields: map[string]any{"Subject": "x"}, Now: true}
	if _, err := c.Write(ctx, w); crm.KindOf(err) != crm.Busy || err == nil {
		t.Fatalf("the slow upsert: %v", err)
	}
	if _, err := c.Write(ctx, w); err != nil {
		t.Fatal(err)
	}
	waiting, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	if err := org.Await(waiting, func() bool { return len(org.Writes("Task")) >= 2 }); err != nil {
		t.Fatal(err)
	}
	return len(org.Duplicates())
}
