package config

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

const (
	maxSource = 4 << 20 // bytes of one file
	maxVisits = 200_000 // nodes of one file, each alias counted again: a bound for alias bombs
	maxDepth  = 100     // nesting
	maxFound  = 100     // problems: who made more reads no further
)

// Decode reads YAML into v, a pointer. File names the source in problems, and secrets with relative paths are looked
// for in its folder. An empty source leaves v as it is. V's defaults stay where the source says nothing. When problems
// are returned, v holds what could be read.
func Decode(file string, src []byte, v any) Problems {
	d := &decoder{file: file, anchors: map[string]ast.Node{}}
	if len(src) > maxSource {
		d.problem(nil, "", "the file is larger than %d bytes", maxSource)
		return d.problems
	}
	parsed, err := parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.syntax(err)
		return d.problems
	}
	for i, doc := range parsed.Docs {
		if i > 0 && doc.Body != nil {
			d.problem(doc.Body, "", "a second document: one file holds one")
		} else if doc.Body != nil {
			d.value(doc.Body, reflect.ValueOf(v).Elem(), nil)
		}
	}
	return d.sorted()
}

// DecodeFile reads the file and decodes it.
func DecodeFile(file string, v any) Problems {
	src, err := os.ReadFile(file)
	if err != nil {
		cause := err
		if p, ok := errors.AsType[*os.PathError](err); ok {
			cause = p.Err
		}
		return Problems{{File: file, Message: cause.Error()}}
	}
	return Decode(file, src, v)
}

// Raw is a part of a file that is decoded later, when it is known into what. It keeps its place, so problems point at
// the right line.
type Raw struct {
	node    ast.Node
	file    string
	path    []string
	anchors map[string]ast.Node
}

// IsZero reports whether the file had nothing there.
func (r Raw) IsZero() bool { return r.node == nil }

// Has reports whether the part is a mapping that has the key.
func (r Raw) Has(key string) bool {
	var v map[string]any
	return r.node != nil && yaml.NodeToValue(r.node, &v) == nil && v[key] != nil
}

// Decode reads the part into v, a pointer.
func (r Raw) Decode(v any) Problems {
	if r.node == nil {
		return nil
	}
	d := &decoder{file: r.file, anchors: r.anchors}
	d.value(r.node, reflect.ValueOf(v).Elem(), r.path)
	return d.sorted()
}

// Problem returns a problem at the part's place.
func (r Raw) Problem(format string, args ...any) Problem {
	d := &decoder{file: r.file}
	d.problem(r.node, "", format, args...)
	return d.problems[0]
}

// decoder walks one file's tree beside the Go value it goes into.
type decoder struct {
	file     string
	anchors  map[string]ast.Node
	problems Problems
	visits   int
	depth    int
}

func (d *decoder) dir() string { return filepath.Dir(d.file) }

func (d *decoder) problem(n ast.Node, nearest, format string, args ...any) {
	if len(d.problems) >= maxFound {
		return
	}
	p := Problem{File: d.file, Message: fmt.Sprintf(format, args...), Nearest: nearest}
	if n != nil && n.GetToken() != nil {
		p.Line, p.Column = n.GetToken().Position.Line, n.GetToken().Position.Column
	}
	d.problems = append(d.problems, p)
}

func (d *decoder) syntax(err error) {
	p := Problem{File: d.file, Message: err.Error()}
	if e, ok := errors.AsType[yaml.Error](err); ok {
		p.Message = e.GetMessage()
		if t := e.GetToken(); t != nil {
			p.Line, p.Column = t.Position.Line, t.Position.Column
		}
	}
	d.problems = append(d.problems, p)
}

func (d *decoder) sorted() Problems {
	slices.SortStableFunc(d.problems, func(a, b Problem) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column)
	})
	return d.problems
}

// plain takes anchors, aliases and tags off a node. Nil means that there is nothing to read, or nothing more.
func (d *decoder) plain(n ast.Node) ast.Node {
	for range maxDepth {
		if d.visits++; d.visits > maxVisits {
			if d.visits == maxVisits+1 {
				d.problem(n, "", "the file holds too much: more than %d values", maxVisits)
			}
			return nil
		}
		switch t := n.(type) {
		case *ast.AnchorNode:
			d.anchors[t.Name.GetToken().Value] = t.Value
			n = t.Value
		case *ast.AliasNode:
			name := t.Value.GetToken().Value
			target, ok := d.anchors[name]
			if !ok {
				d.problem(n, "", "there is no anchor &%s before this", name)
				return nil
			}
			n = target
		case *ast.TagNode:
			d.problem(n, "", "tags such as %s are not used here", t.GetToken().Value)
			return nil
		case *ast.NullNode, nil:
			return nil
		default:
			return n
		}
	}
	d.problem(n, "", "an alias refers to itself")
	return nil
}
