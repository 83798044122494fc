// Package tabletest is the contract of [table.Store] as a test suite: every implementation runs it.
package tabletest

import (
	"testing"

	"cordboard/table"
)

// Open makes an empty store for one test. reopen ends it as a clean stop would and opens the same storage again. What is open
// at the end of the test is closed by the implementation (t.Cleanup).
type Open func(t *testing.T) (s table.Store, reopen func() table.Store)

// Run runs the whole suite, each test on a store of its own.
func Run(t *testing.T, open Open) {
	for _, test := range []struct {
		name string
		run  func(s *suite)
	}{
		{"definitions", definitions},
		{"the first rows of a table come once", firstRows},
		{"a table that is dropped leaves its history", dropped},
		{"rows round trip", roundTrip},
		{"keys and their case", keys},
		{"merge, whole and delete", mergeAndDelete},
		{"versions never come back", versions},
		{"compare and set", compareAndSet},
		{"added at once", addedAtOnce},
		{"one of many compares and sets", oneWins},
		{"a change is made once", once},
		{"all or none", allOrNone},
		{"many changes", many},
		{"pages", pages},
		{"search", search},
		{"history", history},
		{"reopen keeps everything", reopenKeeps},
		{"cancelled", cancelled},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, reopen := open(t)
			test.run(&suite{T: t, Store: s, reopen: reopen})
		})
	}
}

// suite is one running test.
type suite struct {
	*testing.T
	table.Store
	reopen func() table.Store
}

// waits is a table with a column of every type, whose keys are compared without case.
func waits() table.Definition {
	d := table.Definition{Name: "waits", Key: table.Key{Name: "code", IgnoreCase: true}}
	for _, t := range table.Types() {
		d.Columns = append(d.Columns, table.Column{Name: "a_" + string(t), Type: t})
	}
	d.Columns[1].Required = true
	return d
}

// define makes a table with rows, and returns it.
func (s *suite) define(first ...table.Change) table.Definition {
	s.Helper()
	d := waits()
	if fresh, err := s.Define(s.Context(), d, "suite", first); err != nil || !fresh {
		s.Fatalf("define: new %v, %v", fresh, err)
	}
	return d
}

// put is a change that makes n the row of a key.
func put(key string, n any) table.Change {
	d := waits()
	values, err := d.Read(table.Values{"a_number": n})
	if err != nil {
		panic(err)
	}
	return table.Change{Key: key, Set: values}
}

// change makes changes that must succeed.
func (s *suite) change(changes ...table.Change) []table.Row {
	s.Helper()
	rows, err := s.Change(s.Context(), waits(), "suite", changes)
	if err != nil || len(rows) != len(changes) {
		s.Fatalf("change: %d rows, %v", len(rows), err)
	}
	return rows
}

// row reads a row that must be there.
func (s *suite) row(id string) table.Row {
	s.Helper()
	r, err := s.Row(s.Context(), "waits", id)
	if err != nil {
		s.Fatalf("row %q: %v", id, err)
	}
	return r
}

// entries reads the newest changes.
func (s *suite) entries(id string) []table.Entry {
	s.Helper()
	all, err := s.History(s.Context(), "waits", table.HistoryQuery{ID: id, Limit: 10_000})
	if err != nil {
		s.Fatalf("history: %v", err)
	}
	return all
}

func version(v int64) *int64 { return &v }
