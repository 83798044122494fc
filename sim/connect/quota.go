package connect

import (
	"strconv"
	"sync"
	"time"
)

// burst is how many requests may come at once (Amazon Connect service quotas: API throttling quotas, RateLimit 2 and BurstLimit
// 5 unless an operation says otherwise).
const burst = 5

// A bucket is one operation's quota: it fills with rate tokens a second up to burst, and each request takes one. A negative rate
// never runs dry.
type bucket struct {
	rate, burst float64

	mu     sync.Mutex
	tokens float64
	last   time.Time
}

func (b *bucket) take(now time.Time) bool {
	if b.rate < 0 {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last.IsZero() {
		b.tokens = b.burst
	} else {
		b.tokens = min(b.burst, b.tokens+now.Sub(b.last).Seconds()*b.rate)
	}
	b.last = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// Throttled counts the requests of the REST API that were refused because they were over their operation's quota.
func (s *Server) Throttled() int64 { return s.throttled.Load() }

func number(n int) string { return strconv.Itoa(n) }
