package postgres_test

import (
	"testing"
	"time"

	"cordboard/engine"
	"cordboard/engine/journaltest"
	"cordboard/store/postgres"
)

func TestPrune(t *testing.T) {
	srv, schema := running(t), newSchema()
	s := open(t, srv, postgres.Options{Node: "north", Schema: schema})
	f := journaltest.NewFeed(30, 0)
	for range 2*journaltest.CallEvents*30 + 15 { // 60 calls that ended, 15 that go on, and 7 or 8 of them with a step to do
		stored(t, s, f.Group(1))
	}
	stored(t, s, engine.Group{Steps: f.Pending})
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
	for table, want := range map[string]int64{"events": 15, "calls": 15, "refs": 15, "steps": 15, "search": 30, "kept": 0} {
		if n := srv.Count(t, "SELECT count(*) FROM "+schema+"."+table); n != want {
			t.Errorf("%d rows of %s are left, want %d", n, table, want)
		}
	}
	agree(t, srv, schema)
}

// The totals of sessions long gone are kept.
func TestOldSessionsAreFolded(t *testing.T) {
	srv, o := running(t), postgres.Options{Node: "north", Schema: newSchema()}
	for i := range 3 {
		n := open(t, srv, o)
		stored(t, n, one(i+1))
		if err := n.end(); err != nil {
			t.Fatal(err)
		}
	}
	n := open(t, srv, o)
	c, err := n.Counts(t.Context())
	if err != nil || c.Events != 3 || c.Calls != 3 || c.Steps[engine.Pending] != 3 {
		t.Errorf("counts %+v (%v)", c, err)
	}
	if rows := srv.Count(t, "SELECT count(*) FROM "+o.Schema+".nodes"); rows > 3 {
		t.Errorf("%d rows of sessions, want few", rows)
	}
}
