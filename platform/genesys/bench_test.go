package genesys_test

import (
	"fmt"
	"testing"

	"cordboard/platform"
	"cordboard/platform/genesys"
	"cordboard/platform/platformtest"
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

func BenchmarkDecode(b *testing.B) {
	messages, bytes := usualCalls(200)
	b.ReportAllocs()
	b.SetBytes(int64(bytes / len(messages)))
	d := genesys.NewDecoder()
	report := platformtest.PerCore(b)
	for i := 0; b.Loop(); i++ {
		if i%len(messages) == 0 {
			d = genesys.NewDecoder()
		}
		if _, err := d.Decode(messages[i%len(messages)]); err != nil {
			b.Fatal(err)
		}
	}
	report(b.N)
}
