package salesforce

import (
	"context"
	"net/http"
	"time"

	"cordboard/crm"
)

// Budget is how Cordboard stands with the org's daily API requests: what pages and metrics show.
type Budget struct {
	// Org is what the org said about everybody's requests in the last 24 hours.
	Org Usage `json:"org"`
	// Used is our own part, counted here since the start, at most over 24 hours, and ByPurpose its parts: lookup,
	// write, describe, index. Allowed is how many we may make; 0 while the org has not said how many there are.
	Used      int            `json:"used"`
	ByPurpose map[string]int `json:"by_purpose"`
	Allowed   int            `json:"allowed"`
	// Pressure is the nearer of our allowance and the org's pause mark, 1 when it is reached.
	Pressure float64 `json:"pressure"`
	// Enriching, Writing and LookingUp say what is still done, and Window how long a record waits for company. They
	// are given up in this order: what can wait for tomorrow, haste, records, and lookups last.
	Enriching bool          `json:"enriching"`
	Window    time.Duration `json:"window_ns"`
	Writing   bool          `json:"writing"`
	LookingUp bool          `json:"looking_up"`
	// Until is when what was given up is tried again; zero when nothing was.
	Until time.Time `json:"until,omitzero"`
	// Reason says in a few words why something was given up; empty when nothing was.
	Reason string `json:"reason,omitempty"`
}

// The pressures at which things are given up.
const (
	enrichBelow  = 0.60 // below it, what can wait for tomorrow is done: descriptions, the phone index
	stretchFrom  = 0.75 // from here the window grows …
	economyFrom  = 0.95 // … to the longest one here
	parkFrom     = 1.00 // from here records are parked
	limitPause   = time.Minute
	usageFresh   = 5 * time.Minute // older knowledge is asked for again before writes are parked on it
	longestPause = time.Hour       // somebody else may leave room for us sooner than our own count falls
)

// situation is what the decision about requests is made from.
type situation struct {
	org         Usage
	ours        int
	share       float64 // of the quota that is ours
	pauseAt     float64 // share of the quota, all integrations together
	refused     bool    // the org refused a request because of its limit a moment ago
	economy     bool    // configured
	short, long time.Duration
}

// verdict is what may be done.
type verdict struct {
	pressure             float64
	enrich, write, look  bool
	window               time.Duration
	overOurs, overOthers bool
}

// decide says what a situation allows. It is pure.
func decide(s situation) verdict {
	v := verdict{look: !s.refused, window: s.short}
	if s.org.Max > 0 {
		own := float64(s.ours) / (s.share * float64(s.org.Max))
		all := s.org.Share() / s.pauseAt
		v.pressure = max(own, all)
		v.overOurs, v.overOthers = own >= parkFrom, all >= parkFrom
	}
	v.enrich = !s.refused && v.pressure < enrichBelow
	v.write = !s.refused && v.pressure < parkFrom
	part := min(1, max(0, (v.pressure-stretchFrom)/(economyFrom-stretchFrom)))
	v.window += time.Duration(part * float64(s.long-s.short))
	if s.economy {
		v.window = s.long
	}
	return v
}

// verdict decides on the present situation.
func (c *Client) verdict(now time.Time) verdict {
	ours := 0
	for _, n := range c.tally.sum(now) {
		ours += n
	}
	return decide(situation{
		org: c.usage.now(), ours: ours, share: c.cfg.Budget, pauseAt: c.cfg.PauseAt,
		refused: now.Before(c.usage.blockedUntil()), economy: c.cfg.Economy,
		short: c.cfg.Window.Std(), long: c.cfg.MaxWindow.Std(),
	})
}

// Budget returns how we stand now.
func (c *Client) Budget() Budget {
	now := time.Now()
	v := c.verdict(now)
	b := Budget{
		Org: c.usage.now(), ByPurpose: map[string]int{}, Pressure: v.pressure, Window: v.window,
		Enriching: v.enrich, Writing: v.write, LookingUp: v.look,
	}
	for p, n := range c.tally.sum(now) {
		b.ByPurpose[purpose(p).String()] = n
		b.Used += n
	}
	b.Allowed = c.allowed()
	switch until := c.usage.blockedUntil(); {
	case now.Before(until):
		b.Reason, b.Until = "the org refuses requests: its limit is reached", until
	case v.overOthers:
		b.Reason, b.Until = "the org's daily requests are nearly used up", now.Add(usageFresh)
	case v.overOurs:
		b.Reason, b.Until = "our share of the org's daily requests is used up", c.roomAgain(now)
	case !v.enrich:
		b.Reason = "more than half of our share of the org's daily requests is used"
	}
	return b
}

// allowed is how many requests in 24 hours are ours; 0 when it is not known.
func (c *Client) allowed() int { return int(c.cfg.Budget * float64(c.usage.now().Max)) }

// roomAgain is when our own count has fallen below our share, or earlier, when it is worth another look.
func (c *Client) roomAgain(now time.Time) time.Time {
	at := c.tally.below(c.allowed(), now)
	return earlier(now.Add(longestPause), later(at, now.Add(limitPause)))
}

// governor refuses a write that the quota has no room for: after the org refused one, and when our share or the pause
// mark is reached, except for a record that somebody waits for.
func (c *Client) governor(ctx context.Context, urgent bool) error {
	now := time.Now()
	if until := c.usage.blockedUntil(); now.Before(until) {
		return &crm.Error{Kind: crm.Limited, Code: "REQUEST_LIMIT_EXCEEDED", Message: "the org refused requests a moment ago", Retry: until}
	}
	if urgent || c.verdict(now).write {
		return nil
	}
	if u := c.usage.now(); now.Sub(u.At) > usageFresh {
		if _, err := c.call(ctx, c.urgent, http.MethodGet, "/limits", nil, nil); err != nil {
			return c.limited(err)
		}
	}
	v := c.verdict(time.Now())
	switch {
	case v.write:
		return nil
	case v.overOthers:
		return &crm.Error{
			Kind: crm.Limited, Code: "quota", Retry: now.Add(usageFresh),
			Message: "the org's daily API requests are nearly used up; writes are parked",
		}
	}
	return &crm.Error{
		Kind: crm.Limited, Code: "budget", Retry: c.roomAgain(now),
		Message: "Cordboard's share of the org's daily API requests is used up; writes are parked",
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

// window returns how long a record waits for company at present.
func (c *Client) window() time.Duration { return c.verdict(time.Now()).window }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
