// Package stagetest is what the tests of simulators, and those with a simulator in them, have in common.
package stagetest

import (
	"context"
	"testing"
	"time"
)

// Limit bounds every wait for a fact: far above what is needed, so that it decides nothing on a slow machine.
const Limit = 2 * time.Minute

// Simulator is one of a vendor's servers, as all simulators are started.
type Simulator interface {
	// Listen makes it reachable: its addresses are known when it has returned.
	Listen() error
	// Run serves until ctx ends.
	Run(ctx context.Context) error
}

// Run runs a simulator until the test ends, and fails the test if it ends otherwise.
func Run(t testing.TB, s Simulator) {
	t.Helper()
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the simulator ended with %v", err)
		}
	})
}

// Within is a context for what must happen, which ends with the test or after Limit.
func Within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Limit)
	t.Cleanup(cancel)
	return ctx
}
