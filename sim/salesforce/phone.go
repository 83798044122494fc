package salesforce

import "strings"

// phoneKeys are the digit strings under which the search index knows a written phone number. Inferred from published
// integrations, which all search the national number: "(415) 555-0123", "+1 415 555 0123" and "415.555.0123 x12" are
// all found as 4155550123; 14155550123 finds only the second.
func phoneKeys(written string) []string {
	main, ext := splitExtension(written)
	main = strings.Replace(main, "(0)", "", 1) // +44 (0)20 …: the trunk zero is not dialled from abroad
	all := digitsOf(main)
	if len(all) < 3 {
		return nil
	}
	keys := []string{all}
	if n := nationalDigits(main, all); n != all {
		keys = append(keys, n)
	}
	if ext != "" {
		keys = append(keys, all+ext)
	}
	return keys
}

// nationalKey is the one key that all ways of writing a number share.
func nationalKey(written string) string {
	main, _ := splitExtension(written)
	main = strings.Replace(main, "(0)", "", 1)
	return nationalDigits(main, digitsOf(main))
}

func nationalDigits(main, all string) string {
	switch {
	case strings.HasPrefix(strings.TrimSpace(main), "+"):
		return all[min(countryCodeLength(all), len(all)):]
	case strings.HasPrefix(all, "00") && len(all) > 10:
		return all[2+min(countryCodeLength(all[2:]), len(all)-2):]
	case len(all) == 11 && all[0] == '1':
		return all[1:]
	case len(all) > 6 && all[0] == '0':
		return all[1:]
	}
	return all
}

// countryCodeLength follows the numbering zones of ITU-T E.164.
func countryCodeLength(digits string) int {
	if digits == "" {
		return 0
	}
	if digits[0] == '1' || digits[0] == '7' {
		return 1
	}
	const two = " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 "
	if len(digits) >= 2 && strings.Contains(two, " "+digits[:2]+" ") {
		return 2
	}
	return 3
}

// splitExtension cuts "415.555.0123 x12" into the number and the digits of its extension.
func splitExtension(written string) (main, ext string) {
	for i := range len(written) {
		if c := written[i] | 0x20; (c == 'x' || c == 'e') && i > 5 {
			return written[:i], digitsOf(written[i:])
		}
	}
	return written, ""
}

func digitsOf(s string) string {
	plain := true
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
