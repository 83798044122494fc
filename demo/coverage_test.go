package demo_test

import (
	"context"
	"log/slog"
	"testing"

	"cordboard/call"
	"cordboard/demo"
)

// Every row of the vendors' tables comes over the platform's own wire, and every call ends in exactly the recommended
// effects.
func TestEveryRowComesOverTheWire(t *testing.T) {
	w, err := demo.Open(t.Context(), demo.Options{Agents: 6, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	if err := w.Await(ctx); err != nil {
		t.Fatal(err)
	}
	rows, verdict, err := w.Coverage(ctx, 0.02)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range verdict.Wrong {
		t.Error(wrong)
	}
	for _, r := range rows {
		if r.Script == "" {
			t.Errorf("%s %s %s %s (%s) came from no call", r.Platform, r.Mode, r.CallType, r.Event, r.Leg)
		}
	}
	if brought, all := demo.OfPages(rows); brought != 132 || all != 132 {
		t.Errorf("%d of %d events of the vendors' pages, want 132", brought, all)
	}
	for i := range rows { // the control: one row that nothing brought
		if rows[i].Platform == call.ConnectHVOC {
			rows[i].Script = ""
			break
		}
	}
	if brought, _ := demo.OfPages(rows); brought != 131 {
		t.Errorf("with a row that nothing brought %d are counted, want 131", brought)
	}
}
