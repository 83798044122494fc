//go:build unix

package platformtest

import (
	"syscall"
	"testing"
	"time"
)

// PerCore measures the processor time of a benchmark's loop from the call on: on a busy machine it says what the clock does
// not. The returned func reports how many messages one core decodes in a second.
func PerCore(b *testing.B) (report func(messages int)) {
	began := consumed(b)
	return func(messages int) {
		used := consumed(b) - began
		b.ReportMetric(float64(used.Nanoseconds())/float64(messages), "cpu-ns/msg")
		b.ReportMetric(float64(messages)/used.Seconds(), "msg/cpu-s")
	}
}

// consumed is the processor time that the process has used.
func consumed(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
