package workflow

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// document is one YAML document of a file. Its nodes know their places in the whole file.
type document struct {
	*source
	body    ast.Node
	raw     string // its text, without the line that begins it
	anchors map[string]ast.Node
}

// entry is one key of a mapping with what stands under it.
type entry struct {
	key   string
	at    spot
	value ast.Node
}

// documents splits a file at its `---` lines and parses every document on its own, so that an error in one does not
// hide what is wrong with the others. Empty documents are left out; a document that is no YAML is only a problem.
func (s *source) documents() []*document {
	var docs []*document
	for from, n := 0, 0; from < len(s.lines); n++ {
		to := from + 1
		for to < len(s.lines) && s.lines[to] != "---" && !strings.HasPrefix(s.lines[to], "--- ") {
			to++
		}
		if n > maxDocs {
			s.errorf(spot{from + 1, 1}, "a file may hold %d documents", maxDocs)
			return docs
		}
		if d := s.document(from, to); d != nil {
			docs = append(docs, d)
		}
		from = to
	}
	return docs
}

func (s *source) document(from, to int) *document {
	if !s.withinLimits(from, to) {
		return nil
	}
	lines := s.lines[from:to]
	text := strings.Repeat("\n", from) + strings.Join(lines, "\n") + "\n"
	file, err := parseYAML(text)
	if err != nil {
		s.yamlError(err)
		return nil
	}
	for _, d := range file.Docs {
		switch d.Body.(type) {
		case nil, *ast.DirectiveNode, *ast.CommentGroupNode:
			continue
		}
		if lines[0] == "---" {
			lines = lines[1:]
		}
		doc := &document{source: s, body: d.Body, raw: strings.TrimSpace(strings.Join(lines, "\n")) + "\n", anchors: map[string]ast.Node{}}
		ast.Walk(doc, d.Body)
		return doc
	}
	return nil
}

// parseYAML turns a panic of the YAML parser into an error: what a person typed must never stop the process.
func parseYAML(text string) (f *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("this is not YAML: %v", r)
		}
	}()
	return parser.ParseBytes([]byte(text), 0)
}

// Visit implements ast.Visitor: it collects the anchors.
func (d *document) Visit(n ast.Node) ast.Visitor {
	if a, ok := n.(*ast.AnchorNode); ok && a.Name != nil {
		d.anchors[a.Name.GetToken().Value] = a.Value
	}
	return d
}

func (s *source) yamlError(err error) {
	at, message := spot{1, 1}, err.Error()
	if syntax, ok := errors.AsType[*yaml.SyntaxError](err); ok {
		message = syntax.Message
		if syntax.Token != nil && syntax.Token.Position != nil {
			at = spot{max(1, syntax.Token.Position.Line), max(1, syntax.Token.Position.Column)}
		}
	}
	line := ""
	if at.line <= len(s.lines) {
		line = s.lines[at.line-1]
	}
	switch {
	case strings.HasPrefix(strings.TrimLeft(line, " "), "\t"):
		message = "YAML is indented with spaces, not with tabs"
	case strings.Contains(message, "must be specified") && strings.Contains(line, "${"):
		message += ": inside { } and [ ] a value with ${…} needs quotes"
	case strings.Contains(message, "already defined at"):
		message = strings.Replace(strings.Replace(message, "mapping key ", "the key ", 1), "already defined at [", "is given twice: also at line ", 1)
		message, _, _ = strings.Cut(message, ":1]")
		message = strings.TrimSuffix(message, "]")
	case strings.Contains(message, "mapping value is not allowed"):
		message = "wrong indentation, or a text with a colon that needs quotes"
	case strings.Contains(message, "value is not allowed in this context"):
		message = "wrong indentation, or a text that begins with a quote and goes on behind it"
	}
	s.errorf(at, "%s", message)
}

// deref follows anchors, aliases and tags to the node that counts.
func (d *document) deref(n ast.Node) ast.Node {
	for range 8 {
		switch x := n.(type) {
		case *ast.AnchorNode:
			n = x.Value
		case *ast.TagNode:
			n = x.Value
		case *ast.AliasNode:
			name := x.Value.GetToken().Value
			target, ok := d.anchors[name]
			if !ok {
				d.problem(Error, place(n), fmt.Sprintf(`"* %s" in quotes`, name), "*%s refers to an anchor that is not there", name)
				return nil
			}
			n = target
		default:
			return n
		}
	}
	d.errorf(place(n), "too many aliases behind each other")
	return nil
}

// entries returns the keys of a mapping; what is no mapping is a problem that calls it by what.
func (d *document) entries(n ast.Node, what string) []entry {
	n = d.deref(n)
	var values []*ast.MappingValueNode
	switch x := n.(type) {
	case nil:
		return nil
	case *ast.MappingNode:
		values = x.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{x}
	case *ast.NullNode:
		return nil
	default:
		d.errorf(place(n), "%s must be a mapping (key: value), not %s", what, kindOf(n))
		return nil
	}
	entries := make([]entry, 0, len(values))
	for _, v := range values {
		key, ok := v.Key.(ast.ScalarNode)
		if !ok {
			d.errorf(place(v.Key), "a key must be a plain word")
			continue
		}
		entries = append(entries, entry{key.GetToken().Value, place(v.Key), v.Value})
	}
	return entries
}

// items returns the elements of a sequence; anything else but nothing is a sequence of one.
func (d *document) items(n ast.Node) []ast.Node {
	switch x := d.deref(n).(type) {
	case nil, *ast.NullNode:
		return nil
	case *ast.SequenceNode:
		return x.Values
	default:
		return []ast.Node{x}
	}
}

// scalar returns the text of a scalar as it was meant; ok is false for mappings, sequences and nothing.
func (d *document) scalar(n ast.Node) (text string, ok bool) {
	switch x := n.(type) {
	case *ast.StringNode:
		return x.Value, true
	case *ast.LiteralNode:
		return x.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// word returns the text of a scalar, or reports that what should be one.
func (d *document) word(n ast.Node, what string) (string, bool) {
	n = d.deref(n)
	if n == nil {
		return "", false
	}
	text, ok := d.scalar(n)
	if !ok {
		d.errorf(place(n), "%s must be a text, not %s", what, kindOf(n))
	}
	return text, ok
}

// yes reads true or false.
func (d *document) yes(n ast.Node, what string) bool {
	n = d.deref(n)
	if b, ok := n.(*ast.BoolNode); ok {
		return b.Value
	}
	if n != nil {
		d.errorf(place(n), "%s must be true or false", what)
	}
	return false
}

func kindOf(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "nothing"
	case *ast.BoolNode:
		return "true or false"
	case *ast.IntegerNode, *ast.FloatNode:
		return "a number"
	}
	return "a text"
}
