package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"hash/maphash"
	"slices"

	"cordboard/call"
	"cordboard/engine"
)

// slot is what the next commit has to know of a call: how the newest entry has left it.
type slot struct {
	n       int64  // its number
	version int64  // zero while it is not stored
	entry   uint64 // the newest that changed it
	indexed int64  // the hash of its search tokens
	events  []uint64
	marks
}

// marks are what a call is listed by.
type marks struct {
	due           sql.NullInt64
	open, started int64
}

// slotsMost bounds how many slots are remembered of calls that are whole in the tables.
const slotsMost = 50_000

// slots are those of calls that were committed lately, by all means of those that are not in the tables yet.
type slots struct {
	all  map[call.ID]slot
	refs map[call.Ref]uint64 // the newest entry that set a platform id, while it is not in the tables
	// fresh are calls that are not stored for sure.
	fresh map[call.ID]struct{}
	seed  maphash.Seed
	old   uint64 // slots that no entry after this one changed may go
}

func newSlots() slots {
	return slots{all: map[call.ID]slot{}, refs: map[call.Ref]uint64{}, fresh: map[call.ID]struct{}{}, seed: maphash.MakeSeed()}
}

// hash stands for an event's key. Two events of one call with the same hash would be taken for the same; there would have to be
// billions of them.
func (s *slots) hash(key string) uint64 { return maphash.String(s.seed, key) }

// shrink forgets what is in the tables, if there is much. Whoever reads the tables has until the next time to notice that an
// entry was posted meanwhile.
func (s *slots) shrink(posted uint64) {
	if len(s.all) <= slotsMost {
		return
	}
	for id, p := range s.all {
		if p.entry <= s.old {
			delete(s.all, id)
		}
	}
	s.old = posted
}

// find reads the slots of calls that are not remembered, as far as they are stored. Nothing of them is in the daybook only, and the
// caller holds the book: so the tables have them as they are, and nobody changes them meanwhile.
func (s *Store) find(ctx context.Context, ids []call.ID, found map[call.ID]slot) error {
	if len(ids) == 0 {
		return nil
	}
	if err := s.usable(); err != nil {
		return err
	}
	names := map[int64]call.ID{}
	err := s.known.slots.each(ctx, nil, args(ids), func(rows *sql.Rows) error {
		var (
			p  slot
			id call.ID
		)
		err := rows.Scan(&id, &p.n, &p.version, &p.indexed, &p.due, &p.open, &p.started)
		found[id], names[p.n] = p, id
		return err
	})
	numbers := make([]any, 0, len(names))
	for n := range names {
		numbers = append(numbers, n)
	}
	if err == nil {
		err = s.known.events.each(ctx, nil, numbers, func(rows *sql.Rows) error {
			var (
				n   int64
				key string
			)
			err := rows.Scan(&n, &key)
			p := found[names[n]]
			p.events = append(p.events, s.book.slots.hash(key))
			found[names[n]] = p
			return err
		})
	}
	return s.judge("read the journal", err)
}

// changes are the slots of one group, before it is known whether it is stored.
type changes struct {
	*slots
	next  int64 // the number of the next new call
	found map[call.ID]slot
}

// slot is what is known of a call; its version is zero when it is not stored.
func (c *changes) slot(id call.ID) slot {
	if p, ok := c.found[id]; ok {
		return p
	}
	return c.all[id]
}

// enter takes a call of the group in and returns its slot before and after.
func (c *changes) enter(ec *engine.Call, indexed int64, m marks) (was, is slot, err error) {
	id := ec.State.ID
	was = c.slot(id)
	switch {
	case ec.Stored == 0 && was.version > 0:
		return was, is, fmt.Errorf("call %q is new and stored already: %w", id, engine.ErrStale)
	case ec.Stored != was.version:
		return was, is, fmt.Errorf("call %q, version %d instead of %d: %w", id, ec.Stored, was.version, engine.ErrStale)
	}
	is = was
	if is.n == 0 {
		is.n = c.next
		c.next++
	}
	is.version, is.indexed, is.marks = was.version+1, indexed, m
	c.found[id] = is
	return was, is, nil
}

// number returns the number of a call that is in the group or stored.
func (c *changes) number(id call.ID) (int64, error) {
	p := c.slot(id)
	if p.n == 0 {
		return 0, fmt.Errorf("call %q is neither stored nor in the group", id)
	}
	return p.n, nil
}

// event takes an event of a call in.
func (c *changes) event(id call.ID, key string) error {
	p, h := c.slot(id), c.hash(key)
	if slices.Contains(p.events, h) {
		return fmt.Errorf("an event of call %q is stored already: %w", id, engine.ErrStale)
	}
	p.events = append(slices.Clip(p.events), h)
	c.found[id] = p
	return nil
}

// keep makes the changes those of an entry.
func (c *changes) keep(e *entry) {
	for id, p := range c.found {
		if p.n > 0 {
			p.entry = e.number
			c.all[id] = p
			delete(c.fresh, id)
		}
	}
	for r := range e.refsOf {
		c.refs[r] = e.number
	}
}

// posted forgets the platform ids of an entry that is in the tables.
func (s *slots) posted(e *entry) {
	for r := range e.refsOf {
		if s.refs[r] <= e.number {
			delete(s.refs, r)
		}
	}
}
