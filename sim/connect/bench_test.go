package connect_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"cordboard/sim/connect"
)

// BenchmarkTelling measures what it costs to move one call and to tell of it in every source; the figure that counts is the
// time for each message.
func BenchmarkTelling(b *testing.B) {
	for _, name := range []string{"predictive_consult_conference", "tethered_predictive_consult_conference"} {
		b.Run(name, func(b *testing.B) {
			s := connect.New(connect.Config{Agents: 2})
			defer s.Close()
			messages := 0
			s.Tap(func(connect.Message) { messages++ })
			script, _ := connect.Script(name)
			for b.Loop() {
				if _, err := s.Play(b.Context(), script, connect.Call{Agents: []string{anna, ben}}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(messages), "ns/message")
		})
	}
}

// BenchmarkDelivery measures the whole way of contact events and the dialer's events into a receiver that takes everything.
func BenchmarkDelivery(b *testing.B) {
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer receiver.Close()
	s := connect.New(connect.Config{Agents: 2, Events: connect.Target{URL: receiver.URL}, Dialer: connect.Target{URL: receiver.URL}})
	done := make(chan error, 1)
	ctx := b.Context()
	go func() { done <- s.Run(ctx) }()
	b.Cleanup(func() { <-done })
	for b.Loop() {
		for _, name := range []string{"predictive", "tethered_predictive"} {
			script, _ := connect.Script(name)
			if _, err := s.Play(ctx, script, connect.Call{Agents: []string{anna}}); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := s.AwaitSent(ctx); err != nil {
		b.Fatal(err)
	}
	n := s.Sent()
	sent := n["events"].Taken + n["dialer"].Taken
	b.ReportMetric(float64(sent)/b.Elapsed().Seconds(), "messages/s")
}
