package salesforce

import (
	"bytes"
	"cmp"
	"slices"
	"sort"
	"sync"
	"time"
)

// book is the phone index in memory: records by id and by number. Nearly everything stands in sorted arrays without
// pointers, about 70 bytes a number; what changed since they were built stands beside them in maps, until fold builds
// new arrays. Any number of goroutines may read; one writes.
type book struct {
	region string
	mu     sync.RWMutex
	base   pages
	fresh  map[bookID]*listed     // newer than base; nil: dropped
	byKey  map[phoneKey][]*listed // of fresh
}

type bookID [15]byte // a record id without its checksum

// listed is a record of the book.
type listed struct {
	id       bookID
	object   uint8 // place in the book's list of objects
	modified uint32
	name     string
	phones   []string // as they are written in the org
	keys     []phoneKey
}

// pages are the arrays. The text of a record is its name and its numbers, each after a byte for its length.
type pages struct {
	records []printed // by id
	keys    []phoneKey
	places  []uint32 // of keys[i] in records
	text    []byte
}

type printed struct {
	id       bookID
	object   uint8
	modified uint32 // seconds since 1970
	text     uint32 // place in text
}

func newBook(region string) *book {
	return &book{region: region, fresh: map[bookID]*listed{}, byKey: map[phoneKey][]*listed{}}
}

// put lists a record, instead of what was listed of it before.
func (b *book) put(l *listed) {
	l.name = l.name[:min(len(l.name), 255)]
	l.phones = slices.DeleteFunc(l.phones, func(text string) bool { return len(text) > 100 })
	l.phones = l.phones[:min(len(l.phones), 255)]
	l.keys = keysOf(l.phones, b.region)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forget(l.id)
	b.fresh[l.id] = l
	for _, key := range l.keys {
		b.byKey[key] = append(b.byKey[key], l)
	}
}

// drop takes a record out.
func (b *book) drop(id bookID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forget(id)
	if _, ok := b.base.find(id); ok {
		b.fresh[id] = nil
	}
}

// forget takes a record out of the maps.
func (b *book) forget(id bookID) {
	old := b.fresh[id]
	delete(b.fresh, id)
	if old == nil {
		return
	}
	for _, key := range old.keys {
		rest := slices.DeleteFunc(b.byKey[key], func(l *listed) bool { return l == old })
		if b.byKey[key] = rest; len(rest) == 0 {
			delete(b.byKey, key)
		}
	}
}

// get returns a record by id.
func (b *book) get(id bookID) (*listed, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if l, ok := b.fresh[id]; ok {
		return l, l != nil
	}
	if i, ok := b.base.find(id); ok {
		return b.base.read(i), true
	}
	return nil, false
}

// seek calls each for the records that are listed under a key, at most atMost of the wanted objects.
func (b *book) seek(key phoneKey, wanted func(object uint8) bool, atMost int, each func(*listed)) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, l := range b.byKey[key] {
		if wanted(l.object) && atMost > 0 {
			atMost--
			each(l)
		}
	}
	first, _ := slices.BinarySearch(b.base.keys, key)
	for i := first; i < len(b.base.keys) && b.base.keys[i] == key && atMost > 0; i++ {
		r := &b.base.records[b.base.places[i]]
		if _, newer := b.fresh[r.id]; !newer && wanted(r.object) {
			atMost--
			each(b.base.read(int(b.base.places[i])))
		}
	}
}

// count returns how many records of an object are listed.
func (b *book) count(object uint8) (n int) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for i := range b.base.records {
		if _, newer := b.fresh[b.base.records[i].id]; !newer && b.base.records[i].object == object {
			n++
		}
	}
	for _, l := range b.fresh {
		if l != nil && l.object == object {
			n++
		}
	}
	return n
}

// keep drops the records of an object that were not seen.
func (b *book) keep(object uint8, seen map[bookID]struct{}) {
	b.fold() // what is left is in the arrays, which only we write
	for i := range b.base.records {
		r := &b.base.records[i]
		if _, ok := seen[r.id]; !ok && r.object == object {
			b.drop(r.id)
		}
	}
}

// crowded reports whether fold is due.
func (b *book) crowded() bool { return len(b.fresh) > max(5_000, len(b.base.records)/20) }

// fold builds new arrays from the old ones and what changed. Readers go on meanwhile.
func (b *book) fold() {
	if len(b.fresh) == 0 {
		return
	}
	changed, text := make([]*listed, 0, len(b.fresh)), len(b.base.text)
	for _, l := range b.fresh {
		if l != nil {
			changed = append(changed, l)
			text += l.size()
		}
	}
	slices.SortFunc(changed, func(x, y *listed) int { return bytes.Compare(x.id[:], y.id[:]) })
	next := newPress(len(b.base.records)+len(changed), len(b.base.keys)+len(changed), text)
	for i := range b.base.records {
		old := &b.base.records[i]
		for len(changed) > 0 && bytes.Compare(changed[0].id[:], old.id[:]) < 0 {
			next.print(changed[0])
			changed = changed[1:]
		}
		if _, newer := b.fresh[old.id]; !newer {
			next.reprint(&b.base, i)
		}
	}
	for _, l := range changed {
		next.print(l)
	}
	printed := next.bind(&b.base)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.base, b.fresh, b.byKey = printed, map[bookID]*listed{}, map[phoneKey][]*listed{}
}

// find returns the place of a record.
func (p *pages) find(id bookID) (int, bool) {
	return sort.Find(len(p.records), func(i int) int { return bytes.Compare(id[:], p.records[i].id[:]) })
}

// read makes a record of place i readable.
func (p *pages) read(i int) *listed {
	r := &p.records[i]
	l := &listed{id: r.id, object: r.object, modified: r.modified}
	rest := p.text[r.text:]
	next := func() string {
		size := int(rest[0])
		s := string(rest[1 : 1+size])
		rest = rest[1+size:]
		return s
	}
	l.name = next()
	n := int(rest[0])
	rest = rest[1:]
	l.phones = make([]string, n)
	for i := range l.phones {
		l.phones[i] = next()
	}
	return l
}

// size is how many bytes of text place i has.
func (p *pages) size(i int) int {
	at := int(p.records[i].text)
	end := at + 1 + int(p.text[at])
	n := int(p.text[end])
	end++
	for range n {
		end += 1 + int(p.text[end])
	}
	return end - at
}

// press prints pages in the order of ids.
type press struct {
	pages
	moved []uint32 // where the old places went, plus 1; 0 for those that are gone
	added []line   // keys of records that were not in the old pages
}

// line is a key and the place of a record that has it.
type line struct {
	key   phoneKey
	place uint32
}

func newPress(records, keys, text int) *press {
	return &press{pages: pages{
		records: make([]printed, 0, records), text: make([]byte, 0, text), keys: make([]phoneKey, 0, keys), places: make([]uint32, 0, keys),
	}}
}

func (p *press) print(l *listed) {
	for _, key := range l.keys {
		p.added = append(p.added, line{key, uint32(len(p.records))})
	}
	p.records = append(p.records, printed{id: l.id, object: l.object, modified: l.modified, text: uint32(len(p.text))})
	p.text = append(append(p.text, byte(len(l.name))), l.name...)
	p.text = append(p.text, byte(len(l.phones)))
	for _, phone := range l.phones {
		p.text = append(append(p.text, byte(len(phone))), phone...)
	}
}

func (p *press) reprint(from *pages, i int) {
	if p.moved == nil {
		p.moved = make([]uint32, len(from.records))
	}
	r := from.records[i]
	at := int(r.text)
	r.text = uint32(len(p.text))
	p.text = append(p.text, from.text[at:at+from.size(i)]...)
	p.records = append(p.records, r)
	p.moved[i] = uint32(len(p.records))
}

// bind sorts the keys: those of the old pages are in order already and only move, so no number is read twice.
func (p *press) bind(old *pages) pages {
	added := p.added
	slices.SortFunc(added, func(x, y line) int { return cmp.Or(cmp.Compare(x.key, y.key), cmp.Compare(x.place, y.place)) })
	for i, key := range old.keys {
		if p.moved == nil || p.moved[old.places[i]] == 0 {
			continue
		}
		for len(added) > 0 && added[0].key < key {
			p.keys, p.places = append(p.keys, added[0].key), append(p.places, added[0].place)
			added = added[1:]
		}
		p.keys, p.places = append(p.keys, key), append(p.places, p.moved[old.places[i]]-1)
	}
	for _, l := range added {
		p.keys, p.places = append(p.keys, l.key), append(p.places, l.place)
	}
	p.keys, p.places = slices.Clone(p.keys), slices.Clone(p.places) // growing left a quarter unused
	return p.pages
}

// size is how many bytes of text a record takes.
func (l *listed) size() int {
	n := 2 + len(l.name)
	for _, phone := range l.phones {
		n += 1 + len(phone)
	}
	return n
}

func (l *listed) changed() time.Time { return time.Unix(int64(l.modified), 0) }
