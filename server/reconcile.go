package server

import (
	"context"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// settled is how long a connection has to be up before what it did not tell again counts as over.
const settled = 2 * time.Second

// reconcile ends the legs whose end nobody heard, until ctx ends. A connector ends dialogs that vanished while nobody
// listened; but a consulted agent whose dialog was merged into another has no dialog left that could vanish. Once the
// connection is up again, and has told everything that still lives, such a leg is over.
func (s *Server) reconcile(ctx context.Context) error {
	done := map[string]time.Time{} // by connection: since when it was up when its legs were looked at
	for {
		statuses, changed := s.links.Status()
		wait := time.Hour
		for _, st := range statuses {
			if (st.State != platform.Up && st.State != platform.Degraded) || done[st.Connection].Equal(st.Since) {
				continue
			}
			if left := settled - time.Since(st.Since); left > 0 {
				wait = min(wait, left)
				continue
			}
			if err := s.endLost(ctx, st); err != nil {
				s.log.Error("legs whose end was missed could not be ended", "connection", st.Connection, "error", err)
				wait = settled
				continue
			}
			done[st.Connection] = st.Since
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-time.After(wait):
		}
	}
}

// endLost ends the legs of a connection that were lost before it came up.
func (s *Server) endLost(ctx context.Context, st platform.Status) error {
	legs, err := s.store.OpenLegs(ctx, st.Connection)
	if err != nil {
		return err
	}
	var ends []call.Event
	for _, l := range legs {
		if !l.Lost || !l.At.Before(st.Since) {
			continue
		}
		ends = append(ends, call.Event{
			ID: "lost/" + l.Leg + "/" + l.Ref, Platform: call.Platform(st.Platform), Ref: l.Ref, Leg: l.Leg, Role: call.ConferenceLeg,
			Agent: l.Agent, Extension: l.Extension, Mode: l.Mode, CallType: l.CallType, Name: l.Name, Phase: call.Ended,
			At: st.Since, Reconciled: true,
		})
	}
	if len(ends) == 0 {
		return nil
	}
	return s.Sink(st.Connection).Accept(ctx, ends)
}
