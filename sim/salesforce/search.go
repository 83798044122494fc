package salesforce

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxFound is the documented number of records a search answers.
const maxFound = 2000

// SetIndexDelay changes how old a record version must be before SOSL finds it.
func (s *Server) SetIndexDelay(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.IndexDelay = d
}

// serveSOSL is GET search?q=FIND….
func (s *Server) serveSOSL(q *request) answer {
	f, err := s.parseSOSL(q.query.Get("q"), q)
	if err != nil {
		return s.refuse(err)
	}
	return s.answerSearch(q, f)
}

// serveParameterized is GET or POST parameterizedSearch: the same search without the query language. Its text is
// plain, so nothing in it needs escaping (inferred).
func (s *Server) serveParameterized(q *request) answer {
	if q.method != http.MethodGet && q.method != http.MethodPost {
		return s.refuse(notAllowed(q))
	}
	p, err := parameters(q)
	if err != nil {
		return s.refuse(err)
	}
	f, err := s.findingOf(p)
	if err != nil {
		return s.refuse(err)
	}
	return s.answerSearch(q, f)
}

func (s *Server) findingOf(p searchParameters) (*finding, *apiError) {
	if len([]rune(strings.TrimSpace(p.Q))) < 2 {
		return nil, badSearch("search term must be longer than one character: %s", p.Q)
	}
	f := &finding{group: strings.ToUpper(or(p.In, "ALL")), limit: maxFound, term: searchTerm{op: "AND"}}
	if p.Limit > 0 {
		f.limit = min(p.Limit, maxFound)
	}
	for w := range strings.FieldsSeq(p.Q) {
		f.term.terms = append(f.term.terms, searchTerm{word: w})
	}
	for _, o := range p.Objects {
		t := s.table(o.Name)
		if t == nil {
			return nil, fail("INVALID_TYPE", "sObject type '%s' is not supported.", o.Name)
		}
		w := wanted{table: t, limit: -1}
		if o.Limit > 0 {
			w.limit = o.Limit
		} else if p.DefaultLimit > 0 {
			w.limit = p.DefaultLimit
		}
		if len(o.Fields) == 0 {
			o.Fields = p.Fields
		}
		for _, name := range o.Fields {
			if err := w.add(strings.TrimSpace(name)); err != nil {
				return nil, err
			}
		}
		f.wants = append(f.wants, w)
	}
	return f, nil
}

type searchParameters struct {
	Q            string
	In           string
	Fields       []string
	Limit        int `json:"overallLimit"`
	DefaultLimit int
	Objects      []struct {
		Name   string
		Fields []string
		Limit  int
	} `json:"sobjects"`
}

func parameters(q *request) (p searchParameters, err *apiError) {
	if q.method == http.MethodPost {
		raw, _ := json.Marshal(q.body)
		if json.Unmarshal(raw, &p) != nil {
			err = badJSON("The search is not well formed")
		}
		return p, err
	}
	list := func(v string) []string {
		if v == "" {
			return nil
		}
		return strings.Split(v, ",")
	}
	p.Q, p.In, p.Fields = q.query.Get("q"), q.query.Get("in"), list(q.query.Get("fields"))
	p.Limit, _ = strconv.Atoi(q.query.Get("overallLimit"))
	p.DefaultLimit, _ = strconv.Atoi(q.query.Get("defaultLimit"))
	for _, names := range q.query["sobject"] {
		for _, name := range list(names) {
			n, _ := strconv.Atoi(q.query.Get(name + ".limit"))
			p.Objects = append(p.Objects, struct {
				Name   string
				Fields []string
				Limit  int
			}{name, list(q.query.Get(name + ".fields")), n})
		}
	}
	return p, nil
}

func (s *Server) answerSearch(q *request, f *finding) answer {
	if len(f.wants) == 0 { // every searchable object, ids only
		for _, name := range s.objectNames() {
			f.wants = append(f.wants, wanted{table: s.table(name), limit: -1})
		}
	}
	out := []any{}
	for _, w := range f.wants {
		n := 0
		for _, r := range s.search(f, w, q.tx.now) {
			if len(out) == f.limit || n == w.limit {
				break
			}
			shown := map[string]any{"attributes": attributes(r, q.root)}
			for _, field := range w.fields {
				shown[field.name] = r.value(field)
			}
			if len(w.fields) == 0 {
				shown["Id"] = r.id
			}
			out = append(out, shown)
			n++
		}
	}
	return answer{status: http.StatusOK, body: map[string]any{"searchRecords": out}}
}

// search finds the rows of one object that are old enough to be in the index.
func (s *Server) search(f *finding, w wanted, now time.Time) []*record {
	indexed := now.Add(-s.cfg.IndexDelay)
	var rows []*record
	visit := func(r *record) bool {
		if !r.modified.After(indexed) && f.term.matches(f.group, r) && (w.sel == nil || w.sel.where == nil || w.sel.where.holds(s, r)) {
			rows = append(rows, r)
		}
		return len(rows) < maxFound
	}
	if ids, ok := f.term.byPhone(f.group, w.table); ok {
		slices.Sort(ids)
		for _, id := range slices.Compact(ids) {
			if r := w.table.rows[id]; r != nil {
				visit(r)
			}
		}
	} else {
		w.table.all(visit)
	}
	if w.sel != nil && len(w.sel.order) > 0 {
		slices.SortStableFunc(rows, func(a, b *record) int { return s.sortOrder(w.sel.order, a, b) })
	}
	return rows
}

// phoneDigits are the digits of a term that is a phone number, "" for any other. A number written with spaces is
// one number, although its parts are several words (inferred).
func (t searchTerm) phoneDigits() string {
	if t.op == "" {
		if strings.Trim(t.word, "+-().0123456789") != "" {
			return ""
		}
		return digitsOf(t.word)
	}
	if t.op != "AND" {
		return ""
	}
	all := ""
	for _, e := range t.terms {
		d := e.phoneDigits()
		if d == "" {
			return ""
		}
		all += d
	}
	return all
}

// byPhone answers a phone search from the index.
func (t searchTerm) byPhone(group string, in *table) (ids []string, ok bool) {
	if group != "PHONE" {
		return nil, false
	}
	if t.op == "OR" {
		for _, e := range t.terms {
			more, good := e.byPhone(group, in)
			if !good {
				return nil, false
			}
			ids = append(ids, more...)
		}
		return ids, true
	}
	if d := t.phoneDigits(); d != "" {
		return append(ids, in.phones[d]...), true
	}
	return nil, false
}

// matches says whether a row fits the term in a group of fields.
func (t searchTerm) matches(group string, r *record) bool {
	if d := t.phoneDigits(); len(d) >= 3 && (group == "PHONE" || group == "ALL" || group == "SIDEBAR") && hasNumber(r, d) {
		return true
	}
	switch t.op {
	case "OR":
		return slices.ContainsFunc(t.terms, func(e searchTerm) bool { return e.matches(group, r) })
	case "AND":
		return !slices.ContainsFunc(t.terms, func(e searchTerm) bool { return !e.matches(group, r) })
	case "NOT":
		return !t.terms[0].matches(group, r)
	}
	for _, f := range r.obj.fields {
		if text := r.text(f.name); text != "" && inGroup(f, group) && matchesText(t.word, text, f) {
			return true
		}
	}
	return false
}

func hasNumber(r *record, digits string) bool {
	for _, f := range r.obj.phones {
		if slices.Contains(phoneKeys(r.text(f.name)), digits) {
			return true
		}
	}
	return false
}

func inGroup(f *field, group string) bool {
	switch group {
	case "NAME":
		return f.nameField
	case "EMAIL":
		return f.typ == typeEmail
	case "PHONE":
		return f.typ == typePhone
	}
	switch f.typ {
	case typeString, typeText, typePhone, typeEmail, typeURL, typePicklist:
		return true
	}
	return false
}

// matchesText looks for a word or a phrase among the words of a text. A wildcard may stand inside or at the end, not
// at the beginning; in phone fields it runs over the digits.
func matchesText(word, text string, f *field) bool {
	word, text = strings.ToLower(word), strings.ToLower(text)
	if f.typ == typePhone {
		if !strings.ContainsAny(word, "*?") {
			return false // whole numbers are hasNumber's
		}
		return slices.ContainsFunc(phoneKeys(text), func(k string) bool { return wild(digitsAndStars(word), k) })
	}
	wanted := wordsOf(word)
	have := wordsOf(text)
	for i := 0; i+len(wanted) <= len(have) && len(wanted) > 0; i++ {
		same := true
		for j, w := range wanted {
			same = same && wild(w, have[i+j])
		}
		if same {
			return true
		}
	}
	return false
}

// wordsOf cuts a text into its words: runs of letters, digits and wildcards.
func wordsOf(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool {
		return c < 0x80 && !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '*' || c == '?')
	})
}

func digitsAndStars(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c == '*' || c == '?' {
			return c
		}
		return -1
	}, s)
}

// wild compares with * for any run of characters and ? for one; a leading wildcard matches nothing.
func wild(pattern, s string) bool {
	if strings.HasPrefix(pattern, "*") || strings.HasPrefix(pattern, "?") {
		return false
	}
	for i := range len(pattern) {
		switch {
		case pattern[i] == '*':
			for j := 0; j <= len(s); j++ {
				if pattern[i+1:] == "" || wild(pattern[i+1:], s[j:]) {
					return true
				}
			}
			return false
		case s == "" || pattern[i] != '?' && pattern[i] != s[0]:
			return false
		}
		s = s[1:]
	}
	return s == ""
}
