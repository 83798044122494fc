package workflow

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

var matchKeys = []string{"path", "operator", "value", "values"}

// ofCall are paths that are names of expressions, and not places in a message.
var ofCall = regexp.MustCompile(`^(call|event)(\.[A-Za-z_][A-Za-z0-9_]*)+$`)

// matchings reads `match`: a list of conditions.
func (p *parsing) matchings(r *Rule, n ast.Node) {
	list, ok := p.deref(n).(*ast.SequenceNode)
	if !ok || len(list.Values) == 0 {
		p.errorf(place(n), `match must be a list of conditions, such as - { path: disconnectType, operator: "==", value: CLIENT }`)
		return
	}
	for _, item := range list.Values {
		before := len(p.problems)
		m := p.matching(item)
		if len(p.problems) == before {
			r.match = append(r.match, m)
			r.Match = append(r.Match, m.text)
		}
	}
}

func (p *parsing) matching(n ast.Node) matching {
	var m matching
	given := map[string]entry{}
	at := place(p.deref(n))
	for _, e := range p.entries(n, "a condition") {
		given[e.key] = e
		switch e.key {
		case "path":
			p.matchPath(&m, e.value)
		case "operator":
			p.matchOperator(&m, e.value)
		case "value", "values":
		default:
			p.unknownKey(e, "a condition", matchKeys)
		}
	}
	for _, key := range matchKeys[:2] {
		if _, ok := given[key]; !ok {
			p.errorf(at, "a condition needs %s", key)
		}
	}
	one, hasOne := given["value"]
	many, hasMany := given["values"]
	switch {
	case hasOne && hasMany:
		p.errorf(many.at, "a condition has value or values, not both")
	case hasMany:
		p.matchValue(&m, many)
	case hasOne:
		p.matchValue(&m, one)
	case m.op.name == "Exists":
		m.want = true
	case m.op.name != "":
		p.errorf(at, "%s needs value", m.op.name)
	}
	m.text = fmt.Sprintf("%s %s %s", m.path, m.op.sign, written(m.want))
	return m
}

func (p *parsing) matchPath(m *matching, n ast.Node) {
	text, ok := p.word(n, "path")
	if !ok {
		return
	}
	m.path = strings.TrimSpace(text)
	if ofCall.MatchString(m.path) {
		m.name = p.expression("match", n, m.path)
		return
	}
	var err error
	if m.steps, err = parsePath(m.path); err != nil {
		p.errorf(place(p.deref(n)), "%v", err)
	}
}

func (p *parsing) matchOperator(m *matching, n ast.Node) {
	if tag, ok := n.(*ast.TagNode); ok { // != begins with what YAML takes for a tag
		p.problem(Error, place(n), `"!="`, "the operator %s needs quotes", tag.GetToken().Value)
		return
	}
	text, ok := p.word(n, "operator")
	if !ok {
		return
	}
	var names []string
	for _, op := range comparisons() {
		if strings.EqualFold(text, op.name) || strings.EqualFold(text, op.sign) {
			m.op = op
			return
		}
		names = append(names, op.name)
	}
	if near := nearest(text, names); near != "" {
		p.problem(Error, place(p.deref(n)), near, "unknown operator %q", text)
		return
	}
	p.errorf(place(p.deref(n)), "unknown operator %q: there are %s", text, list(names, "and"))
}

// matchValue reads what is compared with.
func (p *parsing) matchValue(m *matching, e entry) {
	raw, err := json.Marshal(p.plain(e.value))
	if err == nil {
		err = decodeNumbers(raw, &m.want)
	}
	items, isList := m.want.([]any)
	_, isMap := m.want.(map[string]any)
	switch {
	case err != nil || isMap:
		p.errorf(e.at, "%s must be a text, a number, true or false, or a list of them", e.key)
	case m.op.name == "": // said already, or missing
	case isList && !m.op.list:
		p.errorf(e.at, "%s compares with one value, not with a list", m.op.name)
	case isList && len(items) == 0:
		p.errorf(e.at, "the list is empty")
	case m.op.list && !isList:
		m.want = []any{m.want}
	case m.op.name == "Exists" && m.want != true && m.want != false:
		p.errorf(e.at, "Exists compares with true or false")
	case m.want == nil:
		p.errorf(e.at, "nothing can be compared with: use Exists")
	}
	if n, ok := numberOf(m.want); m.op.name == "Size" && (!ok || n < 0 || n != float64(int64(n))) {
		p.errorf(e.at, "Size compares with a whole number")
	}
}
