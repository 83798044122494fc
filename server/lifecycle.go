package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// part is one long-lived piece of the server: it runs until its context ends.
type part struct {
	name string
	run  func(ctx context.Context) error
	// stop is called before the part's context ends, for what must be told rather than cut; it may be nil.
	stop func(ctx context.Context) error
}

// stopLimit bounds how long one part may take to stop: all of them together stay under ten seconds in practice, which
// is what service managers wait.
const stopLimit = 5 * time.Second

// runParts starts the parts in order, so that whoever consumes is there before whoever produces, and waits until ctx
// ends or one of them returns. Then it stops them in the opposite order, each completely before the next. It returns
// the first failure; a part that ends by itself without an error is a failure, too, unless ctx has ended.
func runParts(ctx context.Context, log *slog.Logger, parts []part) error {
	ended := make(chan error, len(parts))
	running := make([]*runningPart, 0, len(parts))
	for _, p := range parts {
		running = append(running, startPart(ctx, p, ended))
	}
	var first error
	select {
	case <-ctx.Done():
		log.Info("stopping")
	case first = <-ended:
		log.Error("a part of the server ended", "error", first)
	}
	for i := len(running) - 1; i >= 0; i-- {
		if err := running[i].end(context.WithoutCancel(ctx)); err != nil && first == nil {
			first = err
		}
	}
	return first
}

type runningPart struct {
	part
	cancel context.CancelFunc
	done   sync.WaitGroup
	err    error
}

func startPart(ctx context.Context, p part, ended chan<- error) *runningPart {
	// The part outlives ctx until its turn to stop comes.
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &runningPart{part: p, cancel: cancel}
	r.done.Go(func() {
		r.err = p.run(own)
		if own.Err() == nil {
			if r.err == nil {
				r.err = errors.New("ended by itself")
			}
			ended <- fmt.Errorf("%s: %w", p.name, r.err)
		}
	})
	return r
}

// end stops the part and waits for it.
func (r *runningPart) end(ctx context.Context) error {
	if r.stop != nil {
		ctx, cancel := context.WithTimeout(ctx, stopLimit)
		defer cancel()
		if err := r.stop(ctx); err != nil {
			r.cancel()
			r.done.Wait()
			return fmt.Errorf("stopping %s: %w", r.name, err)
		}
	}
	r.cancel()
	r.done.Wait()
	if r.err != nil && !errors.Is(r.err, context.Canceled) {
		return fmt.Errorf("%s: %w", r.name, r.err)
	}
	return nil
}
