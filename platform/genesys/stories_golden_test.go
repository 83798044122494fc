package genesys_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/platform/genesys"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestStories decodes every story and compares its events with those that were looked at and found right.
func TestStories(t *testing.T) {
	const golden = "testdata/stories.txt"
	var b strings.Builder
	all := stories()
	maps.Copy(all, busStories())
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "== %s\n", name)
		for _, ev := range decodeAll(t, all[name].sent) {
			b.WriteString(line(&ev))
		}
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("events (-want +got), go test -update when they are right:\n%s", diff)
	}
}

// line is one event for a reader.
func line(ev *call.Event) string {
	what := ev.CallType + " " + ev.Name
	if ev.DataOnly() {
		what = "(data)"
		if ev.Phase != "" {
			what = "(no word)"
		}
	}
	more := ""
	if len(ev.Vars) > 0 {
		more += fmt.Sprintf(" %v", ev.Vars)
	}
	if ev.Wrapup != "" {
		more += " wrapup=" + ev.Wrapup
	}
	if ev.Reconciled {
		more += " reconciled"
	}
	return fmt.Sprintf("%8.2fs %-3s %-10s %-11s %-21s %-11s %s%s\n", ev.At.Sub(opening).Seconds(), ev.Agent, ev.Role, ev.Mode, what, ev.Phase, strings.TrimPrefix(ev.ID, ev.Ref+"/"), more)
}

func decodeAll(t testing.TB, messages []platform.Message) []call.Event {
	t.Helper()
	d := genesys.NewDecoder()
	var all []call.Event
	for _, m := range messages {
		all = append(all, d.Flush(m.At)...)
		events, err := d.Decode(m)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, events...)
	}
	all = append(all, d.Flush(time.Time{})...)
	ids := map[string]bool{}
	for _, ev := range all {
		if ids[ev.ID] {
			t.Errorf("id %s comes twice", ev.ID)
		}
		ids[ev.ID] = true
		if ev.Connection != "lab" || ev.Ref == "" || ev.Leg == "" || ev.Agent == "" || ev.At.IsZero() || !ev.DataOnly() && (ev.CallType == "" || ev.Phase == "") {
			t.Errorf("incomplete: %+v", ev)
		}
	}
	return all
}
