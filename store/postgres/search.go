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

// tokensOf remembers, by a call's id as it is stored, the hash of the tokens that this node has written for it. Tokens are
// never taken away from a call, so what is remembered need not be written again.
type tokensOf map[string]int64

// tokensMost bounds how many calls are remembered.
const tokensMost = 50_000

// skip leaves out the tokens that are there already. New calls have none, whatever had their id before.
func (f tokensOf) skip(t *tokenRows, fresh []string) {
	for _, id := range fresh {
		delete(f, id)
	}
	kept := 0
	for i, id := range t.ids {
		if f[id] != t.hashes[i] {
			t.ids[kept], t.tokens[kept], t.hashes[kept] = id, t.tokens[i], t.hashes[i]
			kept++
		}
	}
	t.ids, t.tokens, t.hashes = t.ids[:kept], t.tokens[:kept], t.hashes[:kept]
}

func (f tokensOf) learn(ids []string, hashes []int64) {
	if len(f)+len(ids) > tokensMost {
		clear(f)
	}
	for i, id := range ids {
		f[id] = hashes[i]
	}
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
