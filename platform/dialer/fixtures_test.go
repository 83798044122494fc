package dialer_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/platform/dialer"
)

// TestFixtureCalls decodes recorded-shape calls, when there are any here, and wants exactly the events beside them.
func TestFixtureCalls(t *testing.T) {
	root := os.Getenv("CORDBOARD_FIXTURES")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "fixtures")
	}
	files, err := filepath.Glob(filepath.Join(root, "connect", "tethered", "*.json"))
	if err != nil || len(files) == 0 {
		t.Skip("no fixtures here: set CORDBOARD_FIXTURES to their folder")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { checkFixture(t, file) })
	}
}

func checkFixture(t *testing.T, file string) {
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var call struct {
		Events []struct {
			At      float64 `json:"at_s"`
			Payload json.RawMessage
			Expect  []struct{ Pacing, CallType, Event, Leg string }
		}
	}
	if err := json.Unmarshal(raw, &call); err != nil || len(call.Events) == 0 {
		t.Fatal(err)
	}
	d := dialer.NewDecoder()
	for i, step := range call.Events {
		events, err := d.Decode(platform.Message{At: noon.Add(time.Duration(step.At * float64(time.Second))), Connection: "c", Source: dialer.Source, Message: step.Payload})
		if err != nil {
			t.Fatalf("event %d: %v", i, err)
		}
		var named []string
		for _, ev := range events {
			if !ev.DataOnly() {
				named = append(named, line(string(ev.Mode), ev.CallType, ev.Name, string(ev.Role)))
			}
		}
		for n, x := range step.Expect {
			want := line(x.Pacing, x.CallType, x.Event, x.Leg)
			if n >= len(named) || !strings.HasPrefix(named[n], strings.TrimSpace(want)) {
				t.Errorf("event %d: got %q, want %q", i, named, want)
			}
		}
		if len(named) != len(step.Expect) {
			t.Errorf("event %d: got %q, want %d", i, named, len(step.Expect))
		}
	}
}

func line(mode, callType, event, leg string) string {
	if strings.EqualFold(mode, "Manual Outbound") {
		mode = string(call.Manual)
	}
	return strings.ToLower(strings.Join([]string{mode, callType, event, leg}, " "))
}
