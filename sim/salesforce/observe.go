package salesforce

import (
	"context"
	"maps"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

// Write is one committed write, in the order the org committed them.
type Write struct {
	Seq    int            `json:"seq"`
	At     time.Time      `json:"at"`
	Op     string         `json:"op"` // created, updated or deleted
	Object string         `json:"object"`
	ID     string         `json:"id"`
	Key    string         `json:"key,omitempty"`    // Cordboard_Key__c of the record
	Call   string         `json:"call"`             // kind of API call that did it: "collections.upsert" …
	Fields map[string]any `json:"fields,omitempty"` // what the request changed; null clears. Not to be modified
}

// writeLog remembers the last writes and counts all of them.
type writeLog struct {
	mu      sync.Mutex
	keep    int
	seq     int
	writes  []Write
	counts  map[string]Counts
	waiting atomic.Int32
	wake    chan struct{}
}

// Counts are the committed writes of one object.
type Counts struct {
	Created int `json:"created"`
	Updated int `json:"updated"`
	Deleted int `json:"deleted"`
}

func (l *writeLog) commit(x *tx) {
	if len(x.undo) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts = map[string]Counts{}
	}
	for _, c := range x.undo {
		w := Write{At: x.now, Object: c.t.obj.name, Call: x.kind, Fields: c.fields}
		n := l.counts[w.Object]
		shown := c.after
		switch {
		case c.before == nil:
			w.Op, n.Created = "created", n.Created+1
		case c.after == nil:
			w.Op, n.Deleted = "deleted", n.Deleted+1
			shown = c.before
		default:
			w.Op, n.Updated = "updated", n.Updated+1
		}
		w.ID, w.Key = shown.id, shown.text("Cordboard_Key__c")
		l.counts[w.Object] = n
		l.seq++
		w.Seq = l.seq
		l.writes = append(l.writes, w)
	}
	if len(l.writes) > l.keep+l.keep/4+16 { // cut seldom, so that an append stays cheap
		l.writes = append([]Write(nil), l.writes[len(l.writes)-l.keep:]...)
	}
}

// changed wakes everybody in Await.
func (l *writeLog) changed() {
	if l.waiting.Load() == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.wake != nil {
		close(l.wake)
		l.wake = nil
	}
}

// Await returns nil once is holds: it asks now and again after every API call. It returns ctx's error if that ends
// first. is may call any method of the Server.
func (s *Server) Await(ctx context.Context, is func() bool) error {
	l := &s.log
	l.waiting.Add(1)
	defer l.waiting.Add(-1)
	for {
		l.mu.Lock()
		if l.wake == nil {
			l.wake = make(chan struct{})
		}
		wake := l.wake
		l.mu.Unlock()
		if is() {
			return nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Writes returns the remembered writes, oldest first; of one object where it is named.
func (s *Server) Writes(object string) []Write {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	out := make([]Write, 0, len(s.log.writes))
	for _, w := range s.log.writes {
		if object == "" || w.Object == object {
			out = append(out, w)
		}
	}
	return out
}

// Counts returns how many records of each object API calls have created, updated and deleted.
func (s *Server) Counts() map[string]Counts {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return maps.Clone(s.log.counts)
}

// Calls returns the API calls so far by kind: create, retrieve, update, delete, upsert, collections.create,
// collections.update, collections.upsert, collections.delete, composite, graph, tree, query, search, describe,
// limits, token, refused (at the limit) … A composite call counts once.
func (s *Server) Calls() map[string]int {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	return maps.Clone(s.calls.byKind)
}

// Record is a row as observers see it: every field that is set, system fields included.
type Record map[string]any

func observed(r *record) Record {
	out := Record{}
	for _, f := range r.obj.fields {
		if v := r.value(f); v != nil {
			out[f.name] = v
		}
	}
	return out
}

// Records returns all rows of an object in order of creation.
func (s *Server) Records(object string) []Record {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := []Record{}
	if t := s.table(object); t != nil {
		t.all(func(r *record) bool { out = append(out, observed(r)); return true })
	}
	return out
}

// Count returns the number of rows of an object.
func (s *Server) Count(object string) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if t := s.table(object); t != nil {
		return len(t.rows)
	}
	return 0
}

// ByKey returns the rows of an object whose Cordboard_Key__c is key.
func (s *Server) ByKey(object, key string) []Record {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := []Record{}
	if t := s.table(object); t != nil && t.obj.byName["Cordboard_Key__c"] != nil {
		for _, r := range t.byKey(t.obj.byName["Cordboard_Key__c"], key) {
			out = append(out, observed(r))
		}
	}
	return out
}

// Duplicate is a record key that several records of one object share.
type Duplicate struct {
	Object string   `json:"object"`
	Key    string   `json:"key"`
	IDs    []string `json:"ids"`
}

// twins groups rows whose keys differ in case at most by the key as written.
func twins(t *table, f *field, ids []string) []Duplicate {
	byKey := map[string][]string{}
	for _, id := range ids {
		key := t.rows[id].text(f.name)
		byKey[key] = append(byKey[key], id)
	}
	var out []Duplicate
	for key, same := range byKey {
		if len(same) > 1 {
			out = append(out, Duplicate{t.obj.name, key, same})
		}
	}
	return out
}

// Duplicates returns every record key that more than one record of an object carries: a broken promise of ours.
func (s *Server) Duplicates() []Duplicate {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := []Duplicate{}
	for _, t := range s.tables {
		f := t.obj.byName["Cordboard_Key__c"]
		if f == nil {
			continue
		}
		for _, ids := range t.exact[f] {
			if len(ids) > 1 {
				out = append(out, twins(t, f, ids)...)
			}
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Object+out[i].Key < out[j].Object+out[j].Key })
	return out
}
