package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cordboard/engine/journaltest"
	"cordboard/store/sqlite"
)

// TestReadyWithManyEvents kills a server whose journal holds many events, under load, and measures how long the next one
// takes until it acknowledges again. CORDBOARD_STORED says how many events, 20,000 by default; two seconds is what a
// million may cost.
func TestReadyWithManyEvents(t *testing.T) {
	stored := setting(t, "CORDBOARD_STORED", 20_000)
	w := newWorld(t, fed(worldOptions{}))
	data := filepath.Join(w.dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), filepath.Join(data, "cordboard.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tending, stop := context.WithCancel(t.Context())
	tended := make(chan error, 1)
	go func() { tended <- s.Run(tending) }() // it checkpoints, or the log grows without end
	feed := journaltest.NewFeed(512, 0)      // no call twice in a group
	for n := 0; n < stored; n += 512 {
		if err := s.Commit(t.Context(), feed.Group(512)); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := errors.Join(<-tended, s.Close()); err != nil {
		t.Fatal(err)
	}
	f := w.feed(0)
	for range 2 {
		c := w.start()
		w.await("messages are taken again", func() bool { _, late := f.acknowledged(); return late.After(c.born) })
		_, late := f.acknowledged()
		t.Logf("a message that left %v after the start was acknowledged", late.Sub(c.born).Round(time.Millisecond))
		if took := late.Sub(c.born); took > 10*time.Second {
			t.Errorf("ready after %v", took)
		}
		f.awaitMore(t, 30)
		c.kill()
	}
	w.start()
	f.end()
	v := &verdict{}
	for i, s := range f.stories() { // what is stored from before has steps that nobody can perform: it never becomes quiet
		v.call(f.told[i], s)
	}
	if v.lost+v.doubled+v.swapped > 0 {
		t.Errorf("%d lost, %d doubled, %d out of order: %q", v.lost, v.doubled, v.swapped, v.wrong)
	}
}
