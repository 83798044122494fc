package salesforce

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// lookIn returns the ids of the records that really have a number.
func lookIn(b *book, asked string) []string {
	n, ok := readNumber(asked, b.region)
	if !ok {
		return nil
	}
	ids := map[string]bool{}
	for _, key := range n.probes(b.region, b.region) {
		b.seek(key, func(uint8) bool { return true }, 1000, func(l *listed) {
			for _, phone := range l.phones {
				if n.like(phone, b.region) > unlike {
					ids[string(l.id[:])] = true
				}
			}
		})
	}
	return slices.Sorted(maps.Keys(ids))
}

// lookAtAll does the same by reading everything.
func lookAtAll(all map[string][]string, region, asked string) []string {
	n, ok := readNumber(asked, region)
	if !ok {
		return nil
	}
	var ids []string
	for id, phones := range all {
		if slices.ContainsFunc(phones, func(p string) bool { return n.like(p, region) > unlike }) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// written are ways in which people write the same few numbers.
var written = []string{
	"+1 415 555 0132", "(415) 555-0132", "4155550132", "1-415-555-0132", "415.555.0132 x77", "+14155550132 ext 78", "0014155550132",
	"+49 30 901820", "030 901820", "(0)30 90 18 20", "0049 30 901820", "49 30 901820",
	"+44 20 7946 0123", "020 7946 0123", "2079460123", "+390612345678", "06 1234 5678",
	"anonymous", "2001", "", "0000000000", "+1 000 000 0000", "415-555-0199", "+7 495 123-45-67", "8 495 123-45-67",
}

func TestBookAnswersAsReadingEverythingWould(t *testing.T) {
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		b := newBook(rapid.SampledFrom([]string{"US", "DE", "IT", "GB", "RU"}).Draw(t, "region"))
		all := map[string][]string{}
		names := map[string]string{}
		step := rapid.SampledFrom([]string{"put", "put", "put", "drop", "fold", "keep", "file", "look"})
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			id := fmt.Sprintf("003Wy%010d", rapid.IntRange(0, 15).Draw(t, "id"))
			switch step.Draw(t, "step") {
			case "put":
				phones := rapid.SliceOfN(rapid.SampledFrom(written), 1, 3).Draw(t, "phones")
				names[id], all[id] = rapid.StringN(0, 5, 300).Draw(t, "name"), slices.Clone(phones)
				b.put(&listed{id: bookID([]byte(id)), name: names[id], phones: phones})
			case "drop":
				delete(all, id)
				b.drop(bookID([]byte(id)))
			case "fold":
				b.fold()
			case "keep":
				seen := map[bookID]struct{}{}
				for other := range all {
					if other < id {
						seen[bookID([]byte(other))] = struct{}{}
					}
				}
				maps.DeleteFunc(all, func(other string, _ []string) bool { return other >= id })
				b.keep(0, seen)
			case "file":
				b.fold()
				path := filepath.Join(folder, "book")
				if err := writeIndex(path, indexHead{Org: "o"}, &b.base); err != nil {
					t.Fatal(err)
				}
				_, got, err := readIndex(path)
				if err != nil {
					t.Fatal(err)
				}
				b.base = got
			case "look":
				asked := rapid.SampledFrom(written).Draw(t, "asked")
				if diff := cmp.Diff(lookAtAll(all, b.region, asked), lookIn(b, asked)); diff != "" {
					t.Fatalf("%s in %s: %s", asked, b.region, diff)
				}
			}
			if n := b.count(0); n != len(all) {
				t.Fatalf("%d records, want %d", n, len(all))
			}
			l, ok := b.get(bookID([]byte(id)))
			if _, there := all[id]; ok != there || there && l.name != names[id][:min(255, len(names[id]))] {
				t.Fatalf("by id: %v, %v", l, ok)
			}
		}
	})
}

func TestDamagedFileIsNotBelieved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book")
	b := newBook("US")
	for i := range 100 {
		b.put(person(i))
	}
	b.fold()
	if err := writeIndex(path, indexHead{Org: "o"}, &b.base); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(good); i += 41 {
		bad := slices.Clone(good)
		bad[i] ^= 0x10
		for _, bad := range [][]byte{bad, good[:i], append(slices.Clone(good), bad[:i+1]...)} {
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, _, err := readIndex(path); err == nil {
				t.Fatalf("a file that is damaged at %d was read", i)
			}
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// person is made-up person number i.
func person(i int) *listed {
	number := 2012000000 + i*7919%700_000_000
	forms := []string{"+1%d", "1%d", "%d"}
	return &listed{
		id: bookID(fmt.Appendf(nil, "003Wy%010d", i)), name: fmt.Sprintf("Person %d Roth", i), modified: 1_760_000_000,
		phones: []string{fmt.Sprintf(forms[i%3], number)},
	}
}

// heap is how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func fill(people int) (b *book, bytes float64) {
	before := heap()
	b = newBook("US")
	for i := range people {
		b.put(person(i))
		if b.crowded() {
			b.fold()
		}
	}
	b.fold()
	return b, float64(heap()-before) / float64(people)
}

func TestBookIsSmall(t *testing.T) {
	b, bytes := fill(50_000)
	if bytes > 120 {
		t.Errorf("%.0f bytes a number, want at most 120", bytes)
	}
	runtime.KeepAlive(b)
}

func BenchmarkBook(b *testing.B) {
	const people = 1_000_000
	book, bytes := fill(people)
	b.ResetTimer()
	for i := range b.N {
		n, _ := readNumber(person(i % people).phones[0], "US")
		for _, key := range n.probes("US", "US") {
			book.seek(key, func(uint8) bool { return true }, 10, func(l *listed) { n.like(l.phones[0], "US") })
		}
	}
	b.ReportMetric(bytes, "B/number")
}
