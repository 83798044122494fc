package salesforce

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

func (p *soqlParser) or() condition {
	first := p.and()
	if !p.is("OR") {
		return first
	}
	list := anyOf{first, p.and()}
	for p.is("OR") {
		list = append(list, p.and())
	}
	return list
}

func (p *soqlParser) and() condition {
	first := p.not()
	if !p.is("AND") {
		return first
	}
	list := allOf{first, p.not()}
	for p.is("AND") {
		list = append(list, p.not())
	}
	return list
}

func (p *soqlParser) not() condition {
	if p.is("NOT") {
		return noneOf{p.not()}
	}
	if p.is("(") {
		inner := p.or()
		p.need(")")
		return inner
	}
	return p.comparison()
}

func (p *soqlParser) comparison() condition {
	column := p.word()
	c := &comparison{path: p.path(column)}
	f := c.path.field
	if f != nil && !f.filterable {
		p.failAt(column.pos, "INVALID_FIELD", "field '"+f.name+"' can not be filtered in a query call")
	}
	op := p.next()
	switch {
	case op.kind == 'o' && strings.Contains(" = != <> < > <= >= ", " "+op.text+" "):
		c.op = strings.Replace(op.text, "<>", "!=", 1)
		c.values = []any{p.literal(f)}
	case strings.EqualFold(op.text, "LIKE"):
		c.op = "like"
		t := p.next()
		if t.kind != 's' {
			p.unexpected(t)
		}
		if f != nil && (f.typ == typeID || f.typ == typeReference) {
			p.failAt(column.pos, "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field")
		}
		c.like = likePattern(t.text)
	case strings.EqualFold(op.text, "IN"):
		c.op, c.values = "in", p.list(f)
	case strings.EqualFold(op.text, "NOT") && p.is("IN"):
		c.op, c.values = "notin", p.list(f)
	default:
		p.unexpected(op)
	}
	return c
}

func (p *soqlParser) list(f *field) []any {
	p.need("(")
	values := []any{p.literal(f)}
	for p.is(",") {
		values = append(values, p.literal(f))
	}
	p.need(")")
	return values
}

// literal reads a value and checks that it fits the column.
func (p *soqlParser) literal(f *field) any {
	t := p.next()
	wrong := func(kind string) {
		p.failAt(t.pos, "INVALID_FIELD", "value of filter criterion for field '"+f.name+"' must be of type "+kind+" and should not be enclosed in quotes")
	}
	if t.kind == 'w' && strings.EqualFold(t.text, "null") {
		return nil
	}
	typ := typeString
	if f != nil {
		typ = f.typ
	}
	switch typ {
	case typeBoolean:
		b, err := strconv.ParseBool(strings.ToLower(t.text))
		if t.kind != 'w' || err != nil {
			wrong("boolean")
		}
		return b
	case typeInt, typeDouble, typeCurrency:
		n, err := strconv.ParseFloat(t.text, 64)
		if t.kind != 'n' || err != nil {
			wrong(typ)
		}
		return n
	case typeDate, typeDateTime:
		return p.timeLiteral(f, t, wrong)
	}
	if t.kind != 's' {
		if t.kind == 'e' || t.kind == 'o' {
			p.unexpected(t)
		}
		p.failAt(t.pos, "MALFORMED_QUERY", "Bind variables only allowed in Apex code")
	}
	if typ == typeID || typ == typeReference {
		id, ok := longID(t.text)
		if !ok {
			p.failAt(t.pos, "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: "+t.text)
		}
		if typ == typeID {
			return id
		}
		return strings.ToLower(id)
	}
	return strings.ToLower(t.text)
}

func (p *soqlParser) timeLiteral(f *field, t soqlToken, wrong func(string)) any {
	fold := func(at time.Time) string {
		if f.typ == typeDate {
			return at.Format(time.DateOnly)
		}
		return strings.ToLower(stamp(at))
	}
	today := p.now.UTC().Truncate(24 * time.Hour)
	days := func(from, n int) span {
		return span{fold(today.AddDate(0, 0, from)), fold(today.AddDate(0, 0, from+n))}
	}
	if t.kind == 'w' {
		name, count, _ := strings.Cut(strings.ToUpper(t.text), ":")
		n, _ := strconv.Atoi(count)
		switch name {
		case "TODAY":
			return days(0, 1)
		case "YESTERDAY":
			return days(-1, 1)
		case "TOMORROW":
			return days(1, 1)
		case "LAST_N_DAYS":
			return days(-n, n+1)
		case "NEXT_N_DAYS":
			return days(1, n)
		case "THIS_WEEK":
			return days(-int(today.Weekday()), 7)
		case "THIS_MONTH":
			first := today.AddDate(0, 0, 1-today.Day())
			return span{fold(first), fold(first.AddDate(0, 1, 0))}
		}
	}
	at, ok := parseTime(strings.Replace(t.text, " ", "+", 1))
	if t.kind != 'n' || !ok || (f.typ == typeDateTime) != strings.Contains(t.text, "T") {
		wrong(map[string]string{typeDate: "date", typeDateTime: "dateTime"}[f.typ])
	}
	return fold(at)
}

// likePattern: % stands for any text, _ for one character; case does not matter.
func likePattern(like string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString("(?is)^")
	for i := 0; i < len(like); i++ {
		switch c := like[i]; {
		case c == '\\' && i+1 < len(like):
			i++
			b.WriteString(regexp.QuoteMeta(like[i : i+1]))
		case c == '%':
			b.WriteString(".*")
		case c == '_':
			b.WriteString(".")
		case c < 0x80:
			b.WriteString(regexp.QuoteMeta(string(rune(c))))
		default:
			b.WriteByte(c)
		}
	}
	b.WriteString("$")
	return regexp.MustCompile(b.String())
}
