package salesforce

import (
	"slices"
	"strings"
	"time"
)

// record is one version of a row. It never changes once stored, so a reader may keep and encode it without a lock.
type record struct {
	id       string
	seq      uint64 // order of creation over the whole org
	obj      *object
	vals     map[string]any // by exact field name: string, json.Number or bool; absent is null
	created  time.Time
	modified time.Time
	creator  string
	editor   string
}

// value is a field as the API shows it, system fields included.
func (r *record) value(f *field) any {
	switch f.name {
	case "Id":
		return r.id
	case "IsDeleted":
		return false
	case "CreatedDate":
		return stamp(r.created)
	case "LastModifiedDate", "SystemModstamp":
		return stamp(r.modified)
	case "CreatedById":
		return r.creator
	case "LastModifiedById":
		return r.editor
	}
	if v, ok := r.vals[f.name]; ok {
		return v
	}
	if f.typ == typeBoolean {
		return false
	}
	return nil
}

func (r *record) text(name string) string {
	s, _ := r.vals[name].(string)
	return s
}

// stamp writes a time the way the REST API does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000-0700") }

// table holds the rows of one object with the indexes that the usual lookups need.
type table struct {
	obj     *object
	rows    map[string]*record
	order   []string            // ids in order of creation, deleted ones included
	deleted map[string]struct{} // ids that were rows once
	exact   map[*field]map[string][]string
	phones  map[string][]string
}

func newTable(o *object) *table {
	t := &table{obj: o, rows: map[string]*record{}, deleted: map[string]struct{}{},
		exact: map[*field]map[string][]string{}, phones: map[string][]string{}}
	for _, f := range o.indexes {
		t.exact[f] = map[string][]string{}
	}
	return t
}

// put replaces one version of a row by the next; nil stands for no row. It is its own inverse, which is how a
// transaction takes a write back.
func (t *table) put(before, after *record) {
	for f, index := range t.exact {
		old, now := indexKey(before, f), indexKey(after, f)
		if old != now {
			drop(index, old, before)
			add(index, now, after)
		}
	}
	t.putPhones(before, after)
	switch {
	case after == nil:
		delete(t.rows, before.id)
		t.deleted[before.id] = struct{}{}
	case before == nil:
		if _, again := t.deleted[after.id]; !again {
			t.order = append(t.order, after.id)
		}
		delete(t.deleted, after.id)
		t.rows[after.id] = after
	default:
		t.rows[after.id] = after
	}
}

func indexKey(r *record, f *field) string {
	if r == nil {
		return ""
	}
	return strings.ToLower(r.text(f.name))
}

func (t *table) putPhones(before, after *record) {
	for _, f := range t.obj.phones {
		old, now := "", ""
		if before != nil {
			old = before.text(f.name)
		}
		if after != nil {
			now = after.text(f.name)
		}
		if old == now {
			continue
		}
		for _, k := range phoneKeys(old) {
			drop(t.phones, k, before)
		}
		for _, k := range phoneKeys(now) {
			add(t.phones, k, after)
		}
	}
}

func drop(index map[string][]string, key string, r *record) {
	if key == "" || r == nil {
		return
	}
	ids := index[key]
	if i := slices.Index(ids, r.id); i >= 0 {
		ids = slices.Delete(slices.Clone(ids), i, i+1)
	}
	if len(ids) == 0 {
		delete(index, key)
	} else {
		index[key] = ids
	}
}

func add(index map[string][]string, key string, r *record) {
	if key != "" && r != nil {
		index[key] = append(index[key], r.id)
	}
}

// byKey finds the rows whose external id is value. Matching ignores case only for a unique field: "upsert()" in the
// SOAP API Developer Guide.
func (t *table) byKey(f *field, value string) []*record {
	var found []*record
	for _, id := range t.exact[f][strings.ToLower(value)] {
		if r := t.rows[id]; r != nil && (f.unique || r.text(f.name) == value) {
			found = append(found, r)
		}
	}
	return found
}

// all walks the rows in order of creation until visit says no.
func (t *table) all(visit func(*record) bool) {
	for _, id := range t.order {
		if r := t.rows[id]; r != nil && !visit(r) {
			return
		}
	}
}
