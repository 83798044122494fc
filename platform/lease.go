package platform

import (
	"context"
	"errors"
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
