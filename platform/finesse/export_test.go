package finesse

import "time"

// Hurry shortens the pauses of c for tests.
func Hurry(c *Connector) {
	c.pace = pace{ping: 200 * time.Millisecond, retry: 10 * time.Millisecond, longestRetry: 50 * time.Millisecond, refused: time.Hour, poll: 20 * time.Millisecond}
}
