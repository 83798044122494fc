package postgres_test

import (
	"errors"
	"testing"

	"cordboard/engine"
	"cordboard/store/postgres"
)

// A node that owned a connection and lost it moves its positions no more.
func TestPositionsAreTheOwners(t *testing.T) {
	s, schema := running(t), newSchema()
	north, south := open(t, s, postgres.Options{Node: "north", Schema: schema}), open(t, s, postgres.Options{Node: "south", Schema: schema})
	owns(t, north)
	set := func(n *node, at string) error {
		return n.SetPositions(t.Context(), "finesse", map[string]string{"shard": at})
	}
	if err := set(north, "1"); err != nil {
		t.Fatal(err)
	}
	if err := north.Release(t.Context(), "finesse"); err != nil {
		t.Fatal(err)
	}
	owns(t, south)
	if err := set(south, "2"); err != nil {
		t.Fatal(err)
	}
	if err := set(north, "1"); !errors.Is(err, engine.ErrFenced) {
		t.Errorf("the former owner: %v, want ErrFenced", err)
	}
	if got, err := north.Positions(t.Context(), "finesse"); err != nil || got["shard"] != "2" {
		t.Errorf("%v, %v", got, err)
	}
}
