package platformtest

import (
	"fmt"
	"slices"
	"testing"

	"cordboard/call"
	"cordboard/platform"
)

// losesNothingAnywhere resets the connections after each message that a call brings, one call for each: the call has the
// same parts as one that nothing disturbs, none of them twice, and all of them end.
func losesNothingAnywhere(t *testing.T, p *part) {
	need(t, p.Gate, p.Gate == nil, "be cut between two messages")
	p.start(t)
	before := p.Gate.Said()
	want := p.wholeCall(t)
	messages := p.Gate.Said() - before
	if messages < 2 {
		t.Fatalf("a call brings %d messages", messages)
	}
	for n := 1; n <= messages; n++ {
		p.Gate.ResetAfter(n)
		if got := p.wholeCall(t); !slices.Equal(got, want) {
			t.Errorf("cut after message %d of %d:\n%q, want\n%q", n, messages, got, want)
		}
		p.Gate.ResetAfter(0)
		p.sink.AwaitState(t, platform.Up)
	}
	t.Logf("cut after each of %d messages", messages)
}

// wholeCall plays a call from its beginning to its end and returns its parts.
func (p *part) wholeCall(t *testing.T) (parts []string) {
	t.Helper()
	begun := len(p.sink.Events())
	finish := p.Begin(t)
	p.sink.Await(t, "an open leg", func() bool { return len(p.sink.OpenLegs()) > 0 })
	finish(t)
	p.sink.Await(t, "the end of the call", func() bool { return len(p.sink.OpenLegs()) == 0 })
	legs := map[string][]string{} // the moments of each part
	for _, ev := range p.sink.Events()[begun:] {
		name := fmt.Sprint(ev.Role, " of ", ev.Agent)
		legs[name] = append(legs[name], string(ev.Phase))
	}
	for name, phases := range legs {
		ends := 0
		for _, phase := range phases {
			if phase == string(call.Ended) || phase == string(call.Missed) {
				ends++
			}
		}
		parts = append(parts, fmt.Sprintf("%s, %d ends", name, ends))
	}
	slices.Sort(parts)
	return parts
}
