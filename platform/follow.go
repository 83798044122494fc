package platform

import (
	"context"
	"sync/atomic"

	"cordboard/call"
)

// Ends counts the steps that an event started by how they ended.
type Ends struct {
	Done    int `json:"done"`
	Skipped int `json:"skipped,omitempty"`
	Dead    int `json:"dead,omitempty"`
}

// Follower is the optional capability of a Sink that can tell when what an event started is over; see [FollowerOf].
type Follower interface {
	// Follow is [Sink.Accept], and ends waits[i] once every step that events[i] started is over, which may be before it
	// returns. A nil wait follows nothing. Of an event that was stored before, what its call still has to do is
	// followed. A wait is never ended when Follow fails or the server stops.
	Follow(ctx context.Context, events []call.Event, waits []*Wait) error
}

// FollowerOf returns the sink's capability, or nil.
func FollowerOf(s Sink) Follower {
	if w, ok := s.(watchedSink); ok {
		s = w.Sink
	}
	f, _ := s.(Follower)
	return f
}

// Wait is one waiting for everything that an event started. Make one with NewWait; its methods are safe for concurrent
// use.
type Wait struct {
	over chan Ends
	left atomic.Bool
}

// NewWait returns a wait that has not ended.
func NewWait() *Wait { return &Wait{over: make(chan Ends, 1)} }

// Over brings the ends once there are no more to come.
func (w *Wait) Over() <-chan Ends { return w.over }

// End ends the wait; it is called at most once, by whom it was handed to.
func (w *Wait) End(e Ends) { w.over <- e }

// Leave says that nobody waits any more, so that nothing has to be remembered for it.
func (w *Wait) Leave() { w.left.Store(true) }

// Left reports whether nobody waits any more.
func (w *Wait) Left() bool { return w.left.Load() }
