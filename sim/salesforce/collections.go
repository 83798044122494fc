package salesforce

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// maxCollection is the documented number of records of an sObject Collections request.
const maxCollection = 200

// collection is the body of a collections request.
type collection struct {
	allOrNone bool
	records   []map[string]any
}

func collectionOf(q *request) (collection, *apiError) {
	var c collection
	m, ok := q.body.(map[string]any)
	if !ok {
		return c, badJSON("Unexpected end of the request: a collection is an object with records")
	}
	c.allOrNone, _ = m["allOrNone"].(bool)
	list, ok := m["records"].([]any)
	if !ok {
		return c, badJSON("The Required field 'records' is missing")
	}
	if len(list) > maxCollection {
		return c, fail("EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than %d records into this call", maxCollection)
	}
	for _, v := range list {
		r, ok := v.(map[string]any)
		if !ok {
			return c, badJSON("A record of the collection is not an object")
		}
		c.records = append(c.records, r)
	}
	return c, nil
}

// typeOf is the object a record of a collection says it is.
func (s *Server) typeOf(in map[string]any) (*table, *apiError) {
	a, _ := in["attributes"].(map[string]any)
	name := str(a["type"])
	if name == "" {
		return nil, fail("INVALID_INPUT", "Include an attributes object with a type for each record")
	}
	if t := s.table(name); t != nil {
		return t, nil
	}
	return nil, fail("INVALID_TYPE", "sObject type '%s' is not supported.", name)
}

func (s *Server) createCollection(q *request) answer {
	c, err := collectionOf(q)
	if err != nil {
		return s.refuse(err)
	}
	return s.each(q, c.allOrNone, len(c.records), func(i int) (saveResult, *apiError) {
		t, err := s.typeOf(c.records[i])
		if err != nil {
			return saveResult{}, err
		}
		r, err := q.tx.create(t, c.records[i])
		if err != nil {
			return saveResult{}, err
		}
		return saved(r.id), nil
	})
}

func (s *Server) updateCollection(q *request) answer {
	c, err := collectionOf(q)
	if err != nil {
		return s.refuse(err)
	}
	return s.each(q, c.allOrNone, len(c.records), func(i int) (saveResult, *apiError) {
		in := c.records[i]
		t, err := s.typeOf(in)
		if err != nil {
			return saveResult{}, err
		}
		r, err := t.target(idOf(in))
		if err != nil {
			return saveResult{}, err
		}
		r, err = q.tx.update(t, r, in)
		if err != nil {
			return saveResult{}, err
		}
		return saved(r.id), nil
	})
}

func idOf(in map[string]any) string {
	if id := str(in["Id"]); id != "" {
		return id
	}
	return str(in["id"])
}

// target finds the row a collection's record means; the codes differ from those of a path.
func (t *table) target(id string) (*record, *apiError) {
	if id == "" {
		return nil, fail("MISSING_ARGUMENT", "Id not specified in an update call").on("Id")
	}
	long, ok := longID(id)
	if !ok || !strings.HasPrefix(long, t.obj.prefix) {
		return nil, fail("MALFORMED_ID", "%s ID: id value of incorrect type: %s", t.obj.label, id).on("Id")
	}
	if r := t.rows[long]; r != nil {
		return r, nil
	}
	if _, gone := t.deleted[long]; gone {
		return nil, fail("ENTITY_IS_DELETED", "entity is deleted")
	}
	return nil, fail("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
}

func (s *Server) deleteCollection(q *request) answer {
	ids := strings.Split(q.query.Get("ids"), ",")
	if len(ids) > maxCollection {
		return s.refuse(fail("EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than %d records into this call", maxCollection))
	}
	return s.each(q, strings.EqualFold(q.query.Get("allOrNone"), "true"), len(ids), func(i int) (saveResult, *apiError) {
		long, ok := longID(strings.TrimSpace(ids[i]))
		if !ok || s.byPrefix[long[:3]] == nil {
			return saveResult{}, fail("MALFORMED_ID", "malformed id %s", ids[i])
		}
		t := s.byPrefix[long[:3]]
		r, err := t.target(long)
		if err == nil {
			err = q.tx.remove(t, r)
		}
		if err != nil {
			return saveResult{}, err
		}
		return saved(r.id), nil
	})
}

// upsertCollection is PATCH composite/sobjects/{object}/{external id field} (v46 and later).
func (s *Server) upsertCollection(q *request) answer {
	t := s.table(q.parts[2])
	if t == nil {
		return s.refuse(notFound())
	}
	f := t.obj.field(q.parts[3])
	if f == nil || !f.externalID && f.name != "Id" {
		return s.refuse(noExternalID(q.parts[3]))
	}
	c, err := collectionOf(q)
	if err != nil {
		return s.refuse(err)
	}
	seen := make(map[string]bool, len(c.records))
	return s.each(q, c.allOrNone, len(c.records), func(i int) (saveResult, *apiError) {
		if f.name == "Id" {
			return q.tx.upsertByID(t, c.records[i])
		}
		return q.tx.upsertOne(t, f, c.records[i], seen)
	})
}

func (x *tx) upsertOne(t *table, f *field, in map[string]any, seen map[string]bool) (saveResult, *apiError) {
	if named, err := x.s.typeOf(in); err != nil {
		return saveResult{}, err
	} else if named != t {
		return saveResult{}, fail("INVALID_TYPE", "All records of an upsert must be of type %s", t.obj.name)
	}
	key, others := "", make(map[string]any, len(in))
	for name, v := range in {
		if strings.EqualFold(name, f.name) {
			if v != nil {
				key = strings.TrimSpace(fmt.Sprint(v))
			}
			continue
		}
		others[name] = v
	}
	if key == "" {
		return saveResult{}, fail("MISSING_ARGUMENT", "%s not specified", f.name).on(f.name)
	}
	if seen[key] { // inferred for REST; documented for upsert() of the SOAP API
		return saveResult{}, fail("DUPLICATE_VALUE", "Duplicate external id specified: %s", key).on(f.name)
	}
	seen[key] = true
	found := x.match(t, f, key)
	if len(found) > 1 {
		ids := make([]string, len(found))
		for i, r := range found {
			ids[i] = r.id
		}
		return saveResult{}, fail("DUPLICATE_EXTERNAL_ID", "%s: more than one record found for external id field: [%s]", f.name, strings.Join(ids, ", ")).on(f.name)
	}
	r, created, err := x.upsert(t, f, key, others, found)
	if err != nil {
		return saveResult{}, err
	}
	return upserted(r.id, created), nil
}

func (x *tx) upsertByID(t *table, in map[string]any) (saveResult, *apiError) {
	if idOf(in) == "" {
		r, err := x.create(t, in)
		if err != nil {
			return saveResult{}, err
		}
		return upserted(r.id, true), nil
	}
	r, err := t.target(idOf(in))
	if err == nil {
		r, err = x.update(t, r, in)
	}
	if err != nil {
		return saveResult{}, err
	}
	return upserted(r.id, false), nil
}

// each writes the records in order and gathers their results in the same order. With allOrNone one failure takes
// everything back, and the good records say so.
func (s *Server) each(q *request, allOrNone bool, n int, write func(int) (saveResult, *apiError)) answer {
	mark := q.tx.mark()
	results := make([]saveResult, n)
	var failed []int
	for i := range n {
		r, err := write(i)
		if err != nil {
			failed = append(failed, i)
			r = err.result()
		}
		results[i] = r
	}
	if allOrNone && len(failed) > 0 {
		q.tx.rollback(mark)
		undone := fail("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all records were valid and the request was using AllOrNone header").result()
		for i := range results {
			if !slices.Contains(failed, i) {
				results[i] = undone
			}
		}
	}
	return answer{status: http.StatusOK, body: results}
}

// retrieveCollection is GET composite/sobjects/{object}?ids=&fields=, or POST with the same in its body.
func (s *Server) retrieveCollection(q *request) answer {
	t := s.table(q.parts[2])
	if t == nil {
		return s.refuse(notFound())
	}
	ids, names := strings.Split(q.query.Get("ids"), ","), strings.Split(q.query.Get("fields"), ",")
	if m, ok := q.body.(map[string]any); ok {
		ids, names = strs(m["ids"]), strs(m["fields"])
	}
	out := make([]any, len(ids))
	for i, id := range ids {
		r, err := t.row(strings.TrimSpace(id))
		if err != nil {
			continue // null in its place
		}
		shown := map[string]any{"attributes": attributes(r, q.root), "Id": r.id}
		for _, name := range names {
			f := t.obj.field(strings.TrimSpace(name))
			if f == nil {
				return s.refuse(noSuchColumn(name, t.obj))
			}
			shown[f.name] = r.value(f)
		}
		out[i] = shown
	}
	return answer{status: http.StatusOK, body: out}
}

func strs(v any) []string {
	list, _ := v.([]any)
	out := make([]string, 0, len(list))
	for _, e := range list {
		out = append(out, str(e))
	}
	return out
}
