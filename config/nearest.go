package config

import "strings"

// Nearest returns the one of words that word is most likely a misspelling of, for "did you mean"; empty when none
// resembles it. Case does not count. Of equals the first wins.
func Nearest(word string, words []string) string {
	best, bestScore := "", 0.5 // at most every second letter may be wrong
	lower := []rune(strings.ToLower(word))
	for _, w := range words {
		candidate := []rune(strings.ToLower(w))
		longest := max(len(lower), len(candidate))
		if longest == 0 {
			continue
		}
		if score := float64(distance(lower, candidate)) / float64(longest); score < bestScore {
			best, bestScore = w, score
		}
	}
	return best
}

// distance counts the letters to insert, delete, replace or swap with their neighbour to turn a into b.
func distance(a, b []rune) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			replace := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			rows[i][j] = min(replace, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
