package finesse_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"cordboard/platform"
	"cordboard/platform/finesse"
	"cordboard/platform/platformtest"

	sim "cordboard/sim/finesse"
)

// TestSecondNode wants the other node to be used while the first is away.
func TestSecondNode(t *testing.T) {
	s := newSite(t, "ws", 2)
	away, err := platformtest.ListenGate()
	if err != nil {
		t.Fatal(err)
	}
	s.cfg.URL, s.cfg.Secondary = "http://"+away.Addr().String(), s.cfg.URL
	away.Close()
	sink := platformtest.NewSink()
	platformtest.Start(t, s.open(t, slog.New(slog.DiscardHandler)), sink)
	sink.AwaitState(t, platform.Up)
	s.play(t, "predictive_plain", 0)
	sink.AwaitEvent(t, "DROPPED")
}

// TestSignIn wants agents who are signed out to be signed in, and those who are signed in to be left alone.
func TestSignIn(t *testing.T) {
	s := newSiteOf(t, "tcp", sim.Config{Agents: 2, Password: password, SignedOut: true})
	s.cfg.SignIn = true
	s.cfg.Agents[0].Extension, s.cfg.Agents[1].Extension = "2001", "2002"
	for range 2 {
		sink := platformtest.NewSink()
		stop := platformtest.Start(t, s.open(t, slog.New(slog.DiscardHandler)), sink)
		sink.AwaitState(t, platform.Up)
		stop()
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.AwaitUser(ctx, "1001002", "NOT_READY"); err != nil {
		t.Error(err)
	}
}

// TestTapRecordsATrace wants what the tap sees to decode to what the sink got.
func TestTapRecordsATrace(t *testing.T) {
	s := newSite(t, "ws", 2)
	var mu sync.Mutex
	var trace []platform.Message
	s.cfg.Tap = func(m platform.Message) {
		mu.Lock()
		defer mu.Unlock()
		trace = append(trace, m)
	}
	sink := platformtest.NewSink()
	stop := platformtest.Start(t, s.open(t, slog.New(slog.DiscardHandler)), sink)
	sink.AwaitState(t, platform.Up)
	s.play(t, "preview", 0)
	sink.Await(t, "the end of the call", func() bool { return len(sink.Moments()) == 8 })
	stop()
	d := finesse.NewDecoder()
	var again []string
	for _, m := range trace {
		if !json.Valid(m.Message) {
			t.Fatal("a message of the trace is not JSON")
		}
		events, err := d.Decode(m)
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range events {
			again = append(again, ev.ID)
		}
	}
	var heard []string
	for _, ev := range sink.Events() {
		heard = append(heard, ev.ID)
	}
	if !slices.Equal(again, heard) {
		t.Errorf("the trace gives %q, the sink got %q", again, heard)
	}
}
