package server

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
)

// Ensure that parts start in order and stop in the opposite order, each completely before the next.
func TestPartsStopInReverse(t *testing.T) {
	var events []string
	mark := func(name string) part {
		return part{name: name,
			run:  func(ctx context.Context) error { <-ctx.Done(); events = append(events, "end "+name); return nil },
			stop: func(context.Context) error { events = append(events, "stop "+name); return nil }}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := runParts(ctx, slog.New(slog.DiscardHandler), []part{mark("store"), mark("engine"), mark("connectors")}); err != nil {
		t.Fatal(err)
	}
	want := []string{"stop connectors", "end connectors", "stop engine", "end engine", "stop store", "end store"}
	if !slices.Equal(events, want) {
		t.Errorf("got %v", events)
	}
}

// Ensure that a part that fails takes the others down and is named.
func TestPartFailure(t *testing.T) {
	broken := errors.New("disk gone")
	stopped := false
	err := runParts(t.Context(), slog.New(slog.DiscardHandler), []part{
		{name: "store", run: func(ctx context.Context) error { <-ctx.Done(); stopped = true; return nil }},
		{name: "engine", run: func(context.Context) error { return broken }},
	})
	if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "engine: ") || !stopped {
		t.Errorf("err %v, store stopped %v", err, stopped)
	}
}
