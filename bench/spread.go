package bench

import (
	"slices"
	"time"
)

// Spread is how a latency is spread, in milliseconds. The samples are kept and sorted, so nothing is rounded to a bucket.
type Spread struct {
	Count int     `json:"count"`
	P50   float64 `json:"p50"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p999"`
	Max   float64 `json:"max"`
}

// spreadOf sorts the samples in place.
func spreadOf(samples []time.Duration) Spread {
	if len(samples) == 0 {
		return Spread{}
	}
	slices.Sort(samples)
	at := func(permille int) float64 { // the smallest sample that so many are not above
		return milliseconds(samples[max(0, (len(samples)*permille+999)/1000-1)])
	}
	return Spread{Count: len(samples), P50: at(500), P99: at(990), P999: at(999), Max: at(1000)}
}

// milliseconds to the microsecond.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
