package strangers

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"cordboard/sim/stage/stagetest"
	"cordboard/sim/webex"
)

var rewrite = flag.Bool("update", false, "write what Cisco's code makes of the scripts to testdata/events.txt")

// TestCiscosTaskManagerTakesEveryScript plays every built-in script to two
// agents whose clients are Cisco's code. It must take all messages without an
// exception, make the task:* events of them that testdata/events.txt names, and
// hold no task in the end but those that the table names.
func TestCiscosTaskManagerTakesEveryScript(t *testing.T) {
	s := start(t, webex.Config{})
	pair := []*stranger{enlist(t, s, 0), enlist(t, s, 1)}
	want, kept := readEvents(t), map[any]bool{}
	var all strings.Builder
	for _, script := range webex.Scripts() {
		ids, err := s.Play(stagetest.Within(t), script, webex.Call{Agents: []string{pair[0].id, pair[1].id}})
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range pair {
			key := script.Name + " " + "AB"[i:i+1]
			got := told(c, ids, kept)
			if got == "" {
				continue
			}
			fmt.Fprintf(&all, "%s: %s\n", key, got)
			if !*rewrite && got != want[key] {
				t.Errorf("%s\n got %s\nwant %s", key, got, want[key])
			}
			delete(want, key)
		}
	}
	if *rewrite {
		if err := os.WriteFile("testdata/events.txt", []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for key := range want {
		t.Errorf("%s heard nothing", key)
	}
}

// told is one line of the table: the events in their order, each with its
// interaction where that is not the call itself, and the tasks that are left.
func told(c *stranger, ids webex.Result, kept map[any]bool) string {
	var list []string
	for _, l := range c.events() {
		name := strings.TrimPrefix(l.Event, "task:")
		switch {
		case l.ID == ids.Reservation:
			name += "(reservation)"
		case l.ID != ids.Main && l.ID != "":
			name += "(child)"
		}
		list = append(list, name)
	}
	left, _ := c.order("tasks", nil).Answer.([]any)
	for _, id := range left {
		if !kept[id] {
			list, kept[id] = append(list, "| a task is left"), true
		}
	}
	return strings.Join(list, " ")
}

func readEvents(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open("testdata/events.txt")
	if err != nil {
		if *rewrite {
			return nil
		}
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	all := map[string]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, events, ok := strings.Cut(lines.Text(), ": "); ok && !strings.HasPrefix(key, "#") {
			all[key] = events
		}
	}
	return all
}
