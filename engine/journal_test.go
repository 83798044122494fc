package engine_test

import (
	"testing"

	"cordboard/engine"
	"cordboard/engine/journaltest"
)

// The journal in memory that the engine's own tests use keeps the contract, so that they mean something.
func TestMemoryJournal(t *testing.T) {
	journaltest.Run(t, func(*testing.T) (engine.Journal, func() engine.Journal) {
		j := engine.NewMemory()
		return j, func() engine.Journal { return j }
	})
}
