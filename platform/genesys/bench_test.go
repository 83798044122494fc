//go:build unix

package genesys_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"cordboard/platform"
	"cordboard/platform/genesys"
)

// usualCalls are inbound calls in the shape that Genesys sends: mostly snapshots of two participants, 2 KB each.
func usualCalls(calls int) (all []platform.Message, bytes int) {
	for i := range calls {
		c := newCast(fmt.Sprintf("99999999-0000-4000-8000-%012d", i))
		inboundCall(c)
		for _, m := range c.sent {
			bytes += len(m.Message)
		}
		all = append(all, c.sent...)
	}
	return all, bytes
}

// consumed is the processor time that the process has used: on a busy machine it says what the clock does not.
func consumed(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkDecode(b *testing.B) {
	messages, bytes := usualCalls(200)
	b.ReportAllocs()
	b.SetBytes(int64(bytes / len(messages)))
	d := genesys.NewDecoder()
	before := consumed(b)
	for i := 0; b.Loop(); i++ {
		if i%len(messages) == 0 {
			d = genesys.NewDecoder()
		}
		if _, err := d.Decode(messages[i%len(messages)]); err != nil {
			b.Fatal(err)
		}
	}
	used := consumed(b) - before
	b.ReportMetric(float64(used.Nanoseconds())/float64(b.N), "cpu-ns/op")
	b.ReportMetric(float64(b.N)/used.Seconds(), "msg/cpu-s")
}
