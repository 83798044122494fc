package webex_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cordboard/platform/platformtest"
	"cordboard/platform/webex"
)

// stories are those that the properties are about.
func stories() map[string][]line {
	return map[string][]line{"preview": preview(), "conference": conference(), "warm": warmTransfer(), "blind": blindTransfer()}
}

// A stream that is repeated and shuffled within two seconds adds up to the same call as the clean one.
func TestShuffledStreams(t *testing.T) {
	for name, story := range stories() {
		want := platformtest.Summary(platformtest.Calls(webex.NewDecoder(nil), messages(story)))
		for seed := range uint64(500) {
			r := rand.New(rand.NewPCG(seed, 0))
			got := platformtest.Summary(platformtest.Calls(webex.NewDecoder(nil), platformtest.Disturb(r, messages(story), 2*time.Second)))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s, seed %d (-clean +shuffled):\n%s", name, seed, diff)
			}
		}
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
