package finesse

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
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
	out := make([]byte, 0, len(s))
	out = append(out, s[:i]...)
	for i < len(s) {
		if s[i] != '&' {
			out = append(out, s[i])
			i++
			continue
		}
		end := i + 1
		for end < len(s) && s[end] != ';' && end-i < 10 {
			end++
		}
		if end == len(s) || s[end] != ';' || end == i+1 {
			return "", errEntity
		}
		var err error
		if out, err = addEntity(out, s[i+1:end]); err != nil {
			return "", err
		}
		i = end + 1
	}
	return string(out), nil
}

func addEntity(out []byte, name string) ([]byte, error) {
	switch name {
	case "lt":
		return append(out, '<'), nil
	case "gt":
		return append(out, '>'), nil
	case "amp":
		return append(out, '&'), nil
	case "quot":
		return append(out, '"'), nil
	case "apos":
		return append(out, '\''), nil
	}
	if name[0] != '#' {
		return nil, errEntity
	}
	digits, base := name[1:], 10
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !isChar(rune(n)) {
		return nil, errEntity
	}
	return utf8.AppendRune(out, rune(n)), nil
}

// isChar is XML's production Char.
func isChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD ||
		r >= 0x10000 && r <= 0x10FFFF
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")

// escape makes s safe as text and as an attribute's value.
func escape(s string) string { return escaper.Replace(s) }
