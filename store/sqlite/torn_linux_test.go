package sqlite_test

import (
	"cmp"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestTornWrites records what a process writes while it commits, posts and checkpoints, and makes from the recording the files
// that a crash may leave: what was synced is there, of everything later any part may be, in blocks of 4 KiB, whatever
// came first. Each must open with everything that was acknowledged by then. CORDBOARD_STATES sets how many;
// CORDBOARD_SEED repeats a run's choices.
func TestTornWrites(t *testing.T) {
	states, rnd := rounds(t, "CORDBOARD_STATES", 15), choices(t)
	h := newHistory(recorded(t))
	if logs, days := h.restarts(isLog), h.restarts(isDaybook); logs < 2 || days < 2 {
		t.Fatalf("the log began anew %d times, a file of the daybook %d times: not enough to try", logs, days)
	}
	acked, blocks := 0, 0
	for range states {
		c := h.crash(h.moment(rnd), []float64{0, 0.1, 0.5, 0.9, 1}[rnd.IntN(5)], rnd)
		acked, blocks = acked+len(c.acked), blocks+c.loose
		if lost := c.lost(t); lost > 0 {
			t.Fatalf("a crash at line %d of %d loses %d of %d acknowledged events", c.at, h.last, lost, len(c.acked))
		}
	}
	t.Logf("%d states, %d acknowledged events looked for, %d blocks that a crash may lose", states, acked, blocks)
	if acked == 0 || blocks == 0 {
		t.Error("nothing was tried")
	}
}

// TestTornWritesAreNoticed takes one fsync out of the recording: then a crash just after the acknowledgement that
// relied on it must be found to lose events, or TestTornWrites proves nothing.
func TestTornWritesAreNoticed(t *testing.T) {
	rnd := choices(t)
	ops := recorded(t)
	acks := slices.DeleteFunc(slices.Clone(ops), func(o op) bool { return o.kind != "ack" })
	for range 3 {
		ack := acks[5+rnd.IntN(len(acks)-5)]
		sync := -1 // the last of the daybook before the acknowledgement
		for i, o := range ops {
			if o.kind == "sync" && isDaybook(o.file) && o.ended < ack.begun {
				sync = i
			}
		}
		h := newHistory(slices.Delete(slices.Clone(ops), sync, sync+1))
		c := h.crash(ack.ended, 0, rnd)
		lost := c.lost(t)
		t.Logf("without the fsync of line %d a crash at line %d loses %d of %d acknowledged events", ops[sync].begun, c.at, lost, len(c.acked))
		if lost < len(ack.acked) {
			t.Errorf("%d events were acknowledged without an fsync, %d are noticed as lost", len(ack.acked), lost)
		}
	}
}

// recorded is what a child does while it commits forty groups.
func recorded(t *testing.T) []op {
	t.Helper()
	ops, code := record(t, filepath.Join(t.TempDir(), "journal.db"), 40, nil)
	if code != 0 {
		t.Fatalf("the child ended with code %d", code)
	}
	return ops
}

// history is a recording in the order in which things began, with the line at which each was durable.
type history struct {
	ops     []op
	durable []int // of ops; never is later than any line
	first   int   // the line of the first acknowledgement
	last    int
}

const never = 1 << 60

func newHistory(ops []op) *history {
	h := &history{ops: slices.Clone(ops), first: never}
	slices.SortStableFunc(h.ops, func(a, b op) int { return cmp.Compare(a.begun, b.begun) })
	syncs := map[string][]op{}
	for _, o := range h.ops {
		h.last = max(h.last, o.ended)
		switch o.kind {
		case "sync":
			syncs[o.file] = append(syncs[o.file], o)
		case "ack":
			h.first = min(h.first, o.ended)
		}
	}
	for _, o := range h.ops {
		at, file := never, o.file
		if o.kind == "create" || o.kind == "remove" { // durable with the folder
			file = ""
		}
		for _, s := range syncs[file] {
			if s.begun > o.ended {
				at = min(at, s.ended)
			}
		}
		h.durable = append(h.durable, at)
	}
	return h
}

func isDaybook(file string) bool { return strings.Contains(file, ".db-day") }

func isLog(file string) bool { return filepath.Ext(file) == ".db-wal" }

// restarts counts how often such files began anew after the first acknowledgement.
func (h *history) restarts(such func(file string) bool) (n int) {
	for _, o := range h.ops {
		if o.kind == "write" && o.at == 0 && such(o.file) && o.begun > h.first {
			n++
		}
	}
	return n
}

// moment is a line after the first acknowledgement.
func (h *history) moment(rnd *rand.Rand) int { return h.first + 1 + rnd.IntN(h.last-h.first) }

// crashed is what a crash at a line left.
type crashed struct {
	at    int
	files map[string][]byte
	acked []string
	loose int // blocks that were not durable
}

const block = 4 << 10

// crash makes the state after a crash: of what was not durable each block is there with a probability.
func (h *history) crash(at int, probability float64, rnd *rand.Rand) *crashed {
	c := &crashed{at: at, files: map[string][]byte{}}
	there := func(durable bool) bool {
		if durable {
			return true
		}
		c.loose++
		return rnd.Float64() < probability
	}
	for i, o := range h.ops {
		if o.begun > at {
			break
		}
		durable := h.durable[i] <= at
		data, exists := c.files[o.file]
		switch o.kind {
		case "ack":
			if o.ended <= at {
				c.acked = append(c.acked, o.acked...)
			}
		case "create":
			if !exists && there(durable) {
				c.files[o.file] = []byte{}
			}
		case "remove":
			if there(durable) {
				delete(c.files, o.file)
			}
		case "truncate":
			if exists && there(durable) {
				c.files[o.file] = resize(data, int(o.at))
			}
		case "write":
			if exists {
				c.files[o.file] = c.write(data, o, func() bool { return there(durable) })
			}
		}
	}
	return c
}

// write puts those blocks of a write down that are there.
func (c *crashed) write(data []byte, o op, there func() bool) []byte {
	for done := 0; done < len(o.data); {
		from := int(o.at) + done
		n := min(len(o.data)-done, block-from%block)
		if there() {
			data = resize(data, max(len(data), from+n))
			copy(data[from:], o.data[done:done+n])
		}
		done += n
	}
	return data
}

func resize(data []byte, size int) []byte {
	if size <= len(data) {
		return data[:size]
	}
	return append(data, make([]byte, size-len(data))...)
}

// lost opens what the crash left and counts the acknowledged events that are gone.
func (c *crashed) lost(t *testing.T) int {
	t.Helper()
	dir, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range c.files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "journal.db")
	n := len(missing(t, path, c.acked))
	whole(t, path)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	return n
}
