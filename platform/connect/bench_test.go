package connect_test

import (
	"fmt"
	"testing"

	"cordboard/platform"
	"cordboard/platform/connect"
)

// BenchmarkDecode decodes the messages of an inbound call with a hold, a fresh call each time.
func BenchmarkDecode(b *testing.B) {
	s := inboundCall()
	for _, source := range kinds[:3] {
		b.Run(source, func(b *testing.B) { benchmark(b, only(s.messages, []string{source})) })
	}
}

func benchmark(b *testing.B, all []platform.Message) {
	size := 0
	for _, m := range all {
		size += len(m.Message)
	}
	b.SetBytes(int64(size / len(all)))
	b.ReportAllocs()
	d := connect.NewDecoder(connect.Options{Patience: -1})
	n := 0
	for calls := 0; b.Loop(); calls++ {
		if calls%1000 == 0 { // as the sweep would do it
			d = connect.NewDecoder(connect.Options{Patience: -1})
		}
		for _, m := range all {
			m.Message = renamed(m.Message, calls%1000)
			if _, err := d.Decode(m); err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "messages/s")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/message")
}

// renamed gives the call an id of its own; all have the same length.
func renamed(raw []byte, n int) []byte {
	out := make([]byte, 0, len(raw)+len(raw)/100)
	id := fmt.Appendf(nil, "%04d", n)
	for i := 0; i < len(raw); i++ {
		if raw[i] == 'c' && i+4 < len(raw) && string(raw[i:i+4]) == "c-in" {
			out = append(out, id...)
			i += 3
			continue
		}
		out = append(out, raw[i])
	}
	return out
}
