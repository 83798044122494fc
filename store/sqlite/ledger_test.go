package sqlite_test

import (
	"path/filepath"
	"testing"

	"cordboard/calling/callingtest"
)

func TestLedger(t *testing.T) {
	callingtest.Run(t, func(t *testing.T) (callingtest.Subject, func() callingtest.Subject) {
		path := filepath.Join(t.TempDir(), "journal.db")
		s := open(t, path)
		return s, func() callingtest.Subject {
			if err := s.Close(); err != nil {
				t.Fatalf("close: %v", err)
			}
			s = open(t, path)
			return s
		}
	})
}
