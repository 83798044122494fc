package connect

// held counts, for each message, the moments of it that wait to be told: until none does, the message must not be
// acknowledged. Messages are numbered in the order of Decode, from 1.
type held struct {
	n     int64         // the present or newest message
	of    map[int64]int // moments that wait, by message
	freed []int64       // messages of which none waits any more, since it was asked last
}

func (h *held) hold() { h.of[h.n]++ }

func (h *held) free(n int64) {
	if h.of[n]--; h.of[n] > 0 {
		return
	}
	delete(h.of, n)
	h.freed = append(h.freed, n)
}

// newest is the number of the message that was decoded last, and whether something of it waits.
func (h *held) newest() (n int64, waits bool) { return h.n, h.of[h.n] > 0 }

// takeFreed returns the messages of which something waited and now nothing waits any more, since it was called last.
func (h *held) takeFreed() []int64 {
	freed := h.freed
	h.freed = nil
	return freed
}
