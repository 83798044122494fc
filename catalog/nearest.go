package catalog

import (
	"strings"

	"cordboard/call"
)

// tooFar is the share of letters that must change in both words before a row is no longer a suggestion.
const tooFar = 0.6

// Nearest returns the row whose words are most like the given ones, for "did you mean" in error messages: a misspelt
// word finds the right one, a wrong event finds an event of the same call type, and words that exist, but in another
// mode, find themselves. Of equals the first in the page's order wins. It reports false when the platform has no rows
// or when neither word resembles any.
func (c *Catalog) Nearest(platform call.Platform, callType, event string) (Row, bool) {
	callType, event = strings.ToLower(callType), strings.ToLower(event)
	var best Row
	bestScore := 2.0
	for _, r := range c.rows {
		if r.Platform != platform {
			continue
		}
		ofType := unlikeness(callType, strings.ToLower(r.CallType))
		ofEvent := unlikeness(event, strings.ToLower(r.Event))
		if ofType > tooFar && ofEvent > tooFar {
			continue
		}
		if score := ofType + ofEvent; score < bestScore {
			best, bestScore = r, score
		}
	}
	return best, bestScore < 2
}

// unlikeness is the edit distance as a share of the longer word: 0 for the same word, 1 for nothing in common.
func unlikeness(a, b string) float64 {
	longest := max(len(a), len(b))
	if longest == 0 {
		return 0
	}
	return float64(editDistance(a, b)) / float64(longest)
}

// editDistance counts the bytes to insert, delete or replace to turn a into b (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1) // distances from a's beginning so far to every beginning of b
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
