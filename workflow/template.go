package workflow

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// template is a text with ${…} pieces of CEL. A template that is one piece and nothing else keeps the type of its
// expression; any other becomes a text. `$${` stands for `${`.
type template struct {
	text   string // as written, or the expression in ${…} where it was written bare
	pieces []piece
	sole   bool
	needs  []string // of pop, record and reply: what it mentions
	viewed bool     // it mentions call or event
}

// piece is either literal text or an expression.
type piece struct {
	lit  string
	expr *expr
	at   int // place of the expression in the text as written, in characters
}

var errUnclosed = errors.New("${ is not closed by }")

// parseTemplate reads a template; the error is errUnclosed, with the place of the opening brace.
func parseTemplate(text string) (*template, int, error) {
	t := &template{text: text}
	rest, at := text, 0
	lit := ""
	for {
		i := strings.Index(rest, "${")
		if i < 0 {
			lit += rest
			break
		}
		if i > 0 && rest[i-1] == '$' {
			lit += rest[:i-1] + "${"
			at, rest = at+runes(rest[:i+2]), rest[i+2:]
			continue
		}
		lit += rest[:i]
		end := closing(rest[i+2:])
		if end < 0 {
			return nil, at + runes(rest[:i]), errUnclosed
		}
		if lit != "" {
			t.pieces = append(t.pieces, piece{lit: lit})
			lit = ""
		}
		src := rest[i+2 : i+2+end]
		t.pieces = append(t.pieces, piece{expr: compile(src), at: at + runes(rest[:i+2])})
		at, rest = at+runes(rest[:i+2+end+1]), rest[i+2+end+1:]
	}
	if lit != "" || len(t.pieces) == 0 {
		t.pieces = append(t.pieces, piece{lit: lit})
	}
	t.sole = len(t.pieces) == 1 && t.pieces[0].expr != nil
	t.mentions()
	return t, 0, nil
}

// bareExpression is the template of an argument that was written as CEL without ${…}.
func bareExpression(src string) *template {
	t := &template{text: "${" + src + "}", pieces: []piece{{expr: compile(src)}}, sole: true}
	t.mentions()
	return t
}

// escaped is the template for an address: every value that does not stand at its very beginning is escaped, so that
// what a call carries can never add a parameter or change the path. A value that is already passed to urlpart is left
// alone, and so is a faulty template.
func (t *template) escaped() *template {
	var b strings.Builder
	for i, p := range t.pieces {
		switch {
		case p.expr == nil:
			b.WriteString(strings.ReplaceAll(p.lit, "${", "$${"))
		case len(p.expr.faults) > 0:
			return t
		case i == 0 || strings.HasPrefix(strings.TrimSpace(p.expr.src), "urlpart("):
			b.WriteString("${" + p.expr.src + "}")
		default:
			b.WriteString("${urltext(" + p.expr.src + ")}")
		}
	}
	e, _, err := parseTemplate(b.String())
	if err != nil || slices.ContainsFunc(e.pieces, func(p piece) bool { return p.expr != nil && len(p.expr.faults) > 0 }) {
		return t
	}
	return e
}

func runes(s string) int { return len([]rune(s)) }

// closing finds the } that ends an expression: braces nest, and those in quotes do not count.
func closing(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth == 0 {
				return i
			}
			depth--
		case '"', '\'':
			raw := i > 0 && (s[i-1] == 'r' || s[i-1] == 'R')
			quote := s[i]
			for i++; i < len(s) && s[i] != quote; i++ {
				if s[i] == '\\' && !raw {
					i++
				}
			}
		}
	}
	return -1
}

// literal reports whether the template holds no expression, and returns its text.
func (t *template) literal() (string, bool) {
	if len(t.pieces) == 1 && t.pieces[0].expr == nil {
		return t.pieces[0].lit, true
	}
	return "", false
}

// mentions notes which names the template's expressions use.
func (t *template) mentions() {
	names := map[string]bool{}
	for _, p := range t.pieces {
		if p.expr != nil {
			maps.Copy(names, p.expr.names)
		}
	}
	for _, n := range []string{"pop", "record", "reply"} {
		if names[n] {
			t.needs = append(t.needs, n)
		}
	}
	t.viewed = names["call"] || names["event"]
}

// eval returns the template's value: a text, or for a sole expression whatever it evaluates to, as JSON knows it.
func (t *template) eval(s *scope) (any, error) {
	if t.sole {
		v, err := t.pieces[0].expr.eval(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.pieces[0].expr.src, err)
		}
		return native(v)
	}
	var b strings.Builder
	for _, p := range t.pieces {
		if p.expr == nil {
			b.WriteString(p.lit)
			continue
		}
		v, err := p.expr.eval(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.expr.src, err)
		}
		text, err := textOf(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.expr.src, err)
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

// native turns a CEL value into what encoding/json writes. A time that is not known is null, like CEL's own null.
func native(v ref.Val) (any, error) {
	switch v := v.(type) {
	case types.String:
		return string(v), nil
	case types.Int:
		return int64(v), nil
	case types.Uint:
		return uint64(v), nil
	case types.Double:
		return float64(v), nil
	case types.Bool:
		return bool(v), nil
	case types.Null, nothing:
		return nil, nil
	case types.Timestamp:
		if v.Time.IsZero() {
			return nil, nil
		}
		return v.Time.UTC().Format(time.RFC3339Nano), nil
	case types.Duration:
		return v.Duration.String(), nil
	case types.Bytes:
		return string(v), nil
	case object:
		return nil, fmt.Errorf("%s has no value of its own: name one of its fields", v.typ.TypeName())
	case traits.Mapper:
		return nativeMap(v)
	case traits.Lister:
		list := []any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			x, err := native(it.Next())
			if err != nil {
				return nil, err
			}
			list = append(list, x)
		}
		return list, nil
	}
	return nil, fmt.Errorf("a value of type %s cannot be written", v.Type().TypeName())
}

func nativeMap(m traits.Mapper) (any, error) {
	out := map[string]any{}
	for it := m.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		k, err := textOf(key)
		if err != nil {
			return nil, err
		}
		if out[k], err = native(m.Get(key)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// textOf is how a value reads inside a text.
func textOf(v ref.Val) (string, error) {
	x, err := native(v)
	if err != nil {
		return "", err
	}
	switch x := x.(type) {
	case nil:
		return "", nil
	case string:
		return x, nil
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64), nil
	case []any, map[string]any:
		b, err := json.Marshal(x)
		return string(b), err
	}
	return fmt.Sprint(x), nil
}
