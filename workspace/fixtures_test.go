package workspace_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cordboard/platform/webex"
)

// fixtures is the folder of recorded Webex calls; tests that need it skip without it.
func fixtures(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(cmp.Or(os.Getenv("CORDBOARD_FIXTURES"), filepath.Join("..", "..", "shared", "fixtures")), "webex")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no fixtures here: set CORDBOARD_FIXTURES to their folder")
	}
	return dir
}

func readFile(t *testing.T, path ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestNormalised compares the message of an answered preview call with the one that the fixtures hold, byte for byte but
// for blanks.
func TestNormalised(t *testing.T) {
	dir := fixtures(t)
	lines := bytes.Split(bytes.TrimSpace(readFile(t, dir, "ws", "preview_standard.jsonl")), []byte("\n"))
	l := listen(t)
	var got [][]byte
	for _, line := range lines[:3] {
		got = l.hear(webex.SourceSocket, line)
	}
	var want bytes.Buffer
	if err := json.Compact(&want, readFile(t, dir, "normalised", "preview_connected.seed002.json")); err != nil {
		t.Fatal(err)
	}
	placeholder := []byte(`"(the raw message, line 3 of ws/preview_standard.jsonl)"`)
	whole := bytes.Replace(want.Bytes(), placeholder, lines[2], 1)
	if len(got) != 1 || !bytes.Equal(got[0], whole) {
		t.Errorf("told\n%s\nwant\n%s", got, whole)
	}
}

// TestRecordedCalls goes through every recorded call: one message for each moment that the fixtures name, about the
// interaction that the raw message is about, with that raw message.
func TestRecordedCalls(t *testing.T) {
	streams, err := filepath.Glob(filepath.Join(fixtures(t), "ws", "*.jsonl"))
	if err != nil || len(streams) == 0 {
		t.Fatal("no recorded calls", err)
	}
	for _, stream := range streams {
		expected := strings.Split(string(readFile(t, strings.TrimSuffix(stream, ".jsonl")+".expect.tsv")), "\n")[1:]
		l := listen(t)
		for i, line := range bytes.Split(bytes.TrimSpace(readFile(t, stream)), []byte("\n")) {
			col := strings.Split(expected[i], "\t")
			kind, word := col[1], col[4]
			messages := l.hear(webex.SourceSocket, line)
			if len(messages) == 0 {
				if word != "-" {
					t.Errorf("%s: nothing told of %s", stream, kind)
				}
				continue
			}
			var raw struct {
				Data struct {
					InteractionID string
					Interaction   struct{ State string }
				}
			}
			if err := json.Unmarshal(line, &raw); err != nil {
				t.Fatal(err)
			}
			c := read(t, messages[0]).Message.Call
			if len(messages) != 1 || word != "-" && c.Event != word || c.ID != raw.Data.InteractionID || string(c.ResponseActual) != string(line) {
				t.Errorf("%s: %s is told as %s %s in %d messages", stream, kind, c.Event, c.ID, len(messages))
			}
			if c.ResponseFields["CallState"] != raw.Data.Interaction.State || len(c.ResponseFields) != 6 || len(c.CallVariables) != 7 {
				t.Errorf("%s: %s: %v %v", stream, kind, c.ResponseFields, c.CallVariables)
			}
		}
	}
}
