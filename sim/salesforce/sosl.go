package salesforce

import (
	"strconv"
	"strings"
)

// finding is a parsed search: what to find, in which fields, of which objects.
type finding struct {
	term  searchTerm
	group string // ALL, NAME, PHONE, EMAIL or SIDEBAR
	wants []wanted
	limit int
}

// wanted is one object of RETURNING.
type wanted struct {
	table  *table
	fields []*field
	sel    *selection // WHERE, ORDER BY and LIMIT inside the parentheses; nil for none
	limit  int        // -1 for none
}

// reserved are SOSL's reserved characters: each must be escaped by a backslash. (* ? and " are operators, brackets
// group.) SOQL and SOSL Reference, "FIND {SearchQuery}".
const reserved = `&|!{}[]^~:+-'`

func badSearch(format string, args ...any) *apiError {
	return fail("MALFORMED_SEARCH", format, args...)
}

// parseSOSL reads FIND {…} [IN … FIELDS] [RETURNING …] [LIMIT n].
func (s *Server) parseSOSL(text string, q *request) (*finding, *apiError) {
	rest := strings.TrimSpace(text)
	if len(rest) < 4 || !strings.EqualFold(rest[:4], "FIND") {
		return nil, badSearch("No search term found. The search term must be enclosed in braces.")
	}
	rest = strings.TrimSpace(rest[4:])
	if !strings.HasPrefix(rest, "{") {
		return nil, badSearch("No search term found. The search term must be enclosed in braces.")
	}
	end := closing(rest)
	if end < 0 {
		return nil, badSearch("unexpected end of search term: missing closing brace")
	}
	f := &finding{group: "ALL", limit: 2000}
	var err *apiError
	if f.term, err = parseTerm(rest[1:end]); err != nil {
		return nil, err
	}
	return f, s.parseClauses(f, rest[end+1:], q)
}

// closing finds the unescaped } that ends the search term.
func closing(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '}':
			return i
		}
	}
	return -1
}

func (s *Server) parseClauses(f *finding, text string, q *request) *apiError {
	words := strings.Fields(text)
	rest := strings.TrimSpace(text)
	if len(words) >= 3 && strings.EqualFold(words[0], "IN") && strings.EqualFold(words[2], "FIELDS") {
		f.group = strings.ToUpper(words[1])
		if !strings.Contains(" ALL NAME PHONE EMAIL SIDEBAR ", " "+f.group+" ") {
			return badSearch("unexpected token: %s", words[1])
		}
		rest = strings.TrimSpace(rest[strings.Index(strings.ToUpper(rest), "FIELDS")+6:])
	}
	if len(rest) >= 9 && strings.EqualFold(rest[:9], "RETURNING") {
		parts, after := splitReturning(rest[9:])
		rest = after
		for _, part := range parts {
			w, err := s.parseWanted(part, q)
			if err != nil {
				return err
			}
			f.wants = append(f.wants, w)
		}
	}
	if words = strings.Fields(rest); len(words) == 2 && strings.EqualFold(words[0], "LIMIT") {
		n, err := strconv.Atoi(words[1])
		if err != nil || n < 0 || n > 2000 {
			return badSearch("unexpected token: %s", words[1])
		}
		f.limit = n
	} else if len(words) > 0 {
		return badSearch("unexpected token: %s", words[0])
	}
	return nil
}

// splitReturning cuts "Contact(Id, Name), Lead LIMIT 3" at the commas outside parentheses.
func splitReturning(text string) (parts []string, after string) {
	depth, from := 0, 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			parts = append(parts, text[from:i])
			from = i + 1
		case depth == 0 && (c == ' ' || c == '\n') && len(text) > i+6 && strings.EqualFold(text[i+1:i+6], "LIMIT"):
			return append(parts, text[from:i]), text[i:]
		}
	}
	return append(parts, text[from:]), ""
}

// parseWanted reads Contact(Id, Name WHERE … ORDER BY … LIMIT n); what stands behind the fields is SOQL.
func (s *Server) parseWanted(text string, q *request) (wanted, *apiError) {
	name, inside, _ := strings.Cut(strings.TrimSpace(text), "(")
	name = strings.TrimSpace(name)
	t := s.table(name)
	if t == nil {
		return wanted{}, fail("INVALID_TYPE", "sObject type '%s' is not supported.", name)
	}
	w := wanted{table: t, limit: -1}
	inside = strings.TrimSuffix(strings.TrimSpace(inside), ")")
	if inside == "" {
		return w, nil
	}
	columns := inside
	for i := range len(inside) {
		word, _, _ := strings.Cut(inside[i:], " ")
		if (i == 0 || inside[i-1] == ' ') && clauseWord[strings.ToUpper(word)] {
			columns = inside[:i]
			sel, err := s.parseSOQL("SELECT Id FROM "+name+" "+inside[i:], q.tx.now)
			if err != nil {
				return w, err
			}
			w.sel, w.limit = sel, sel.limit
			break
		}
	}
	for column := range strings.SplitSeq(columns, ",") {
		if err := w.add(strings.TrimSpace(column)); err != nil {
			return w, err
		}
	}
	return w, nil
}

func (w *wanted) add(column string) *apiError {
	f := w.table.obj.field(column)
	if f == nil {
		return fail("INVALID_FIELD", "No such column '%s' on entity '%s'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.", column, w.table.obj.name)
	}
	w.fields = append(w.fields, f)
	return nil
}

// searchTerm is a node of a search query: a word or phrase, or terms joined.
type searchTerm struct {
	op    string // "" word, AND, OR, NOT (of one)
	word  string // unescaped; a trailing or inner * and ? are wildcards
	terms []searchTerm
}

// parseTerm reads what stands between the braces.
func parseTerm(text string) (searchTerm, *apiError) {
	words, err := searchWords(text)
	if err != nil {
		return searchTerm{}, err
	}
	p := &termParser{words: words}
	t, err := p.or()
	if err == nil && p.at < len(p.words) {
		err = badSearch("unexpected token: %s", p.words[p.at].text)
	}
	return t, err
}

type searchWord struct {
	text   string
	syntax bool // a bare AND, OR, NOT or bracket
}

func searchWords(text string) ([]searchWord, *apiError) {
	var words []searchWord
	var b strings.Builder
	bare := true
	flush := func() {
		if b.Len() > 0 {
			w := b.String()
			words = append(words, searchWord{w, bare && (w == "AND" || w == "OR" || w == "NOT")})
		}
		b.Reset()
		bare = true
	}
	quoted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\':
			if i++; i >= len(text) {
				return nil, badSearch("unexpected end of search term")
			}
			b.WriteByte(text[i])
			bare = false
		case strings.IndexByte(reserved, c) >= 0:
			return nil, badSearch("unexpected char: '%c' in search term; reserved characters must be escaped by a backslash", c)
		case c == '"':
			if quoted = !quoted; !quoted {
				bare = false
				flush()
			}
		case quoted:
			b.WriteByte(c)
		case c == '(' || c == ')':
			flush()
			words = append(words, searchWord{string(c), true})
		case c == ' ' || c == '\t':
			flush()
		default:
			b.WriteByte(c)
		}
	}
	if quoted {
		return nil, badSearch("unexpected end of search term: missing closing quotation mark")
	}
	flush()
	return words, nil
}

type termParser struct {
	words []searchWord
	at    int
}

func (p *termParser) is(syntax string) bool {
	if p.at < len(p.words) && p.words[p.at].syntax && p.words[p.at].text == syntax {
		p.at++
		return true
	}
	return false
}

func (p *termParser) or() (searchTerm, *apiError) {
	first, err := p.and()
	list := searchTerm{op: "OR", terms: []searchTerm{first}}
	for err == nil && p.is("OR") {
		var t searchTerm
		t, err = p.and()
		list.terms = append(list.terms, t)
	}
	if len(list.terms) == 1 {
		return first, err
	}
	return list, err
}

// and reads terms joined by AND, AND NOT or nothing, which means AND too.
func (p *termParser) and() (searchTerm, *apiError) {
	list := searchTerm{op: "AND"}
	for {
		negated := p.is("NOT")
		t, err := p.one()
		if err != nil {
			return list, err
		}
		if negated {
			t = searchTerm{op: "NOT", terms: []searchTerm{t}}
		}
		list.terms = append(list.terms, t)
		if p.is("AND") {
			continue
		}
		if p.at >= len(p.words) || p.words[p.at].syntax && p.words[p.at].text != "(" && p.words[p.at].text != "NOT" {
			break
		}
	}
	if len(list.terms) == 1 {
		return list.terms[0], nil
	}
	return list, nil
}

func (p *termParser) one() (searchTerm, *apiError) {
	if p.is("(") {
		t, err := p.or()
		if err == nil && !p.is(")") {
			err = badSearch("missing closing bracket in search term")
		}
		return t, err
	}
	if p.at >= len(p.words) || p.words[p.at].syntax {
		return searchTerm{}, badSearch("unexpected end of search term")
	}
	w := p.words[p.at].text
	p.at++
	if len([]rune(strings.Trim(w, "*?"))) < 2 {
		return searchTerm{}, badSearch("search term must be longer than one character: %s", w)
	}
	return searchTerm{word: w}, nil
}
