package webex_test

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/platform/webex"
)

// words are the events that the fixtures' expectations name: "-" is none.
type expected struct{ kind, client, word string }

func readExpected(t *testing.T, file string) []expected {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []expected
	for line := range strings.Lines(string(text)) {
		if col := strings.Split(line, "\t"); len(col) > 4 && col[0] != "n" {
			all = append(all, expected{col[1], col[3], col[4]})
		}
	}
	return all
}

var fixtureModes = map[string]call.Mode{
	"inbound": call.Inbound, "ring_no_answer": call.Inbound, "manual_outdial": call.Manual, "preview_standard": call.Preview,
	"preview_skipped": call.Preview, "preview_direct": call.DirectPreview, "progressive": call.Progressive, "predictive": call.Predictive,
}

// TestFixtures decodes every stream of the fixtures: exactly the page's words where it has one, the client's own name where
// the moment matters to a leg, and nothing else.
func TestFixtures(t *testing.T) {
	root := cmp.Or(os.Getenv("CORDBOARD_FIXTURES"), filepath.Join("..", "..", "..", "shared", "fixtures"))
	streams, err := filepath.Glob(filepath.Join(root, "webex", "ws", "*.jsonl"))
	if err != nil || len(streams) == 0 {
		t.Skip("no fixtures here: set CORDBOARD_FIXTURES to their folder")
	}
	for _, stream := range streams {
		name := strings.TrimSuffix(filepath.Base(stream), ".jsonl")
		text, err := os.ReadFile(stream)
		if err != nil {
			t.Fatal(err)
		}
		want := readExpected(t, strings.TrimSuffix(stream, ".jsonl")+".expect.tsv")
		d := webex.NewDecoder(nil)
		var s call.State
		x := call.NewIndex()
		for i, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
			events, err := d.Decode(platform.Message{Connection: "wx", Source: webex.SourceSocket, Message: line})
			if err != nil {
				t.Fatalf("%s, line %d: %v", name, i+1, err)
			}
			word := ""
			for j := range events {
				ev := &events[j]
				word = ev.Name
				ev.Connection = "wx"
				x.Resolve(ev)
				s = call.Apply(s, ev)
				if ev.Mode != fixtureModes[name] || ev.Agent == "" || ev.Customer != "+15555550123" {
					t.Errorf("%s, line %d: mode %q, agent %q, customer %q", name, i+1, ev.Mode, ev.Agent, ev.Customer)
				}
			}
			if w := want[i]; len(events) > 1 || w.word != "-" && word != w.word || w.word == "-" && word != "" && word != w.client {
				t.Errorf("%s, line %d (%s): %d events, word %q, want %q (%s)", name, i+1, w.kind, len(events), word, w.word, w.client)
			}
		}
		if s.Open() || len(s.Legs) != 1 {
			t.Errorf("%s: open %v, %d legs", name, s.Open(), len(s.Legs))
		}
	}
}
