package salesforce

import (
	"strconv"
	"strings"
	"time"
)

// selection is a parsed SOQL query over one object.
type selection struct {
	table   *table
	count   bool     // SELECT COUNT()
	counted []string // SELECT COUNT(Id), … : aliases of an aggregate row
	columns []path
	where   condition // nil for all
	order   []sortKey
	limit   int // -1 for none
	offset  int
}

// path is a column, perhaps of a related record: Who.Name.
type path struct {
	through []*field // lookups to follow
	field   *field   // of the last object; nil where the related object decides (polymorphic)
	name    string   // of that last column
	words   []string // as the answer nests it
}

type sortKey struct {
	path             path
	down, nullsFirst bool
}

// soqlParser is a recursive-descent parser; the first error ends it by panic(*apiError), recovered in parseSOQL.
type soqlParser struct {
	s    *Server
	text string
	toks []soqlToken
	at   int
	now  time.Time
	obj  *object
	name string // alias of the object, lower case
}

type soqlToken struct {
	kind byte // w word, s string, n number, o operator, e end
	text string
	pos  int
}

// parseSOQL reads a query. Errors are MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE and their relatives, with the
// excerpt and the position that the platform shows.
func (s *Server) parseSOQL(text string, now time.Time) (sel *selection, err *apiError) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*apiError)
			if !ok {
				panic(r)
			}
			sel, err = nil, e
		}
	}()
	p := &soqlParser{s: s, text: text, now: now}
	p.scan()
	return p.query(), nil
}

func (p *soqlParser) scan() {
	const operators = "=<>!(),"
	for i := 0; i < len(p.text); {
		c := p.text[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '\'':
			i = p.scanString(i)
		case strings.IndexByte(operators, c) >= 0:
			n := 1
			if i+1 < len(p.text) {
				switch p.text[i : i+2] {
				case "!=", "<>", "<=", ">=":
					n = 2
				}
			}
			p.toks = append(p.toks, soqlToken{'o', p.text[i : i+n], i})
			i += n
		default:
			from := i
			for i < len(p.text) && strings.IndexByte(" \t\r\n'"+operators, p.text[i]) < 0 {
				i++
			}
			kind := byte('w')
			if c >= '0' && c <= '9' || c == '-' || c == '+' {
				kind = 'n'
			}
			p.toks = append(p.toks, soqlToken{kind, p.text[from:i], from})
		}
	}
	p.toks = append(p.toks, soqlToken{'e', "<EOF>", len(p.text)})
}

var soqlEscapes = map[byte]string{'n': "\n", 'r': "\r", 't': "\t", 'b': "\b", 'f': "\f", '\'': "'", '"': "\"", '\\': "\\", '_': "\\_", '%': "\\%"}

func (p *soqlParser) scanString(from int) int {
	var b strings.Builder
	for i := from + 1; i < len(p.text); i++ {
		switch c := p.text[i]; c {
		case '\'':
			p.toks = append(p.toks, soqlToken{'s', b.String(), from})
			return i + 1
		case '\\':
			i++
			if i >= len(p.text) || soqlEscapes[p.text[i]] == "" {
				p.failAt(from, "MALFORMED_QUERY", "Illegal character sequence in string literal")
			}
			b.WriteString(soqlEscapes[p.text[i]])
		default:
			b.WriteByte(c)
		}
	}
	p.failAt(from, "MALFORMED_QUERY", "unexpected end of string literal")
	return 0
}

// failAt panics with an error that points into the query.
func (p *soqlParser) failAt(pos int, code, message string) {
	from, to := max(0, pos-20), min(len(p.text), pos+20)
	excerpt := strings.ReplaceAll(p.text[from:to], "\n", " ")
	row := 1 + strings.Count(p.text[:pos], "\n")
	col := pos - strings.LastIndexByte(p.text[:pos], '\n')
	panic(fail(code, "\n%s\n%s^\nERROR at Row:%d:Column:%d\n%s", excerpt, strings.Repeat(" ", pos-from), row, col, message))
}

func (p *soqlParser) peek() soqlToken { return p.toks[p.at] }

func (p *soqlParser) next() soqlToken {
	t := p.toks[p.at]
	if t.kind != 'e' {
		p.at++
	}
	return t
}

// is consumes the words if they come next.
func (p *soqlParser) is(words ...string) bool {
	for i, w := range words {
		if p.at+i >= len(p.toks) || p.toks[p.at+i].kind == 's' || !strings.EqualFold(p.toks[p.at+i].text, w) {
			return false
		}
	}
	p.at += len(words)
	return true
}

func (p *soqlParser) unexpected(t soqlToken) {
	if t.kind == 'e' {
		panic(fail("MALFORMED_QUERY", "unexpected token: <EOF>"))
	}
	p.failAt(t.pos, "MALFORMED_QUERY", "unexpected token: '"+t.text+"'")
}

func (p *soqlParser) need(word string) {
	if !p.is(word) {
		p.unexpected(p.peek())
	}
}

func (p *soqlParser) word() soqlToken {
	t := p.next()
	if t.kind != 'w' {
		p.unexpected(t)
	}
	return t
}

func (p *soqlParser) query() *selection {
	sel := &selection{limit: -1}
	p.need("SELECT")
	columns := p.selectList(sel)
	p.need("FROM")
	from := p.word()
	sel.table = p.s.table(from.text)
	if sel.table == nil {
		p.failAt(from.pos, "INVALID_TYPE", "sObject type '"+from.text+"' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.")
	}
	p.obj, p.name = sel.table.obj, strings.ToLower(from.text)
	p.is("AS")
	if t := p.peek(); t.kind == 'w' && !clauseWord[strings.ToUpper(t.text)] {
		p.name = strings.ToLower(p.next().text)
	}
	for _, c := range columns {
		sel.columns = append(sel.columns, p.columnsOf(c)...)
	}
	if p.is("USING", "SCOPE") {
		p.word()
	}
	if p.is("WHERE") {
		sel.where = p.or()
	}
	for p.is("WITH", "SECURITY_ENFORCED") || p.is("WITH", "USER_MODE") || p.is("WITH", "SYSTEM_MODE") {
	}
	p.tail(sel)
	return sel
}

var clauseWord = map[string]bool{"WHERE": true, "WITH": true, "ORDER": true, "LIMIT": true, "OFFSET": true, "GROUP": true, "FOR": true, "USING": true, "ALL": true}

func (p *soqlParser) selectList(sel *selection) []soqlToken {
	var columns []soqlToken
	for {
		t := p.next()
		switch {
		case t.kind == 'o' && t.text == "(":
			p.failAt(t.pos, "MALFORMED_QUERY", "subqueries are not simulated")
		case t.kind != 'w':
			p.unexpected(t)
		case p.is("(", ")"):
			if !strings.EqualFold(t.text, "COUNT") {
				p.unexpected(t)
			}
			sel.count = true
		case p.is("("):
			if strings.EqualFold(t.text, "FIELDS") {
				t.text += "(" + strings.ToUpper(p.word().text) + ")"
				columns = append(columns, t)
			} else if strings.EqualFold(t.text, "COUNT") || strings.EqualFold(t.text, "COUNT_DISTINCT") {
				p.word()
				sel.counted = append(sel.counted, "expr"+strconv.Itoa(len(sel.counted)))
			} else {
				p.unexpected(t)
			}
			p.need(")")
			if a := p.peek(); len(sel.counted) > 0 && a.kind == 'w' && !strings.EqualFold(a.text, "FROM") {
				sel.counted[len(sel.counted)-1] = p.next().text
			}
		default:
			columns = append(columns, t)
		}
		if !p.is(",") {
			return columns
		}
	}
}

// columnsOf resolves one word of the select list; FIELDS(…) is several columns.
func (p *soqlParser) columnsOf(t soqlToken) []path {
	kind, isFields := strings.CutPrefix(strings.ToUpper(t.text), "FIELDS(")
	if !isFields {
		return []path{p.path(t)}
	}
	var all []path
	for _, f := range p.obj.fields {
		custom := strings.HasSuffix(f.name, "__c")
		if p.obj.field(f.name) != nil && (kind == "ALL)" || custom == (kind == "CUSTOM)")) {
			all = append(all, path{field: f, name: f.name, words: []string{f.name}})
		}
	}
	return all
}

// path resolves Name, c.Name, Account.Name, Who.Name, Account.Owner.Name.
func (p *soqlParser) path(t soqlToken) path {
	words := strings.Split(t.text, ".")
	if len(words) > 1 && strings.ToLower(words[0]) == p.name {
		words = words[1:]
	}
	out := path{words: words}
	o := p.obj
	for i, w := range words {
		if o == nil { // behind a polymorphic lookup: the platform knows these columns of Name
			out.name = w
			return out
		}
		if i == len(words)-1 {
			f := o.field(w)
			if f == nil {
				p.failAt(t.pos, "INVALID_FIELD", "No such column '"+w+"' on entity '"+o.name+"'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.")
			}
			out.field, out.name = f, f.name
			out.words = append(append([]string(nil), words[:i]...), f.name)
			return out
		}
		f := o.byRelation[strings.ToLower(w)]
		if f == nil {
			p.failAt(t.pos, "INVALID_FIELD", "Didn't understand relationship '"+w+"' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.")
		}
		words[i] = f.relation
		out.through = append(out.through, f)
		o = nil
		if len(f.refs) == 1 {
			if target := p.s.table(f.refs[0]); target != nil {
				o = target.obj
			}
		}
	}
	return out
}

func (p *soqlParser) tail(sel *selection) {
	if p.is("ORDER", "BY") {
		for {
			k := sortKey{path: p.path(p.word()), nullsFirst: true}
			if p.is("DESC") {
				k.down, k.nullsFirst = true, false
			} else {
				p.is("ASC")
			}
			if p.is("NULLS", "FIRST") {
				k.nullsFirst = true
			} else if p.is("NULLS", "LAST") {
				k.nullsFirst = false
			}
			sel.order = append(sel.order, k)
			if !p.is(",") {
				break
			}
		}
	}
	if p.is("LIMIT") {
		sel.limit = p.number()
	}
	if p.is("OFFSET") {
		sel.offset = p.number()
		if sel.offset > 2000 {
			panic(fail("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"))
		}
	}
	for p.is("FOR", "VIEW") || p.is("FOR", "REFERENCE") || p.is("FOR", "UPDATE") || p.is("ALL", "ROWS") {
	}
	if t := p.peek(); t.kind != 'e' {
		p.unexpected(t)
	}
}

func (p *soqlParser) number() int {
	t := p.next()
	n, err := strconv.Atoi(t.text)
	if t.kind != 'n' || err != nil || n < 0 {
		p.unexpected(t)
	}
	return n
}
