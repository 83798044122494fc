package engine

import (
	"cordboard/call"
	"cordboard/calling"
)

// Listener tells what an event says was tried to reach people, given its call with the event folded in. It is pure;
// [calling.Listener] is one.
type Listener interface {
	Heard(ev *call.Event, s *call.State) []calling.Entry
}

// deaf is the listener where nobody counts.
type deaf struct{}

// Heard implements [Listener].
func (deaf) Heard(*call.Event, *call.State) []calling.Entry { return nil }
