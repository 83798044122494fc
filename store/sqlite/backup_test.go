package sqlite_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/engine"
	"cordboard/engine/journaltest"
	"cordboard/store/sqlite"
)

// TestBackup makes backups while commits and checkpoints go on. Each is a prefix of what was committed: everything that
// was acknowledged before it began, nothing in part, nothing after a gap. CORDBOARD_BACKUPS sets how many.
func TestBackup(t *testing.T) {
	backups, groups := rounds(t, "CORDBOARD_BACKUPS", 3), 0
	for range backups {
		groups += backup(t)
	}
	t.Logf("%d backups, %d groups were acknowledged before they began", backups, groups)
}

// backup makes one of a journal that is written meanwhile.
func backup(t *testing.T) (groups int) {
	t.Helper()
	dir, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	path, copied := filepath.Join(dir, "journal.db"), filepath.Join(dir, "copy of it.db")
	s := open(t, path)
	l := load(t, s)
	defer l.stop()
	l.await(t, 30)
	groups = len(l.sofar())
	if err := sqlite.Backup(t.Context(), path, copied); err != nil {
		t.Fatal(err)
	}
	l.stop()
	l.prefix(t, copied, groups)
	return groups
}

func TestBackupRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	open(t, path)
	if err := sqlite.Backup(t.Context(), path, path); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Fatalf("a backup was written over a file: %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sqlite.Backup(cancelled, path, filepath.Join(dir, "x.db")); err == nil {
		t.Fatal("a backup that was cancelled")
	}
	if err := sqlite.Backup(t.Context(), path, filepath.Join(dir, "no folder", "x.db")); err == nil {
		t.Fatal("a backup into a folder that does not exist")
	}
	if err := sqlite.Backup(t.Context(), filepath.Join(dir, "nothing.db"), filepath.Join(dir, "x.db")); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("a backup of nothing: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "x.db*")); err != nil || len(left) > 0 {
		t.Fatalf("left behind: %v, %v", left, err)
	}
}

// TestCopyOfALiveFileIsNoBackup copies the files of a server that works, as people do: that must turn out to be no
// prefix, or TestBackup proves nothing.
func TestCopyOfALiveFileIsNoBackup(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	l := load(t, open(t, path))
	l.await(t, 60)
	before := len(l.sofar())
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(dir, "copy.db")
	if err := os.WriteFile(copied, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), copied, sqlite.Options{})
	if err != nil {
		return // that shows it, too
	}
	defer func() { _ = s.Close() }()
	if n, whole := l.found(t, s); whole && n >= before {
		t.Errorf("the copy has all %d groups", n)
	}
}

func TestRestore(t *testing.T) {
	dir := t.TempDir()
	path, copied := filepath.Join(dir, "journal.db"), filepath.Join(dir, "backup.db")
	s, f := open(t, path), journaltest.NewFeed(16, 0)
	commit := func() engine.Group {
		g := f.Group(16)
		if err := s.Commit(t.Context(), g); err != nil {
			t.Fatal(err)
		}
		return g
	}
	first := commit()
	if err := sqlite.Backup(t.Context(), path, copied); err != nil {
		t.Fatal(err)
	}
	second := commit()
	if _, err := sqlite.Restore(t.Context(), copied, path); err == nil || !strings.Contains(err.Error(), "stop it first") {
		t.Fatalf("restored under a server that runs: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "other.db")
	raw(t, other, "CREATE TABLE cats (name TEXT)")
	if _, err := sqlite.Restore(t.Context(), other, path); err == nil || !strings.Contains(err.Error(), "not a journal") {
		t.Fatalf("restored from the database of another program: %v", err)
	}
	kept, err := sqlite.Restore(t.Context(), copied, path)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]struct{ first, second bool }{path: {true, false}, kept: {true, true}} {
		s := open(t, at)
		stored(t, s, first)
		k, err := s.Known(t.Context(), journaltest.CallsOf(journaltest.Keys(second.Events)))
		if gone := journaltest.Lacks(k, journaltest.Keys(second.Events)); err != nil || len(gone) < len(second.Events) != want.second {
			t.Errorf("%s: %d of the later events are not there (%v)", at, len(gone), err)
		}
	}
	if kept, err := sqlite.Restore(t.Context(), copied, filepath.Join(dir, "new.db")); kept != "" || err != nil {
		t.Fatalf("restored where nothing was: %q, %v", kept, err)
	}
}

// groups are what a store commits in the background, one group after the other.
type groups struct {
	stop func()

	mu   sync.Mutex
	keys [][]string
}

// load commits groups, and runs the store, until it is stopped.
func load(t *testing.T, s *sqlite.Store) *groups {
	l, f := &groups{}, journaltest.NewFeed(48, 0)
	ctx, cancel := context.WithCancel(t.Context())
	var committing sync.WaitGroup
	end := running(t, s)
	l.stop = func() { cancel(); committing.Wait(); end() }
	t.Cleanup(l.stop)
	committing.Go(func() {
		for n := 1; ctx.Err() == nil; n = n%48 + 1 {
			g := f.Group(n)
			if err := s.Commit(ctx, g); err != nil {
				if ctx.Err() == nil {
					t.Error(err)
				}
				return
			}
			l.mu.Lock()
			l.keys = append(l.keys, journaltest.Keys(g.Events))
			l.mu.Unlock()
		}
	})
	return l
}

// running runs a store until end is called.
func running(t *testing.T, s *sqlite.Store) (end func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	return func() { cancel(); <-ended }
}

func (l *groups) sofar() [][]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.keys
}

// await waits for some more groups.
func (l *groups) await(t *testing.T, more int) {
	t.Helper()
	from := len(l.sofar())
	for end := time.Now().Add(time.Minute); len(l.sofar()) < from+more; time.Sleep(time.Millisecond) {
		if time.Now().After(end) || t.Failed() {
			t.Fatal("the load does not go on")
		}
	}
}

// found counts the groups that a store has; whole is false when they are not the first ones, or one is there in part.
func (l *groups) found(t *testing.T, s *sqlite.Store) (n int, whole bool) {
	t.Helper()
	gap := false
	for _, events := range l.sofar() {
		k, err := s.Known(t.Context(), journaltest.CallsOf(events))
		if err != nil {
			t.Fatal(err)
		}
		switch gone := len(journaltest.Lacks(k, events)); {
		case gone == len(events):
			gap = true
		case gap, gone > 0:
			return n, false
		default:
			n++
		}
	}
	return n, true
}

// prefix wants the first groups in a copy, and at least some of them.
func (l *groups) prefix(t *testing.T, path string, least int) {
	t.Helper()
	s := open(t, path)
	if n, whole := l.found(t, s); !whole || n < least {
		t.Fatalf("%d groups were acknowledged before the backup began; it has %d, and they are the first ones, whole: %v", least, n, whole)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole(t, path)
}

func removeAll(t *testing.T, pattern string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
}
