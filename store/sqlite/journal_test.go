package sqlite_test

import (
	"path/filepath"
	"testing"

	"cordboard/engine"
	"cordboard/engine/journaltest"
	"cordboard/store/sqlite"
)

// open opens a store that ends with the test.
func open(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestJournal(t *testing.T) {
	journaltest.Run(t, func(t *testing.T) (engine.Journal, func() engine.Journal) {
		path := filepath.Join(t.TempDir(), "journal.db")
		s := open(t, path)
		return s, func() engine.Journal {
			if err := s.Close(); err != nil {
				t.Fatalf("close: %v", err)
			}
			s = open(t, path)
			return s
		}
	})
}
