package genesys

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// reserve is the share of the org's limit that requests which can wait leave for those which cannot.
const reserve = 0.3

// limit follows what the org says of its request limit: 300 requests a minute and token by default ("Rate limits"), told in
// the headers inin-ratelimit-allowed, -count and -reset, and Retry-After of a 429. It is safe for concurrent use.
type limit struct {
	mu    sync.Mutex
	until [2]time.Time // by haste: nothing is sent before
}

// wait blocks until a request may be sent.
func (l *limit) wait(ctx context.Context, h haste) error {
	for {
		l.mu.Lock()
		left := time.Until(l.until[h])
		l.mu.Unlock()
		if left <= 0 {
			return ctx.Err()
		}
		if !pause(ctx, left) {
			return ctx.Err()
		}
	}
}

// learn takes in what an answer says.
func (l *limit) learn(resp *http.Response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if resp.StatusCode == http.StatusTooManyRequests {
		pause := max(seconds(resp, "Retry-After"), time.Second)
		l.block(urgent, pause)
		l.block(idle, pause+pause/2)
		return
	}
	allowed, count := number(resp, "inin-ratelimit-allowed"), number(resp, "inin-ratelimit-count")
	if allowed > 0 && float64(count) >= (1-reserve)*float64(allowed) {
		l.block(idle, seconds(resp, "inin-ratelimit-reset"))
	}
}

func (l *limit) block(h haste, d time.Duration) {
	if until := time.Now().Add(d); until.After(l.until[h]) {
		l.until[h] = until
	}
}

func number(resp *http.Response, header string) int {
	n, err := strconv.Atoi(resp.Header.Get(header))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// seconds is a span that a header names; ten minutes at most.
func seconds(resp *http.Response, header string) time.Duration {
	return time.Duration(min(number(resp, header), 600)) * time.Second
}
