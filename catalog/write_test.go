package catalog_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cordboard/call"
	"cordboard/catalog"
)

func TestCSVRoundTrip(t *testing.T) {
	var out bytes.Buffer
	if err := catalog.Default().WriteCSV(&out); err != nil {
		t.Fatal(err)
	}
	const header = "platform,mode,call_type,event,leg,phase,recommended,description\n"
	if !strings.HasPrefix(out.String(), header) {
		t.Errorf("header %.80q, want %q", out.String(), header)
	}
	lines, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []catalog.Row
	for _, f := range lines[1:] {
		actions := []catalog.Action{}
		for a := range strings.SplitSeq(f[6], "+") {
			if a != "" {
				actions = append(actions, catalog.Action(a))
			}
		}
		got = append(got, catalog.Row{
			Platform: call.Platform(f[0]), Mode: call.Mode(f[1]), CallType: f[2], Event: f[3],
			Leg: call.Role(f[4]), Phase: call.Phase(f[5]), Recommended: actions, Description: f[7],
		})
	}
	if diff := cmp.Diff(catalog.Default().Rows(), got); diff != "" {
		t.Errorf("rows read back (-want +got):\n%s", diff)
	}
}

func TestJSONRoundTrip(t *testing.T) {
	var out bytes.Buffer
	if err := catalog.Default().WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	var objects []map[string]any
	if err := json.Unmarshal(out.Bytes(), &objects); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"platform": "cisco", "mode": "manual", "call_type": "AGENT_INSIDE", "event": "INITIATING", "leg": "customer",
		"phase": "reserved", "recommended": []any{}, "description": "When the phone is off the hook at a device",
	}
	if diff := cmp.Diff(want, objects[0]); diff != "" {
		t.Errorf("first object (-want +got):\n%s", diff)
	}
	var got []catalog.Row
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(catalog.Default().Rows(), got); diff != "" {
		t.Errorf("rows read back (-want +got):\n%s", diff)
	}
}

func TestTableIsAligned(t *testing.T) {
	var out bytes.Buffer
	if err := catalog.Default().WriteTable(&out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	rows := catalog.Default().Rows()
	if len(lines) != len(rows)+1 {
		t.Fatalf("%d lines, want a header and %d rows", len(lines), len(rows))
	}
	at := strings.Index(lines[0], "DESCRIPTION")
	for i, r := range rows {
		if line := lines[i+1]; at < 0 || line[at:] != r.Description {
			t.Errorf("the description is not in column %d of %q", at, line)
		}
	}
}

func TestWritersOfAPlatformWithoutRows(t *testing.T) {
	var out bytes.Buffer
	if err := catalog.Default().Of("nobody").WriteJSON(&out); err != nil || out.String() != "[]\n" {
		t.Errorf("%q, %v, want an empty array", out.String(), err)
	}
}

func TestWritersReportAFullDisk(t *testing.T) {
	full := errors.New("disk full")
	c := catalog.Default()
	for name, write := range map[string]func(io.Writer) error{"table": c.WriteTable, "CSV": c.WriteCSV, "JSON": c.WriteJSON} {
		if err := write(broken{full}); !errors.Is(err, full) {
			t.Errorf("%s: %v, want %v", name, err, full)
		}
	}
}

type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }
