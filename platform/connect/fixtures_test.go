package connect_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/platform/connect"
)

// fixture is one recorded call: messages of one source, with the events that each is expected to bring.
type fixture struct {
	Updates []struct {
		Snapshot json.RawMessage
		Expect   []expected
	}
	Records []struct {
		Record json.RawMessage
		Expect []expected
	}
	Events []struct {
		Event  json.RawMessage
		Expect []expected
	}
}

type expected struct{ Pacing, CallType, Event, Leg string }

func (e expected) String() string {
	return strings.Join([]string{e.Pacing, e.CallType, e.Event, cmp.Or(e.Leg, "customer")}, "|")
}

var pacing = map[call.Mode]string{
	call.DirectPreview: "Direct Preview", call.Progressive: "Progressive", call.Predictive: "Predictive",
	call.Manual: "Manual Outbound", call.Inbound: "Inbound",
}

// messages are a fixture's messages as a trace has them.
func (f *fixture) messages(configuration json.RawMessage) (all []platform.Message, want []string) {
	want = []string{}
	add := func(source string, raw json.RawMessage, expect []expected) {
		all = append(all, platform.Message{Connection: "c", Source: source, Message: raw})
		for _, e := range expect {
			want = append(want, e.String())
		}
	}
	for _, u := range f.Updates {
		raw, _ := json.Marshal(map[string]json.RawMessage{"configuration": configuration, "snapshot": u.Snapshot})
		add(connect.SourceStreams, raw, u.Expect)
	}
	for _, r := range f.Records {
		add(connect.SourceAgentStream, r.Record, r.Expect)
	}
	for _, e := range f.Events {
		add(connect.SourceEventBridge, e.Event, e.Expect)
	}
	return all, want
}

// TestFixtures decodes every recorded call: exactly the expected events, in their order. What was recorded without its
// campaign is described when the decoder asks, as the REST API would.
func TestFixtures(t *testing.T) {
	root := filepath.Join(cmp.Or(os.Getenv("CORDBOARD_FIXTURES"), filepath.Join("..", "..", "..", "shared", "fixtures")), "connect")
	read := func(file string, into any) {
		raw, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(raw, into)
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	if _, err := os.Stat(root); err != nil {
		t.Skip("no fixtures here: set CORDBOARD_FIXTURES to their folder")
	}
	var configuration json.RawMessage
	read(filepath.Join(root, "streams", "agent_configuration.json"), &configuration)
	for _, folder := range []string{"streams", "agent-event-stream", "eventbridge"} {
		files, _ := filepath.Glob(filepath.Join(root, folder, "*.json"))
		for _, file := range files {
			var f fixture
			read(file, &f)
			all, want := f.messages(configuration)
			if len(all) == 0 {
				continue
			}
			got := decodeFixture(t, all, func(what string) string {
				return describe(root, what, strings.TrimSuffix(filepath.Base(file), ".json"))
			})
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("%s/%s (-want +got):\n%s", folder, filepath.Base(file), diff)
			}
		}
	}
}

// describe answers what the decoder asks about a recorded call.
func describe(root, what, story string) string {
	operation, id, _ := strings.Cut(what, "/")
	kind := story[strings.LastIndexByte(story, '_')+1:]
	campaign := filepath.Join(root, "rest", "describe_campaign_"+kind+".json")
	var described struct{ Response json.RawMessage }
	raw, err := os.ReadFile(campaign)
	if err != nil || json.Unmarshal(raw, &described) != nil {
		return `{}`
	}
	if operation == "DescribeCampaign" {
		return string(described.Response)
	}
	var c struct{ Campaign struct{ ID string } }
	json.Unmarshal(described.Response, &c)
	return fmt.Sprintf(`{"Contact":{"Id":%q,"Campaign":{"CampaignId":%q}}}`, id, c.Campaign.ID)
}

func decodeFixture(t *testing.T, all []platform.Message, answer func(what string) string) []string {
	t.Helper()
	d := connect.NewDecoder(connect.Options{})
	got := []string{}
	take := func(events []call.Event, err error) {
		if err != nil {
			t.Error(err)
		}
		for _, ev := range events {
			if ev.Agent == "" || ev.ID == "" || ev.At.IsZero() || ev.Phase == "" && !ev.DataOnly() {
				t.Errorf("an event without what every event has: %+v", ev)
			}
			if !ev.DataOnly() {
				got = append(got, expected{pacing[ev.Mode], ev.CallType, ev.Name, string(ev.Role)}.String())
			}
		}
	}
	for _, m := range all {
		take(d.Decode(m))
		for asked := d.Wanted(); len(asked) > 0; asked = d.Wanted() {
			for _, what := range asked {
				take(d.Decode(platform.Message{Connection: "c", Source: connect.SourceREST, Node: what, Message: json.RawMessage(answer(what))}))
			}
		}
	}
	take(d.Flush(time.Time{}), nil)
	return got
}
