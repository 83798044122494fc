package workflow

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// TestReport is the outcome of a file of unit tests.
type TestReport struct {
	File  string       `json:"file"`
	Tests []TestResult `json:"tests"`
}

// TestResult is the outcome of one test.
type TestResult struct {
	Name   string `json:"name"`
	Line   int    `json:"line"`
	Passed bool   `json:"passed"`
	// Diff says what was wanted and what came instead, a line each; empty when the test passed.
	Diff string `json:"diff,omitempty"`
	// Effects are all that the workflows did, a line each.
	Effects []string `json:"effects,omitempty"`
}

// Failed counts the tests that did not pass.
func (r *TestReport) Failed() int {
	n := 0
	for _, t := range r.Tests {
		if !t.Passed {
			n++
		}
	}
	return n
}

// compare adds to the result what differs. Of a wanted effect only the arguments and fields that it names count; a
// field that it wants to be null must not be there.
func (t *TestResult) compare(where string, want, got []effect) {
	var diff []string
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(got):
			diff = append(diff, fmt.Sprintf("  effect %d: want %s\n            got  nothing", i+1, want[i]))
		case i >= len(want):
			diff = append(diff, fmt.Sprintf("  effect %d: want nothing\n            got  %s", i+1, got[i]))
		case want[i].kind != got[i].kind || got[i].err != "":
			diff = append(diff, fmt.Sprintf("  effect %d: want %s\n            got  %s", i+1, want[i], got[i]))
		default:
			for _, line := range differ(want[i].kind, want[i].args, got[i].args) {
				diff = append(diff, fmt.Sprintf("  effect %d: %s", i+1, line))
			}
		}
	}
	if len(diff) > 0 {
		t.Passed = false
		t.Diff += where + ":\n" + strings.Join(diff, "\n") + "\n"
	}
}

func differ(path string, want, got map[string]any) []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		w, g := want[name], got[name]
		if wm, ok := w.(map[string]any); ok {
			gm, _ := g.(map[string]any)
			lines = append(lines, differ(path+"."+name, wm, gm)...)
			continue
		}
		if compact(w) != compact(g) {
			lines = append(lines, fmt.Sprintf("%s.%s: want %s, got %s", path, name, compact(w), compact(g)))
		}
	}
	return lines
}

func compact(x any) string {
	if x == nil {
		return "nothing"
	}
	b, err := json.Marshal(x)
	if err != nil {
		return fmt.Sprint(x)
	}
	return string(b)
}

// String is the effect on one line.
func (e effect) String() string {
	if e.err != "" {
		return e.kind + " fails: " + e.err
	}
	return e.kind + " " + compact(e.args)
}

// WriteText writes the report for people: a line for each test, and the difference of those that failed.
func (r *TestReport) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, t := range r.Tests {
		if t.Passed {
			fmt.Fprintf(&b, "ok    %s\n", t.Name)
			continue
		}
		fmt.Fprintf(&b, "FAIL  %s (%s:%d)\n", t.Name, r.File, t.Line)
		for line := range strings.Lines(t.Diff) {
			fmt.Fprintf(&b, "      %s", line)
		}
	}
	fmt.Fprintf(&b, "%s: %d tests, %d failed\n", r.File, len(r.Tests), r.Failed())
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteJUnit writes reports in the XML form that build servers read.
func WriteJUnit(w io.Writer, reports []TestReport) error {
	type failure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	type testcase struct {
		Name    string   `xml:"name,attr"`
		Class   string   `xml:"classname,attr"`
		File    string   `xml:"file,attr"`
		Line    int      `xml:"line,attr"`
		Failure *failure `xml:"failure,omitempty"`
	}
	type testsuite struct {
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Cases    []testcase `xml:"testcase"`
	}
	type testsuites struct {
		XMLName xml.Name    `xml:"testsuites"`
		Suites  []testsuite `xml:"testsuite"`
	}
	var out testsuites
	for _, r := range reports {
		suite := testsuite{Name: r.File, Tests: len(r.Tests), Failures: r.Failed()}
		for _, t := range r.Tests {
			c := testcase{Name: t.Name, Class: strings.TrimSuffix(r.File, ".yaml"), File: r.File, Line: t.Line}
			if !t.Passed {
				c.Failure = &failure{"other effects than wanted", t.Diff}
			}
			suite.Cases = append(suite.Cases, c)
		}
		out.Suites = append(out.Suites, suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(out); err != nil {
		return fmt.Errorf("write JUnit: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}
