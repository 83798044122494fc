package server

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// How much garbage may gather between two collections. A collection keeps one of a small machine's two processors busy for
// tens of milliseconds, in which events wait: on a small site, where little lives, Go's usual share of that makes too many
// of them. A larger share would be paid for by a large site, in memory.
const (
	headroom   = 96 << 20
	leastShare = 100 // percent of what lives, as Go has it
	mostShare  = 400
)

// TuneMemory makes the process collect garbage when a certain amount has gathered, unless the environment says otherwise:
// GOGC and GOMEMLIMIT work as in every Go program. It is for commands that run a server.
func TuneMemory() {
	if os.Getenv("GOGC") == "" {
		tune()
	}
}

// tune sets the share for the next collection, and comes again after it.
func tune() {
	debug.SetGCPercent(share(living()))
	runtime.AddCleanup(new(sentinel), func(struct{}) { tune() }, struct{}{})
}

// sentinel is garbage at once: the next collection finds it. It is not so small that others share its memory.
type sentinel [64]byte

// share is the percentage by which the heap may grow when so much lives.
func share(living uint64) int {
	percent := math.Round(100 * headroom / float64(max(living, 1)))
	return int(min(mostShare, max(leastShare, percent)))
}

// living is what the newest collection left, and had to look through: Go counts all of it when it sets the next one.
func living() uint64 {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}
	metrics.Read(samples)
	var sum uint64
	for _, s := range samples {
		if s.Value.Kind() == metrics.KindUint64 {
			sum += s.Value.Uint64()
		}
	}
	return sum
}
