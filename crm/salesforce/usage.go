package salesforce

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"cordboard/crm"
)

// Usage is what an org said about its API requests in the last 24 hours, all integrations together.
type Usage struct {
	Used, Max int
	// At is when it said so; zero when it has not yet.
	At time.Time
}

// Share returns the used share of the quota, 0 when it is unknown.
func (u Usage) Share() float64 {
	if u.Max <= 0 {
		return 0
	}
	return float64(u.Used) / float64(u.Max)
}

// meter keeps the newest usage and when a limit was hit.
type meter struct {
	mu      sync.Mutex
	usage   Usage
	blocked time.Time // no writes before
}

func (m *meter) now() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.usage
}

// observe reads a Sforce-Limit-Info header ("REST API Developer Guide", Limit Info Header): "api-usage=25/5000", and
// for an app with a limit of its own "; per-app-api-usage=17/250(appName=x)". The limit that is nearer counts.
func (m *meter) observe(header string, at time.Time) {
	var worst Usage
	for part := range strings.SplitSeq(header, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if name != "api-usage" && name != "per-app-api-usage" {
			continue
		}
		value, _, _ = strings.Cut(value, "(")
		used, maximum, _ := strings.Cut(value, "/")
		u, err1 := strconv.Atoi(used)
		n, err2 := strconv.Atoi(maximum)
		if seen := (Usage{Used: u, Max: n, At: at}); err1 == nil && err2 == nil && n > 0 && (worst.Max == 0 || seen.Share() > worst.Share()) {
			worst = seen
		}
	}
	if worst.Max == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !at.Before(m.usage.At) {
		m.usage = worst
	}
}

// block stops writes until a time, after the org refused one because of a limit.
func (m *meter) block(until time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if until.After(m.blocked) {
		m.blocked = until
	}
}

func (m *meter) blockedUntil() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.blocked
}

const (
	limitPause = time.Minute     // after a refusal: one batch a minute finds out whether the limit has passed
	usageFresh = 5 * time.Minute // older knowledge is asked for again before writes are parked on it
)

// governor refuses a write that the quota has no room for: after the org refused one, and when the used share is over
// the pause mark, except for a record that somebody waits for.
func (c *Client) governor(ctx context.Context, now bool) error {
	if until := c.usage.blockedUntil(); time.Now().Before(until) {
		return &crm.Error{Kind: crm.Limited, Code: "REQUEST_LIMIT_EXCEEDED", Message: "the org refused requests a moment ago", Retry: until}
	}
	if now || c.usage.now().Share() < c.cfg.PauseAt {
		return nil
	}
	if u := c.usage.now(); time.Since(u.At) > usageFresh {
		if _, err := c.call(ctx, c.urgent, http.MethodGet, "/limits", nil, nil); err != nil {
			return c.limited(err)
		}
	}
	if c.usage.now().Share() < c.cfg.PauseAt {
		return nil
	}
	return &crm.Error{
		Kind: crm.Limited, Code: "quota", Retry: time.Now().Add(usageFresh),
		Message: "the org's daily API requests are nearly used up; writes are parked",
	}
}

// limited notes a refusal because of a limit, and says until when.
func (c *Client) limited(err error) error {
	if e, ok := err.(*crm.Error); ok && e.Kind == crm.Limited && e.Retry.IsZero() {
		e.Retry = time.Now().Add(limitPause)
		if e.Code == "REQUEST_LIMIT_EXCEEDED" {
			c.usage.block(e.Retry)
		}
	}
	return err
}

// window returns how long a record waits for company at the present usage: the configured window up to 70 % of the
// quota, growing to the longest one at the pause mark.
func (c *Client) window() time.Duration {
	const stretchAt = 0.7
	short, long := c.cfg.Window.Std(), c.cfg.MaxWindow.Std()
	share := c.usage.now().Share()
	if share <= stretchAt {
		return short
	}
	full := max(c.cfg.PauseAt, stretchAt+0.01)
	return short + time.Duration(min(1, (share-stretchAt)/(full-stretchAt))*float64(long-short))
}
