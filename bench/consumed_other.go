//go:build !unix

package bench

import "time"

// consumed is not known here.
func consumed() (cpu time.Duration, rss int64) { return 0, 0 }

// written is not known here.
func written() int64 { return 0 }
