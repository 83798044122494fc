package connect_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cordboard/sim/connect"
	"cordboard/sim/stage/stagetest"
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

func TestRESTHasTheShapeOfTheFixtures(t *testing.T) {
	s := start(t, connect.Config{Agents: 1, RequestsPerSecond: -1})
	if _, err := steps(t, s, connect.Call{Agents: []string{anna}}, stepOf("", "offer", "mode", "inbound"), stepOf("", "answer")); err != nil {
		t.Fatal(err)
	}
	ready := s.Ready()
	instance, agent := ready["instance_id"].(string), strings.Split(ready["agents"].(map[string]any)["first_arn"].(string), "/agent/")[1]
	now := signed(t, s, "connect", "POST", "/metrics/userdata/"+instance, `{"Filters":{"Agents":["`+agent+`"]}}`)
	same := func(what string, theirs, ours json.RawMessage, open []string, documented ...string) {
		t.Helper()
		a, b := shape{}, shape{}
		a.add("", theirs, open)
		b.add("", ours, open)
		missing(t, what, a, b)
		unknown(t, what, a, b, documented...)
	}
	type exchange struct{ Response json.RawMessage }
	for mode, file := range map[string]string{"direct-preview": "preview", "progressive": "progressive", "predictive": "predictive", "agentless": "agentless"} {
		theirs := readFixture[exchange](t, fixtures(t, "rest/describe_campaign_"+file+".json")[0]).Response
		same(mode, theirs, signed(t, s, "connect-campaigns", "GET", "/v2/campaigns/"+ready["campaigns"].(map[string]string)[mode], ""), nil)
	}
	for _, c := range readFixture[struct {
		Commands []struct {
			Op string
			exchange
		}
	}](t, fixtures(t, "rest/commands.json")[0]).Commands {
		if c.Op == "GetCurrentUserData" {
			same(c.Op, c.Response, now, nil, ".ApproximateTotalCount", ".UserDataList[].RoutingProfile", ".UserDataList[].AvailableSlots", ".UserDataList[].MaxSlots", ".UserDataList[].ActiveSlots")
		}
	}
	done := start(t, connect.Config{Agents: 1, RequestsPerSecond: -1})
	ids := play(t, done, "direct_preview", connect.Call{Attributes: map[string]string{"a": "b"}})
	same("DescribeContact", readFixture[exchange](t, fixtures(t, "rest/describe_contact_preview.json")[0]).Response,
		signed(t, done, "connect", "GET", "/contacts/"+instance+"/"+ids.Contact, ""), []string{".Contact.Attributes", ".Contact.Tags"},
		".Contact.AgentInfo.AfterContactWork", ".Contact.ConnectedToSystemTimestamp", ".Contact.ContactAssociationId")
}

// signed makes a request as an SDK signs it, but for the signature itself, and wants success.
func signed(t *testing.T, s *connect.Server, service, method, path, body string) json.RawMessage {
	t.Helper()
	req, err := http.NewRequestWithContext(stagetest.Within(t), method, s.Ready()["url"].(string)+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Amz-Date", "20261211T100000Z")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+s.Ready()["access_key_id"].(string)+"/20261211/us-west-2/"+service+
		"/aws4_request, SignedHeaders=host;x-amz-date, Signature="+strings.Repeat("0", 64))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	defer http.DefaultClient.CloseIdleConnections()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %d %s %v", method, path, resp.StatusCode, raw, err)
	}
	return raw
}
