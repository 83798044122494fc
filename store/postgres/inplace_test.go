package postgres_test

import (
	"fmt"
	"testing"

	"cordboard/engine/journaltest"
	"cordboard/store/postgres"
	"cordboard/store/postgres/pgtest"
)

// agree fails the test when a table that finds calls or steps says something else than they do.
func agree(t *testing.T, srv *pgtest.Server, schema string) {
	t.Helper()
	for table, want := range map[string]string{
		"due, call FROM %s.todo":                "due, n FROM %s.calls WHERE due IS NOT NULL",
		"call, step, state, at FROM %s.trouble": "call, id, state, at FROM %s.steps WHERE state IN ('retrying', 'parked', 'dead')",
	} {
		a, b := "SELECT "+fmt.Sprintf(table, schema), "SELECT "+fmt.Sprintf(want, schema)
		if n := srv.Count(t, "SELECT count(*) FROM (("+a+" EXCEPT ALL "+b+") UNION ALL ("+b+" EXCEPT ALL "+a+")) d"); n != 0 {
			t.Errorf("%d rows differ between %q and %q", n, a, b)
		}
	}
}

// A call that changes, and a step that ends, touch no index: most such changes stay on their page. Those of a call's end
// do not, because people list open calls.
func TestChangesStayInPlace(t *testing.T) {
	srv, schema := running(t), newSchema()
	n := open(t, srv, postgres.Options{Node: "north", Schema: schema})
	f := journaltest.NewFeed(64, 0)
	for range 100 {
		stored(t, n, f.Group(64))
	}
	if err := n.end(); err != nil { // what the server counted is told at the latest now
		t.Fatal(err)
	}
	agree(t, srv, schema)
	for table, percent := range map[string]int64{"calls": 60, "steps": 50} {
		of := "FROM pg_stat_user_tables WHERE schemaname = '" + schema + "' AND relname = '" + table + "'"
		all, hot := srv.Count(t, "SELECT n_tup_upd "+of), srv.Count(t, "SELECT n_tup_hot_upd "+of)
		t.Logf("%s: %d changes, %d in place", table, all, hot)
		if all < 1000 || hot*100 < all*percent {
			t.Errorf("%s: %d of %d changes stayed in place, want %d %% of many", table, hot, all, percent)
		}
	}
}
