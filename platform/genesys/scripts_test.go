package genesys_test

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cordboard/call"
	"cordboard/catalog"
	"cordboard/platform"
	"cordboard/platform/platformtest"

	sim "cordboard/sim/genesys"
)

// TestEveryScript plays every call that the simulator knows, hears it over the wire, and compares the moments of each agent
// with those that were looked at and found right. Every leg ends, every mode is known, and every row of the catalog comes.
func TestEveryScript(t *testing.T) {
	const golden = "testdata/scripts.txt"
	o := newOrg(t, sim.Config{Users: 3})
	sink := platformtest.NewSink()
	platformtest.Start(t, o.open(t, slog.New(slog.DiscardHandler)), sink)
	sink.AwaitState(t, platform.Up)
	rows := map[string]bool{}
	var b strings.Builder
	for _, script := range sim.Scripts() {
		before := len(sink.Events())
		got := o.play(t, script.Name, 0)
		fmt.Fprintf(&b, "== %s\n", script.Name)
		agents := o.tellers(got)
		sink.Await(t, "the end of "+script.Name, func() bool {
			events := sink.Events()[before:]
			return len(sink.OpenLegs()) == 0 && ended(events) >= len(agents) && o.wrapped(got, events)
		})
		tellCall(&b, sink.Events()[before:], o, rows)
	}
	for _, k := range sink.Kept() {
		t.Error(k.Reason)
	}
	for _, r := range catalog.Default().Of(call.Genesys).Rows() {
		if !rows[rowKey(r.Mode, r.CallType, r.Event, r.Leg)] {
			t.Errorf("no script brings %s %s %s on the %s leg", r.Mode, r.CallType, r.Event, r.Leg)
		}
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	want, got := byScript(string(raw)), byScript(b.String())
	for name := range got {
		if want[name] == "" { // the simulator has learnt a call that nobody has looked at here
			t.Logf("%s:\n%s", name, got[name])
			delete(got, name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("moments (-want +got), go test -update when they are right:\n%s", diff)
	}
}

// byScript takes the golden file apart.
func byScript(text string) map[string]string {
	all := map[string]string{}
	for part := range strings.SplitSeq(text, "== ") {
		if name, moments, ok := strings.Cut(part, "\n"); ok {
			all[name] = moments + "."
		}
	}
	return all
}

// tellers are the agents who have a part in a call.
func (o *org) tellers(r sim.Result) []string {
	var parts []string
	for _, c := range o.Conversations() {
		if c.ID != r.Conversation {
			continue
		}
		for _, p := range c.Participants {
			if p.User != "" {
				parts = append(parts, p.ID)
			}
		}
	}
	return parts
}

// wrapped reports whether the wrap-ups that the org has of a call were told.
func (o *org) wrapped(r sim.Result, events []call.Event) bool {
	state := fold(events)
	codes := o.Ready()["wrapup_codes"].(map[string]string)
	for _, c := range o.Conversations() {
		if c.ID != r.Conversation {
			continue
		}
		for _, p := range c.Participants {
			l := state.Leg(p.ID)
			if l != nil && p.Wrapup != "" && p.Wrapup != l.Wrapup && p.Wrapup != codes[l.Wrapup] {
				return false
			}
		}
	}
	return true
}

// ended counts the legs that are over.
func ended(events []call.Event) int {
	over := map[string]bool{}
	for _, ev := range events {
		if ev.Name == "terminated" || ev.Phase == call.Ended {
			over[ev.Leg] = true
		}
	}
	return len(over)
}

func rowKey(m call.Mode, callType, event string, leg call.Role) string {
	return strings.ToLower(fmt.Sprint(m, "/", callType, "/", event, "/", leg))
}

// tellCall writes the moments of each leg in their order, the legs in the order in which they began.
func tellCall(b *strings.Builder, events []call.Event, o *org, rows map[string]bool) {
	state := fold(events)
	place := map[string]int{}
	for i, u := range o.Users() {
		place[u.ID] = i + 1
	}
	for i := range events {
		if ev := &events[i]; !ev.DataOnly() {
			rows[rowKey(ev.Mode, ev.CallType, ev.Name, ev.Role)] = true
		}
	}
	for _, l := range state.Legs {
		var words []string
		for _, m := range l.Moments {
			word := m.Name
			if word == "" {
				word = "·"
			}
			words = append(words, word+"("+string(m.Phase)+")")
		}
		fmt.Fprintf(b, "agent %d %s %s %s", place[l.Agent], l.Role, state.Mode, strings.Join(words, " "))
		if l.Wrapup != "" {
			fmt.Fprintf(b, ", wrap-up %s", l.Wrapup)
		}
		b.WriteString("\n")
	}
	if len(state.Legs) > 0 {
		keys := slices.Sorted(maps.Keys(state.Vars))
		fmt.Fprintf(b, "%s, customer %t, campaign %q, queue %q, %s\n", state.Direction, state.Customer != "", state.Campaign, state.Queue, strings.Join(keys, " "))
	}
}
