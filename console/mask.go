package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"cordboard/call"
	"cordboard/engine"
)

// mask hides a number but for its last two digits. What is too short to be a customer's number stays: extensions are
// no secret.
func mask(number string) string {
	var digits []rune
	for _, r := range number {
		if unicode.IsDigit(r) {
			digits = append(digits, r)
		}
	}
	if len(digits) < shortest {
		return number
	}
	plus := ""
	if strings.HasPrefix(number, "+") {
		plus = "+"
	}
	return fmt.Sprintf("%s%s %s", plus, hidden, string(digits[len(digits)-2:]))
}

const (
	// shortest is how many digits a number has at least that may be a customer's, and how many of its last digits
	// are enough to know it again in another format.
	shortest = 7
	// hidden stands for the digits that are not shown.
	hidden = "··· ···"
)

// masker hides the numbers of a call's people in texts, in whatever format they stand there.
type masker struct{ numbers *regexp.Regexp }

// international is a number that is plain to see, whoever's it is.
const international = `(?:\+|%2[Bb])[1-9](?:(?:[ ().-]{0,2}\d){7,14}\b|\d{7,14})`

// anybody hides every run of digits that may be a number: for texts of which nothing is known.
var anybody = masker{regexp.MustCompile(international + `|\+?\b\d{7,15}\b`)}

// newMasker hides the given numbers, and all that are written as international ones.
func newMasker(numbers ...string) masker {
	const between = `(?:[ ().\-/]|%20|%28|%29){0,3}`
	patterns := []string{international}
	seen := map[string]bool{"": true}
	for _, n := range numbers {
		last := tail(n)
		if seen[last] {
			continue
		}
		seen[last] = true
		// The country and area before it may be there or not.
		patterns = append(patterns, `\+?(?:\d`+between+`){0,8}`+strings.Join(strings.Split(last, ""), between))
	}
	return masker{regexp.MustCompile(strings.Join(patterns, "|"))}
}

// maskerOf hides the numbers of everybody whom the call's events name.
func maskerOf(s *engine.Story) masker {
	numbers := []string{s.Call.State.Customer}
	for i := range s.Events {
		numbers = append(numbers, s.Events[i].Customer)
	}
	return newMasker(numbers...)
}

// tail is the last seven digits of a number; empty when it has fewer.
func tail(number string) string {
	digits := call.Digits(number)
	if len(digits) < shortest {
		return ""
	}
	return digits[len(digits)-shortest:]
}

func (m masker) text(s string) string {
	digits := 0
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			digits++
		}
	}
	if digits < shortest { // most texts; looking for a pattern costs more
		return s
	}
	return m.numbers.ReplaceAllStringFunc(s, mask)
}

// value hides numbers in decoded JSON, also where a number stands as one.
func (m masker) value(v any) any {
	switch v := v.(type) {
	case string:
		return m.text(v)
	case json.Number:
		if s := v.String(); !strings.ContainsAny(s, ".eE") && m.text(s) != s {
			return m.text(s)
		}
	case []any:
		for i := range v {
			v[i] = m.value(v[i])
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[m.text(k)] = m.value(x)
		}
		return out
	}
	return v
}

// decodeAny reads JSON and leaves numbers as they are written.
func decodeAny(raw []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, fmt.Errorf("more than one JSON value")
	}
	return v, nil
}
