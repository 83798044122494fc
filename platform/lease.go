package platform

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// ErrHeld means that another node owns the connection.
var ErrHeld = errors.New("another node owns it")

// Leases lets one node of several own a connection at a time. It is safe for concurrent use.
type Leases interface {
	// Lease takes the connection for this node, or keeps it. until, by this node's clock, is how long it is this node's
	// unless it is asked for again; epoch counts the connection's owners. It fails with ErrHeld while another
	// living node owns it. Any other error leaves open who owns it: what was granted before still counts until its
	// end. What a node stores of a connection that it no longer owns is refused, whatever it thinks.
	Lease(ctx context.Context, connection string) (epoch int64, until time.Time, err error)
	// Release gives the connection up, so that another node may take it at once.
	Release(ctx context.Context, connection string) error
}

const (
	// askAgain is the pause between two questions whether the connection is free.
	askAgain = 2 * time.Second
	// letGo is how long giving a connection up may take.
	letGo = 2 * time.Second
)

// own runs the connector whenever this node owns the connection, until ctx ends.
func (s *Supervisor) own(ctx context.Context, w *watched) {
	for ctx.Err() == nil {
		epoch, until, ok := s.await(ctx, w)
		if !ok {
			return
		}
		owned, lose := context.WithCancel(ctx)
		var renewing sync.WaitGroup
		renewing.Go(func() {
			defer lose()
			w.renew(owned, epoch, until)
		})
		err := s.attempt(owned, w)
		failed := owned.Err() == nil
		lose()
		renewing.Wait()
		if ctx.Err() == nil && !failed {
			s.report(w, Status{State: Standby, Detail: "this node could not keep it"})
		}
		w.release(ctx)
		if failed && !s.pause(ctx, w, err) {
			return
		}
	}
}

// await asks for the connection until this node owns it; false means that ctx ended.
func (s *Supervisor) await(ctx context.Context, w *watched) (epoch int64, until time.Time, ok bool) {
	for {
		asking, cancel := context.WithTimeout(ctx, 5*askAgain)
		epoch, until, err := w.Leases.Lease(asking, w.Name)
		cancel()
		if err == nil {
			return epoch, until, true
		}
		if ctx.Err() != nil {
			return 0, time.Time{}, false
		}
		s.report(w, Status{State: Standby, Detail: err.Error()})
		if !Pause(ctx, askAgain/2+rand.N(askAgain/2)) {
			return 0, time.Time{}, false
		}
	}
}

// renew keeps the connection and returns when ctx ends or when the connection is lost: somebody else owns it, somebody
// else owned it meanwhile, or nobody could be asked until shortly before its end, so that there is time to stop.
func (w *watched) renew(ctx context.Context, epoch int64, until time.Time) {
	granted := time.Until(until)
	pause := granted / 3
	for {
		end := until.Add(-granted / 10)
		if !Pause(ctx, min(pause, time.Until(end))) {
			return
		}
		asking, cancel := context.WithDeadline(ctx, end)
		now, further, err := w.Leases.Lease(asking, w.Name)
		cancel()
		switch {
		case err == nil && now != epoch, errors.Is(err, ErrHeld):
			return
		case err == nil:
			until, granted = further, time.Until(further)
			pause = granted / 3
		case !time.Now().Before(end):
			return
		default:
			pause = granted / 20
		}
	}
}

func (w *watched) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), letGo)
	defer cancel()
	_ = w.Leases.Release(ctx, w.Name) // if it fails, the lease runs out by itself
}
