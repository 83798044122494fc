package finesse_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/platform/finesse"
)

// TestTraces decodes the made-up traces of testdata. A line of a want file names the fields of one event that matter
// there; false and "" mean that the field must be empty.
func TestTraces(t *testing.T) {
	traces, err := filepath.Glob("testdata/*.want.jsonl")
	variants, _ := filepath.Glob("testdata/variants/*.want.jsonl")
	if err != nil || len(traces) == 0 || len(variants) == 0 {
		t.Fatal("no traces in testdata")
	}
	for _, want := range append(traces, variants...) {
		name := strings.TrimSuffix(want, ".want.jsonl")
		t.Run(filepath.Base(name), func(t *testing.T) {
			got := decodeTrace(t, name+".jsonl")
			compare(t, got, wanted(t, want))
			again := decodeTrace(t, name+".jsonl")
			for i := range got {
				if got[i].ID != again[i].ID || got[i].Name != again[i].Name {
					t.Errorf("event %d differs the second time", i)
				}
			}
		})
	}
}

func decodeTrace(t *testing.T, path string) []call.Event {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := finesse.NewDecoder()
	var got []call.Event
	err = platform.ReadTrace(f, func(_ int, m platform.Message) error {
		events, err := d.Decode(m)
		got = append(got, events...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(got, d.Flush(time.Time{})...)
}

func wanted(t *testing.T, path string) []map[string]any {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []map[string]any
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var w map[string]any
		if err := json.Unmarshal(sc.Bytes(), &w); err != nil {
			t.Fatal(err)
		}
		out = append(out, w)
	}
	return out
}

func compare(t *testing.T, got []call.Event, want []map[string]any) {
	t.Helper()
	ids := map[string]bool{}
	for i := range max(len(got), len(want)) {
		if i >= len(got) {
			t.Errorf("line %d: missing %v", i+1, want[i])
			continue
		}
		ev := got[i]
		if i >= len(want) {
			t.Errorf("more than wanted: %s", ev.ID)
			continue
		}
		if ids[ev.ID] {
			t.Errorf("line %d: id %s comes twice", i+1, ev.ID)
		}
		ids[ev.ID] = true
		b, err := json.Marshal(ev)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]any
		if err := json.Unmarshal(b, &fields); err != nil {
			t.Fatal(err)
		}
		if _, named := want[i]["event"]; !named && ev.Name != "" {
			t.Errorf("line %d: %s has a name, want data only", i+1, ev.ID)
		}
		for key, value := range want[i] {
			have := fields[key]
			if have == nil && (value == "" || value == false) {
				continue
			}
			if fmt.Sprint(have) != fmt.Sprint(value) {
				t.Errorf("line %d: %s: %s is %v, want %v", i+1, ev.ID, key, have, value)
			}
		}
		if _, wants := want[i]["mode"]; !wants && ev.Mode != "" {
			t.Errorf("line %d: %s: mode is %s, want none", i+1, ev.ID, ev.Mode)
		}
	}
}
