package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// jsonLines reads one JSON object a line.
func jsonLines(t *testing.T, text string) (lines []map[string]any) {
	t.Helper()
	sc := bufio.NewScanner(strings.NewReader(text))
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var line map[string]any
		if err := json.Unmarshal(sc.Bytes(), &line); err != nil {
			t.Fatalf("%v: %s", err, sc.Text())
		}
		lines = append(lines, line)
	}
	return lines
}

// Ensure that the frame of the command line does what scripts count on: exit codes, and which stream says what.
func TestUsage(t *testing.T) {
	for _, c := range []struct {
		args        []string
		code        int
		out, stderr string
	}{
		{[]string{"--help"}, exitOK, "Usage: cordboard", ""},
		{[]string{"serve", "--help"}, exitOK, "configuration file", ""},
		{[]string{"version"}, exitOK, "cordboard dev\n", ""},
		{nil, exitUsage, "", "cordboard: "},
		{[]string{"serve", "--no-such-flag"}, exitUsage, "", "--no-such-flag"},
		{[]string{"srve"}, exitUsage, "", "srve"},
		{[]string{"catalog", "--format", "xml"}, exitUsage, "", "xml"},
		{[]string{"check", "absent.yaml"}, exitUsage, "", "absent.yaml"},
		{[]string{"decode", "cisco", "absent.jsonl"}, exitFailed, "", "absent.jsonl"},
		{[]string{"decode", "avaya", "-"}, exitFailed, "", `"avaya"`},
		{[]string{"sim", "avaya"}, exitFailed, "", "there are: cisco"},
		{[]string{"explain", "x", "--url", "http://127.0.0.1:1"}, exitFailed, "", "cannot be reached"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			code, out, stderr := command(t, t.Context(), "", c.args...)
			if code != c.code || !strings.Contains(out, c.out) || !strings.Contains(stderr, c.stderr) {
				t.Errorf("exit code %d, want %d; stdout %q, want %q; stderr %q, want %q", code, c.code, out, c.out, stderr, c.stderr)
			}
			if c.code != exitOK && out != "" && c.code != exitUsage {
				t.Errorf("a failure prints to standard output: %q", out)
			}
		})
	}
}

// Ensure that the catalog comes in every format with the same rows.
func TestCatalogCommand(t *testing.T) {
	_, text, _ := command(t, t.Context(), "", "catalog", "--format", "csv")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ = command(t, t.Context(), "", "catalog", "--format", "json")
	var entries []map[string]any
	if err := json.Unmarshal([]byte(text), &entries); err != nil {
		t.Fatalf("%v\n%.300s", err, text)
	}
	if len(rows) != len(entries)+1 || len(entries) < 50 {
		t.Errorf("%d rows of CSV with the heading, %d entries of JSON", len(rows), len(entries))
	}
	if _, text, _ = command(t, t.Context(), "", "catalog", "--platform", "cisco"); !strings.Contains(text, "PREDICTIVE_OUTBOUND") || strings.Contains(text, "connect-hvoc") {
		t.Errorf("the table of one platform:\n%.500s", text)
	}
	if _, text, _ = command(t, t.Context(), "", "schema"); !json.Valid([]byte(text)) || !strings.Contains(text, `"merged"`) {
		t.Errorf("the schema:\n%.300s", text)
	}
}

// Ensure that check finds mistakes with their places and what was meant, and calls good files fine.
func TestCheckCommand(t *testing.T) {
	good := filepath.Join("..", "..", "workflows", "cisco.yaml")
	if code, out, _ := command(t, t.Context(), "", "check", good); code != exitOK || !strings.Contains(out, "cisco.yaml: fine") {
		t.Errorf("exit code %d: %s", code, out)
	}
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	src := "name: Bad\nplatform: cisco\nmode: predictive\nrules:\n  - name: Pop\n    on: PREDICTIVE_OUTBOUND ALERTNG\n    do:\n      - pop: { fnd: [Contact], by: call.custmer }\n"
	if err := os.WriteFile(bad, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, _ := command(t, t.Context(), "", "check", bad)
	if code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{"bad.yaml:6:9: ", "ALERTING", "did you mean find?", "bad.yaml:8:41: ", "did you mean customer?"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %s:\n%s", want, out)
		}
	}
	code, out, _ = command(t, t.Context(), "", "check", "--json", bad)
	if lines := jsonLines(t, out); code != exitFailed || len(lines) < 2 {
		t.Errorf("exit code %d, %d problems as JSON", code, len(lines))
	}
	policy := filepath.Join(t.TempDir(), "calling.yaml")
	if err := os.WriteFile(policy, []byte("version: acme\nrules:\n  - rule: us\n    country: US\n    hours: { mon-fry: 08:00-20:00 }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "cordboard.yaml")
	src = "calling:\n  policy: " + policy + "\nlisten: 127.0.0.1:8484\nworkflows: [recommended, " + bad + "]\nconnections:\n  - name: finesse\n    platform: csco\n    settings: {}\n"
	if err := os.WriteFile(config, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, _ = command(t, t.Context(), "", "check", config)
	for _, want := range []string{"cordboard.yaml:7:15: ", "did you mean cisco?", "bad.yaml:6:9: ", "calling.yaml:5:12: ", "did you mean fri?"} {
		if code != exitFailed || !strings.Contains(out, want) {
			t.Errorf("exit code %d, and it does not say %s:\n%s", code, want, out)
		}
	}
}

// Ensure that unit tests of workflows run, fail, and report as JUnit.
func TestTestCommand(t *testing.T) {
	junit := filepath.Join(t.TempDir(), "report.xml")
	code, out, stderr := command(t, t.Context(), "", "test", "--junit", junit, filepath.Join("..", "..", "workflows", "tests", "cisco.yaml"))
	if code != exitOK {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	raw, err := os.ReadFile(junit)
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Suites []struct {
			Cases []struct{} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(raw, &report); err != nil || len(report.Suites) != 1 || len(report.Suites[0].Cases) < 3 {
		t.Errorf("%v: %s", err, raw)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "workflows"))); err != nil {
		t.Fatal(err)
	}
	failing := filepath.Join(dir, "failing.yaml")
	src := "workflows: [cisco.yaml]\ntests:\n  - name: Nothing is popped\n    call: { platform: cisco, mode: predictive, customer: \"+12025550143\" }\n    events:\n      - { on: PREDICTIVE_OUTBOUND ALERTING, none: true }\n"
	if err := os.WriteFile(failing, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := command(t, t.Context(), "", "test", failing); code != exitFailed || !strings.Contains(out, "Nothing is popped") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

// Ensure that traces decode and replay, that what cannot be decoded is named by line, and that the rest goes on.
func TestDecodeAndReplay(t *testing.T) {
	trace := filepath.Join("..", "..", "platform", "finesse", "testdata", "manual.jsonl")
	raw, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	code, out, stderr := command(t, t.Context(), "", "decode", "cisco", trace)
	lines := jsonLines(t, out)
	if code != exitOK || len(lines) < 7 {
		t.Fatalf("exit code %d, %d events\n%s", code, len(lines), stderr)
	}
	for _, key := range []string{"call", "leg", "agent", "mode", "call_type", "event", "phase", "id", "at"} {
		if _, ok := lines[0][key]; !ok {
			t.Errorf("an event has no %s: %v", key, lines[0])
		}
	}
	broken := "{\"at\":\"yesterday\"}\n{\"at\":\"2026-02-03T09:00:00Z\",\"source\":\"finesse-xmpp\",\"agent\":\"1\",\"message\":\"<Update><data><dial\"}\n" + string(raw)
	code, again, stderr := command(t, t.Context(), broken, "decode", "cisco", "-")
	if code != exitFailed || !strings.Contains(stderr, "-:1: ") || !strings.Contains(stderr, "-:2: ") || again != out {
		t.Errorf("exit code %d, the same events otherwise: %v\n%s", code, again == out, stderr)
	}
	code, out, stderr = command(t, t.Context(), "", "replay", "--json", "cisco", trace)
	kinds := map[any]int{}
	for _, line := range jsonLines(t, out) {
		kinds[line["step"]]++
	}
	if code != exitOK || kinds["pop"] != 1 || kinds["page"] != 1 || kinds["create"] != 1 || kinds["update"] < 1 {
		t.Errorf("exit code %d, steps %v\n%s", code, kinds, stderr)
	}
	if code, out, _ = command(t, t.Context(), "", "replay", "cisco", trace); code != exitOK || !strings.Contains(out, "Pop the customer") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

// Ensure that every recorded trace of the fixtures decodes; CORDBOARD_FIXTURES names their folder.
func TestDecodeFixtures(t *testing.T) {
	root := os.Getenv("CORDBOARD_FIXTURES")
	if root == "" {
		t.Skip("CORDBOARD_FIXTURES is not set")
	}
	traces, err := filepath.Glob(filepath.Join(root, "cisco", "calls", "*", "*.jsonl"))
	if err != nil || len(traces) == 0 {
		t.Skip("no traces there")
	}
	for _, trace := range traces {
		if code, out, stderr := command(t, t.Context(), "", "decode", "cisco", trace); code != exitOK || out == "" {
			t.Errorf("%s: exit code %d\n%s", trace, code, stderr)
		}
	}
}

// Ensure that each simulator says on one line how to reach it, and ends when it is told to.
func TestSimCommand(t *testing.T) {
	for name, keys := range map[string][]string{
		"cisco": {"url", "ws_url", "xmpp_addr", "agents"}, "finesse": {"url"}, "salesforce": {"url", "client_id", "client_secret"},
		"connect": {"url", "region", "instance_id", "access_key_id", "secret_access_key", "agents", "campaigns"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			out, in := io.Pipe()
			var stderr bytes.Buffer
			ended := make(chan int, 1)
			go func() {
				code := run(ctx, []string{"sim", name, "--agents", "3", "--people", "5"}, streams{strings.NewReader(""), in, &stderr})
				in.Close()
				ended <- code
			}()
			line, err := bufio.NewReader(out).ReadString('\n')
			if err != nil {
				t.Fatalf("%v: %s", err, stderr.String())
			}
			ready := jsonLines(t, line)[0]
			for _, key := range keys {
				if _, ok := ready[key]; !ok {
					t.Errorf("the line has no %s: %s", key, line)
				}
			}
			cancel()
			if code := <-ended; code != exitOK {
				t.Errorf("exit code %d: %s", code, stderr.String())
			}
		})
	}
}

// Ensure that the demo judges itself, in words that programs read.
func TestDemoCommand(t *testing.T) {
	code, out, stderr := command(t, t.Context(), "", "demo", "--exit", "--json", "--times", "1")
	lines := jsonLines(t, out)
	if code != exitOK || len(lines) != 1 {
		t.Fatalf("exit code %d: %s\n%s", code, out, stderr)
	}
	if v := lines[0]; v["lost"] != 0.0 || v["duplicates"] != 0.0 || v["dead"] != 0.0 || v["calls"].(float64) < 10 {
		t.Errorf("verdict %v", v)
	}
}
