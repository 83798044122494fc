package console

import (
	"testing"

	"cordboard/engine"
)

// A step that waits for its time is not shown as being worked on, and not as trouble either.
func TestWordOfAStepThatWaits(t *testing.T) {
	for _, c := range []struct {
		step engine.Step
		want string
	}{
		{engine.Step{State: engine.Pending}, "working"},
		{engine.Step{State: engine.Pending, Reason: "waiting"}, "waits"},
		{engine.Step{State: engine.Parked, Reason: "list-denied"}, "parked"},
		{engine.Step{State: engine.Done}, "done"},
	} {
		if got := wordOf(&c.step).Word; got != c.want {
			t.Errorf("%s %s is called %q, want %q", c.step.State, c.step.Reason, got, c.want)
		}
	}
}
