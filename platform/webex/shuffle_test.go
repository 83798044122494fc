package webex_test

import (
	"testing"
	"time"

	"cordboard/platform"
	"cordboard/platform/platformtest"
	"cordboard/platform/webex"
)

// stories are those that the properties are about.
func stories() map[string][]line {
	return map[string][]line{"preview": preview(), "conference": conference(), "warm": warmTransfer(), "blind": blindTransfer()}
}

func newDecoder() platform.Decoder { return webex.NewDecoder(nil) }

// A stream that is repeated and shuffled within ten seconds adds up to the same call as the clean one.
func TestShuffledStreams(t *testing.T) {
	for name, story := range stories() {
		platformtest.Shuffles(t, name, newDecoder, messages(story), 10*time.Second, 500)
	}
}

// What comes of a stream that is taken as it comes depends on the order, or TestShuffledStreams proves nothing.
func TestShuffledStreamsShow(t *testing.T) {
	if !platformtest.ShufflesShow(newDecoder, messages(conference()), 10*time.Second) {
		t.Error("shuffled streams, taken as they come, add up to the same calls: they are not shuffled")
	}
}

// A decoder that starts anew in the middle gives the moments that it hears the ids they had.
func TestIdsOutliveTheDecoder(t *testing.T) {
	for name, story := range stories() {
		all := messages(story)
		_, clean := hear(t, webex.NewDecoder(nil), all)
		known := map[string]bool{}
		for _, ev := range clean {
			known[ev.ID] = true
		}
		for cut := range all {
			_, rest := hear(t, webex.NewDecoder(nil), all[cut:])
			for _, ev := range rest {
				if !known[ev.ID] {
					t.Errorf("%s from %d: %s is new", name, cut, ev.ID)
				}
			}
		}
	}
}
