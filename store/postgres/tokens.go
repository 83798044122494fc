package postgres

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
