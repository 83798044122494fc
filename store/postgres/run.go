package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"cordboard/engine"
)

// Run keeps this node's session alive and listens to the other nodes until ctx ends. It is called
// once. It returns nil when ctx ended, and an error wrapping engine.ErrBroken when this node must stop: the storage failed,
// or another process took its name.
func (s *Store) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var loops sync.WaitGroup
	for _, loop := range []func(context.Context) error{s.keep, s.listen} {
		loops.Go(func() {
			if err := loop(ctx); err != nil {
				stop(err)
			}
		})
	}
	loops.Wait()
	if err := context.Cause(ctx); errors.Is(err, engine.ErrBroken) {
		return err
	}
	return s.usable()
}

// keep keeps the session alive. A beat that fails is tried again soon.
func (s *Store) keep(ctx context.Context) error {
	failing := false
	for {
		beat, cancel := context.WithTimeout(ctx, s.ttl/2)
		err := s.beat(beat)
		cancel()
		if err := s.usable(); err != nil {
			return err
		}
		pause := s.ttl / 3
		if err != nil && ctx.Err() == nil {
			if !failing {
				s.log.Warn("the database does not answer", "error", err)
			}
			pause = s.ttl / 20
		}
		failing = err != nil
		if !rest(ctx, pause) {
			return nil
		}
	}
}

// rest waits; false means that ctx ended.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
