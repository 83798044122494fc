package sqlite_test

import (
	"path/filepath"
	"testing"

	"cordboard/table"
	"cordboard/table/tabletest"
)

func TestTables(t *testing.T) {
	tabletest.Run(t, func(t *testing.T) (table.Store, func() table.Store) {
		path := filepath.Join(t.TempDir(), "journal.db")
		s := open(t, path)
		return s, func() table.Store {
			if err := s.Close(); err != nil {
				t.Fatalf("close: %v", err)
			}
			s = open(t, path)
			return s
		}
	})
}
