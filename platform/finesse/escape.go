package finesse

import (
	"errors"
	"strconv"
	"strings"
)

var errEntity = errors.New("unknown character entity")

// unescape resolves the five entities of XML and character numbers, and writes line ends as XML wants them read.
func unescape(s string) (string, error) {
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	i := strings.IndexByte(s, '&')
	if i < 0 {
		return s, nil
	}
	var out strings.Builder
	out.Grow(len(s))
	from := 0 // what stands before it is written
	for i < len(s) {
		if s[i] != '&' {
			i++
			continue
		}
		out.WriteString(s[from:i])
		switch rest := s[i+1:]; { // nearly all are these: a notification is an escaped document
		case len(rest) >= 3 && rest[:3] == "lt;":
			out.WriteByte('<')
			i += 4
		case len(rest) >= 3 && rest[:3] == "gt;":
			out.WriteByte('>')
			i += 4
		default:
			end := strings.IndexByte(rest[:min(len(rest), 10)], ';')
			if end < 1 {
				return "", errEntity
			}
			if err := addEntity(&out, rest[:end]); err != nil {
				return "", err
			}
			i += end + 2
		}
		from = i
	}
	out.WriteString(s[from:])
	return out.String(), nil
}

func addEntity(out *strings.Builder, name string) error {
	switch name {
	case "lt":
		return out.WriteByte('<')
	case "gt":
		return out.WriteByte('>')
	case "amp":
		return out.WriteByte('&')
	case "quot":
		return out.WriteByte('"')
	case "apos":
		return out.WriteByte('\'')
	}
	if name[0] != '#' {
		return errEntity
	}
	digits, base := name[1:], 10
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !isChar(rune(n)) {
		return errEntity
	}
	out.WriteRune(rune(n))
	return nil
}

// isChar is XML's production Char.
func isChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD ||
		r >= 0x10000 && r <= 0x10FFFF
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")

// escape makes s safe as text and as an attribute's value.
func escape(s string) string { return escaper.Replace(s) }
