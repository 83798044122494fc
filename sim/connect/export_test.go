package connect

import (
	"context"
	"time"
)

// HeartBeats is what Run does for silent agents, for tests that have no network.
func (s *Server) HeartBeats(ctx context.Context) error { return s.heartBeats(ctx) }

// Bucket is the quota of an operation.
type Bucket struct{ bucket }

// NewBucket makes a full one.
func NewBucket(rate float64) *Bucket { return &Bucket{bucket{rate: rate, burst: burst}} }

// Take takes a token.
func (b *Bucket) Take(now time.Time) bool { return b.take(now) }
