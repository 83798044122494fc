package genesys_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cordboard/sim/genesys"
	"cordboard/sim/stage/stagetest"
)

var rewrite = flag.Bool("update", false, "write what the simulator does to testdata/sequences.txt")

// TestScriptsPlayTheKnownSequences holds every built-in script to the table in testdata/sequences.txt: which messages
// come, in which order, and what is in them.
func TestScriptsPlayTheKnownSequences(t *testing.T) {
	want := readSequences(t)
	var all strings.Builder
	for _, script := range genesys.Scripts() {
		t.Run(script.Name, func(t *testing.T) {
			got := sequence(t, script.Name)
			fmt.Fprintf(&all, "\n## %s\n%s\n", script.Name, strings.Join(got, "\n"))
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
		if err := os.WriteFile("testdata/sequences.txt", []byte(legend+all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

const legend = `# What each built-in script publishes, one message a line. First what comes over a socket:
#   A, B, AB       the conversations topic of one user or of both: each participant with its communications, their state,
#                  +held, +confined, /why it was disconnected, acw: after-call work, "consult" for a consultParticipantId
#   A, B routing   the user's routing status
#   dialer         preContact or postContact, with dialing mode and wrap-up code
# Then the detail events that an event bus gets: SECONDS from the call's start, kind, user, media, direction, why it was
# disconnected, what became of it in the queue, durations. ×2: the very same message twice.
`

// clock is when the played calls begin.
var clock = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func sequence(t *testing.T, name string) []string {
	t.Helper()
	o := start(t, genesys.Config{RecordDelay: -1})
	a, b := o.users[0], o.users[1]
	topics := []string{userTopic(a, "conversations"), userTopic(b, "conversations"), userTopic(a, "routingStatus"), userTopic(b, "routingStatus")}
	for _, kind := range []string{"preview", "voice"} {
		topics = append(topics, "v2.outbound."+kind+".campaigns.contact.preContact", "v2.outbound."+kind+".campaigns.contact.postContact")
	}
	ch := o.listen(topics...)
	bus := listenHTTP(t)
	if err := o.AddTarget(genesys.Target{URL: bus.URL, Topics: detailTopics}); err != nil {
		t.Fatal(err)
	}
	play(t, o, name, genesys.Call{Agents: []string{a.ID, b.ID}, Customer: "+15555550123", Start: clock})
	var got, details []string
	for _, n := range ch.drain() {
		got = append(got, describe(t, n, a.ID, b.ID))
	}
	if err := o.AwaitDelivered(stagetest.Within(t)); err != nil {
		t.Fatal(err)
	}
	for _, e := range bus.taken() {
		details = append(details, describeDetail(t, e, a.ID, b.ID))
	}
	return append(squeeze(got), details...)
}

// squeeze writes what A and B hear alike once, and what comes twice with a mark.
func squeeze(lines []string) []string {
	var out []string
	for _, line := range lines {
		last := ""
		if len(out) > 0 {
			last = out[len(out)-1]
		}
		_, text, _ := strings.Cut(line, " ")
		switch {
		case strings.HasPrefix(line, "B ") && last == "A "+text:
			out[len(out)-1] = "AB " + text
		case line == last:
			out[len(out)-1] = line + " ×2"
		default:
			out = append(out, line)
		}
	}
	return out
}

func readSequences(t *testing.T) map[string][]string {
	t.Helper()
	f, err := os.Open("testdata/sequences.txt")
	if err != nil {
		if *rewrite {
			return nil
		}
		t.Fatal(err)
	}
	defer f.Close()
	out, name := map[string][]string{}, ""
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		line := sc.Text()
		switch {
		case strings.HasPrefix(line, "## "):
			name = line[3:]
		case line != "" && !strings.HasPrefix(line, "#"):
			out[name] = append(out[name], line)
		}
	}
	return out
}

// detailTopics are the topics of all detail events.
var detailTopics = func() (list []string) {
	for _, name := range []string{"acd.start", "acd.end", "acw", "attributes", "customer.start", "customer.end", "outbound", "user.start", "user.end", "wrapup"} {
		list = append(list, "v2.detail.events.conversation.{id}."+name)
	}
	return list
}()

// describeDetail is the line of a detail event: seconds since the call began, its kind, who, media, and the rest.
func describeDetail(t *testing.T, e busEvent, a, b string) string {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(e.Detail.Body, &v); err != nil {
		t.Fatalf("%s: %v", e.Detail.Topic, err)
	}
	kind := strings.TrimPrefix(e.Type, "v2.detail.events.conversation.{id}.")
	line := fmt.Sprintf("%6.1f %s", (v["eventTime"].(float64)-float64(clock.UnixMilli()))/1000, kind)
	if u, ok := v["userId"].(string); ok {
		line += " " + map[string]string{a: "A", b: "B"}[u]
	}
	for _, name := range []string{"mediaType", "direction", "disconnectType", "acdOutcome"} {
		if text, ok := v[name].(string); ok {
			line += " " + text
		}
	}
	for _, name := range []string{"interacting", "held", "alerting", "dialing", "connected", "wrapup"} {
		if d, ok := v[name+"DurationMs"].(float64); ok && d > 0 {
			line += fmt.Sprintf(" %s=%gs", name, d/1000)
		}
	}
	return line
}

func describe(t *testing.T, n note, a, b string) string {
	t.Helper()
	who := map[string]string{a: "A", b: "B"}
	var v map[string]any
	if err := json.Unmarshal(n.Body, &v); err != nil {
		t.Fatalf("%s: %v", n.Topic, err)
	}
	name := strings.Split(n.Topic, ".")
	switch {
	case strings.HasSuffix(n.Topic, ".conversations"):
		return who[name[2]] + " " + describeSnapshot(v, who)
	case strings.HasSuffix(n.Topic, ".routingStatus"):
		return who[name[2]] + " routing " + v["routingStatus"].(map[string]any)["status"].(string)
	case strings.HasPrefix(n.Topic, "v2.outbound."):
		return fmt.Sprintf("dialer %s %s %v %v", name[2], name[len(name)-1], v["dialingMode"], v["wrapupCode"])
	}
	return n.Topic
}

func describeSnapshot(v map[string]any, who map[string]string) string {
	var parts []string
	for _, p := range v["participants"].([]any) {
		p := p.(map[string]any)
		text := p["purpose"].(string)
		if id, ok := p["userId"].(string); ok {
			text = who[id]
		}
		for _, kind := range []string{"calls", "callbacks"} {
			for _, ss := range p[kind].([]any) {
				ss := ss.(map[string]any)
				text += " " + kind[:len(kind)-1] + ":" + ss["state"].(string)
				for _, flag := range []string{"held", "confined"} {
					if ss[flag] == true {
						text += "+" + flag
					}
				}
				if d, ok := ss["disconnectType"]; ok {
					text += "/" + d.(string)
				}
				if acw, ok := ss["afterCallWork"].(map[string]any); ok {
					text += " acw:" + acw["state"].(string)
				}
			}
		}
		if p["consultParticipantId"] != nil {
			text += " consult"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " | ")
}
