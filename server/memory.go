package server

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// How much garbage may gather between two collections. A collection keeps a part of a small machine's two processors busy
// for half a second, in which events wait, and costs the same however much garbage there is: so it should be rare. What a
// server produces in a few seconds may gather, within bounds: a small site does not fill the machine for nothing, and a
// large one leaves room for what else runs there.
const (
	rarely        = 8 * time.Second
	leastHeadroom = 96 << 20
	mostHeadroom  = 768 << 20
	headroomPart  = 8   // of the memory that there is, an eighth at most
	leastShare    = 100 // percent of what lives, as Go has it
)

// TuneMemory makes the process collect garbage when a certain amount has gathered, unless the environment says otherwise:
// GOGC and GOMEMLIMIT work as in every Go program. It is for commands that run a server.
func TuneMemory() {
	if os.Getenv("GOGC") != "" {
		return
	}
	limit := debug.SetMemoryLimit(-1)
	if limit == math.MaxInt64 { // nobody has set one
		if limit = memoryRoom(); limit > 0 {
			debug.SetMemoryLimit(limit - limit/10) // before the system ends the process, it rather collects more often
		}
	}
	(&tuner{most: headroomIn(limit)}).tune()
}

// headroomIn is the most garbage that may gather in a process that may take so much memory; 0 means that this is not known.
func headroomIn(room int64) uint64 {
	if room <= 0 {
		return leastHeadroom
	}
	return uint64(max(leastHeadroom, min(mostHeadroom, room/headroomPart)))
}

// tuner sets, after each collection, when the next one comes.
type tuner struct {
	most uint64
	last heap
}

// tune sets the share for the next collection, and comes again after it.
func (t *tuner) tune() {
	now := heapNow()
	debug.SetGCPercent(share(now.living, t.headroom(now)))
	t.last = now
	runtime.AddCleanup(new(sentinel), func(t *tuner) { t.tune() }, t)
}

// headroom is what was allocated since the last collection, made the measure of a few seconds.
func (t *tuner) headroom(now heap) uint64 {
	took := now.at.Sub(t.last.at)
	if t.last.at.IsZero() || took <= 0 {
		return leastHeadroom
	}
	gathers := float64(now.allocated-t.last.allocated) * rarely.Seconds() / took.Seconds()
	return uint64(max(leastHeadroom, min(float64(t.most), gathers)))
}

// sentinel is garbage at once: the next collection finds it. It is not so small that others share its memory.
type sentinel [64]byte

// share is the percentage by which the heap may grow when so much lives.
func share(living, headroom uint64) int {
	percent := math.Round(100 * float64(headroom) / float64(max(living, 1<<20)))
	return int(max(leastShare, percent))
}

// heap is how things stand.
type heap struct {
	at        time.Time
	living    uint64 // what the newest collection left, and had to look through: Go counts all of it when it sets the next one
	allocated uint64 // since the start
}

func heapNow() heap {
	samples := []metrics.Sample{
		{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"},
	}
	metrics.Read(samples)
	h := heap{at: time.Now()}
	for i, s := range samples {
		switch {
		case s.Value.Kind() != metrics.KindUint64:
		case i == 0:
			h.allocated = s.Value.Uint64()
		default:
			h.living += s.Value.Uint64()
		}
	}
	return h
}
