package sqlite_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/engine/journaltest"
	"cordboard/store/sqlite"
)

// swap puts another file behind every descriptor that this process has of path, and returns what puts it back. So a disk fails for real,
// as far as SQLite can tell, on any machine and without rights.
func swap(t *testing.T, path, with string, flag int) (back func()) {
	t.Helper()
	other, err := os.OpenFile(with, flag, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	saved := map[int]int{}
	for _, e := range entries {
		name, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err != nil || name != path {
			continue
		}
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if saved[fd], err = syscall.Dup(fd); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Dup3(int(other.Fd()), fd, syscall.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
	}
	if len(saved) == 0 {
		t.Fatalf("nobody has %s open", path)
	}
	return func() {
		for fd, keep := range saved {
			if err := errors.Join(syscall.Dup3(keep, fd, syscall.O_CLOEXEC), syscall.Close(keep)); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestStorageFailure: after the first failed write or fsync of a commit, or of a post, nothing is stored any more, although
// the disk recovers; what was acknowledged is there after a restart.
func TestStorageFailure(t *testing.T) {
	for _, test := range []struct {
		name, file, with string
		flag             int
	}{
		{"a commit's write fails", "-day1", "/dev/null", os.O_RDONLY}, // not open for writing: EBADF
		{"a commit's fsync fails", "-day1", "/dev/null", os.O_WRONLY}, // takes every write, knows no fsync: EINVAL
		{"a post's write fails", "-wal", "/dev/null", os.O_RDONLY},
		{"a post's fsync fails", "-wal", "/dev/null", os.O_WRONLY},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal.db")
			s := open(t, path)
			f := journaltest.NewFeed(8, 0)
			acked := []engine.Group{f.Group(8)}
			if err := s.Commit(t.Context(), acked[0]); err != nil {
				t.Fatal(err)
			}
			stored(t, s, acked[0]) // which posts it
			back := swap(t, path+test.file, test.with, test.flag)
			next := f.Group(8)
			err := s.Commit(t.Context(), next)
			if test.file == "-wal" {
				if err != nil {
					t.Fatal(err)
				}
				acked = append(acked, next)
				_, err = s.Known(t.Context(), journaltest.CallsOf(journaltest.Keys(next.Events)))
			}
			if !errors.Is(err, engine.ErrBroken) || errors.Is(err, sqlite.ErrFull) {
				t.Fatalf("%v, want ErrBroken", err)
			}
			back()
			broken(t, s, f)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, path)
			for _, g := range acked {
				stored(t, s, g)
			}
			if _, err := os.Stat(path + ".failed"); err == nil {
				t.Error("the file was checked, and the note is still there")
			}
			if err := s.Commit(t.Context(), journaltest.NewFeed(8, 1000).Group(8)); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// broken wants that nothing works any more.
func broken(t *testing.T, s *sqlite.Store, f *journaltest.Feed) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, known := s.Known(ctx, engine.Ask{Calls: []call.ID{"x"}})
	_, prune := s.Prune(ctx, journaltest.Morning, 1)
	for name, err := range map[string]error{
		"commit": s.Commit(ctx, f.Group(8)), "commit of nothing": s.Commit(ctx, engine.Group{}), "known": known, "prune": prune,
		"run": s.Run(ctx),
	} {
		if !errors.Is(err, engine.ErrBroken) {
			t.Errorf("%s after the failure: %v, want ErrBroken", name, err)
		}
	}
}

// stored wants all events of a group.
func stored(t *testing.T, s *sqlite.Store, g engine.Group) {
	t.Helper()
	k, err := s.Known(t.Context(), journaltest.CallsOf(journaltest.Keys(g.Events)))
	if lost := journaltest.Lacks(k, journaltest.Keys(g.Events)); len(lost) > 0 || err != nil {
		t.Fatalf("%d of %d acknowledged events are not stored (%v)", len(lost), len(g.Events), err)
	}
}

// TestCheckpointFailure: a checkpoint that cannot write ends Run and the store.
func TestCheckpointFailure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	s := open(t, path)
	f := journaltest.NewFeed(64, 0)
	for range 40 { // enough for a checkpoint at once
		if err := s.Commit(t.Context(), f.Group(64)); err != nil {
			t.Fatal(err)
		}
	}
	back := swap(t, path, "/dev/null", os.O_RDONLY)
	defer back()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Run(ctx); !errors.Is(err, engine.ErrBroken) {
		t.Fatalf("run: %v, want ErrBroken", err)
	}
	broken(t, s, f)
}

// TestDiskFull fills a small disk: nothing of the refused group is stored, the error is not ErrBroken, and it goes on when there is
// space. It needs the right to mount.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=64m"); err != nil {
		t.Skipf("cannot mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 40<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "journal.db")
	s := open(t, path)
	end := running(t, s)
	t.Cleanup(end)
	f := journaltest.NewFeed(8, 0)
	var acked []engine.Group
	var refused engine.Group
	for refused.Empty() {
		g := f.Group(8)
		switch err := s.Commit(t.Context(), g); {
		case err == nil:
			acked = append(acked, g)
		case errors.Is(err, sqlite.ErrFull) && !errors.Is(err, engine.ErrBroken):
			refused = g
		default:
			t.Fatalf("commit: %v, want ErrFull and not ErrBroken", err)
		}
	}
	if len(acked) < 10 {
		t.Fatalf("full after %d groups", len(acked))
	}
	// What waits in the daybook cannot be posted now, so the engine is told that it has to wait, and pages show what is posted.
	ask := journaltest.CallsOf(journaltest.Keys(refused.Events))
	if _, err := s.Known(t.Context(), ask); err != nil && (!errors.Is(err, sqlite.ErrFull) || errors.Is(err, engine.ErrBroken)) {
		t.Fatalf("known: %v, want nil, or ErrFull and not ErrBroken", err)
	}
	if _, err := s.Counts(t.Context()); err != nil {
		t.Fatalf("counts: %v", err)
	}
	if err := s.Commit(t.Context(), refused); !errors.Is(err, sqlite.ErrFull) {
		t.Fatalf("commit: %v, want ErrFull again", err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	k, err := s.Known(t.Context(), ask)
	if lost := journaltest.Lacks(k, journaltest.Keys(refused.Events)); len(lost) < len(refused.Events) || err != nil {
		t.Fatalf("%d events of the refused group are stored (%v)", len(refused.Events)-len(lost), err)
	}
	if err := s.Commit(t.Context(), refused); err != nil {
		t.Fatalf("commit with space again: %v", err)
	}
	end()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	for _, g := range append(acked, refused) {
		stored(t, s, g)
	}
}
