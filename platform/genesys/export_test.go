package genesys

import "time"

// Due is when Flush next has something to do.
func Due(d *Decoder) time.Time { return d.due() }

// Hurry shortens the pauses of c for tests.
func Hurry(c *Connector) {
	c.pace = pace{
		ping: 200 * time.Millisecond, retry: 10 * time.Millisecond, longestRetry: 50 * time.Millisecond, topics: 10 * time.Millisecond,
		overlap: 100 * time.Millisecond, renew: time.Hour, sweep: 50 * time.Millisecond, silent: time.Hour,
	}
}

// AskSoon lets c ask soon about conversations that nothing is heard of.
func AskSoon(c *Connector) { c.pace.silent = 100 * time.Millisecond }
