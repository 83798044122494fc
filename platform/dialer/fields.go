package dialer

import "strings"

// fields are named values, in the order of the message. Anything but an object holds none.
type fields []field

type field struct{ name, value string }

// UnmarshalJSON takes an object of any values. encoding/json has looked at raw before, so that it is known to be right:
// the names and values only have to be found in it, which costs a third of decoding it once more.
func (f *fields) UnmarshalJSON(raw []byte) error {
	if *f = (*f)[:0]; len(raw) == 0 || raw[0] != '{' {
		return nil
	}
	if *f == nil {
		*f = make(fields, 0, 8)
	}
	for i := 1; ; {
		i = skip(raw, i, ",")
		if i >= len(raw) || raw[i] == '}' {
			return nil
		}
		end := valueEnd(raw, i)
		name := plain(raw[i:end])
		i = skip(raw, end, ":")
		end = valueEnd(raw, i)
		*f = append(*f, field{name, plain(raw[i:end])})
		i = end
	}
}

// skip passes over blanks and the separator.
func skip(raw []byte, i int, separator string) int {
	for i < len(raw) && strings.IndexByte(" \t\r\n"+separator, raw[i]) >= 0 {
		i++
	}
	return i
}

// valueEnd is where the value that begins at i ends.
func valueEnd(raw []byte, i int) int {
	depth := 0
	for ; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			for i++; i < len(raw) && raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return min(i+1, len(raw))
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
			if depth < 0 {
				return i
			}
		case ',', ' ', '\t', '\r', '\n', ':':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}

// first returns the first of the named values that is there. Names are compared without case.
func (f fields) first(names []string) string {
	for _, name := range names {
		for i := range f {
			if f[i].value != "" && strings.EqualFold(f[i].name, name) {
				return f[i].value
			}
		}
	}
	return ""
}
