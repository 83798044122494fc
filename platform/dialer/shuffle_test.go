package dialer_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cordboard/platform"
	"cordboard/platform/dialer"
	"cordboard/platform/platformtest"
)

// A stream whose messages tell their times adds up to the same calls when it is repeated and shuffled within two seconds.
func TestShuffledStreams(t *testing.T) {
	for name, s := range stories {
		if name == "inbound, consult, seen by both agents" {
			continue // that a colleague's call is a talk about the first one is said by the one who dials only
		}
		t.Run(name, func(t *testing.T) {
			var stream []platform.Message
			for _, m := range story(t, s.told) {
				m.timed = true
				stream = append(stream, m.heard())
			}
			want := platformtest.Summary(platformtest.Calls(dialer.NewDecoder(), stream))
			for seed := range uint64(300) {
				r := rand.New(rand.NewPCG(seed, 0))
				got := platformtest.Summary(platformtest.Calls(dialer.NewDecoder(), platformtest.Disturb(r, stream, 2*time.Second)))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("seed %d (-clean +shuffled):\n%s", seed, diff)
				}
			}
		})
	}
}
