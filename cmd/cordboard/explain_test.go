package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Ensure that a running server explains a call by whatever people know of it, and that what record wrote of the same
// call decodes and replays to what the server did.
func TestExplainAndRecord(t *testing.T) {
	w := newWorld(t, worldOptions{})
	trace := filepath.Join(w.dir, "trace.jsonl")
	c := w.start("record", "-c", w.configFile(), "-o", trace)
	w.await("the sessions are up", func() bool { return w.up(4) })
	ids := w.playOne("1001001")
	w.await("the log is written", func() bool { return w.hasLog(ids) })
	w.settled()
	explain := func(args ...string) (int, string, string) {
		return command(t, t.Context(), "", append([]string{"explain", "--url", "http://" + w.address}, args...)...)
	}
	number := w.people[0].Number
	for _, known := range []string{ids.Main, "finesse:" + ids.Main, number[len(number)-7:], "1001001"} {
		code, out, stderr := explain(known)
		if code != exitOK || !strings.Contains(out, "Pop the customer") || !strings.Contains(out, "PREDICTIVE_OUTBOUND ALERTING") {
			t.Errorf("explain %s: exit code %d\n%s%s", known, code, out, stderr)
		}
		if strings.Contains(out, number) {
			t.Errorf("explain %s shows the customer's number:\n%s", known, out)
		}
	}
	if code, out, _ := explain("--json", ids.Main); code != exitOK || !json.Valid([]byte(out)) {
		t.Errorf("exit code %d: %.200s", code, out)
	}
	if code, _, stderr := explain("nobody-ever"); code != exitFailed || !strings.Contains(stderr, `no call matches "nobody-ever"`) {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	c.cmd.Process.Signal(syscall.SIGTERM)
	if code := c.code(t, 30*time.Second); code != 0 {
		t.Errorf("record ended with code %d\n%s", code, w.log())
	}
	code, out, stderr := command(t, t.Context(), "", "decode", "cisco", trace)
	if code != exitOK || !strings.Contains(out, `"event":"DROPPED"`) || !strings.Contains(out, `"call":"finesse:`+ids.Main) {
		t.Errorf("decode: exit code %d\n%s%s", code, out, stderr)
	}
	code, out, stderr = command(t, t.Context(), "", "replay", "--json", "cisco", trace)
	if steps := jsonLines(t, out); code != exitOK || len(steps) != 4 {
		t.Errorf("replay: exit code %d, %d steps, want a pop, a page, a create and an update\n%s%s", code, len(steps), out, stderr)
	}
}
