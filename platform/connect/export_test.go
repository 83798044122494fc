package connect

import "time"

// Wanted is what the decoder would like to have asked.
func (d *Decoder) Wanted() []string { return d.wanted() }

// Doubts are the agents of whom nothing was heard for so long.
func (d *Decoder) Doubts(silence time.Duration, now time.Time) []string {
	return d.doubts(silence, now)
}
