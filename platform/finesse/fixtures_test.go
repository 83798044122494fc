package finesse_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/platform/finesse"
)

// pacing are the names that the fixtures' sequences give to our modes.
var pacing = map[string]call.Mode{
	"Manual Outbound": call.Manual, "PREVIEW": call.Preview, "DIRECT PREVIEW": call.DirectPreview,
	"PREDICTIVE": call.Predictive, "PROGRESSIVE": call.Progressive, "INBOUND": call.Inbound,
}

// step is one line of a fixture call: a message and the event that it must bring.
type step struct {
	file, mode, callType, event string
	m                           platform.Message
}

func fixtureCalls(t *testing.T) []string {
	t.Helper()
	root := os.Getenv("CORDBOARD_FIXTURES")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "fixtures")
	}
	calls, err := filepath.Glob(filepath.Join(root, "cisco", "calls", "*", "sequence.tsv"))
	if err != nil || len(calls) == 0 {
		t.Skip("no fixtures here: set CORDBOARD_FIXTURES to their folder")
	}
	return calls
}

func readCall(t *testing.T, sequence string, at time.Time) []step {
	t.Helper()
	f, err := os.Open(sequence)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var steps []step
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		col := strings.Split(sc.Text(), "\t")
		if len(col) < 8 || col[0] == "n" {
			continue
		}
		body, err := os.ReadFile(filepath.Join(filepath.Dir(sequence), col[1]))
		if err != nil {
			t.Fatal(err)
		}
		s := step{file: col[1], mode: col[5], callType: col[6], event: col[7]}
		s.m = platform.Message{Connection: "c1", Source: "finesse-xmpp", Agent: col[2], Extension: col[3], Node: col[4]}
		if !at.IsZero() {
			at = at.Add(100 * time.Millisecond)
			s.m.At = at
		}
		s.m.SetText(body)
		steps = append(steps, s)
	}
	return steps
}

// TestFixtureCalls decodes every recorded-shape call and wants exactly the events that its sequence names.
func TestFixtureCalls(t *testing.T) {
	for _, sequence := range fixtureCalls(t) {
		t.Run(filepath.Base(filepath.Dir(sequence)), func(t *testing.T) {
			for _, at := range []time.Time{{}, time.Date(2025, 3, 4, 15, 0, 0, 0, time.UTC)} {
				checkCall(t, finesse.NewDecoder(), readCall(t, sequence, at))
			}
		})
	}
}

// TestFixtureCallsWithoutExtensions leaves out what a trace may leave out.
func TestFixtureCallsWithoutExtensions(t *testing.T) {
	for _, sequence := range fixtureCalls(t) {
		steps := readCall(t, sequence, time.Time{})
		for i := range steps {
			steps[i].m.Extension = ""
		}
		t.Run(filepath.Base(filepath.Dir(sequence)), func(t *testing.T) { checkCall(t, finesse.NewDecoder(), steps) })
	}
}

// TestFixtureCallsOneAfterAnother uses one decoder for all calls of the fixtures.
func TestFixtureCallsOneAfterAnother(t *testing.T) {
	d := finesse.NewDecoder()
	at := time.Date(2025, 3, 4, 15, 0, 0, 0, time.UTC)
	for _, sequence := range fixtureCalls(t) {
		checkCall(t, d, readCall(t, sequence, at))
		at = at.Add(time.Hour)
	}
}

// checkCall wants each step's event, in order. A held event may come later than its step, but in its place.
func checkCall(t *testing.T, d *finesse.Decoder, steps []step) {
	t.Helper()
	var got []call.Event
	var want []step
	for _, s := range steps {
		events, err := d.Decode(s.m)
		if err != nil {
			t.Fatalf("%s: %v", s.file, err)
		}
		for _, ev := range events {
			if !ev.DataOnly() {
				got = append(got, ev)
			}
		}
		if s.event != "-" {
			want = append(want, s)
		}
	}
	for _, ev := range d.Flush(time.Time{}) {
		if !ev.DataOnly() {
			got = append(got, ev)
		}
	}
	ids := map[string]bool{}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) {
			t.Fatalf("got %d events, want %d", len(got), len(want))
		}
		ev, s := got[i], want[i]
		mode, known := pacing[s.mode]
		if ev.CallType != s.callType || ev.Name != s.event || known && ev.Mode != mode || ev.Agent != s.m.Agent {
			t.Errorf("%s: got %s %s %s of %s, want %s %s %s", s.file, ev.Mode, ev.CallType, ev.Name, ev.Agent, s.mode, s.callType, s.event)
		}
		if ids[ev.ID] {
			t.Errorf("%s: id %s comes twice", s.file, ev.ID)
		}
		ids[ev.ID] = true
	}
}
