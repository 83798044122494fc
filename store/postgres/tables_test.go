package postgres_test

import (
	"encoding/json"
	"sync"
	"testing"

	"cordboard/store/postgres"
	"cordboard/table"
	"cordboard/table/tabletest"
)

func TestTables(t *testing.T) {
	s := running(t)
	tabletest.Run(t, func(t *testing.T) (table.Store, func() table.Store) {
		o := postgres.Options{Node: "north", Schema: newSchema()}
		n := open(t, s, o)
		return n.Store, func() table.Store {
			if err := n.end(); err != nil {
				t.Fatalf("close: %v", err)
			}
			n = open(t, s, o)
			return n.Store
		}
	})
}

// Ensure that nodes see each other's changes at once, lose none of them, and make one that two of them are asked for once.
func TestTablesOfTwoNodes(t *testing.T) {
	s, o := running(t), postgres.Options{Node: "north", Schema: newSchema()}
	north := open(t, s, o)
	o.Node = "south"
	south := open(t, s, o)
	d := table.Definition{Name: "counts", Key: table.Key{Name: "k"}, Columns: []table.Column{{Name: "n", Type: table.Number}}}
	if _, err := north.Define(t.Context(), d, "test", nil); err != nil {
		t.Fatal(err)
	}
	const each = 30
	var all sync.WaitGroup
	for _, n := range []*node{north, south} {
		all.Go(func() {
			for range each {
				if _, err := n.Change(t.Context(), d, "node", []table.Change{{Key: "a", Add: map[string]float64{"n": 1}}}); err != nil {
					t.Errorf("add: %v", err)
				}
				same := []table.Change{{Key: "b", Add: map[string]float64{"n": 1}, Once: "step"}}
				if rows, err := n.Change(t.Context(), d, "node", same); err != nil || rows[0].Values["n"] != json.Number("1") {
					t.Errorf("add once: %v, %v", rows, err)
				}
			}
		})
	}
	all.Wait()
	for key, want := range map[string]json.Number{"a": "60", "b": "1"} {
		for _, n := range []*node{north, south} {
			if r, err := n.Row(t.Context(), "counts", key); err != nil || r.Values["n"] != want {
				t.Errorf("%s: %+v, %v, want %s", key, r, err, want)
			}
		}
	}
}
