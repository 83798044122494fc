package finesse_test

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cordboard/sim/finesse"
	"cordboard/sim/stage/stagetest"
)

var rewrite = flag.Bool("update", false, "write what the simulator does to testdata/sequences.txt, losing the marks")

// TestScriptsPlayTheRecordedSequences holds every built-in script to the table
// in testdata/sequences.txt, which was derived from recorded and documented
// calls: same messages, same order on each agent's feed, same shape.
func TestScriptsPlayTheRecordedSequences(t *testing.T) {
	want := readSequences(t)
	var all strings.Builder
	for _, script := range finesse.Scripts() {
		t.Run(script.Name, func(t *testing.T) {
			got := sequence(t, script.Name)
			fmt.Fprintf(&all, "## %s\n%s\n", script.Name, strings.Join(got, "\n"))
			if *rewrite {
				return
			}
			if len(want[script.Name]) == 0 {
				t.Fatal("the table has no sequence for this script")
			}
			if diff := cmp.Diff(want[script.Name], got); diff != "" {
				t.Errorf("table (-) and simulator (+) differ:\n%s", diff)
			}
		})
	}
	if *rewrite {
		if err := os.WriteFile("testdata/sequences.txt", []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func sequence(t *testing.T, name string) []string {
	t.Helper()
	s := start(t, finesse.Config{DialPrefix: "9"})
	feeds := []*client{login(t, s, "1001001"), login(t, s, "1001002")}
	script, _ := finesse.Script(name)
	ids, err := s.Play(stagetest.Within(t), script, finesse.Call{Agents: []string{"1001001", "1001002"}, Customer: "5555550123"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, c := range feeds {
		for _, u := range c.drain() {
			checkShape(t, u, "100100"+fmt.Sprint(i+1))
			got = append(got, "AB"[i:i+1]+" "+describe(u, fmt.Sprint(2001+i), ids))
		}
	}
	return got
}

// describe is one line of the table.
func describe(u update, ext string, ids finesse.Result) string {
	answer := ""
	if u.RequestID != "" {
		answer = " answer"
	}
	if u.Data.User != nil {
		return "user " + u.Data.User.State
	}
	if e := u.Data.Errors; e != nil {
		return strings.Join([]string{"error", u.Event, e.Type, e.Message, e.Data}, " ") + answer
	}
	d := u.dialog()
	role := map[string]string{ids.Main: "main", ids.Reservation: "reservation", ids.Consult: "consult"}[d.ID]
	if d.Associated == "/finesse/api/Dialog/"+ids.Main {
		role += "*"
	}
	own, parties := "-", []string{}
	for _, p := range d.Parties {
		if p.Address == ext && p.Device == "AGENT_DEVICE" {
			own = p.State
		}
		who := map[string]string{"2001": "a", "2002": "b", "8100": "dialer"}[p.Address]
		if strings.HasSuffix(p.Address, "5555550123") {
			who = "customer"
		}
		parties = append(parties, who+":"+p.State)
	}
	line := fmt.Sprintf("%s %s %s %s %s %s | %s", u.Event, role, d.Media.CallType, dash(d.variable("BAStatus")), own, d.State, strings.Join(parties, " "))
	if d.Media.WrapUp != "" {
		line += " reason"
	}
	if d.Secondary != "" {
		line += " second"
	}
	return line + answer
}

func dash(v string) string {
	if v == "" {
		return "-"
	}
	return v
}

// actions are the recorded action lists per participant state.
var actions = map[string]string{
	"ALERTING": "ANSWER", "INITIATING": "UPDATE_CALL_DATA DROP", "INITIATED": "UPDATE_CALL_DATA DROP",
	"ACTIVE": "TRANSFER_SST CONSULT_CALL HOLD UPDATE_CALL_DATA SEND_DTMF DROP",
	"HELD":   "UPDATE_CALL_DATA DROP RETRIEVE", "WRAP_UP": "UPDATE_CALL_DATA", "DROPPED": "", "ACCEPTED": "",
}

// checkShape holds what is the same for all messages.
func checkShape(t *testing.T, u update, agent string) {
	t.Helper()
	if u.To != agent+"@finesse.example" {
		t.Errorf("message to %s on the session of %s", u.To, agent)
	}
	user := "/finesse/api/User/" + agent
	d := u.dialog()
	if d == nil {
		if u.Data.User != nil && (u.Node != user || u.Source != user || u.Event != "PUT") {
			t.Errorf("user message: node %s, source %s, event %s", u.Node, u.Source, u.Event)
		}
		return
	}
	source, capital := "/finesse/api/Dialog/"+d.ID, u.Event != "PUT"
	if capital {
		source = user + "/Dialogs"
	}
	if u.Node != user+"/Dialogs" || u.Source != source || (u.Data.New != nil) != capital {
		t.Errorf("%s: node %s, source %s, dialogs/Dialog %v", u.Event, u.Node, u.Source, u.Data.New != nil)
	}
	for _, p := range d.Parties {
		want := actions[p.State]
		if strings.Contains(d.Media.CallType, "PREVIEW") && p.Device != "" && p.State == "ACTIVE" {
			want = "ACCEPT CLOSE REJECT"
		}
		if got := strings.Join(p.Actions, " "); got != want {
			t.Errorf("%s %s: actions of a party in state %s are %q, want %q", u.Event, d.Media.CallType, p.State, got, want)
		}
	}
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
