package server

import (
	"context"
	"slices"

	"cordboard/call"
	"cordboard/catalog"
	"cordboard/engine"
	"cordboard/platform"
)

// kept is what a sink asks of the journal beside the engine.
type kept interface {
	OpenLegs(ctx context.Context, connection string) ([]platform.OpenLeg, error)
	Positions(ctx context.Context, connection string) (map[string]string, error)
	SetPositions(ctx context.Context, connection string, positions map[string]string) error
}

// sink takes what one connection hears into the engine.
type sink struct {
	connection string
	engine     *engine.Engine
	journal    kept
	accepted   func([]call.Event)
}

var _ interface {
	platform.Sink
	platform.Follower
	platform.Positions
} = (*sink)(nil)

// Accept implements [platform.Sink].
func (s *sink) Accept(ctx context.Context, events []call.Event) error {
	return s.Follow(ctx, events, nil)
}

// Follow implements [platform.Follower]; without waits it is Accept.
func (s *sink) Follow(ctx context.Context, events []call.Event, waits []*platform.Wait) error {
	for i := range events {
		events[i].Connection = s.connection
		SetPhase(catalog.Default(), &events[i])
	}
	if err := s.engine.Follow(ctx, events, waits); err != nil {
		return err
	}
	if s.accepted != nil {
		s.accepted(events)
	}
	return nil
}

// Keep implements [platform.Sink].
func (s *sink) Keep(ctx context.Context, m platform.Message, reason error) error {
	m.Connection = s.connection
	return s.engine.Keep(ctx, m, reason)
}

// Open implements [platform.Sink]. Lost legs are left out: no dialog of theirs is known that could end.
func (s *sink) Open(ctx context.Context) ([]platform.OpenLeg, error) {
	legs, err := s.journal.OpenLegs(ctx, s.connection)
	return slices.DeleteFunc(legs, func(l platform.OpenLeg) bool { return l.Lost }), err
}

// Positions implements [platform.Positions].
func (s *sink) Positions(ctx context.Context) (map[string]string, error) {
	return s.journal.Positions(ctx, s.connection)
}

// SetPositions implements [platform.Positions].
func (s *sink) SetPositions(ctx context.Context, positions map[string]string) error {
	return s.journal.SetPositions(ctx, s.connection, positions)
}

// Report implements [platform.Sink]. The supervisor listens before it comes here.
func (s *sink) Report(platform.Status) {}

// SetPhase gives an event the phase that the catalog knows for it, unless its connector knows better: whether a leg is
// over, and whether anybody took it, a connector concludes from more than the event's words. Where the words are our own,
// the connector chose them for what it saw, and its phase stands.
func SetPhase(cat *catalog.Catalog, ev *call.Event) {
	if ev.DataOnly() || ev.Phase == call.Missed || ev.Phase != "" && cat.Own(ev.Platform) {
		return
	}
	phase, ok := cat.Phase(ev.Platform, ev.Mode, ev.CallType, ev.Name, ev.Role)
	if ok && (ev.Phase == "" || (ev.Phase == call.Ended) == (phase == call.Ended)) {
		ev.Phase = phase
	}
}
