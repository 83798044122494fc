package salesforce

import (
	"strconv"
	"strings"
	"sync"
	"time"
)

// Usage is what an org said about its API requests in the last 24 hours, all integrations together.
type Usage struct {
	Used int `json:"used"`
	Max  int `json:"max"`
	// At is when it said so; zero when it has not yet.
	At time.Time `json:"at,omitzero"`
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
