package genesys

import (
	"container/heap"
	"time"
)

// never is the due time of what waits for the end of a trace that has no times of hearing.
var never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// waitList are the conversations of which something waits, the soonest due first. A conversation may stand here several
// times, or when nothing of it waits any more: that costs a look.
type waitList struct {
	all  []wait
	next int
}

type wait struct {
	due time.Time
	n   int // keeps the order of coming among equals
	c   *conversation
}

// Len, Less, Swap, Push and Pop are heap.Interface.
func (w *waitList) Len() int { return len(w.all) }

func (w *waitList) Less(i, j int) bool {
	a, b := &w.all[i], &w.all[j]
	return a.due.Before(b.due) || a.due.Equal(b.due) && a.n < b.n
}

func (w *waitList) Swap(i, j int) { w.all[i], w.all[j] = w.all[j], w.all[i] }

func (w *waitList) Push(x any) { w.all = append(w.all, x.(wait)) }

func (w *waitList) Pop() any {
	last := w.all[len(w.all)-1]
	w.all[len(w.all)-1] = wait{}
	w.all = w.all[:len(w.all)-1]
	return last
}

// add lets a conversation be looked at when something of it is due.
func (w *waitList) add(c *conversation, due time.Time) {
	w.next++
	heap.Push(w, wait{due, w.next, c})
}

// due returns the next conversation that is due, or nil; at the zero time every one is.
func (w *waitList) due(now time.Time) *conversation {
	if len(w.all) == 0 || !now.IsZero() && now.Before(w.all[0].due) {
		return nil
	}
	return heap.Pop(w).(wait).c
}

// soonest is when something is due next; the zero time when nothing is.
func (w *waitList) soonest() time.Time {
	if len(w.all) == 0 || w.all[0].due.Equal(never) {
		return time.Time{}
	}
	return w.all[0].due
}
