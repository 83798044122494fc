package workflow

import (
	"errors"
	"strconv"
	"strings"

	"cordboard/call"
)

// message is the platform's message that told an event, decoded when the first condition asks for it.
type message struct {
	raw     []byte
	decoded bool
	root    any
	err     error
}

var (
	errNoMessage = errors.New("the event has no message: it was concluded, or the message has been deleted")
	errNoJSON    = errors.New("the event's message is not JSON: use a name such as call.vars.X")
)

func messageOf(ev *call.Event) *message { return &message{raw: ev.Raw} }

func (m *message) body() (any, error) {
	if m == nil || len(m.raw) == 0 {
		return nil, errNoMessage
	}
	if !m.decoded {
		m.decoded = true
		if decodeNumbers(m.raw, &m.root) != nil {
			m.err = errNoJSON
		}
	}
	return m.root, m.err
}

// segment is one step of a path: a field, a place in a list, or every item.
type segment struct {
	field string
	index int // where field is empty; -1 is every item
}

var errPath = errors.New("it is no path such as disconnectType, participants[0].purpose or participants[*].purpose; filters are for when")

// parsePath reads a JSON path: names and places, with or without $ in front. Filters, slices and .. are not part of it.
func parsePath(text string) ([]segment, error) {
	rest := strings.TrimPrefix(strings.TrimPrefix(text, "$"), ".")
	var steps []segment
	for rest != "" {
		if inner, behind, ok := bracket(rest); ok {
			step, err := parsePlace(inner)
			if err != nil {
				return nil, err
			}
			steps, rest = append(steps, step), behind
			if after, dot := strings.CutPrefix(rest, "."); dot && after != "" {
				rest = after
			}
			continue
		}
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		name := rest[:end]
		if name == "" || strings.ContainsAny(name, "]?@()*'\" ") {
			return nil, errPath
		}
		steps, rest = append(steps, segment{field: name}), rest[end:]
		if after, dot := strings.CutPrefix(rest, "."); dot {
			if rest = after; after == "" {
				return nil, errPath
			}
		}
	}
	if len(steps) == 0 {
		return nil, errPath
	}
	return steps, nil
}

// bracket cuts the part in brackets off the front of a path.
func bracket(path string) (inner, behind string, ok bool) {
	if !strings.HasPrefix(path, "[") {
		return "", "", false
	}
	return strings.Cut(path[1:], "]")
}

// parsePlace reads what stands in brackets: 3, * or 'name'.
func parsePlace(text string) (segment, error) {
	if text == "*" {
		return segment{index: -1}, nil
	}
	if n := len(text); n > 2 && (text[0] == '\'' || text[0] == '"') && text[n-1] == text[0] {
		return segment{field: text[1 : n-1]}, nil
	}
	i, err := strconv.Atoi(text)
	if err != nil || i < 0 {
		return segment{}, errPath
	}
	return segment{index: i}, nil
}

// inEnvelope is where a path begins: in the body that a message of Genesys Cloud carries, which is what its triggers look at
// ("Notification API", "Amazon EventBridge integration"), or else in the message itself.
func inEnvelope(root any, path []segment) any {
	for _, envelope := range [][]segment{{{field: "eventBody"}}, {{field: "detail"}, {field: "eventBody"}}, {{field: "detail"}}} {
		for _, body := range follow(root, envelope) {
			if len(follow(body, path[:1])) > 0 {
				return body
			}
		}
	}
	return root
}

// follow returns what a path leads to.
func follow(from any, path []segment) []any {
	at := []any{from}
	for _, step := range path {
		var next []any
		for _, x := range at {
			next = append(next, step.of(x)...)
		}
		at = next
	}
	return at
}

// of is what a step leads to from x.
func (s segment) of(x any) []any {
	if s.field != "" {
		fields, _ := x.(map[string]any)
		if v, ok := fields[s.field]; ok {
			return []any{v}
		}
		return nil
	}
	items, _ := x.([]any)
	switch {
	case s.index < 0:
		return items
	case s.index < len(items):
		return items[s.index : s.index+1]
	}
	return nil
}
