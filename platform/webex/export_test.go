package webex

import "time"

// Hurry shortens the pauses of c for tests.
func Hurry(c *Connector) {
	c.pace = pace{keepalive: 500 * time.Millisecond, silence: 20 * time.Second, retry: 10 * time.Millisecond, longestRetry: 50 * time.Millisecond, refused: time.Hour}
}
