package webex_test

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"

	"cordboard/sim/webex"
)

var rewrite = flag.Bool("update", false, "write what the simulator does to testdata/sequences.txt, losing the marks")

// TestScriptsPlayTheirSequences holds every built-in script to the table in
// testdata/sequences.txt: same messages, same order on each agent's feed, same
// parties.
func TestScriptsPlayTheirSequences(t *testing.T) {
	want := readSequences(t)
	var all strings.Builder
	for _, script := range webex.Scripts() {
		t.Run(script.Name, func(t *testing.T) {
			got := sequence(t, script.Name)
			fmt.Fprintf(&all, "## %s\n%s\n", script.Name, strings.Join(got, "\n"))
			if *rewrite {
				return
			}
			if len(want[script.Name]) == 0 {
				t.Fatal("the table has no sequence for this script")
			}
			if d := diff.Diff(want[script.Name], got); d != "" {
				t.Errorf("table (-) and simulator (+) differ:\n%s", d)
			}
		})
	}
	if *rewrite {
		if err := os.WriteFile("testdata/sequences.txt", []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

const (
	customer   = "+15555550123"
	entryPoint = "e0000000-0000-4000-8000-0000000000e1"
)

func sequence(t *testing.T, name string) []string {
	t.Helper()
	s := start(t, webex.Config{})
	feeds := []*ear{hear(t, s, 0), hear(t, s, 1)}
	ids := play(t, s, name, webex.Call{Agents: ids(feeds...), Customer: customer})
	var got []string
	for i, e := range feeds {
		for _, d := range e.drain() {
			if d.text("agentId") != e.id {
				t.Errorf("a message for %s on the socket of %s", d.text("agentId"), e.id)
			}
			got = append(got, "AB"[i:i+1]+" "+describe(d, feeds, ids))
		}
	}
	return got
}

// describe is one line of the table: type, which interaction, its state, who
// waits for wrap-up; then the parties of the main and the consult call.
func describe(d data, feeds []*ear, ids webex.Result) string {
	if d.text("eventType") != "RoutingMessage" {
		return d.kind() + " " + d.text("subStatus")
	}
	who := map[string]string{feeds[0].id: "a", feeds[1].id: "b", customer: "customer", "2001": "phone-of-a", entryPoint: "entry-point"}
	role := map[string]string{ids.Main: "main", ids.Reservation: "reservation"}
	line := []string{d.kind(), cmp.Or(role[d.interaction()], "child"), d.text("interaction", "state")}
	if r := d.text("reservationInteractionId"); r != "" {
		line = append(line, "of:"+role[r])
	}
	if p, _ := d.at("agentsPendingWrapUp").([]any); len(p) > 0 {
		names := ""
		for _, id := range p {
			names += who[id.(string)]
		}
		line = append(line, "pending:"+names)
	}
	line = append(line, "owner:"+who[d.text("interaction", "owner")])
	if d.is("interaction", "isTerminated") {
		line = append(line, "terminated")
	}
	if reason := d.text("reason"); reason != "" {
		line = append(line, fmt.Sprintf("%q", reason))
	}
	media, _ := d.at("interaction", "media").(map[string]any)
	for _, kind := range []string{"mainCall", "consult"} {
		for _, m := range media {
			if m := data(m.(map[string]any)); m.text("mType") == kind {
				line = append(line, "|", kind, parties(d, m, who))
			}
		}
	}
	return strings.Join(line, " ")
}

func parties(d, m data, who map[string]string) string {
	var list []string
	for _, id := range m.at("participants").([]any) {
		p, _ := d.at("interaction", "participants", id.(string)).(map[string]any)
		one := data(p)
		state := who[id.(string)]
		for flag, mark := range map[string]string{"hasJoined": "", "hasLeft": ":left", "isWrapUp": ":wrapup", "isWrappedUp": ":wrapped"} {
			if one.is(flag) {
				state += mark
			}
		}
		if !one.is("hasJoined") {
			state += "?"
		}
		if c := one.text("consultState"); c != "" {
			state += ":" + c
		}
		list = append(list, sortMarks(state))
	}
	hold := ""
	if m.is("isHold") {
		hold = "held "
	}
	return hold + strings.Join(list, " ")
}

func sortMarks(state string) string {
	marks := strings.Split(state, ":")
	slices.Sort(marks[1:])
	return strings.Join(marks, ":")
}

// readSequences reads the table; the mark of a line is not part of it.
func readSequences(t *testing.T) map[string][]string {
	t.Helper()
	f, err := os.Open("testdata/sequences.txt")
	if err != nil {
		if *rewrite {
			return nil
		}
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	all, name := map[string][]string{}, ""
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if rest, ok := strings.CutPrefix(line, "## "); ok {
			name = rest
		} else if line != "" && name != "" {
			all[name] = append(all[name], strings.TrimLeft(line, "+ "))
		}
	}
	return all
}
