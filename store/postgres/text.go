package postgres

import (
	"strings"
	"unicode/utf8"
)

var (
	escaper   = strings.NewReplacer(`\`, `\\`, "\x00", `\0`)
	unescaper = strings.NewReplacer(`\\`, `\`, `\0`, "\x00")
)

// escape makes a name or id storable: PostgreSQL's text holds no NUL. Two different ones stay different.
func escape(s string) string {
	if strings.ContainsAny(s, "\\\x00") {
		s = escaper.Replace(s)
	}
	if !utf8.ValidString(s) { // JSON bodies could not hold it either
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return s
}

// unescape is the inverse of escape.
func unescape(s string) string {
	if strings.Contains(s, `\`) {
		return unescaper.Replace(s)
	}
	return s
}

// escaped are many names or ids.
func escaped[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = escape(string(s))
	}
	return out
}
