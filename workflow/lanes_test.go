package workflow

import (
	"strings"
	"testing"
)

// lanesOf parses one rule with the given steps.
func lanesOf(t *testing.T, steps string) ([]Lane, Problems) {
	t.Helper()
	specs := []Spec{
		{Kind: "page", Lane: ScreenLane, Primary: "url", Args: []Arg{{Name: "url", Type: Text}}},
		{Kind: "http", Lane: WorkLane, Primary: "url", Args: []Arg{{Name: "url", Type: Text}}},
		{Kind: "when", Lane: WorkLane, Holds: true, Primary: "is", Args: []Arg{{Name: "is", Type: Expression}}},
		{Kind: "wait", Lane: LaterLane, Primary: "for", Args: []Arg{{Name: "for", Type: Duration}}},
	}
	ws, problems := Parse("w.yaml", []byte("name: W\nrules:\n  - on: ended\n    do:\n"+steps), specs)
	var lanes []Lane
	for _, s := range ws[0].Rules[0].steps {
		lanes = append(lanes, s.lane)
	}
	return lanes, problems
}

// A rule that waits has a lane of its own, and nothing for a screen may come too late.
func TestLanesOfARule(t *testing.T) {
	for steps, want := range map[string]string{
		"      - http: /a\n      - when: call.agent != \"\"\n      - http: /b\n":   "work work work",
		"      - page: /p\n      - http: /a\n      - wait: 4h\n      - http: /b\n": "screen later later later",
	} {
		lanes, problems := lanesOf(t, steps)
		if got := strings.Join(plain(lanes), " "); got != want || problems.Errors() {
			t.Errorf("%s: lanes %s, want %s; %v", steps, got, want, problems)
		}
	}
	for steps, want := range map[string]string{
		"      - wait: 4h\n      - page: /p\n":                 "6:9: page cannot come after wait",
		"      - when: call.agent != \"\"\n      - page: /p\n": "6:9: page cannot come after when",
	} {
		if _, problems := lanesOf(t, steps); !strings.Contains(problems.Err().Error(), want) {
			t.Errorf("%s: %v, want %q", steps, problems.Err(), want)
		}
	}
}
