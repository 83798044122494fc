package genesys

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"cordboard/platform"
)

// reserve is the share of the org's limit that requests which can wait leave for those which cannot.
const reserve = 0.3

// limit follows what the org says of its request limit: 300 requests a minute and token by default ("Rate limits"), told in
// the headers inin-ratelimit-allowed, -count and -reset, and Retry-After of a 429. It is safe for concurrent use.
type limit struct {
	mu    sync.Mutex
	until [3]time.Time // by haste: nothing is sent before
}

// wait blocks until a request may be sent. When ctx ends before that, it says so at once.
func (l *limit) wait(ctx context.Context, h haste) error {
	for {
		l.mu.Lock()
		left := time.Until(l.until[h])
		l.mu.Unlock()
		if left <= 0 {
			return ctx.Err()
		}
		if end, ends := ctx.Deadline(); ends && time.Now().Add(left).After(end) {
			return fmt.Errorf("%w for another %d s", errLimited, int(left.Seconds())+1)
		}
		if !platform.Pause(ctx, left) {
			return ctx.Err()
		}
	}
}

// left is for how long no request may be sent.
func (l *limit) left(h haste) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, time.Until(l.until[h]))
}

// learn takes in what an answer says.
func (l *limit) learn(resp *platform.Reply) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if resp.Status == http.StatusTooManyRequests {
		pause := max(resp.Seconds("Retry-After"), time.Second)
		l.block(urgent, pause)
		l.block(ordered, pause)
		l.block(idle, pause+pause/2)
		return
	}
	allowed, count := resp.Number("inin-ratelimit-allowed"), resp.Number("inin-ratelimit-count")
	if allowed > 0 && float64(count) >= (1-reserve)*float64(allowed) {
		l.block(idle, resp.Seconds("inin-ratelimit-reset"))
	}
}

func (l *limit) block(h haste, d time.Duration) {
	if until := time.Now().Add(d); until.After(l.until[h]) {
		l.until[h] = until
	}
}
