package server

import (
	"context"
	"log/slog"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

const (
	// settled is how long a connection has to be up before what it did not tell again counts as over.
	settled = 2 * time.Second
	// lookAgain is the pause between two looks at a connection that stays up.
	lookAgain = time.Minute
)

// reconciler ends the legs whose end nobody heard. A connector ends dialogs that vanished while nobody listened; but a
// consulted agent whose dialog was merged into another has no dialog left that could vanish. Once the connection is up
// again, and has told everything that still lives, such a leg is over. A leg that gets lost later, because a takeover made
// two calls of one, is over when it is still lost a minute after it was first seen so: what goes on after a merge is told at
// once.
type reconciler struct {
	status func() ([]platform.Status, <-chan struct{})
	legs   func(ctx context.Context, connection string) ([]platform.OpenLeg, error)
	sink   func(connection string) platform.Sink
	log    *slog.Logger
	looks  map[string]look // the newest one, by connection
}

// look is what was seen of a connection.
type look struct {
	up   time.Time // since when the connection was up
	at   time.Time
	lost map[string]bool // by leg and dialog
}

func (s *Server) reconcile(ctx context.Context) error {
	r := reconciler{status: s.links.Status, legs: s.store.OpenLegs, sink: s.Sink, log: s.log, looks: map[string]look{}}
	return r.run(ctx)
}

// run looks until ctx ends.
func (r *reconciler) run(ctx context.Context) error {
	for {
		statuses, changed := r.status()
		wait := lookAgain
		for _, st := range statuses {
			if st.State != platform.Up && st.State != platform.Degraded {
				continue
			}
			left := r.due(st)
			if left <= 0 {
				left = lookAgain
				if err := r.look(ctx, st); err != nil {
					r.log.Error("legs whose end was missed could not be ended", "connection", st.Connection, "error", err)
					left = settled
				}
			}
			wait = min(wait, left)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-time.After(wait):
		}
	}
}

// due is how long it is until the connection has to be looked at.
func (r *reconciler) due(st platform.Status) time.Duration {
	if last, ok := r.looks[st.Connection]; ok && last.up.Equal(st.Since) {
		return lookAgain - time.Since(last.at)
	}
	return settled - time.Since(st.Since)
}

// look ends the legs that were lost before the connection came up, and later those that were lost at the last look already.
func (r *reconciler) look(ctx context.Context, st platform.Status) error {
	legs, err := r.legs(ctx, st.Connection)
	if err != nil {
		return err
	}
	last := r.looks[st.Connection]
	first := !last.up.Equal(st.Since)
	now := look{up: st.Since, at: time.Now(), lost: map[string]bool{}}
	var ends []call.Event
	for _, l := range legs {
		if !l.Lost {
			continue
		}
		key := l.Leg + "/" + l.Ref
		now.lost[key] = true
		switch {
		case first && l.At.Before(st.Since):
			ends = append(ends, lostEnd(st, l, st.Since))
		case !first && last.lost[key]:
			ends = append(ends, lostEnd(st, l, l.At))
		}
	}
	if len(ends) > 0 {
		if err := r.sink(st.Connection).Accept(ctx, ends); err != nil {
			return err
		}
	}
	r.looks[st.Connection] = now
	return nil
}

// lostEnd is the end that nobody heard.
func lostEnd(st platform.Status, l platform.OpenLeg, at time.Time) call.Event {
	return call.Event{
		ID: "lost/" + l.Leg + "/" + l.Ref, Platform: call.Platform(st.Platform), Ref: l.Ref, Leg: l.Leg, Role: call.ConferenceLeg,
		Agent: l.Agent, Extension: l.Extension, Mode: l.Mode, CallType: l.CallType, Name: l.Name, Phase: call.Ended,
		At: at, Reconciled: true,
	}
}
