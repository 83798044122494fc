package finesse_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cordboard/platform"
	"cordboard/platform/finesse"
	"cordboard/platform/platformtest"
)

func newDecoder() platform.Decoder { return finesse.NewDecoder() }

// A stream whose messages are repeated and shuffled within two seconds adds up to the same calls as the clean one. One feed
// keeps its order by itself (it is one TCP connection); two feeds that tell the same call do not. Farther apart than that a
// colleague's feed may tell of a consult before anything says whose it is: its messages have times, but none says what has
// not come yet, and an agent's screen cannot wait for it.
func TestShuffledStreams(t *testing.T) {
	for name, stream := range traces(t) {
		platformtest.Shuffles(t, name, newDecoder, stream, 2*time.Second, 300)
	}
}

// A process that begins anew between two messages makes the same calls of them. Of a preview whose reservation had ended
// before, nothing in its customer's call says which it was: Finesse ends the reservation when that call is there.
func TestRestartsBetweenMessages(t *testing.T) {
	for name, stream := range traces(t) {
		if name != "testdata/preview.jsonl" {
			platformtest.Restarts(t, name, newDecoder, stream, 2*time.Second, 15*time.Second, 300)
		}
	}
}

// What comes of a stream that is taken as it comes depends on the order, or TestShuffledStreams proves nothing.
func TestShuffledStreamsShow(t *testing.T) {
	for _, stream := range traces(t) {
		if platformtest.ShufflesShow(newDecoder, stream, 2*time.Second) {
			return
		}
	}
	t.Error("shuffled streams, taken as they come, add up to the same calls: they are not shuffled")
}

// traces are the recorded streams, by file.
func traces(t *testing.T) map[string][]platform.Message {
	t.Helper()
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal("no traces in testdata")
	}
	all := map[string][]platform.Message{}
	for _, file := range files {
		if strings.HasSuffix(file, ".want.jsonl") {
			continue
		}
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		err = platform.ReadTrace(f, func(_ int, m platform.Message) error { all[file] = append(all[file], m); return nil })
		_ = f.Close()
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}
