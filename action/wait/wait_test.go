package wait

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"cordboard/engine"
)

// clock is a clock that a test sets.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func TestWait(t *testing.T) {
	c := &clock{time.Date(2026, 12, 11, 10, 0, 0, 0, time.UTC)}
	start := c.Time
	a := New(c.now)
	do := func(args string, before json.RawMessage) engine.Outcome {
		return a.Do(t.Context(), engine.Input{Args: json.RawMessage(args), Step: engine.Step{Result: before}})
	}
	out := do(`{"for":"240m","expires":"24h"}`, nil)
	if out.State != engine.Pending || out.Reason != Waiting || !out.Until.Equal(start.Add(4*time.Hour)) || !strings.Contains(out.Detail, "14:00:00") {
		t.Fatalf("it begins to wait with %+v", out)
	}
	mark := out.Result
	for _, step := range []struct {
		name  string
		at    time.Duration
		state engine.StepState
		why   string
	}{
		{"asked too early", time.Hour, engine.Pending, Waiting},
		{"the clock was set back", -48 * time.Hour, engine.Pending, Waiting},
		{"one millisecond before", 4*time.Hour - time.Millisecond, engine.Pending, Waiting},
		{"on time", 4 * time.Hour, engine.Done, ""},
		{"late, but not too late", 28 * time.Hour, engine.Done, ""},
		{"too late", 28*time.Hour + time.Second, engine.Skipped, "expired"},
	} {
		c.Time = start.Add(step.at)
		out := do(`{"for":"240m","expires":"24h"}`, mark)
		if out.State != step.state || out.Reason != step.why || out.State == engine.Pending && !out.Until.Equal(start.Add(4*time.Hour)) {
			t.Errorf("%s: %+v", step.name, out)
		}
	}
	c.Time = start.Add(time.Hour)
	if out := do(`{"for":"10m"}`, mark); out.State != engine.Pending || !out.Until.Equal(c.Add(10*time.Minute)) {
		t.Errorf("with other arguments it waits anew: %+v", out)
	}
	if out := do(`{"until":"2026-12-11T10:30:00Z"}`, nil); out.State != engine.Done {
		t.Errorf("a time that is over is not waited for: %+v", out)
	}
}

func TestWaitRefuses(t *testing.T) {
	a := New(nil)
	for args, want := range map[string]string{
		`{"for":240}`:   "has a unit",
		`{"for":"240"}`: "not a span",
		`{}`:            "either for or until",
		`{"for":""}`:    "either for or until",
		`{"for":"5m","until":"2026-12-11T10:30:00Z"}`: "either for or until",
		`{"for":"401d"}`:       "400 days",
		`{"until":"tomorrow"}`: "no time",
		`{"for":"-5m"}`:        "negative",
	} {
		out := a.Do(t.Context(), engine.Input{Args: json.RawMessage(args)})
		if out.State != engine.Dead || !strings.Contains(out.Detail, want) {
			t.Errorf("%s: %+v, want %q", args, out, want)
		}
	}
}
