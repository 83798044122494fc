package postgres_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"

	"cordboard/engine"
	"cordboard/engine/journaltest"
	"cordboard/store/postgres"
	"cordboard/store/postgres/pgtest"
)

var schemas atomic.Int64

// newSchema names a schema that no other test uses.
func newSchema() string { return fmt.Sprint("test_", schemas.Add(1)) }

// node is an open store with its Run.
type node struct {
	*postgres.Store
	end func() error
}

// open opens a node that runs until the test ends.
func open(t testing.TB, s *pgtest.Server, o postgres.Options) *node {
	t.Helper()
	n := idle(t, s, o)
	n.run()
	return n
}

// run begins the node's Run, which end ends.
func (n *node) run() {
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- n.Run(ctx) }()
	closes := n.end
	n.end = sync.OnceValue(func() error {
		stop()
		if err := <-ran; err != nil {
			_ = closes()
			return err
		}
		return closes()
	})
}

// idle opens a node whose Run does not run: it is as silent as one that is paused.
func idle(t testing.TB, s *pgtest.Server, o postgres.Options) *node {
	t.Helper()
	if o.Log == nil && testing.Verbose() {
		o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	st, err := postgres.Open(t.Context(), s.URL("postgres"), o)
	if err != nil {
		t.Fatal(err)
	}
	n := &node{Store: st, end: sync.OnceValue(st.Close)}
	t.Cleanup(func() { _ = n.end() }) // whichever end it has by then
	return n
}

func TestJournal(t *testing.T) {
	s := running(t)
	journaltest.Run(t, func(t *testing.T) (engine.Journal, func() engine.Journal) {
		o := postgres.Options{Node: "north", Schema: newSchema()}
		n := open(t, s, o)
		t.Cleanup(func() { agree(t, s, o.Schema) })
		return n.Store, func() engine.Journal {
			if err := n.end(); err != nil {
				t.Fatalf("close: %v", err)
			}
			n = open(t, s, o)
			return n.Store
		}
	})
}
