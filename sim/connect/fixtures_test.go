package connect_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cordboard/sim/connect"
)

// fixtures are the shared payloads in the vendors' shape: CORDBOARD_FIXTURES names their folder, which may stand beside the
// checkout.
func fixtures(t *testing.T, pattern string) []string {
	t.Helper()
	root := os.Getenv("CORDBOARD_FIXTURES")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "fixtures")
	}
	files, err := filepath.Glob(filepath.Join(root, "connect", pattern))
	if err != nil || len(files) == 0 {
		t.Skip("no fixtures here: set CORDBOARD_FIXTURES to their folder")
	}
	return files
}

func readFixture[T any](t *testing.T, file string) T {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return decode[T](t, raw)
}

// shape is where a payload has what: path to kind of value. Elements of arrays are one, values of a map of the customer's own
// keys are too.
type shape map[string]string

func (s shape) add(path string, raw json.RawMessage, open []string) {
	var v any
	if json.Unmarshal(raw, &v) == nil {
		s.walk(path, v, open)
	}
}

func (s shape) walk(path string, v any, open []string) {
	switch v := v.(type) {
	case map[string]any:
		s[path] = "object"
		for key, value := range v {
			if slices.Contains(open, path) {
				key = "*"
			}
			s.walk(path+"."+key, value, open)
		}
	case []any:
		s[path] = "array"
		for _, value := range v {
			s.walk(path+"[]", value, open)
		}
	case nil:
		if s[path] == "" {
			s[path] = "null"
		}
	default:
		s[path] = fmt.Sprintf("%T", v)
	}
}

// missing complains of what the fixtures have and the simulator has not, or has in another kind, apart from what is excused.
func missing(t *testing.T, what string, theirs, ours shape, excused ...string) {
	t.Helper()
	if len(theirs) == 0 || len(ours) == 0 {
		t.Fatalf("%s: nothing to compare", what)
	}
	for _, path := range slices.Sorted(maps.Keys(theirs)) {
		kind := ours[path]
		switch {
		case slices.ContainsFunc(excused, func(e string) bool { return strings.HasPrefix(path, e) }):
		case kind == "":
			t.Errorf("%s: the fixtures have %s, the simulator has not", what, path)
		case kind != theirs[path] && kind != "null" && theirs[path] != "null":
			t.Errorf("%s: %s is %s in the fixtures and %s here", what, path, theirs[path], kind)
		}
	}
}

// unknown complains of what the simulator has and no fixture of the source has, apart from what a vendor's page has.
func unknown(t *testing.T, what string, theirs, ours shape, documented ...string) {
	t.Helper()
	for _, path := range slices.Sorted(maps.Keys(ours)) {
		if theirs[path] == "" && !slices.ContainsFunc(documented, func(d string) bool { return strings.HasPrefix(path, d) }) {
			t.Errorf("%s: the simulator has %s, the fixtures have not", what, path)
		}
	}
}

// everything plays all scripts and returns what one source sent.
func everything(t *testing.T, source string) []connect.Message {
	t.Helper()
	s := connect.New(connect.Config{Agents: 2})
	t.Cleanup(s.Close)
	heard := listen(s)
	for _, script := range connect.Scripts() {
		for _, agents := range [][]string{{anna, ben}, {anna}} {
			if len(agents) >= script.Agents() || !strings.Contains(script.Name, "second") {
				play(t, s, script.Name, connect.Call{Agents: agents, Attributes: map[string]string{"ContactID": "003"}})
			}
		}
	}
	if err := s.NailUp(anna, true); err != nil {
		t.Fatal(err)
	}
	return heard.take(source)
}

func TestContactEventsHaveTheShapeOfTheFixtures(t *testing.T) {
	theirs, ours := map[string]shape{"": {}}, map[string]shape{"": {}}
	add := func(to map[string]shape, raw json.RawMessage) {
		to[""].add("", raw, nil)
		e := decode[contactEvent](t, raw)
		kind := e.Detail.EventType + " " + e.Detail.InitiationMethod
		if to[kind] == nil {
			to[kind] = shape{}
		}
		to[kind].add("", raw, nil)
	}
	for _, file := range fixtures(t, "eventbridge/*.json") {
		if strings.Contains(file, "casing_variant") { // what Delivery.MixedCase does
			continue
		}
		for _, e := range readFixture[struct {
			Events []struct{ Event json.RawMessage }
		}](t, file).Events {
			add(theirs, e.Event)
		}
	}
	for _, m := range everything(t, connect.EventBridge) {
		add(ours, m.Body)
	}
	for _, kind := range slices.Sorted(maps.Keys(theirs)) {
		if kind == "" || kind == "CONNECTED_TO_SYSTEM INBOUND" { // the vendor's page: generated for outbound calls
			continue
		}
		missing(t, kind, theirs[kind], ours[kind])
	}
	unknown(t, "contact events", theirs[""], ours[""])
}

func TestDialerMessagesHaveTheShapeOfTheFixtures(t *testing.T) {
	theirs, ours := shape{}, shape{}
	open := []string{".message.call.CallVariables"}
	for _, file := range fixtures(t, "tethered/*.json") {
		for _, e := range readFixture[struct {
			Events []struct{ Payload json.RawMessage }
		}](t, file).Events {
			theirs.add("", e.Payload, open)
		}
	}
	for _, m := range everything(t, connect.DialerFeed) {
		ours.add("", m.Body, open)
	}
	missing(t, "dialer", theirs, ours)
	unknown(t, "dialer", theirs, ours)
}

func TestAgentStreamHasTheShapeOfTheFixtures(t *testing.T) {
	theirs, ours := shape{}, shape{}
	for _, file := range fixtures(t, "agent-event-stream/*.json") {
		for _, r := range readFixture[struct {
			Records []struct{ Record json.RawMessage }
		}](t, file).Records {
			theirs.add("", r.Record, nil)
		}
	}
	for _, m := range everything(t, connect.AgentStream) {
		ours.add("", m.Body, nil)
	}
	missing(t, "agent stream", theirs, ours)
	unknown(t, "agent stream", theirs, ours)
}

func TestStreamsSnapshotsHaveTheShapeOfTheFixtures(t *testing.T) {
	theirs, ours := shape{}, shape{}
	open := []string{".contacts[].attributes", ".contacts[].segmentAttributes"}
	for _, file := range fixtures(t, "streams/*.json") {
		for _, u := range readFixture[struct {
			Updates []struct{ Snapshot json.RawMessage }
		}](t, file).Updates {
			if u.Snapshot != nil {
				theirs.add("", u.Snapshot, open)
			}
		}
	}
	configurations := [2]shape{{}, {}}
	configurations[0].add("", readFixture[json.RawMessage](t, fixtures(t, "streams/agent_configuration.json")[0]), nil)
	for _, m := range everything(t, connect.Streams) {
		u := decode[struct{ Configuration, Snapshot json.RawMessage }](t, m.Body)
		ours.add("", u.Snapshot, open)
		configurations[1].add("", u.Configuration, nil)
	}
	// Moments are numbers in the fixtures; Streams calls getTime() on them, so they must be dates: strings here.
	for path := range theirs {
		if strings.HasSuffix(strings.ToLower(path), "timestamp") && theirs[path] == "float64" {
			theirs[path] = "string"
		}
	}
	// The name that Streams' typings have for it.
	delete(theirs, ".agentAvailabilityState.timestamp")
	missing(t, "snapshot", theirs, ours)
	unknown(t, "snapshot", theirs, ours, ".agentAvailabilityState.timeStamp")
	missing(t, "configuration", configurations[0], configurations[1])
	unknown(t, "configuration", configurations[0], configurations[1], ".agentPreferences")
}
