package dialer_test

import (
	"testing"
	"time"

	"cordboard/call"
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

// A stream whose messages tell their times adds up to the same calls when it is repeated and shuffled within ten seconds.
func TestShuffledStreams(t *testing.T) {
	for name, s := range stories {
		if name == "inbound, consult, seen by both agents" {
			continue // that a colleague's call is a talk about the first one is said by the one who dials only
		}
		t.Run(name, func(t *testing.T) {
			platformtest.Shuffles(t, name, newDecoder, timed(t, s.told), 10*time.Second, 300)
		})
	}
}

// A dialer sends again what was not acknowledged, and so nothing of what was told before a restart but the last.
func TestRestartsBetweenMessages(t *testing.T) {
	for name, s := range stories {
		if name == "back to the agent who had it first" {
			continue // that it was he is known as long as he is in the call; afterwards he counts as one it was transferred to
		}
		t.Run(name, func(t *testing.T) {
			platformtest.Restarts(t, name, newDecoder, timed(t, s.told), time.Millisecond, 0, 300)
		})
	}
}

// Whoever had the call before a restart and comes back after it has an end of his own.
func TestAgentComesBackAfterARestart(t *testing.T) {
	all := timed(t, stories["back to the agent who had it first"].told)
	for cut := range all {
		open, known := 0, map[string]bool{}
		states := map[call.ID]call.State{}
		index := call.NewIndex()
		d := dialer.NewDecoder()
		for i, m := range all {
			if i == cut {
				d = dialer.NewDecoder()
				for _, st := range states {
					d.Prime(platform.OpenLegsOf(&st))
				}
			}
			events, err := d.Decode(m)
			if err != nil {
				t.Fatal(err)
			}
			for _, ev := range events {
				if index.Resolve(&ev); !known[ev.ID] {
					known[ev.ID] = true
					states[ev.Call] = call.Apply(states[ev.Call], &ev)
				}
			}
		}
		for _, st := range states {
			open += len(platform.OpenLegsOf(&st))
		}
		if open > 0 {
			t.Errorf("restarted before message %d: %d legs never end", cut+1, open)
		}
	}
}

// What comes of a stream that is taken as it comes depends on the order, or TestShuffledStreams proves nothing.
func TestShuffledStreamsShow(t *testing.T) {
	if !platformtest.ShufflesShow(newDecoder, timed(t, stories["preview, consult, conference"].told), 30*time.Second) {
		t.Error("shuffled streams, taken as they come, add up to the same calls: they are not shuffled")
	}
}
