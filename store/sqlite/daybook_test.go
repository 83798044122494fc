package sqlite

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cordboard/engine"
	"cordboard/engine/journaltest"
)

// crashed leaves a journal as a process leaves it that is killed with some groups in the daybook only.
func crashed(t *testing.T, groups int) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "journal.db")
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := journaltest.NewFeed(4, 0)
	for range groups {
		if err := s.Commit(t.Context(), f.Group(4)); err != nil {
			t.Fatal(err)
		}
	}
	kept := filepath.Join(t.TempDir(), "journal.db")
	for _, suffix := range []string{"", "-wal", "-day1", "-day2"} {
		if data, err := os.ReadFile(path + suffix); err == nil {
			if err := os.WriteFile(kept+suffix, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return kept
}

// events opens a journal and counts its events.
func events(t *testing.T, path string) (int64, error) {
	t.Helper()
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		return 0, err
	}
	c, err := s.Counts(t.Context())
	return c.Events, errors.Join(err, s.Close())
}

// frames are where the entries of a file begin.
func frames(data []byte) (at []int) {
	for i := 0; [4]byte(data[i:]) == dayMagic; {
		at = append(at, i)
		i += blocks(dayHeader + int(binary.LittleEndian.Uint32(data[i+8:])))
	}
	return at
}

// TestDaybookIsPosted: what a process leaves in the daybook is in the tables after the next start, once.
func TestDaybookIsPosted(t *testing.T) {
	path := crashed(t, 5)
	for range 3 {
		if n, err := events(t, path); n != 20 || err != nil {
			t.Fatalf("%d events, want 20 (%v)", n, err)
		}
	}
}

// TestDaybookOfAnotherRun: entries that another process left, and that are posted, are nothing any more.
func TestDaybookOfAnotherRun(t *testing.T) {
	path := crashed(t, 5)
	old, err := os.ReadFile(path + "-day1")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := events(t, path); n != 20 || err != nil {
		t.Fatalf("%d events, want 20 (%v)", n, err)
	}
	if err := os.WriteFile(path+"-day1", old, 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := events(t, path); n != 20 || err != nil {
		t.Fatalf("%d events with the daybook of another run, want 20 (%v)", n, err)
	}
}

// TestDaybookDamage: a newest entry that is cut off was not acknowledged. Any other that is damaged was: the journal is
// refused.
func TestDaybookDamage(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(data []byte, at []int) []byte
		want  int64 // events; 0 for a refusal
	}{
		{"whole", func(data []byte, at []int) []byte { return data }, 20},
		{"the newest is cut off", func(data []byte, at []int) []byte { return data[:at[4]+dayHeader+100] }, 16},
		{"the newest has a wrong byte", func(data []byte, at []int) []byte { data[at[4]+dayHeader+7] ^= 1; return data }, 16},
		{"the newest is gone", func(data []byte, at []int) []byte { return data[:at[4]] }, 16},
		{"one before has a wrong byte", func(data []byte, at []int) []byte { data[at[2]+dayHeader+7] ^= 1; return data }, 0},
		{"one before has a wrong length", func(data []byte, at []int) []byte { data[at[2]+9] ^= 0xff; return data }, 0},
		{"the first is gone", func(data []byte, at []int) []byte { clear(data[:at[1]]); return data }, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := crashed(t, 5)
			data, err := os.ReadFile(path + "-day1")
			if err != nil {
				t.Fatal(err)
			}
			at := frames(data)
			if len(at) != 5 {
				t.Fatalf("%d entries, want 5", len(at))
			}
			if err := os.WriteFile(path+"-day1", test.spoil(data, at), 0o600); err != nil {
				t.Fatal(err)
			}
			n, err := events(t, path)
			if n != test.want || (err == nil) != (test.want > 0) {
				t.Fatalf("%d events, want %d (%v)", n, test.want, err)
			}
			if err != nil && !strings.Contains(err.Error(), "damaged") {
				t.Errorf("%v does not say what is wrong", err)
			}
		})
	}
}

// TestDaybookTakesTurns: the files stay small however much goes through them, and nothing is lost at a turn.
func TestDaybookTakesTurns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.Thin(20 << 10)
	f := journaltest.NewFeed(16, 0)
	for n := range 100 {
		if err := s.Commit(t.Context(), f.Group(16)); err != nil {
			t.Fatal(err)
		}
		if n%3 == 0 {
			if err := s.post(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, name := range dayFiles(path) {
		if info, err := os.Stat(name); err != nil || info.Size() == 0 || info.Size() > 300<<10 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := events(t, path); n != 1600 || err != nil {
		t.Fatalf("%d events, want 1600 (%v)", n, err)
	}
}

// TestPostedTogether: entries that are posted together leave the same tables as entries that are posted one by one.
func TestPostedTogether(t *testing.T) {
	dump := func(each bool) (out []string) {
		s, err := Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		f := journaltest.NewFeed(5, 0)
		for range 12 {
			if err := s.Commit(t.Context(), f.Group(5)); err != nil {
				t.Fatal(err)
			}
			if each {
				if err := s.post(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := s.post(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, query := range []string{
			"SELECT concat_ws(' ', n, id, version, connection, open, due, started, last, indexed, length(body)) FROM calls ORDER BY n",
			"SELECT concat_ws(' ', ref, connection, call) FROM refs ORDER BY ref",
			"SELECT concat_ws(' ', call, key, length(body), runs, hex(packed)) FROM events ORDER BY call, key",
			"SELECT concat_ws(' ', call, id, seq, state, at, length(body)) FROM steps ORDER BY call, id",
			"SELECT concat_ws(' ', token, call) FROM search ORDER BY token, call",
			"SELECT concat_ws(' ', events, calls, runs, kept, pending, retrying, parked, done, skipped, dead) FROM totals",
		} {
			rows, err := s.writer.conn.QueryContext(context.Background(), query)
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				var line string
				if err := rows.Scan(&line); err != nil {
					t.Fatal(err)
				}
				out = append(out, line)
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				t.Fatal(err)
			}
		}
		return out
	}
	one, all := dump(true), dump(false)
	if len(one) < 100 || !reflect.DeepEqual(one, all) {
		t.Errorf("%d rows when each entry is posted by itself, %d when all are together, or they differ", len(one), len(all))
	}
}

// TestEntries: an entry comes back as it was, and no bytes make reading one fail in another way than by an error.
func TestEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(
			rapid.Just[any](nil), rapid.Map(rapid.Int64(), func(n int64) any { return n }),
			rapid.Map(rapid.String(), func(s string) any { return s }),
			rapid.Map(rapid.SliceOfN(rapid.Byte(), 1, 20), func(b []byte) any { return b }),
		)
		e := &entry{}
		for i, columns := range []int{0, refColumns, eventColumns, stepColumns, keptColumns, tokenColumns, 10} {
			n := columns * rapid.IntRange(0, 4).Draw(t, "rows")
			for range n {
				*e.parts()[i] = append(*e.parts()[i], value.Draw(t, "value"))
			}
		}
		payload := e.encode(nil)
		got, err := decodeEntry(payload)
		if err != nil {
			t.Fatal(err)
		}
		got.size = 0
		if !reflect.DeepEqual(got, e) {
			t.Fatalf("%#v came back as %#v", e, got)
		}
		payload[rapid.IntRange(0, len(payload)-1).Draw(t, "at")] ^= rapid.Byte().Draw(t, "spoiled")
		_, _ = decodeEntry(payload[:rapid.IntRange(0, len(payload)).Draw(t, "cut")])
	})
}

// TestFreshCalls: a call that nobody had heard of is new once, also when nothing of it is remembered any more.
func TestFreshCalls(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	g := journaltest.NewFeed(1, 0).Group(1)
	ask := engine.Ask{}
	for r := range g.Refs {
		ask.Refs = append(ask.Refs, r)
	}
	if k, err := s.Known(t.Context(), ask); err != nil || len(k.Refs) > 0 {
		t.Fatalf("known: %+v, %v", k, err)
	}
	if err := s.Commit(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	if err := s.post(t.Context()); err != nil {
		t.Fatal(err)
	}
	clear(s.book.slots.all)
	if err := s.Commit(t.Context(), g); !errors.Is(err, engine.ErrStale) {
		t.Fatalf("the same call as a new one: %v, want ErrStale", err)
	}
	if k, err := s.Known(t.Context(), ask); err != nil || len(k.Refs) != 1 {
		t.Fatalf("known: %+v, %v", k, err)
	}
}
