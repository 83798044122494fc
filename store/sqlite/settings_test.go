package sqlite

import (
	"crypto/rand"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cordboard/call"
	"cordboard/engine"
)

func TestSupported(t *testing.T) {
	for _, test := range []struct {
		version string
		ok      bool
	}{
		{"3.51.3", true},
		{"3.51.10", true},
		{"3.52.0", true},
		{"3.53.4", true},
		{"4.0.0", true},
		{"3.51.2", false},
		{"3.50.99", false},
		{"3.7.0", false},
		{"2.99.99", false},
		{"3.51", false},
		{"", false},
		{"3.51.x", false},
		{"-3.60.1", false},
	} {
		if err := supported(test.version); (err == nil) != test.ok {
			t.Errorf("%q: %v", test.version, err)
		}
	}
}

// TestSettingsAreReadBack asks for something else than what a connection must have: each time it must be refused. NORMAL is the
// one that loses commits at a power cut.
func TestSettingsAreReadBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	for _, wrong := range []setting{
		{"synchronous", "NORMAL"},
		{"synchronous", "OFF"},
		{"journal_mode", "delete"},
		{"wal_autocheckpoint", "1000"},
		{"busy_timeout", "0"},
		{"query_only", "1"},
	} {
		want := settings(false)
		ask := slices.Clone(want)
		i := slices.IndexFunc(ask, func(s setting) bool { return s.pragma == wrong.pragma })
		ask[i] = wrong
		c, err := newConnectorAsking(path, ask, want, 100)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := c.Connect(t.Context())
		if err == nil {
			_ = conn.Close()
			t.Errorf("a connection with %s=%s was taken", wrong.pragma, wrong.value)
			continue
		}
		if !strings.Contains(err.Error(), wrong.pragma) {
			t.Errorf("%q does not name %s", err, wrong.pragma)
		}
	}
}

// TestEveryConnection looks at what is really set on the connections of a store.
func TestEveryConnection(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var synchronous string
	if err := s.writer.conn.QueryRowContext(t.Context(), "PRAGMA synchronous").Scan(&synchronous); err != nil || synchronous != "2" {
		t.Fatalf("the writer has synchronous=%s (%v), want 2 (FULL)", synchronous, err)
	}
	for range 4 {
		conn, err := s.pages.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if _, err := conn.ExecContext(t.Context(), "DELETE FROM events"); err == nil {
			t.Fatal("a connection for pages can write")
		}
	}
}

// TestFull makes SQLite itself say that there is no space, which needs no rights: what was acknowledged waits in the daybook.
// The engine is told so, pages show what the tables have, and it goes on once there is space.
func TestFull(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	limit := func(pages string) {
		t.Helper()
		if _, err := s.writer.conn.ExecContext(t.Context(), "PRAGMA max_page_count = "+pages); err != nil {
			t.Fatal(err)
		}
	}
	limit("1") // never below what the file has
	ev := call.Event{ID: "1", Call: "a", Raw: make([]byte, 1<<20)}
	_, _ = rand.Read(ev.Raw) // which packing makes no smaller
	g := engine.Group{Events: []call.Event{ev}, Calls: []engine.Call{{State: call.State{ID: "a"}}}}
	if err := s.Commit(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	ask := engine.Ask{Calls: []call.ID{"a"}}
	for range 2 {
		if _, err := s.Known(t.Context(), ask); !errors.Is(err, ErrFull) || errors.Is(err, engine.ErrBroken) {
			t.Fatalf("known: %v, want ErrFull and not ErrBroken", err)
		}
		if _, err := s.Known(t.Context(), engine.Ask{Calls: []call.ID{"b"}}); err != nil {
			t.Fatalf("known of another call: %v", err)
		}
		if c, err := s.Counts(t.Context()); err != nil || c.Calls != 0 {
			t.Fatalf("%d calls (%v), want none yet", c.Calls, err)
		}
	}
	limit("4294967294")
	if k, err := s.Known(t.Context(), ask); err != nil || len(k.Calls["a"].Events) != 1 {
		t.Fatalf("with space again: %+v, %v", k, err)
	}
}
