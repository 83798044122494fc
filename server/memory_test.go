package server

import (
	"runtime"
	"testing"
)

func TestShare(t *testing.T) {
	for living, want := range map[uint64]int{0: 400, 10 << 20: 400, 48 << 20: 200, 96 << 20: 100, 1 << 30: 100} {
		if got := share(living); got != want {
			t.Errorf("%d MiB live: %d %%, not %d", living>>20, got, want)
		}
	}
}

// Ensure that what lives can be measured, on this release of Go, too.
func TestLiving(t *testing.T) {
	kept := make([]byte, 64<<20)
	runtime.GC()
	if n := living(); n < 64<<20 || n > 1<<30 {
		t.Errorf("%d bytes live while 64 MiB are kept", n)
	}
	runtime.KeepAlive(kept)
}
