package connect_test

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cordboard/sim/connect"
)

var rewrite = flag.Bool("update", false, "write what the simulator does to testdata/stories.txt")

const (
	anna = "agent1001"
	ben  = "agent1002"
)

// TestStories holds every built-in script to the table in testdata/stories.txt: what each source tells of the call, in the
// order in which things happen, with a second agent and with a number outside in the second part. The table was checked by hand against the vendors' pages.
func TestStories(t *testing.T) {
	want := readStories(t)
	var all strings.Builder
	for _, script := range connect.Scripts() {
		for _, agents := range [][]string{{anna, ben}, {anna}} {
			name := script.Name
			if len(agents) == 1 {
				if script.Agents() < 2 || strings.Contains(name, "second") {
					continue
				}
				name += " outside"
			}
			t.Run(name, func(t *testing.T) {
				got := tell(t, script.Name, agents)
				fmt.Fprintf(&all, "## %s\n%s\n\n", name, strings.Join(got, "\n"))
				if *rewrite {
					return
				}
				if diff := cmp.Diff(want[name], got); diff != "" {
					t.Errorf("table (-) and simulator (+) differ:\n%s", diff)
				}
			})
		}
	}
	if *rewrite {
		if err := os.WriteFile("testdata/stories.txt", []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func tell(t *testing.T, name string, agents []string) []string {
	t.Helper()
	s := connect.New(connect.Config{Agents: 2})
	t.Cleanup(s.Close)
	heard := listen(s)
	ids := play(t, s, name, connect.Call{Agents: agents, Customer: "+15555550123", Attributes: map[string]string{"case": "500"}})
	n := names{ids.Contact: "main", ids.Second: "second"}
	var lines []string
	for _, m := range heard.take("") {
		lines = append(lines, n.describe(t, m))
	}
	return lines
}

// names says how the table calls the ids of one call.
type names map[string]string

func (n names) of(id string) string {
	if id == "" {
		return "-"
	}
	if n[id] == "" {
		return "?" + id
	}
	return n[id]
}

func (n names) describe(t *testing.T, m connect.Message) string {
	t.Helper()
	switch m.Source {
	case connect.EventBridge:
		return n.contactEvent(decode[contactEvent](t, m.Body))
	case connect.DialerFeed:
		d := decode[dialerEvent](t, m.Body)
		c := d.Message.Call
		return strings.Join([]string{"dialer", who(m.Agent), n.of(c.ID), c.Type, c.Event, c.Variables["CampaignType"]}, " ")
	case connect.Streams:
		return n.panel(m, decode[streamsUpdate](t, m.Body))
	case connect.AgentStream:
		return n.record(m, decode[streamRecord](t, m.Body))
	}
	t.Fatalf("unknown source %q", m.Source)
	return ""
}

func who(username string) string {
	return map[string]string{anna: "A", ben: "B"}[username]
}

// contactEvent is what the tests read of an event of EventBridge.
type contactEvent struct {
	ID         string `json:"id"`
	DetailType string `json:"detail-type"`
	Source     string
	Detail     struct {
		EventType, ContactID, InitialContactID, PreviousContactID, InitiationMethod, DisconnectReason, AnsweringMachineDetectionStatus string
		InitiationTimestamp, ConnectedToSystemTimestamp, DisconnectTimestamp                                                           string
		UpdatedProperties                                                                                                              []string
		AgentInfo                                                                                                                      *struct {
			AgentArn, ConnectedToAgentTimestamp, AcceptedByAgentTimestamp, PreviewEndTimestamp string
			AfterContactWorkDuration, AgentInitiatedHoldDuration                               *int
		}
		QueueInfo *struct{ QueueArn string }
		Campaign  *struct{ CampaignID string }
	}
}

func (n names) contactEvent(e contactEvent) string {
	d := e.Detail
	line := []string{"event", d.EventType, n.of(d.ContactID), d.InitiationMethod}
	if d.PreviousContactID != "" {
		line = append(line, "after "+n.of(d.PreviousContactID))
	}
	if d.Campaign != nil {
		line = append(line, "campaign")
	}
	if d.QueueInfo != nil {
		line = append(line, "queue")
	}
	if d.AgentInfo != nil {
		line = append(line, map[string]string{"1": "A", "2": "B"}[d.AgentInfo.AgentArn[len(d.AgentInfo.AgentArn)-1:]])
	}
	line = append(append(line, d.UpdatedProperties...), d.AnsweringMachineDetectionStatus, d.DisconnectReason)
	return strings.Join(strings.Fields(strings.Join(line, " ")), " ")
}

// dialerEvent is what the tests read of a message of the external dialer.
type dialerEvent struct {
	Channel, Topic, Subtopic string
	Message                  struct {
		Source string
		Call   struct {
			ID, Event string
			Type      string            `json:"CallType"`
			Variables map[string]string `json:"CallVariables"`
			User      struct{ UserID string }
		}
		CallStatus, UUID string
	}
}

func readStories(t *testing.T) map[string][]string {
	t.Helper()
	f, err := os.Open("testdata/stories.txt")
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
			all[name] = append(all[name], line)
		}
	}
	return all
}

// streamRecord is what the tests read of a record of the agent event stream.
type streamRecord struct {
	EventID, EventType, EventTimestamp, AgentARN string
	CurrentAgentSnapshot, PreviousAgentSnapshot  *streamSnapshot
}

type streamSnapshot struct {
	AgentStatus     struct{ Name, Type string }
	NextAgentStatus *struct{ Name string }
	Configuration   struct{ Username string }
	Contacts        []struct {
		ContactID, InitialContactID, InitiationMethod, State, StateStartTimestamp string
		Queue                                                                     *struct{ Name string }
	}
}

func (n names) record(m connect.Message, r streamRecord) string {
	line := "stream " + who(m.Agent)
	if r.EventType != "STATE_CHANGE" {
		line += " " + r.EventType
	}
	for _, c := range r.CurrentAgentSnapshot.Contacts {
		line += " " + n.of(c.ContactID) + " " + c.InitiationMethod + " " + c.State
	}
	if len(r.CurrentAgentSnapshot.Contacts) == 0 {
		line += " nothing"
	}
	return line
}

// streamsUpdate is what the tests read of the data of agent::update.
type streamsUpdate struct {
	Configuration struct{ Username string }
	Snapshot      struct {
		State, NextState *struct{ Type, Name string }
		Contacts         []struct {
			ContactID, InitiationMethod string
			State                       struct{ Type string }
			Connections                 []struct {
				ConnectionID string
				Type         string
				Initial      bool
				State        struct{ Type string }
			}
		}
	}
}

// panel is one line of the table: the agent's state, then of each contact its state and that of its connections, the initial
// one marked.
func (n names) panel(m connect.Message, u streamsUpdate) string {
	line := "ccp " + who(m.Agent) + " " + u.Snapshot.State.Name
	for _, c := range u.Snapshot.Contacts {
		line += " | " + n.of(c.ContactID) + " " + c.InitiationMethod + " " + c.State.Type + ":"
		for _, conn := range c.Connections {
			line += " " + conn.Type
			if conn.Initial {
				line += "*"
			}
			line += " " + conn.State.Type
		}
	}
	return line
}
