package workflow

import "strings"

// Limits that no workflow of a person reaches. The YAML parser takes quadratic time, and a stack, for what nests
// deeply, so that a hostile or broken file is refused before it gets there.
const (
	maxFile    = 1 << 20 // bytes
	maxDocs    = 100     // in one file
	maxLines   = 5000    // of one document
	maxLine    = 4000    // bytes
	maxNested  = 100     // open brackets and braces
	maxIndent  = 200     // columns
	maxMarkers = 16      // "- " and "? " at the beginning of a line
)

// withinLimits reports what is beyond the limits in a document.
func (s *source) withinLimits(from, to int) bool {
	if to-from > maxLines {
		s.errorf(spot{from + 1, 1}, "a document may have %d lines, this one has %d", maxLines, to-from)
		return false
	}
	open := 0
	for i, line := range s.lines[from:to] {
		at := spot{from + i + 1, 1}
		text := strings.TrimLeft(line, " ")
		markers := 0
		for rest := text; strings.HasPrefix(rest, "- ") || strings.HasPrefix(rest, "? "); rest = strings.TrimLeft(rest[2:], " ") {
			markers++
		}
		for _, r := range line {
			switch r {
			case '{', '[':
				open++
			case '}', ']':
				open = max(0, open-1)
			}
			if open > maxNested {
				break
			}
		}
		switch {
		case len(line) > maxLine:
			s.errorf(at, "the line is longer than %d bytes", maxLine)
			return false
		case len(line)-len(text) > maxIndent, markers > maxMarkers, open > maxNested:
			s.errorf(at, "this is nested too deeply")
			return false
		}
	}
	return true
}
