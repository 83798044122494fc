package genesys_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cordboard/sim/genesys"
)

// shapes are the members that messages of each topic template have: "participants[].calls[].state string".
type shapes map[string]map[string]bool

var anyID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

func (s shapes) add(topic string, body json.RawMessage) {
	template := anyID.ReplaceAllString(topic, "{id}")
	if s[template] == nil {
		s[template] = map[string]bool{}
	}
	var v any
	if json.Unmarshal(body, &v) == nil {
		s.walk(template, "", v)
	}
}

func (s shapes) walk(template, path string, v any) {
	switch node := v.(type) {
	case map[string]any:
		for name, child := range node {
			s.walk(template, strings.TrimPrefix(path+"."+name, "."), child)
		}
	case []any:
		for _, child := range node {
			s.walk(template, path+"[]", child)
		}
	default:
		s[template][fmt.Sprintf("%s %T", path, v)] = true
	}
}

func fixtures(t *testing.T) string {
	t.Helper()
	root := os.Getenv("CORDBOARD_FIXTURES")
	if root == "" {
		t.Skip("no fixtures here: set CORDBOARD_FIXTURES to their folder")
	}
	return filepath.Join(root, "genesys")
}

// missing compares members: those of want that got does not have.
func missing(want, got map[string]bool) (list []string) {
	for _, member := range slices.Sorted(maps.Keys(want)) {
		if !got[member] && !strings.Contains(member, "attributes.caseNumber") && !strings.HasSuffix(member, "nil>") {
			list = append(list, member)
		}
	}
	return list
}

// TestShapesOfTheFixtures holds what the simulator sends to messages whose members were checked against the vendor's
// models: every member that those have, the simulator sends too, with a value of the same kind. CORDBOARD_FIXTURES
// names the folder.
func TestShapesOfTheFixtures(t *testing.T) {
	root := fixtures(t)
	files, err := filepath.Glob(filepath.Join(root, "notifications", "*.json"))
	if err != nil || len(files) == 0 {
		t.Skip("the fixtures have no notifications of Genesys Cloud")
	}
	want := shapes{}
	for _, file := range files {
		var story struct{ Events []struct{ Message note } }
		data, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(data, &story)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range story.Events {
			want.add(e.Message.Topic, e.Message.Body)
		}
	}
	got := played(t)
	for template, members := range want {
		if got[template] == nil {
			t.Errorf("%s is never sent", template)
			continue
		}
		for _, member := range missing(members, got[template]) {
			t.Errorf("%s has no %s", template, member)
		}
	}
}

// TestShapesOfTheRestFixtures does the same for what REST answers, and for the event bus.
func TestShapesOfTheRestFixtures(t *testing.T) {
	root := fixtures(t)
	o := start(t, genesys.Config{RecordDelay: -1})
	bus := listenHTTP(t)
	if err := o.AddTarget(genesys.Target{URL: bus.URL, Topics: []string{"v2.detail.events.conversation.{id}.user.end"}}); err != nil {
		t.Fatal(err)
	}
	r := o.preview("")
	o.delivered()
	contact := o.do("GET", o.contacts(r.ContactList)+"/"+r.Contact, nil).text
	details := o.do("POST", "/api/v2/analytics/conversations/details/query", `{"interval":"2020-01-01T00:00:00Z/2100-01-01T00:00:00Z"}`).text
	for _, c := range []struct{ file, path, got string }{
		{"eventbridge/user_end.json", "", bus.bodies[0]},
		{"preview-retry/story.json", "steps.4.response", contact},
		{"rest/campaign_preview.json", "response", o.do("GET", "/api/v2/outbound/campaigns/"+r.Campaign, nil).text},
		{"rest/wrapup_code_mappings.json", "response", o.do("GET", "/api/v2/outbound/wrapupcodemappings", nil).text},
		{"rest/analytics_conversation_preview_skipped.json", "conversations", details},
	} {
		data, err := os.ReadFile(filepath.Join(root, c.file))
		if err != nil {
			t.Fatal(err)
		}
		want := dig(data, c.path)
		got := dig([]byte(c.got), "")
		if c.path == "conversations" {
			got = dig([]byte(c.got), "conversations")
		}
		a, b := shapes{"": {}}, shapes{"": {}}
		a.walk("", "", want)
		b.walk("", "", got)
		for _, member := range missing(a[""], b[""]) {
			if !strings.HasPrefix(member, "data.") && !strings.HasPrefix(member, "mapping.") {
				t.Errorf("%s: the answer has no %s", c.file, member)
			}
		}
	}
}

// played is what all scripts send.
func played(t *testing.T) shapes {
	t.Helper()
	o := start(t, genesys.Config{RecordDelay: -1})
	topics := []string{"v2.outbound.preview.campaigns.contact.preContact", "v2.outbound.preview.campaigns.contact.postContact",
		"v2.outbound.voice.campaigns.contact.preContact", "v2.outbound.voice.campaigns.contact.postContact"}
	for _, u := range o.users[:2] {
		topics = append(topics, userTopic(u, "conversations"))
	}
	c := o.listen(topics...)
	bus := listenHTTP(t)
	if err := o.AddTarget(genesys.Target{URL: bus.URL, Topics: detailTopics}); err != nil {
		t.Fatal(err)
	}
	for _, script := range genesys.Scripts() {
		play(t, o, script.Name, genesys.Call{Agents: []string{"1", "2"}})
		o.do("PUT", "/api/v2/users/"+o.users[0].ID+"/routingstatus", `{"status":"IDLE"}`).want(200)
	}
	o.delivered()
	got := shapes{}
	for _, n := range c.drain() {
		got.add(n.Topic, n.Body)
	}
	for _, e := range bus.taken() {
		got.add(e.Detail.Topic, e.Detail.Body)
	}
	return got
}
