package platformtest

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cordboard/call"
	"cordboard/platform"
)

// Shuffles repeats and shuffles a stream within a window in many ways, and wants the calls of the clean one each time.
// CORDBOARD_SHUFFLES says in how many ways, if not in so many.
func Shuffles(t *testing.T, name string, decoder func() platform.Decoder, stream []platform.Message, window time.Duration, ways uint64) {
	t.Helper()
	want := Summary(Calls(decoder(), stream))
	for seed := range Ways(t, ways) {
		r := rand.New(rand.NewPCG(seed, 0))
		if diff := cmp.Diff(want, Summary(Calls(decoder(), Disturb(r, stream, window)))); diff != "" {
			t.Fatalf("%s, seed %d (-clean +shuffled):\n%s", name, seed, diff)
		}
	}
}

// Restarts is Shuffles with a process that ends and begins anew once in each stream, between any two messages: the new
// decoder knows of the calls what the journal does, and hears once more what was told so long before.
func Restarts(t *testing.T, name string, decoder func() platform.Decoder, stream []platform.Message, window, again time.Duration, ways uint64) {
	t.Helper()
	want := Summary(Calls(decoder(), stream))
	for seed := range Ways(t, ways) {
		r := rand.New(rand.NewPCG(seed, 1))
		shuffled := Disturb(r, stream, window)
		cut := r.IntN(len(shuffled) + 1)
		if diff := cmp.Diff(want, Summary(resumed(decoder, shuffled, cut, again))); diff != "" {
			t.Fatalf("%s, seed %d, begun anew before message %d of %d (-clean +disturbed):\n%s", name, seed, cut+1, len(shuffled), diff)
		}
	}
}

// ShufflesShow is the control of Shuffles: when events count in the order in which they are heard, shuffled streams must
// add up to other calls. It is false when they do not.
func ShufflesShow(decoder func() platform.Decoder, stream []platform.Message, window time.Duration) bool {
	want := Summary(Calls(&asHeard{Decoder: decoder()}, stream))
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 0))
		if !cmp.Equal(want, Summary(Calls(&asHeard{Decoder: decoder()}, Disturb(r, stream, window)))) {
			return true
		}
	}
	return false
}

// asHeard is a decoder that believes no message's time.
type asHeard struct {
	platform.Decoder
	n int
}

func (d *asHeard) Decode(m platform.Message) ([]call.Event, error) {
	events, err := d.Decoder.Decode(m)
	for i := range events {
		d.n++
		events[i].At = time.Unix(int64(d.n), 0)
	}
	return events, err
}

// Ways are in how many ways a stream is to be disturbed, one seed each: CORDBOARD_SHUFFLES, or otherwise.
func Ways(t *testing.T, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv("CORDBOARD_SHUFFLES")
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		t.Fatalf("CORDBOARD_SHUFFLES: %v", err)
	}
	return n
}
