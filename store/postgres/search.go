package postgres

import (
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"cordboard/engine"
)

// searchable is what a call is found by, beside its own id and its platform ids, which have indexes of their own.
type searchable struct {
	tokens []string
	hash   int64 // of the tokens; never zero
}

// The kinds of tokens. A number's digits are stored backwards, so that its last digits are a prefix.
const (
	agentToken  = "a:"
	numberToken = "n:"
	recordToken = "r:"
)

func searchTokens(c *engine.Call) searchable {
	set := map[string]struct{}{}
	for i := range c.State.Legs {
		if agent := c.State.Legs[i].Agent; agent != "" {
			set[agentToken+strings.ToLower(agent)] = struct{}{}
		}
	}
	if d := digits(c.State.Customer); d != "" {
		set[numberToken+backwards(d)] = struct{}{}
	}
	for _, r := range c.Records {
		if r.ID != "" {
			set[recordToken+strings.ToLower(recordID(r.ID))] = struct{}{}
		}
	}
	tokens := slices.Sorted(maps.Keys(set))
	h := fnv.New64a()
	for _, t := range tokens {
		_, _ = h.Write([]byte(t))
		_, _ = h.Write([]byte{0})
	}
	return searchable{tokens, int64(h.Sum64() | 1)}
}

// recordID cuts a Salesforce id to the 15 characters that its short and its long form share.
func recordID(id string) string {
	if len(id) == 18 {
		return id[:15]
	}
	return id
}

// digits returns the digits of a number as somebody wrote it.
func digits(number string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
}

func backwards(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}
