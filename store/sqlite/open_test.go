package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cordboard/engine"
	"cordboard/engine/journaltest"
	"cordboard/store/sqlite"
)

// refusedOpen opens a store that must not open, and wants words in the error.
func refusedOpen(t *testing.T, path string, words ...string) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err == nil {
		_ = s.Close()
		t.Fatal("the file opened")
	}
	for _, w := range append(words, path) {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

// raw runs SQL on a file that no store has open.
func raw(t *testing.T, path, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.Exec(text); err != nil {
		t.Fatal(err)
	}
}

// count reads one number from a file that no store has open.
func count(t *testing.T, path, query string) (n int64) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func integrity(t *testing.T, path string) (found string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&found); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestOneServerAFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	s := open(t, path)
	refusedOpen(t, path, "another Cordboard")
	link := filepath.Join(dir, "other name.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	refusedOpen(t, link, "another Cordboard")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, link)
}

// TestCloseClosesEverything: the last connection to a file takes the write-ahead log with it, so one that was left open
// shows. The daybook goes, too: nothing is in it any more.
func TestCloseClosesEverything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	s, g := open(t, path), journaltest.NewFeed(4, 0).Group(4)
	if err := s.Commit(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Known(t.Context(), journaltest.CallsOf(journaltest.Keys(g.Events))); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Calls(t.Context(), engine.Filter{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		t.Error("the store is closed, and a connection is still open")
	}
	if left, err := filepath.Glob(path + "-day*"); len(left) > 0 || err != nil {
		t.Errorf("left of the daybook: %q, %v", left, err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	schema := count(t, path, "PRAGMA user_version")
	raw(t, path, "PRAGMA user_version = 1000")
	refusedOpen(t, path, "schema 1000", "newer release")
	raw(t, path, fmt.Sprint("PRAGMA user_version = ", schema))
	open(t, path)
}

func TestForeignFilesAreRefused(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "other.db")
	raw(t, other, "CREATE TABLE cats (name TEXT)")
	refusedOpen(t, other, "another program")

	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database. ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	refusedOpen(t, text, "not a database")
	refusedOpen(t, filepath.Join(dir, "no folder", "journal.db"))
}

// A name that means something in a URL is a name.
func TestOddNames(t *testing.T) {
	for _, name := range []string{"a b.db", "what?mode=memory.db", "100%25.db", "a#b.db", "naïve.db"} {
		path := filepath.Join(t.TempDir(), name)
		s := open(t, path)
		if err := s.Commit(t.Context(), journaltest.NewFeed(4, 0).Group(4)); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOpenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	path := filepath.Join(t.TempDir(), "journal.db")
	if _, err := sqlite.Open(ctx, path, sqlite.Options{}); err == nil {
		t.Fatal("opened")
	}
	open(t, path) // and the lock is free
}
