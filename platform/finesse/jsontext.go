package finesse

import (
	"strconv"

	"cordboard/platform"
)

// textOf is the message's text. It unquotes what traces usually hold (JSON strings with ASCII escapes) several times
// faster than encoding/json, and leaves everything else to it.
func textOf(m *platform.Message) []byte {
	q := m.Message
	if len(q) < 2 || q[0] != '"' || q[len(q)-1] != '"' {
		return m.Text()
	}
	q = q[1 : len(q)-1]
	out := make([]byte, 0, len(q))
	for i := 0; i < len(q); i++ {
		switch b := q[i]; {
		case b < 0x20 || b == '"':
			return m.Text()
		case b != '\\':
			out = append(out, b)
		default:
			c, size := unquoted(q[i+1:])
			if size == 0 {
				return m.Text()
			}
			out = append(out, c)
			i += size
		}
	}
	return out
}

// unquoted resolves the escape after a backslash; size 0 means that it is none of the simple ones.
func unquoted(s []byte) (c byte, size int) {
	if len(s) == 0 {
		return 0, 0
	}
	switch s[0] {
	case '"', '\\', '/':
		return s[0], 1
	case 'n':
		return '\n', 1
	case 't':
		return '\t', 1
	case 'r':
		return '\r', 1
	case 'u':
		if len(s) < 5 {
			return 0, 0
		}
		n, err := strconv.ParseUint(string(s[1:5]), 16, 16)
		if err != nil || n >= 0x80 {
			return 0, 0
		}
		return byte(n), 5
	}
	return 0, 0
}
