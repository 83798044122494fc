package genesys_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/platform/genesys"
)

// fixture is one call of the fixtures: messages with the events that each must bring.
type fixture struct {
	Events []struct {
		At      float64         `json:"at_s"`
		Message json.RawMessage `json:"message"`
		Expect  []struct {
			Pacing, CallType, Event, Leg string
		} `json:"expect"`
	} `json:"events"`
}

// pacing are the names that the fixtures give to our modes.
var pacing = map[string]call.Mode{
	"Manual Outbound": call.Manual, "Preview": call.Preview, "Progressive": call.Progressive, "Power": call.Power,
	"Predictive": call.Predictive, "Inbound": call.Inbound,
}

func fixtures(t *testing.T) map[string]fixture {
	t.Helper()
	root := os.Getenv("CORDBOARD_FIXTURES")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "fixtures")
	}
	files, err := filepath.Glob(filepath.Join(root, "genesys", "notifications", "*.json"))
	if err != nil || len(files) == 0 {
		t.Skip("no fixtures here: set CORDBOARD_FIXTURES to their folder")
	}
	all := map[string]fixture{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var f fixture
		if err := json.Unmarshal(b, &f); err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = f
	}
	return all
}

// TestFixtureCalls decodes every call in recorded shape and wants of each message exactly the events that it names, with
// the time of hearing and without.
func TestFixtureCalls(t *testing.T) {
	start := time.Date(2026, 12, 11, 10, 0, 0, 0, time.UTC)
	for name, f := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			for _, timed := range []bool{true, false} {
				d := genesys.NewDecoder()
				ids := map[string]bool{}
				for i, step := range f.Events {
					m := platform.Message{Connection: "c1", Source: "genesys-ws", Message: step.Message}
					if timed {
						m.At = start.Add(time.Duration(step.At * float64(time.Second)))
					}
					events, err := d.Decode(m)
					if err != nil {
						t.Fatalf("message %d: %v", i+1, err)
					}
					var got, want []string
					for _, ev := range events {
						if ids[ev.ID] {
							t.Errorf("message %d: id %s comes twice", i+1, ev.ID)
						}
						ids[ev.ID] = true
						if !ev.DataOnly() {
							got = append(got, strings.Join([]string{string(ev.Mode), ev.CallType, ev.Name}, " "))
						}
					}
					for _, e := range step.Expect {
						want = append(want, strings.Join([]string{string(pacing[e.Pacing]), e.CallType, e.Event}, " "))
					}
					if !slices.Equal(got, want) {
						t.Errorf("timed %t, message %d: got %q, want %q", timed, i+1, got, want)
					}
				}
				for _, ev := range d.Flush(time.Time{}) {
					t.Errorf("timed %t: %s %s only at the end", timed, ev.Name, ev.ID)
				}
			}
		})
	}
}
