package workflow

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// source is the text of a file, for finding places in it and for collecting what is wrong with it.
type source struct {
	file     string
	lines    []string
	problems Problems
}

func newSource(file string, src []byte) *source {
	return &source{file: file, lines: strings.Split(strings.ReplaceAll(string(src), "\r\n", "\n"), "\n")}
}

// spot is a place in a file: line and column from 1, the column in characters.
type spot struct{ line, col int }

func (s *source) problem(severity Severity, at spot, suggestion, format string, args ...any) {
	s.problems = append(s.problems, Problem{
		File: s.file, Line: at.line, Column: at.col, Message: fmt.Sprintf(format, args...), Suggestion: suggestion,
		Severity: severity, Snippet: s.snippet(at),
	})
}

func (s *source) errorf(at spot, format string, args ...any) {
	s.problem(Error, at, "", format, args...)
}

// snippet is the line with a caret under the place.
func (s *source) snippet(at spot) string {
	if at.line < 1 || at.line > len(s.lines) {
		return ""
	}
	line := strings.ReplaceAll(s.lines[at.line-1], "\t", " ")
	return fmt.Sprintf("%4d | %s\n     | %s^", at.line, line, strings.Repeat(" ", max(0, at.col-1)))
}

// sorted returns the problems in the order of their places.
func (s *source) sorted() Problems {
	slices.SortStableFunc(s.problems, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return s.problems
}

// place returns where a node begins.
func place(n ast.Node) spot {
	for {
		switch x := n.(type) {
		case *ast.MappingNode:
			if !x.IsFlowStyle && len(x.Values) > 0 {
				n = x.Values[0].Key
				continue
			}
		case *ast.MappingValueNode:
			n = x.Key
			continue
		case *ast.TagNode:
			if x.Value != nil {
				n = x.Value
				continue
			}
		}
		break
	}
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return spot{1, 1}
	}
	p := n.GetToken().Position
	return spot{max(1, p.Line), max(1, p.Column)}
}

// within returns the place of the offset-th character of a scalar's value. The value is walked along the file's text,
// because quotes, escapes, folded lines and block scalars make the two differ.
func (s *source) within(n ast.Node, value string, offset int) spot {
	start := place(n)
	c := &cursor{lines: s.lines, line: start.line - 1, col: start.col - 1}
	if _, block := n.(*ast.LiteralNode); block {
		c.line, c.col = c.line+1, 0
		c.skipSpace()
	} else {
		c.quote = c.rune()
		if c.quote == '"' || c.quote == '\'' {
			c.col++
		} else {
			c.quote = 0
		}
	}
	for i, r := range []rune(value) {
		if i == offset {
			break
		}
		c.pass(r)
	}
	if c.rune() == 0 && c.line+1 < len(c.lines) && offset < runes(value) {
		c.skipSpace()
	}
	return spot{c.line + 1, c.col + 1}
}

// cursor walks the text of a file.
type cursor struct {
	lines     []string
	line, col int
	quote     rune
}

func (c *cursor) rune() rune {
	if c.line < 0 || c.line >= len(c.lines) {
		return 0
	}
	line := []rune(c.lines[c.line])
	if c.col < 0 || c.col >= len(line) {
		return 0
	}
	return line[c.col]
}

// skipSpace goes on to the next character that is no space, over ends of lines.
func (c *cursor) skipSpace() {
	for c.line < len(c.lines) {
		switch c.rune() {
		case ' ', '\t':
			c.col++
		case 0:
			if c.line+1 >= len(c.lines) {
				return
			}
			c.line, c.col = c.line+1, 0
		default:
			return
		}
	}
}

// pass goes over the text of one character of the value.
func (c *cursor) pass(r rune) {
	switch at := c.rune(); {
	case c.quote == '\'' && at == '\'':
		c.col += 2
	case c.quote == '"' && at == '\\':
		c.col++
		long := map[rune]int{'x': 3, 'u': 5, 'U': 9}
		c.col += max(1, long[c.rune()])
	case at == r:
		c.col++
	case r == ' ' || r == '\n' || at == 0:
		c.skipSpace()
		if r != ' ' && r != '\n' && c.rune() == r {
			c.col++
		}
	default:
		c.col++
	}
}
