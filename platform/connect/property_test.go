package connect_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"cordboard/platform"
	"cordboard/platform/connect"
	"cordboard/platform/platformtest"
)

// sets are the sources that a site may have: all, any two, and each alone.
var sets = [][]string{
	{connect.SourceStreams, connect.SourceAgentStream, connect.SourceEventBridge},
	{connect.SourceAgentStream, connect.SourceEventBridge},
	{connect.SourceStreams, connect.SourceEventBridge},
	{connect.SourceStreams, connect.SourceAgentStream},
	{connect.SourceStreams}, {connect.SourceAgentStream}, {connect.SourceEventBridge},
}

func only(messages []platform.Message, sources []string) []platform.Message {
	return slices.DeleteFunc(slices.Clone(messages), func(m platform.Message) bool { return !slices.Contains(sources, m.Source) })
}

// disturb repeats messages and lets them be heard up to two seconds late.
func disturb(r *rand.Rand, in []platform.Message) []platform.Message {
	var out []platform.Message
	for _, m := range in {
		for range 1 + r.IntN(3) {
			late := m
			late.At = m.At.Add(time.Duration(r.IntN(2000)) * time.Millisecond)
			out = append(out, late)
		}
	}
	slices.SortStableFunc(out, func(a, b platform.Message) int { return a.At.Compare(b.At) })
	return out
}

// Whatever sources there are: repeated, and shuffled within two seconds, they add up to the same calls as in order.
func TestShuffledSources(t *testing.T) {
	for name, story := range stories {
		s := story()
		var clean []told
		for _, set := range sets {
			clean = append(clean, hear(t, connect.NewDecoder(connect.Options{}), s, only(s.messages, set)))
		}
		for seed := range platformtest.Ways(t, 700) {
			n := int(seed) % len(sets)
			r := rand.New(rand.NewPCG(seed, 0))
			got := hear(t, connect.NewDecoder(connect.Options{}), s, disturb(r, only(s.messages, sets[n])))
			if diff := clean[n].differs(got); diff != "" {
				t.Fatalf("%s by %v, seed %d (-in order +shuffled):\n%s", name, sets[n], seed, diff)
			}
		}
	}
}

// differs says how other calls or words are from those that are wanted.
func (g *told) differs(other told) string {
	return gocmp.Diff(g.legs(), other.legs()) + gocmp.Diff(sorted(g.words()), sorted(other.words()))
}

func sorted(words []string) []string { slices.Sort(words); return words }

// A moment has the same id whichever source tells it, and whenever a decoder began to listen.
func TestIdsAreTheSameFromEverySource(t *testing.T) {
	for name, story := range stories {
		s := story()
		all := hear(t, connect.NewDecoder(connect.Options{}), s, s.messages)
		known := map[string]bool{}
		for _, ev := range all.events {
			known[ev.ID] = true
		}
		for _, set := range sets {
			messages := only(s.messages, set)
			for from := range messages {
				got := hear(t, connect.NewDecoder(connect.Options{}), s, messages[from:])
				for _, ev := range got.events {
					if !known[ev.ID] && !strings.Contains(ev.ID, "/data") && !ev.DataOnly() {
						t.Errorf("%s by %v from %d: %s is new", name, set, from, ev.ID)
					}
				}
			}
		}
	}
}
