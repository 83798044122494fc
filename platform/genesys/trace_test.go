package genesys_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/platform/genesys"
)

// examples are stories that stand in testdata as traces.
func examples() map[string]*cast {
	return map[string]*cast{"preview": stories()["preview"], "eventbridge": busStories()["bus inbound"]}
}

// TestTraces wants the same events from a trace as from the messages themselves.
func TestTraces(t *testing.T) {
	for name, c := range examples() {
		file := "testdata/" + name + ".jsonl"
		var b bytes.Buffer
		for _, m := range c.sent {
			if err := platform.WriteTrace(&b, m); err != nil {
				t.Fatal(err)
			}
		}
		if *update {
			if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got, want := lines(decodeTrace(t, raw)), lines(decodeAll(t, c.sent))
		if got != want || got == "" {
			t.Errorf("%s: the trace gives\n%s\nthe messages\n%s", name, got, want)
		}
	}
}

func decodeTrace(t *testing.T, raw []byte) (all []call.Event) {
	t.Helper()
	d := genesys.NewDecoder()
	err := platform.ReadTrace(bytes.NewReader(raw), func(_ int, m platform.Message) error {
		all = append(all, d.Flush(m.At)...)
		events, err := d.Decode(m)
		all = append(all, events...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(all, d.Flush(time.Time{})...)
}

// decodeTape decodes what was recorded.
func decodeTape(t *testing.T, tape []platform.Message) []call.Event {
	t.Helper()
	var b bytes.Buffer
	for _, m := range tape {
		if err := platform.WriteTrace(&b, m); err != nil {
			t.Fatal(err)
		}
	}
	return decodeTrace(t, b.Bytes())
}

func lines(events []call.Event) string {
	var b strings.Builder
	for i := range events {
		b.WriteString(line(&events[i]))
	}
	return b.String()
}
