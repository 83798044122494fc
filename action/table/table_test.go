package table_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	step "cordboard/action/table"
	"cordboard/engine"
	"cordboard/store/sqlite"
	"cordboard/table"
)

// policy is the tables of a file in which one row is kept.
func policy(t *testing.T) *table.Tables {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	tables := table.New(s)
	f, problems := table.ReadFile("policy.yaml", []byte(`
name: policy
key: { name: code, ignore_case: true }
columns: [{ name: wait, type: duration, required: true }, { name: tries, type: number }, { name: note, type: text }]
default: { wait: 1h }
rows: [{ code: Skipped, wait: 240m, tries: 3 }]
`))
	if problems != nil {
		t.Fatal(problems)
	}
	f.File = "policy.yaml"
	if err := tables.Adopt(t.Context(), []table.File{f}); err != nil {
		t.Fatal(err)
	}
	return tables
}

// do performs a step.
func do(ctx context.Context, tables step.Tables, kind, key, args string) engine.Outcome {
	in := engine.Input{Step: engine.Step{Kind: kind, Workflow: "w", Call: "c:1"}, Key: key, Args: json.RawMessage(args)}
	return step.Actions(tables)[kind].Do(ctx, in)
}

// reply is what later steps see, without the version, which is returned by itself.
func reply(t *testing.T, out engine.Outcome) (seen map[string]any, version float64) {
	t.Helper()
	if err := json.Unmarshal(out.Result, &seen); err != nil {
		t.Fatalf("%+v: %v", out, err)
	}
	version, _ = seen["version"].(float64)
	delete(seen, "version")
	return seen, version
}

func TestGet(t *testing.T) {
	tables := policy(t)
	for args, want := range map[string]map[string]any{
		`{"table":"policy","key":"sKIPPED"}`: {"found": true, "row": map[string]any{"code": "Skipped", "wait": "240m", "tries": 3.0}},
		`{"table":"policy","key":"busy"}`:    {"found": false, "row": map[string]any{"code": "busy", "wait": "1h"}},
		`{"table":"policy","key":""}`:        {"found": false, "row": map[string]any{}},
	} {
		out := do(t.Context(), tables, "table.get", "k", args)
		got, version := reply(t, out)
		if diff := cmp.Diff(want, got); diff != "" || out.State != engine.Done || (version != 0) != want["found"].(bool) {
			t.Errorf("%s: %s, version %v\n%s", args, out.State, version, diff)
		}
	}
}

// Ensure that a step that is performed again after a crash changes nothing, and is told what it was told.
func TestPutOnce(t *testing.T) {
	tables := policy(t)
	const add = `{"table":"policy","key":"Skipped","add":{"tries":1},"set":{"note":"seen","wait":"3d"}}`
	first := do(t.Context(), tables, "table.put", "step-1", add)
	do(t.Context(), tables, "table.put", "step-2", `{"table":"policy","key":"skipped","set":{"tries":"9","note":null}}`)
	again := do(t.Context(), tables, "table.put", "step-1", add)
	if string(first.Result) != string(again.Result) || again.State != engine.Done {
		t.Errorf("performed again: %s, first %s", again.Result, first.Result)
	}
	got, _ := reply(t, first)
	want := map[string]any{"found": true, "stored": true, "row": map[string]any{"code": "Skipped", "wait": "72h", "tries": 4.0, "note": "seen"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	f, err := tables.Get(t.Context(), "policy", "skipped")
	if diff := cmp.Diff(map[string]any{"code": "skipped", "wait": "72h", "tries": json.Number("9")}, f.Cells()); diff != "" || err != nil {
		t.Errorf("the row: %v\n%s", err, diff)
	}
	if f.By != "workflow w, call c:1" {
		t.Errorf("changed by %q", f.By)
	}
}

func TestCompareAndSet(t *testing.T) {
	tables := policy(t)
	_, version := reply(t, do(t.Context(), tables, "table.get", "", `{"table":"policy","key":"skipped"}`))
	put := func(key string, v float64) engine.Outcome {
		args, _ := json.Marshal(map[string]any{"table": "policy", "key": "skipped", "set": map[string]any{"note": key}, "if": v})
		return do(t.Context(), tables, "table.put", key, string(args))
	}
	if out := put("a", version); out.State != engine.Done {
		t.Fatalf("the version that was read: %+v", out)
	}
	out := put("b", version)
	got, now := reply(t, out)
	if out.State != engine.Skipped || out.Reason != "row-changed" || got["stored"] != nil || now <= version || got["row"].(map[string]any)["note"] != "a" {
		t.Errorf("an old version: %+v, %v", out, got)
	}
	if out := put("c", 0); out.Reason != "row-changed" {
		t.Errorf("a row that is there: %+v", out)
	}
	gone := do(t.Context(), tables, "table.delete", "d", `{"table":"policy","key":"skipped"}`)
	if got, _ := reply(t, gone); gone.State != engine.Done || got["found"] != false || got["stored"] != true {
		t.Errorf("deleted: %+v, %v", gone, got)
	}
	if out := do(t.Context(), tables, "table.delete", "e", `{"table":"policy","key":"skipped","if":"7"}`); out.Reason != "row-changed" {
		t.Errorf("deleted again: %+v", out)
	}
}

func TestWhatCannotBe(t *testing.T) {
	tables := policy(t)
	for _, c := range []struct{ kind, args, want, detail string }{
		{"table.get", `{"table":"polcy","key":"a"}`, "no-table", ""},
		{"table.put", `{"table":"polcy","key":"a","set":{}}`, "no-table", ""},
		{"table.put", `{"table":"policy","key":"a","set":{"wait":"soon"}}`, "bad-row", "wait"},
		{"table.put", `{"table":"policy","key":"a","set":{"note":"x"}}`, "bad-row", "wait"},
		{"table.put", `{"table":"policy","key":"a","set":{"wiat":"1h"}}`, "bad-row", "did you mean wait"},
		{"table.put", `{"table":"policy","key":"a","set":{"wait":["1h"]}}`, "bad-row", "wait"},
		{"table.put", `{"table":"policy","key":"a","add":{"wait":1}}`, "bad-row", "wait"},
		{"table.put", `{"table":"policy","key":"a","add":{"tries":"many"}}`, "bad-row", "tries"},
		{"table.put", `{"table":"policy","key":"","set":{"wait":"1h"}}`, "bad-row", "code"},
		{"table.put", `{"table":"policy","key":"a","if":"old"}`, "bad-arguments", ""},
		{"table.delete", `[]`, "bad-arguments", ""},
	} {
		out := do(t.Context(), tables, c.kind, "k", c.args)
		if out.State != engine.Dead || out.Reason != c.want || !strings.Contains(out.Detail, c.detail) {
			t.Errorf("%s %s: %s %s %q, want %s", c.kind, c.args, out.State, out.Reason, out.Detail, c.want)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	for _, kind := range []string{"table.get", "table.put"} {
		if out := do(ended, tables, kind, "k", `{"table":"policy","key":"a","set":{"wait":"1h"}}`); out.State != engine.Retrying {
			t.Errorf("%s while the server stops: %+v", kind, out)
		}
	}
}
