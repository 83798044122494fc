package server

import (
	"os"
	"runtime/debug"
)

// garbagePercent is how much the heap grows between two collections. A collection keeps one of a small machine's two
// processors busy for tens of milliseconds, in which events wait; the server's live heap is small, so that fewer
// collections cost little memory.
const garbagePercent = 400

// TuneMemory sets how often the process collects garbage, unless the environment says it: GOGC and GOMEMLIMIT work as in
// every Go program. It is for commands that run a server.
func TuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
}
