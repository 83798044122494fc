package call

import "strings"

// Digits is what remains of a text, such as a number as somebody wrote it, when everything but its digits 0 to 9 is taken away.
func Digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}
