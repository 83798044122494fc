package salesforce

import "strings"

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// newID makes the n-th 18-character id with a key prefix ("003"): prefix, pod, counter in base 62, checksum.
func newID(prefix string, n uint64) string {
	var b [15]byte
	copy(b[:], prefix)
	copy(b[3:], "Wy000")
	for i := 14; i >= 8; i-- {
		b[i] = base62[n%62]
		n /= 62
	}
	return string(b[:]) + checksum(b[:])
}

// checksum is the three characters that make a 15-character, case-sensitive id safe where case is lost: one per five
// characters, a bit for each capital letter.
func checksum[T string | []byte](id T) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	var out [3]byte
	for block := range 3 {
		bits := 0
		for i := range 5 {
			if c := id[block*5+i]; c >= 'A' && c <= 'Z' {
				bits |= 1 << i
			}
		}
		out[block] = alphabet[bits]
	}
	return string(out[:])
}

// longID returns the 18-character form of a well-formed id of 15 or 18 characters.
func longID(id string) (string, bool) {
	if len(id) != 15 && len(id) != 18 {
		return "", false
	}
	for i := range len(id) {
		if !strings.ContainsRune(base62, rune(id[i])) {
			return "", false
		}
	}
	sum := checksum(id[:15])
	if len(id) == 18 {
		return id, strings.EqualFold(id[15:], sum)
	}
	return id + sum, true
}
