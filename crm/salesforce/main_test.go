package salesforce_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"cordboard/config"
	"cordboard/crm/salesforce"
	sim "cordboard/sim/salesforce"

	"go.uber.org/goleak"
)

// TestMain lets the simulator's slow answers sleep on: nobody reads the connection that would tell them of the end.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("cordboard/sim/salesforce.(*Server).faultBefore"))
}

// newOrg runs a simulated org for the length of a test.
func newOrg(t *testing.T, cfg sim.Config) *sim.Server {
	t.Helper()
	cfg.ClientID, cfg.ClientSecret = "consumer", "hush"
	org := sim.New(cfg)
	if err := org.Listen(); err != nil {
		t.Fatal(err)
	}
	inBackground(t, org.Run)
	return org
}

// newClient runs a client of an address for the length of a test. Change may alter its settings.
func newClient(t *testing.T, address string, change func(*salesforce.Config)) *salesforce.Client {
	t.Helper()
	cfg := salesforce.Config{
		URL: address, ClientID: "consumer", ClientSecret: config.NewSecret("hush"),
		Window: config.Duration(20 * time.Millisecond), MaxWindow: config.Duration(40 * time.Millisecond), PhoneIndex: new(false),
	}
	if change != nil {
		change(&cfg)
	}
	client, err := salesforce.New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	inBackground(t, client.Run)
	return client
}

// inBackground runs something that must end without an error when the test is over.
func inBackground(t *testing.T, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
