package finesse_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cordboard/platform"
	"cordboard/platform/finesse"
	"cordboard/platform/platformtest"
)

// A stream whose messages are repeated and shuffled within two seconds adds up to the same calls as the clean one. One feed
// keeps its order by itself (it is one TCP connection); two feeds that tell the same call do not.
func TestShuffledStreams(t *testing.T) {
	traces, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(traces) == 0 {
		t.Fatal("no traces in testdata")
	}
	for _, trace := range traces {
		if strings.HasSuffix(trace, ".want.jsonl") {
			continue
		}
		f, err := os.Open(trace)
		if err != nil {
			t.Fatal(err)
		}
		var stream []platform.Message
		err = platform.ReadTrace(f, func(_ int, m platform.Message) error { stream = append(stream, m); return nil })
		_ = f.Close()
		if err != nil {
			t.Fatal(err)
		}
		want := platformtest.Summary(platformtest.Calls(finesse.NewDecoder(), stream))
		for seed := range uint64(300) {
			r := rand.New(rand.NewPCG(seed, 0))
			got := platformtest.Summary(platformtest.Calls(finesse.NewDecoder(), platformtest.Disturb(r, stream, 2*time.Second)))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s, seed %d (-clean +shuffled):\n%s", trace, seed, diff)
			}
		}
	}
}
