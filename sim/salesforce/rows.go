package salesforce

import (
	"net/http"
	"net/url"
	"strings"
)

// sobjectResource routes below /sobjects: sObject Basic Information, Describe, Rows, Rows by External ID.
func (s *Server) sobjectResource(q *request) (string, handler) {
	switch len(q.parts) {
	case 1:
		return "describe", func(*request) answer { return s.describeGlobal(q) }
	case 2:
		if q.method == http.MethodPost {
			return "create", s.createRow
		}
		return "describe", s.basicInformation
	case 3:
		if q.parts[2] == "describe" {
			return "describe", s.describe
		}
		return rowKinds[q.method], s.oneRow
	case 4:
		return keyKinds[q.method], s.oneRowByKey
	}
	return "unknown", func(*request) answer { return s.refuse(notFound()) }
}

var (
	rowKinds = map[string]string{http.MethodGet: "retrieve", http.MethodPatch: "update", http.MethodDelete: "delete"}
	keyKinds = map[string]string{http.MethodGet: "retrieve", http.MethodPatch: "upsert", http.MethodPost: "upsert", http.MethodDelete: "delete"}
)

// tableOf finds the table a path names.
func (s *Server) tableOf(q *request) (*table, *apiError) {
	if t := s.table(q.parts[1]); t != nil {
		return t, nil
	}
	return nil, notFound()
}

// fieldsOf is the body as a record.
func fieldsOf(q *request) (map[string]any, *apiError) {
	if q.body == nil {
		return map[string]any{}, nil
	}
	m, ok := q.body.(map[string]any)
	if !ok {
		return nil, badJSON("The record is not an object")
	}
	return m, nil
}

func (s *Server) createRow(q *request) answer {
	t, err := s.tableOf(q)
	if err != nil {
		return s.refuse(err)
	}
	in, err := fieldsOf(q)
	if err != nil {
		return s.refuse(err)
	}
	r, err := q.tx.create(t, in)
	if err != nil {
		return s.refuse(err)
	}
	return answer{http.StatusCreated, rowURL(q.root, r), saved(r.id)}
}

func rowURL(root string, r *record) string {
	return root + "/sobjects/" + r.obj.name + "/" + r.id
}

// row finds a row by the id of a path.
func (t *table) row(id string) (*record, *apiError) {
	long, ok := longID(id)
	if !ok {
		return nil, notFound()
	}
	if r := t.rows[long]; r != nil {
		return r, nil
	}
	if _, gone := t.deleted[long]; gone {
		return nil, fail("ENTITY_IS_DELETED", "entity is deleted").as(http.StatusNotFound)
	}
	return nil, notFound()
}

func (s *Server) oneRow(q *request) answer {
	t, err := s.tableOf(q)
	if err != nil {
		return s.refuse(err)
	}
	r, err := t.row(q.parts[2])
	if err != nil {
		return s.refuse(err)
	}
	switch q.method {
	case http.MethodGet, http.MethodHead:
		return s.show(q, r)
	case http.MethodPatch:
		in, err := fieldsOf(q)
		if err == nil && idOf(in) != "" {
			err = fail("INVALID_FIELD", "The Id field should not be specified in the sobject data.")
		}
		if err == nil {
			_, err = q.tx.update(t, r, in)
		}
		if err != nil {
			return s.refuse(err)
		}
		return answer{status: http.StatusNoContent}
	case http.MethodDelete:
		if err := q.tx.remove(t, r); err != nil {
			return s.refuse(err)
		}
		return answer{status: http.StatusNoContent}
	}
	return s.refuse(notAllowed(q))
}

// show is a record with all its fields, or with those of ?fields=.
func (s *Server) show(q *request, r *record) answer {
	want := q.query.Get("fields")
	if want == "" {
		return answer{status: http.StatusOK, body: wholeRecord(r, q.root)}
	}
	out := map[string]any{"attributes": attributes(r, q.root), "Id": r.id}
	for name := range strings.SplitSeq(want, ",") {
		f := r.obj.field(strings.TrimSpace(name))
		if f == nil {
			return s.refuse(noSuchColumn(strings.TrimSpace(name), r.obj))
		}
		out[f.name] = r.value(f)
	}
	return answer{status: http.StatusOK, body: out}
}

func attributes(r *record, root string) map[string]string {
	return map[string]string{"type": r.obj.name, "url": rowURL(root, r)}
}

func wholeRecord(r *record, root string) map[string]any {
	out := make(map[string]any, len(r.obj.fields)+1)
	out["attributes"] = attributes(r, root)
	for _, f := range r.obj.fields {
		if len(r.obj.hidden) == 0 || !r.obj.hidden[strings.ToLower(f.name)] {
			out[f.name] = r.value(f)
		}
	}
	return out
}

// oneRowByKey serves sObject Rows by External ID. The field `Id` is a special case: PATCH or POST .../Id inserts.
func (s *Server) oneRowByKey(q *request) answer {
	t, err := s.tableOf(q)
	if err != nil {
		return s.refuse(err)
	}
	f, value := t.obj.field(q.parts[2]), q.parts[3]
	if f == nil || !f.externalID {
		return s.refuse(noExternalID(q.parts[2]))
	}
	found := q.tx.match(t, f, value)
	if len(found) > 1 {
		return manyRows(q, found)
	}
	switch q.method {
	case http.MethodPatch, http.MethodPost:
		return s.upsertRow(q, t, f, value, found)
	}
	if len(found) == 0 {
		return s.refuse(notFound())
	}
	if q.method == http.MethodDelete {
		if err := q.tx.remove(t, found[0]); err != nil {
			return s.refuse(err)
		}
		return answer{status: http.StatusNoContent}
	}
	return s.show(q, found[0])
}

// manyRows is the 300 answer: an array of the URLs of all records that share the external id.
func manyRows(q *request, found []*record) answer {
	urls := make([]string, len(found))
	for i, r := range found {
		urls[i] = rowURL(q.root, r)
	}
	return answer{status: http.StatusMultipleChoices, body: urls}
}

func (s *Server) upsertRow(q *request, t *table, f *field, value string, found []*record) answer {
	in, err := fieldsOf(q)
	if err != nil {
		return s.refuse(err)
	}
	for name := range in {
		if strings.EqualFold(name, "Id") || strings.EqualFold(name, f.name) {
			return s.refuse(fail("INVALID_FIELD", "The %s field should not be specified in the sobject data.", name))
		}
	}
	if len(found) == 0 && strings.EqualFold(q.query.Get("updateOnly"), "true") {
		return s.refuse(notFound())
	}
	r, created, err := q.tx.upsert(t, f, value, in, found)
	if err != nil {
		return s.refuse(err)
	}
	switch {
	case q.version >= 46 && created:
		return answer{http.StatusCreated, keyURL(q.root, r, f, value), upserted(r.id, true)}
	case q.version >= 46:
		return answer{http.StatusOK, keyURL(q.root, r, f, value), upserted(r.id, false)}
	case created:
		return answer{http.StatusCreated, rowURL(q.root, r), saved(r.id)}
	}
	return answer{status: http.StatusNoContent}
}

func keyURL(root string, r *record, f *field, value string) string {
	return root + "/sobjects/" + r.obj.name + "/" + f.name + "/" + url.PathEscape(value)
}

// match finds the records an upsert by external id meets.
func (x *tx) match(t *table, f *field, value string) []*record {
	found := t.byKey(f, value)
	if f.unique || len(found) == 0 {
		return found
	}
	early := found[:0:0]
	for _, r := range found {
		if !r.created.After(x.start) {
			early = append(early, r)
		}
	}
	if len(early) < len(found) {
		if _, race := x.s.faults.hit(UpsertRace, func(a *Fault) bool { return a.Object == "" || a.Object == t.obj.name }); race {
			return early
		}
	}
	return found
}

// upsert creates a record with an external id, or updates the one that was found.
func (x *tx) upsert(t *table, f *field, value string, in map[string]any, found []*record) (*record, bool, *apiError) {
	if len(found) == 1 {
		r, err := x.update(t, found[0], in)
		return r, false, err
	}
	with := make(map[string]any, len(in)+1)
	for k, v := range in {
		with[k] = v
	}
	with[f.name] = value
	r, err := x.create(t, with)
	return r, true, err
}
