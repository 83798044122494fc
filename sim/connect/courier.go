package connect

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// A courier brings JSON messages to one Target by POST. Messages of one lane arrive in order, one after the other; lanes do
// not wait for each other. What the receiver refuses for the moment is tried again, as EventBridge does with API
// destinations: after no answer within five seconds and after the statuses 401, 407, 409, 429 and 5xx (API destinations:
// retries). Anything else is final.
type courier struct {
	name  string // what the receiver reads in User-Agent, and the log
	lanes []*lane
	log   *slog.Logger

	target   atomic.Pointer[Target]
	sent     atomic.Int64 // messages that were taken
	refused  atomic.Int64 // messages that were refused for good, or given up
	attempts atomic.Int64
	underway underway // messages that are not through yet
}

type lane struct {
	mu      sync.Mutex
	waiting [][]byte
	wake    chan struct{}
}

const (
	laneLimit    = 20000 // messages that wait in one lane; what is older is dropped
	answerWithin = 5 * time.Second
	firstPause   = 100 * time.Millisecond
	longestPause = 10 * time.Second
)

func newCourier(name string, lanes int, target Target, log *slog.Logger) *courier {
	c := &courier{name: name, log: log}
	for range lanes {
		c.lanes = append(c.lanes, &lane{wake: make(chan struct{}, 1)})
	}
	c.target.Store(&target)
	return c
}

// put leaves a message in a lane. It never waits.
func (c *courier) put(n int, body []byte) {
	if c.target.Load().URL == "" {
		return
	}
	l := c.lanes[n%len(c.lanes)]
	c.underway.add(1)
	l.mu.Lock()
	full := len(l.waiting) >= laneLimit
	if full {
		l.waiting = l.waiting[1:]
	}
	l.waiting = append(l.waiting, body)
	l.mu.Unlock()
	if full {
		c.refused.Add(1)
		c.underway.add(-1)
	}
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run delivers until ctx ends.
func (c *courier) run(ctx context.Context, client *http.Client) error {
	var work sync.WaitGroup
	for _, l := range c.lanes {
		work.Go(func() { c.serve(ctx, client, l) })
	}
	work.Wait()
	client.CloseIdleConnections()
	return nil
}

func (c *courier) serve(ctx context.Context, client *http.Client, l *lane) {
	for {
		l.mu.Lock()
		batch := l.waiting
		l.waiting = nil
		l.mu.Unlock()
		for _, body := range batch {
			if !c.deliver(ctx, client, body) {
				return
			}
		}
		if len(batch) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		}
	}
}

// deliver brings one message; it is false when ctx ended meanwhile.
func (c *courier) deliver(ctx context.Context, client *http.Client, body []byte) bool {
	for pause := firstPause; ctx.Err() == nil; pause = min(2*pause, longestPause) {
		if !c.attempt(ctx, client, body) {
			c.underway.add(-1)
			return true
		}
		t := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			t.Stop()
		case <-t.C:
		}
	}
	return false
}

func (c *courier) attempt(ctx context.Context, client *http.Client, body []byte) (again bool) {
	target := c.target.Load()
	if target.URL == "" {
		return false
	}
	c.attempts.Add(1)
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.URL, bytes.NewReader(body))
	if err != nil {
		c.log.Warn("message not sent", "to", c.name, "error", err)
		c.refused.Add(1)
		return false
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", c.name)
	if target.Secret != "" {
		req.Header.Set(or(target.Header, "Authorization"), target.Secret)
	}
	resp, err := client.Do(req)
	if err != nil {
		c.log.Debug("no answer", "to", c.name, "error", err)
		return true
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	_ = resp.Body.Close()
	switch code := resp.StatusCode; {
	case code < 300:
		c.sent.Add(1)
		return false
	case code == 401, code == 407, code == 409, code == 429, code >= 500:
		return true
	default:
		c.log.Warn("message refused", "to", c.name, "status", code)
		c.refused.Add(1)
		return false
	}
}

// SentCount says what became of the messages of one way out.
type SentCount struct {
	Taken    int64 `json:"taken"`    // by the receiver
	Refused  int64 `json:"refused"`  // for good, or dropped because too many waited
	Attempts int64 `json:"attempts"` // requests that were made
	Waiting  int   `json:"waiting"`
}

// Sent counts what was sent by HTTPS: "events" to the API destination, "dialer" by the external dialer.
func (s *Server) Sent() map[string]SentCount {
	return map[string]SentCount{"events": s.bus.out.count(), "dialer": s.dialer.out.count()}
}

func (c *courier) count() SentCount {
	return SentCount{Taken: c.sent.Load(), Refused: c.refused.Load(), Attempts: c.attempts.Load(), Waiting: c.underway.count()}
}
