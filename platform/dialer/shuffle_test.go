package dialer_test

import (
	"testing"
	"time"

	"cordboard/platform"
	"cordboard/platform/dialer"
	"cordboard/platform/platformtest"
)

// timed is a story whose messages tell their times.
func timed(t *testing.T, told string) (stream []platform.Message) {
	for _, m := range story(t, told) {
		m.timed = true
		stream = append(stream, m.heard())
	}
	return stream
}

func newDecoder() platform.Decoder { return dialer.NewDecoder() }

// A stream whose messages tell their times adds up to the same calls when it is repeated and shuffled within two seconds.
func TestShuffledStreams(t *testing.T) {
	for name, s := range stories {
		if name == "inbound, consult, seen by both agents" {
			continue // that a colleague's call is a talk about the first one is said by the one who dials only
		}
		t.Run(name, func(t *testing.T) {
			platformtest.Shuffles(t, name, newDecoder, timed(t, s.told), 2*time.Second, 300)
		})
	}
}

// What comes of a stream that is taken as it comes depends on the order, or TestShuffledStreams proves nothing.
func TestShuffledStreamsShow(t *testing.T) {
	if !platformtest.ShufflesShow(newDecoder, timed(t, stories["preview, consult, conference"].told), 30*time.Second) {
		t.Error("shuffled streams, taken as they come, add up to the same calls: they are not shuffled")
	}
}
