// Package search says what a call is found by, the same in every store: tokens that a store keeps beside the call.
package search

import (
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"cordboard/call"
	"cordboard/engine"
)

// Tokens are what a call is found by, beside its own id and its platform ids, which have indexes of their own.
type Tokens struct {
	// List is sorted.
	List []string
	// Hash is of the tokens and never zero: the same tokens have the same hash.
	Hash int64
}

// The kinds of tokens. A number's digits are stored Backwards, so that its last digits are a prefix.
const (
	Agent  = "a:"
	Number = "n:"
	Record = "r:"
)

// Of returns the tokens of a call: its agents, its customer's number and the records that it wrote.
func Of(c *engine.Call) Tokens {
	set := map[string]struct{}{}
	for i := range c.State.Legs {
		if agent := c.State.Legs[i].Agent; agent != "" {
			set[Agent+strings.ToLower(agent)] = struct{}{}
		}
	}
	if d := call.Digits(c.State.Customer); d != "" {
		set[Number+Backwards(d)] = struct{}{}
	}
	for _, r := range c.Records {
		if r.ID != "" {
			set[Record+strings.ToLower(RecordID(r.ID))] = struct{}{}
		}
	}
	tokens := slices.Sorted(maps.Keys(set))
	h := fnv.New64a()
	for _, t := range tokens {
		_, _ = h.Write([]byte(t))
		_, _ = h.Write([]byte{0})
	}
	return Tokens{tokens, int64(h.Sum64() | 1)}
}

// RecordID cuts a Salesforce id to the 15 characters that its short and its long form share.
func RecordID(id string) string {
	if len(id) == 18 {
		return id[:15]
	}
	return id
}

// Backwards returns the bytes of s in the opposite order.
func Backwards(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}
