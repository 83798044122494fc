package console_test

import "testing"

func BenchmarkStory(b *testing.B) {
	o := newOffice(b)
	id := o.call("9001", "1001001", customer)
	for b.Loop() {
		o.page("/calls/" + id)
	}
}
