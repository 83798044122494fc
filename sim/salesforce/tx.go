package salesforce

import (
	"maps"
	"strconv"
	"strings"
	"time"
)

// tx is the writing side of one HTTP request. Every write is visible to the later ones of the same request, and can
// be taken back to a mark. The org's lock is held for its whole life.
type tx struct {
	s         *Server
	now       time.Time
	start     time.Time // when the request came in
	user      string
	kind      string // of API call, for the write log
	path      string
	version   string
	allowSave bool // Sforce-Duplicate-Rule-Header
	details   bool
	records   int // written so far, for faults that hit the n-th
	undo      []change
}

type change struct {
	t             *table
	before, after *record
	fields        map[string]any
}

func (x *tx) mark() int { return len(x.undo) }

// rollback takes back everything written since the mark.
func (x *tx) rollback(mark int) {
	for i := len(x.undo) - 1; i >= mark; i-- {
		c := x.undo[i]
		c.t.put(c.after, c.before)
		if c.before == nil { // never existed for anybody
			delete(c.t.deleted, c.after.id)
		}
	}
	x.undo = x.undo[:mark]
}

func (x *tx) put(t *table, before, after *record, fields map[string]any) {
	t.put(before, after)
	x.undo = append(x.undo, change{t, before, after, fields})
}

// create stores a new record made of a request's fields.
func (x *tx) create(t *table, in map[string]any) (*record, *apiError) {
	x.records++
	o := t.obj
	if idOf(in) != "" {
		return nil, fail("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call").on("Id")
	}
	changed, err := x.check(o, in, true)
	if err != nil {
		return nil, err
	}
	vals := make(map[string]any, len(changed)+8)
	for _, f := range o.fields {
		if f.deflt != nil {
			vals[f.name] = f.deflt
		}
	}
	merge(vals, changed)
	if o.byName["OwnerId"] != nil && vals["OwnerId"] == nil {
		vals["OwnerId"] = x.user
	}
	if missing := missingFields(o, vals); len(missing) > 0 {
		return nil, fail("REQUIRED_FIELD_MISSING", "Required fields are missing: [%s]", strings.Join(missing, ", ")).on(missing...)
	}
	x.s.lastID++
	r := &record{id: newID(o.prefix, x.s.lastID), seq: x.s.lastID, obj: o, vals: vals,
		created: x.now, modified: x.now, creator: x.user, editor: x.user}
	switch o.name {
	case "Case":
		n := strconv.FormatUint(r.seq, 10)
		vals["CaseNumber"] = strings.Repeat("0", max(0, 8-len(n))) + n
	case "Call_Log__c":
		if vals["Name"] == nil {
			vals["Name"] = r.id // what the platform does with an empty text Name of a custom object
		}
	}
	if err := x.finish(t, r.id, changed, vals); err != nil {
		return nil, err
	}
	x.put(t, nil, r, changed)
	return r, nil
}

// update stores the next version of a record.
func (x *tx) update(t *table, old *record, in map[string]any) (*record, *apiError) {
	x.records++
	changed, err := x.check(t.obj, in, false)
	if err != nil {
		return nil, err
	}
	vals := maps.Clone(old.vals)
	merge(vals, changed)
	for name, v := range changed {
		if f := t.obj.byName[name]; f.required && v == nil {
			return nil, fail("REQUIRED_FIELD_MISSING", "Required fields are missing: [%s]", name).on(name)
		}
	}
	if err := x.finish(t, old.id, changed, vals); err != nil {
		return nil, err
	}
	next := *old
	next.vals, next.modified, next.editor = vals, x.now, x.user
	x.put(t, old, &next, changed)
	return &next, nil
}

// finish runs everything that looks at the whole record, the administrator's rules (faults) last.
func (x *tx) finish(t *table, id string, changed, vals map[string]any) *apiError {
	s := x.s
	if err := s.references(t.obj, changed, vals); err != nil {
		return err
	}
	if err := businessRules(t.obj, vals); err != nil {
		return err
	}
	if err := s.uniqueness(t, id, changed, vals); err != nil {
		return err
	}
	s.derive(t.obj, vals)
	if t.obj.name == "Task" && vals["IsClosed"] == true && vals["CompletedDateTime"] == nil {
		vals["CompletedDateTime"] = stamp(x.now)
	}
	return s.faults.onRecord(x, t, id, vals)
}

func (x *tx) remove(t *table, r *record) *apiError {
	x.records++
	if err := x.s.faults.onRecord(x, t, r.id, nil); err != nil {
		return err
	}
	x.put(t, r, nil, nil)
	return nil
}

// check resolves names, refuses what may not be written and brings values into stored form.
func (x *tx) check(o *object, in map[string]any, creating bool) (map[string]any, *apiError) {
	if !o.writable() {
		return nil, fail("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object")
	}
	out := make(map[string]any, len(in))
	for name, v := range in {
		if name == "attributes" || len(name) == 2 && strings.EqualFold(name, "Id") {
			continue
		}
		f := o.field(name)
		if f == nil {
			if m, isObject := v.(map[string]any); isObject && o.byRelation[strings.ToLower(name)] != nil {
				related, id, err := x.byForeignKey(o, name, m)
				if err != nil {
					return nil, err
				}
				out[related.name] = id
				continue
			}
			return nil, noSuchColumn(name, o)
		}
		if create, update := o.may(f); creating && !create || !creating && !update {
			return nil, fail("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: %s. Please check the security settings of this field and verify that it is read/write for your profile or permission set.", f.name).on(f.name)
		}
		checked, err := checkValue(f, v)
		if err != nil {
			return nil, err
		}
		out[f.name] = checked
	}
	return out, nil
}

// byForeignKey resolves {"Account": {"Cordboard_Key__c": "…"}}: a lookup given by the other record's external id.
func (x *tx) byForeignKey(o *object, name string, m map[string]any) (*field, any, *apiError) {
	f := o.byRelation[strings.ToLower(name)]
	targets := f.refs
	if a, ok := m["attributes"].(map[string]any); ok && str(a["type"]) != "" {
		targets = []string{str(a["type"])}
	}
	for key, v := range m {
		for _, target := range targets {
			t := x.s.table(target)
			if t == nil {
				continue
			}
			if kf := t.obj.field(key); kf != nil && kf.externalID {
				switch found := t.byKey(kf, str(v)); len(found) {
				case 1:
					return f, found[0].id, nil
				case 0:
				default:
					return nil, nil, fail("INVALID_FIELD", "More than one record found for external id field %s: %v", key, v)
				}
			}
		}
	}
	return nil, nil, fail("INVALID_FIELD", "Foreign key external ID not found for field %s in entity %s", name, targets[0])
}

func missingFields(o *object, vals map[string]any) []string {
	var missing []string
	for _, f := range o.fields {
		if f.required && vals[f.name] == nil {
			missing = append(missing, f.name)
		}
	}
	return missing
}

func merge(vals, changed map[string]any) {
	for name, v := range changed {
		if v == nil {
			delete(vals, name)
		} else {
			vals[name] = v
		}
	}
}
