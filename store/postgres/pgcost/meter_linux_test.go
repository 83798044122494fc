package pgcost_test

import (
	"testing"

	"cordboard/store/postgres/pgcost"
	"cordboard/store/postgres/pgtest"
)

// Ensure that work shows in all that is told.
func TestUsage(t *testing.T) {
	srv := pgtest.Start(t)
	m, err := pgcost.Open(t.Context(), srv.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close(t.Context())
	before, err := m.Usage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	srv.Exec(t, "CREATE TABLE work AS SELECT repeat(n::text, 20) AS text FROM generate_series(1, 50000) n")
	after, err := m.Usage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if after.CPU <= before.CPU || after.WAL-before.WAL < 1<<20 || after.Size-before.Size < 1<<20 {
		t.Errorf("before %+v, after 50,000 rows %+v", before, after)
	}
}
