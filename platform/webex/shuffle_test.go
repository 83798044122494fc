package webex_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/platform/webex"
)

// summary is what a call's records are made of.
func summary(s call.State) map[string]string {
	all := map[string]string{"call": string(s.Mode) + " " + s.Customer + " " + s.Campaign}
	for i := range s.Legs {
		l := &s.Legs[i]
		all[l.ID] = times(l) + " " + string(l.Phase()) + " " + l.Wrapup
		if l.Open() {
			all[l.ID] += " open"
		}
	}
	return all
}

// disturb repeats messages and moves them by up to two seconds.
func disturb(r *rand.Rand, in []platform.Message) []platform.Message {
	type moved struct {
		at time.Time
		m  platform.Message
	}
	var all []moved
	for _, m := range in {
		for range 1 + r.IntN(3) {
			all = append(all, moved{m.At.Add(time.Duration(r.IntN(2000)) * time.Millisecond), m})
		}
	}
	slices.SortStableFunc(all, func(a, b moved) int { return a.at.Compare(b.at) })
	var out []platform.Message
	for _, a := range all {
		out = append(out, a.m)
	}
	return out
}

// A stream that is repeated and shuffled within two seconds adds up to the same call as the clean one.
func TestShuffledStreams(t *testing.T) {
	for name, story := range map[string][]line{"preview": preview(), "conference": conference(), "warm": warmTransfer(), "blind": blindTransfer()} {
		want, clean := hear(t, webex.NewDecoder(nil), messages(story))
		rapid.Check(t, func(rt *rapid.T) {
			r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
			got, events := hear(t, webex.NewDecoder(nil), disturb(r, messages(story)))
			if diff := cmp.Diff(summary(want), summary(got)); diff != "" {
				rt.Fatalf("%s (-clean +shuffled):\n%s", name, diff)
			}
			if len(events) != len(clean) {
				rt.Fatalf("%s: %d events, want %d", name, len(events), len(clean))
			}
		})
	}
}

// A decoder that starts anew in the middle gives the moments that it hears the ids they had.
func TestIdsOutliveTheDecoder(t *testing.T) {
	for name, story := range map[string][]line{"preview": preview(), "conference": conference(), "warm": warmTransfer(), "blind": blindTransfer()} {
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
