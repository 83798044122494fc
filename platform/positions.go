package platform

import "context"

// Positions is the optional capability of a Sink that remembers how far a connection has read what it can read again; see
// [PositionsOf]. It is safe for concurrent use.
type Positions interface {
	// Positions returns what was set, by name: a stream's shard, say.
	Positions(ctx context.Context) (map[string]string, error)
	// SetPositions replaces positions durably, all or none; an empty one is forgotten, and others stay. A connector sets
	// one only after everything before it was accepted. Where several nodes share the journal it fails on a node that
	// does not own the connection any more.
	SetPositions(ctx context.Context, positions map[string]string) error
}

// PositionsOf returns the sink's capability, or nil.
func PositionsOf(s Sink) Positions {
	if w, ok := s.(watchedSink); ok {
		s = w.Sink
	}
	p, _ := s.(Positions)
	return p
}
