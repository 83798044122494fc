package dialer_test

import (
	"fmt"
	"testing"

	"cordboard/platform"
	"cordboard/platform/dialer"
	"cordboard/platform/platformtest"
)

// BenchmarkDecode decodes the messages of usual calls, each of another call of another agent.
func BenchmarkDecode(b *testing.B) {
	var all []platform.Message
	for n := range 500 {
		for _, m := range story(b, stories["progressive, consult under its own id, transfer"].told) {
			m.id, m.agent = fmt.Sprint(m.id, "-", n), fmt.Sprint(m.agent, "-", n)
			m.vars = map[string]string{"ContactID": "003000000000001AAA", "Product": "Renewal", "Language": "en", "Attempt": "2"}
			all = append(all, m.heard())
		}
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(all[0].Message)))
	d := dialer.NewDecoder()
	report := platformtest.PerCore(b)
	for i := 0; b.Loop(); i++ {
		if i%len(all) == 0 {
			d = dialer.NewDecoder()
		}
		if _, err := d.Decode(all[i%len(all)]); err != nil {
			b.Fatal(err)
		}
	}
	report(b.N)
}
