package salesforce

import (
	"maps"
	"slices"
	"sync"
	"time"

	"cordboard/crm"
)

// maxBatch is the most records of one sObject Collections request ("sObject Collections", REST API Developer Guide).
const maxBatch = 200

// What rides together in a composite request: "Composite" (REST API Developer Guide) takes five collections. It could
// take 1,000 records, but one request must also end in time.
const (
	maxRiders   = 4
	maxTogether = 2 * maxBatch
)

// job is one caller's write, or update of a known id.
type job struct {
	crm.Write
	id     string // update this record instead of upserting by key
	since  time.Time
	alone  bool         // not to be merged: its merged form was refused
	ended  func() error // nil while the caller waits
	answer chan result
}

type result struct {
	written crm.Written
	err     error
}

// slot is one record that is being written: its key, the jobs that wait for it, and whether it is in flight. Jobs of
// one slot are never in flight twice.
type slot struct {
	key     string
	group   string
	jobs    []*job
	flying  bool
	queued  bool
	urgent  bool
	parents []string // while in flight
}

// queue holds what waits to be written. It decides what may fly when, and sends nothing itself.
type queue struct {
	mu      sync.Mutex
	slots   map[string]*slot
	lines   map[string][]*slot // by group: waiting slots in order
	rush    []*slot            // waiting slots that somebody looks at the screen for
	held    []hold             // slots whose last request may still be at work
	parents map[string]int     // records that are locked by what flies
	wake    chan struct{}
	closed  bool
}

type hold struct {
	slot  *slot
	until time.Time
}

func newQueue() queue {
	return queue{
		slots: map[string]*slot{}, lines: map[string][]*slot{}, parents: map[string]int{}, wake: make(chan struct{}, 1),
	}
}

// batch is what flies together: slots of one group, each with the jobs that it took.
type batch struct {
	object string
	byID   bool
	now    bool
	items  []*item
	splits int
	riders []*batch // of other groups, in the same request
}

// all returns the batch's records, its riders' included.
func (b *batch) all() []*item {
	items := slices.Clone(b.items)
	for _, rider := range b.riders {
		items = append(items, rider.items...)
	}
	return items
}

// item is one record in flight.
type item struct {
	slot *slot
	jobs []*job
	job  // merged
	hold time.Duration
}

// add puts a job into the queue. It reports false when the writer has stopped.
func (q *queue) add(key, group string, j *job) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	s := q.slots[key]
	if s == nil {
		s = &slot{key: key, group: group}
		q.slots[key] = s
	}
	s.jobs = append(s.jobs, j)
	q.line(s)
	return true
}

// line puts a slot with waiting jobs where it belongs, and wakes Run when that may make a difference.
func (q *queue) line(s *slot) {
	if s.flying || len(s.jobs) == 0 {
		return
	}
	rush := slices.ContainsFunc(s.jobs, func(j *job) bool { return j.Now })
	if s.queued && s.urgent == rush {
		return
	}
	if s.queued { // it was in no hurry until now
		if q.lines[s.group] = slices.DeleteFunc(q.lines[s.group], func(other *slot) bool { return other == s }); len(q.lines[s.group]) == 0 {
			delete(q.lines, s.group)
		}
	}
	s.queued, s.urgent = true, rush
	if rush {
		q.rush = append(q.rush, s)
		q.signal()
		return
	}
	q.lines[s.group] = append(q.lines[s.group], s)
	if n := len(q.lines[s.group]); n == 1 || n >= maxBatch {
		q.signal()
	}
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take removes what may fly now: everything urgent, and each line that is full or whose first record waited for the
// window, at most room batches of these. What waits in other lines rides along in the same request where there is
// space: one API request is one request, whatever is in it. Next is when to look again.
func (q *queue) take(now time.Time, window time.Duration, room int) (batches []*batch, next time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	next = q.release(now)
	batches = q.takeRush()
	stuck := map[string]bool{} // lines whose records all hang on records that are in flight
	for {
		group, due := q.ripe(now, window, stuck)
		if group == "" {
			return batches, earlier(next, due)
		}
		if room <= 0 {
			return batches, next // a landing batch wakes Run
		}
		b := q.load(group)
		if b == nil {
			stuck[group] = true
			continue
		}
		records := len(b.items)
		for _, other := range slices.Sorted(maps.Keys(q.lines)) {
			if fits := min(len(q.lines[other]), maxBatch); stuck[other] || len(b.riders) == maxRiders || records+fits > maxTogether {
				continue
			}
			if rider := q.load(other); rider != nil {
				records += len(rider.items)
				b.riders = append(b.riders, rider)
			}
		}
		batches = append(batches, b)
		room--
	}
}

// takeRush takes everything urgent.
func (q *queue) takeRush() (batches []*batch) {
	byGroup := map[string][]*slot{}
	for _, s := range q.rush {
		byGroup[s.group] = append(byGroup[s.group], s)
	}
	q.rush = nil
	for _, slots := range byGroup {
		for part := range slices.Chunk(slots, maxBatch) {
			batches = append(batches, q.launch(part, true))
		}
	}
	return batches
}

// ripe returns a line that may fly, or when the first one will.
func (q *queue) ripe(now time.Time, window time.Duration, stuck map[string]bool) (group string, due time.Time) {
	for _, group := range slices.Sorted(maps.Keys(q.lines)) {
		line := q.lines[group]
		if stuck[group] || len(line) == 0 {
			continue
		}
		at := line[0].jobsSince().Add(window)
		if len(line) >= maxBatch || !now.Before(at) {
			return group, now
		}
		due = earlier(due, at)
	}
	return "", due
}

// load takes a batch off a line; nil when all its records hang on records that are in flight.
func (q *queue) load(group string) *batch {
	ready, rest := q.pick(q.lines[group])
	if len(ready) == 0 {
		return nil
	}
	if q.lines[group] = rest; len(rest) == 0 {
		delete(q.lines, group)
	}
	return q.launch(ready, false)
}

// jobsSince is when the slot's oldest job came; the zero time makes one that must fly alone due at once.
func (s *slot) jobsSince() time.Time {
	if len(s.jobs) == 0 || s.jobs[0].alone {
		return time.Time{}
	}
	return s.jobs[0].since
}

// pick takes at most a batch of slots off a line, leaving those whose parents are in flight.
func (q *queue) pick(line []*slot) (ready, rest []*slot) {
	for i, s := range line {
		if len(ready) == maxBatch {
			return ready, append(rest, line[i:]...)
		}
		if slices.ContainsFunc(parentsOf(s.jobs), func(p string) bool { return q.parents[p] > 0 }) {
			rest = append(rest, s)
			continue
		}
		ready = append(ready, s)
	}
	return ready, rest
}

// launch marks slots as flying and merges their jobs.
func (q *queue) launch(slots []*slot, now bool) *batch {
	b := &batch{now: now}
	for _, s := range slots {
		s.queued, s.urgent = false, false
		s.jobs = slices.DeleteFunc(s.jobs, func(j *job) bool { return j.ended() != nil })
		taken := s.jobs
		if len(taken) > 1 {
			if n := slices.IndexFunc(taken, func(j *job) bool { return j.alone }); n >= 0 {
				taken = taken[:max(n, 1)]
			}
		}
		if len(taken) == 0 { // everybody gave up
			delete(q.slots, s.key)
			continue
		}
		s.jobs = slices.Clone(s.jobs[len(taken):])
		s.flying = true
		s.parents = parentsOf(taken)
		for _, p := range s.parents {
			q.parents[p]++
		}
		b.items = append(b.items, &item{slot: s, jobs: taken, job: merge(taken)})
	}
	slices.SortStableFunc(b.items, func(a, z *item) int { return slices.Compare(a.slot.parents, z.slot.parents) })
	if len(b.items) > 0 {
		b.object, b.byID = b.items[0].Object, b.items[0].id != ""
	}
	return b
}

// land takes a batch's slots back.
func (q *queue) land(b *batch, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, it := range b.all() {
		s := it.slot
		for _, p := range s.parents {
			if q.parents[p]--; q.parents[p] == 0 {
				delete(q.parents, p)
			}
		}
		s.parents = nil
		if it.hold > 0 {
			q.held = append(q.held, hold{slot: s, until: now.Add(it.hold)})
			continue
		}
		q.settle(s)
	}
	q.signal()
}

// settle ends a slot's flight.
func (q *queue) settle(s *slot) {
	s.flying = false
	if len(s.jobs) == 0 {
		delete(q.slots, s.key)
		return
	}
	q.line(s)
}

// release settles the held slots whose time has come, and returns when the next one's comes.
func (q *queue) release(now time.Time) (next time.Time) {
	q.held = slices.DeleteFunc(q.held, func(h hold) bool {
		if now.Before(h.until) {
			next = earlier(next, h.until)
			return false
		}
		q.settle(h.slot)
		return true
	})
	return next
}

// again puts the jobs of a refused merged record back, to be written one by one, before what came later.
func (q *queue) again(it *item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range it.jobs {
		j.alone = true
	}
	it.slot.jobs = append(slices.Clone(it.jobs), it.slot.jobs...)
}

// drop takes a job out again whose caller has gone; one that flies is left alone.
func (q *queue) drop(key string, j *job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if s := q.slots[key]; s != nil {
		s.jobs = slices.DeleteFunc(s.jobs, func(other *job) bool { return other == j })
	}
}

// close refuses further jobs and returns those that wait.
func (q *queue) close() []*job {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	var waiting []*job
	for _, s := range q.slots {
		waiting = append(waiting, s.jobs...)
		s.jobs = nil
	}
	return waiting
}

// merge makes one record of several for the same key: newer fields win.
func merge(jobs []*job) job {
	merged := *jobs[len(jobs)-1]
	merged.Fields = map[string]any{}
	for _, j := range jobs {
		maps.Copy(merged.Fields, j.Fields)
		merged.Now = merged.Now || j.Now
	}
	return merged
}

// parentsOf returns the records that writing these jobs locks: the looked-up ones in their fields.
func parentsOf(jobs []*job) []string {
	var parents []string
	for _, j := range jobs {
		for _, field := range [...]string{"AccountId", "WhoId", "WhatId", "ParentId", "ContactId"} {
			if id, ok := j.Fields[field].(string); ok && ValidID(id) {
				parents = append(parents, longID(id))
			}
		}
	}
	slices.Sort(parents)
	return slices.Compact(parents)
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
