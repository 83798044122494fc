package connect

import "time"

// Wanted is what the decoder would like to have asked.
func (d *Decoder) Wanted() []string { return d.wanted() }

// Doubts are the agents of whom nothing was heard for so long.
func (d *Decoder) Doubts(silence time.Duration, now time.Time) []string {
	return d.doubts(silence, now)
}

// Newest is the number of the message that was decoded last, and whether something of it waits.
func (d *Decoder) Newest() (n int64, waits bool) { return d.held.newest() }

// TakeFreed are the messages of which nothing waits any more.
func (d *Decoder) TakeFreed() []int64 { return d.held.takeFreed() }

// Hurry shortens the pauses of c for tests, but for that between two reads of a shard: five a second are allowed.
func Hurry(c *Connector) {
	c.pace.poll, c.pace.shards, c.pace.retry, c.pace.longestRetry, c.pace.save = 210*time.Millisecond, 50*time.Millisecond, 10*time.Millisecond, 50*time.Millisecond, 20*time.Millisecond
	c.pace.doubt, c.pace.silence = 50*time.Millisecond, time.Hour
}

// AskSoon lets c ask soon about agents of whom nothing is heard.
func AskSoon(c *Connector) { c.pace.silence = 100 * time.Millisecond }
