package genesys

import "time"

// Due is when Flush next has something to do.
func Due(d *Decoder) time.Time { return d.due() }
