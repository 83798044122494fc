package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"cordboard/engine"
	"cordboard/engine/journaltest"
)

func TestPrune(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	s := open(t, path)
	f := journaltest.NewFeed(30, 0)
	for range 2*journaltest.CallEvents*30 + 15 { // 60 calls that ended, 15 that go on, and 7 or 8 of them with a step to do
		if err := s.Commit(t.Context(), f.Group(1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Commit(t.Context(), engine.Group{Steps: f.Pending}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Prune(t.Context(), journaltest.Morning, 1000); n != 0 || err != nil {
		t.Fatalf("pruned %d calls that are not old (%v)", n, err)
	}
	if n, err := s.Prune(t.Context(), journaltest.Morning.Add(time.Hour), 7); n != 7 || err != nil {
		t.Fatalf("pruned %d calls, want 7 (%v)", n, err)
	}
	if n, err := s.Prune(t.Context(), journaltest.Morning.Add(time.Hour), 1000); n != 53 || err != nil {
		t.Fatalf("pruned %d calls, want the other 53 (%v)", n, err)
	}
	left, err := s.Calls(t.Context(), engine.Filter{})
	if err != nil || len(left) != 15 {
		t.Fatalf("%d calls are left, want 15 (%v)", len(left), err)
	}
	legs, err := s.OpenLegs(t.Context(), "finesse")
	if err != nil || len(legs) != 15 || legs[0].Name != "ALERTING" || legs[0].Agent == "" || legs[0].Ref == "" || legs[0].At.IsZero() {
		t.Fatalf("%d open legs, want 15: %+v (%v)", len(legs), legs, err)
	}
	counts, err := s.Counts(t.Context())
	if err != nil || counts.Events != 15 || counts.Calls != 15 || counts.Open != 15 || counts.Runs != 15 || counts.Steps[engine.Done] != 15 {
		t.Fatalf("counts %+v (%v)", counts, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string]int64{"events": 15, "calls": 15, "refs": 15, "steps": 15, "search": 30, "kept": 0} {
		if n := count(t, path, "SELECT count(*) FROM "+table); n != want {
			t.Errorf("%d rows of %s are left, want %d", n, table, want)
		}
	}
	if got := integrity(t, path); got != "ok" {
		t.Error(got)
	}
}

// What a call still has to do keeps that call, and no other.
func TestPruneBesideAnOpenCall(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "journal.db"))
	if err := s.Commit(t.Context(), journaltest.NewFeed(1, 0).Group(1)); err != nil { // the first call with the first step
		t.Fatal(err)
	}
	f := journaltest.NewFeed(4, 1000)
	for range journaltest.CallEvents {
		if err := s.Commit(t.Context(), f.Group(4)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Commit(t.Context(), engine.Group{Steps: f.Pending}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Prune(t.Context(), journaltest.Morning.Add(time.Hour), 1000); n != 4 || err != nil {
		t.Fatalf("pruned %d calls, want 4 (%v)", n, err)
	}
}
