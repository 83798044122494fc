package webex_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cordboard/sim/webex"
)

// scriptOf is our script for each recorded call.
var scriptOf = map[string]string{"inbound": "inbound", "predictive": "predictive", "progressive": "predictive", "preview_standard": "preview",
	"preview_direct": "direct_preview", "preview_skipped": "preview_skip", "manual_outdial": "manual_outbound", "ring_no_answer": "inbound_no_answer"}

func fixtures(t *testing.T, parts ...string) []string {
	t.Helper()
	root := os.Getenv("CORDBOARD_FIXTURES")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "fixtures")
	}
	files, err := filepath.Glob(filepath.Join(append([]string{root, "webex"}, parts...)...))
	if err != nil || len(files) == 0 {
		t.Skip("no fixtures here: set CORDBOARD_FIXTURES to their folder")
	}
	return files
}

// TestMessagesHaveTheRecordedShape plays the script of each recorded call and
// wants every message to have all members of the recorded one, each of the same
// kind: text, number, truth, list, object or null.
func TestMessagesHaveTheRecordedShape(t *testing.T) {
	for _, file := range fixtures(t, "ws", "*.jsonl") {
		name := strings.TrimSuffix(filepath.Base(file), ".jsonl")
		t.Run(name, func(t *testing.T) {
			s := start(t, webex.Config{Whole: true, CampaignTypes: true})
			e := hear(t, s, 0)
			play(t, s, scriptOf[name], webex.Call{Agents: []string{e.id}, Vars: map[string]string{"LCMKey": "1", "Campaign Group": "g", "accountId": "a"}})
			for i, want := range lines(t, file) {
				kind := data(want["data"].(map[string]any)).kind()
				got := map[string]any{"data": map[string]any{}}
				for data(got["data"].(map[string]any)).kind() != kind { // our scripts have a hold more here and there
					got = e.raw()
				}
				for _, problem := range compare("", shape(want), shape(got)) {
					t.Errorf("message %d, %s: %s", i+1, kind, problem)
				}
			}
		})
	}
}

// TestWebhooksHaveTheRecordedShape does the same for the events of a call that
// webhooks carry.
func TestWebhooksHaveTheRecordedShape(t *testing.T) {
	want := map[string]any{}
	for _, file := range fixtures(t, "webhooks", "*.jsonl") {
		for _, line := range lines(t, file) {
			var event map[string]any
			if err := json.Unmarshal([]byte(line["body"].(string)), &event); err != nil {
				t.Fatal(err)
			}
			event["comciscotimestamp"] = "0" // a number there, a text in the vendor's sample
			want[event["type"].(string)+data(event["data"].(map[string]any)).text("currentState")] = shape(event)
		}
	}
	s := start(t, webex.Config{})
	r, adm := receive(t), admin(t, s)
	adm.do("POST", "/v2/subscriptions", body{"name": "shape", "eventTypes": append(taskTypes, "agent:channel_state_change"),
		"destinationUrl": r.url, "secret": "s", "resourceVersion": "agent:2.0.0"})
	play(t, s, "inbound", webex.Call{})
	for _, e := range r.first(t, 14) {
		var got map[string]any
		_ = json.Unmarshal(e.raw, &got)
		key := e.Type + e.Data.text("currentState")
		if want[key] == nil {
			continue
		}
		for _, problem := range compare("", want[key], shape(got)) {
			t.Errorf("%s: %s", key, problem)
		}
		delete(want, key)
	}
	if len(want) > 0 {
		t.Errorf("never sent: %v", want)
	}
}

func lines(t *testing.T, file string) []map[string]any {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	for sc := bufio.NewScanner(bytes.NewReader(raw)); sc.Scan(); {
		var m map[string]any
		if err := json.Unmarshal(sc.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		list = append(list, m)
	}
	return list
}

// shape replaces values by their kind, and ids and numbers used as names by
// what they name.
func shape(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, x := range v {
			switch {
			case strings.HasPrefix(name, "+"):
				name = "(number)"
			case len(name) == 36 && strings.Count(name, "-") == 4:
				name = "(id)"
			}
			out[name] = shape(x)
		}
		return out
	case []any:
		return "list"
	case nil:
		return "null"
	}
	return fmt.Sprintf("%T", v)
}

// compare lists what the recorded shape has and ours has not, or otherwise.
func compare(at string, want, got any) []string {
	w, ok := want.(map[string]any)
	if !ok {
		if at == ".data.campaignReservationKey" && want == "null" { // a skipped preview was recorded without its key
			return nil
		}
		if want != got {
			return []string{fmt.Sprintf("%s is %v, recorded %v", at, got, want)}
		}
		return nil
	}
	g, _ := got.(map[string]any)
	var all []string
	for name, x := range w {
		if _, ok := g[name]; !ok {
			all = append(all, at+"."+name+" is missing")
			continue
		}
		all = append(all, compare(at+"."+name, x, g[name])...)
	}
	slices.Sort(all)
	return all
}
