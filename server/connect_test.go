package server_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cordboard/server"
	"cordboard/sim/connect"
	"cordboard/sim/stage/stagetest"
)

// instance starts a simulated Amazon Connect and returns it with the configuration of a connection to it, called acme.
func instance(t *testing.T, platform, more string) (*connect.Server, string) {
	t.Helper()
	return instanceOf(t, connect.Config{Agents: 2, RequestsPerSecond: -1}, platform, more)
}

func instanceOf(t *testing.T, cfg connect.Config, platform, more string) (*connect.Server, string) {
	t.Helper()
	sim := connect.New(cfg)
	stagetest.Run(t, sim)
	ready := sim.Ready()
	return sim, fmt.Sprintf(`connections:
  - name: acme
    platform: %s
    settings:
      instance: %v
      endpoint: %v
      stream: %v
      access_key_id: %v
      secret_access_key: %v
      requests_per_second: 1000
%s`, platform, ready["instance_arn"], ready["url"], ready["stream"], ready["access_key_id"], ready["secret_access_key"], more)
}

// phone plays a call of a built-in script between the first two agents, and returns the ids of its contacts.
func phone(t *testing.T, sim *connect.Server, script string) connect.Result {
	t.Helper()
	s, ok := connect.Script(script)
	if !ok {
		t.Fatalf("no script %s", script)
	}
	ids, err := sim.Play(t.Context(), s, connect.Call{Agents: []string{"agent1001", "agent1002"}, Customer: "+12025550143", Scale: 0.02})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// told is one event of a call's story.
type told struct {
	Agent, Mode, Leg string
	CallType         string `json:"call_type"`
	Name             string `json:"event"`
	Source           string // what the raw message shows
}

// story is what the journal holds of a call, once the agent's part in it has ended.
func story(t *testing.T, url, id, agent string) []told {
	t.Helper()
	var all []told
	await(t, "the end of "+agent+"'s part", func() bool {
		var c struct {
			Timeline []struct{ Event told }
		}
		ask(t, url+"/api/v1/calls/"+id, &c)
		all = nil
		ended := false
		for _, x := range c.Timeline {
			if x.Event.Name != "" {
				all = append(all, x.Event)
			}
			ended = ended || x.Event.Name == "DROPPED" && x.Event.Agent == agent
		}
		return ended
	})
	return all
}

// words are an agent's events, sorted: sources may tell them in any order.
func words(all []told, agent string) []string {
	var some []string
	for _, ev := range all {
		if ev.Agent == agent {
			some = append(some, ev.Mode+" "+ev.CallType+" "+ev.Name)
		}
	}
	slices.Sort(some)
	return some
}

// An instance with campaigns of its own, heard by the agent event stream and the queue of contact events.
func TestConnectSite(t *testing.T) {
	sim, connection := instance(t, "connect-hvoc", "")
	connection += fmt.Sprintf("      queue: %v\n", sim.Ready()["queue_url"])
	url := serve(t, connection)
	await(t, "the connection is up", func() bool { return state(t, url) == "up" })
	ids := phone(t, sim, "progressive")
	got := words(story(t, url, "acme:"+ids.Contact, "agent1001"), "agent1001")
	if want := []string{"progressive outbound ACW", "progressive outbound DROPPED", "progressive outbound connected"}; !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
}

// The calls of a tethered site that do not pass its dialer, heard by the agent event stream and an API destination.
func TestTetheredSitesOwnCalls(t *testing.T) {
	sim, connection := instance(t, "connect-tethered", "      receive_key: a key of sixteen letters\n      receive_header: X-Own-Key\n")
	url := serve(t, connection)
	await(t, "the connection is up", func() bool { return state(t, url) == "up" })
	sim.SetEvents(connect.Target{URL: url + "/in/acme/", Header: "X-Own-Key", Secret: "a key of sixteen letters"})
	ids := phone(t, sim, "manual_outbound")
	got := words(story(t, url, "acme:"+ids.Contact, "agent1001"), "agent1001")
	if want := []string{"manual outbound ACW", "manual outbound DROPPED", "manual outbound connected", "manual outbound connecting"}; !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
	request{method: http.MethodPost, path: "/in/acme/", body: "{}", header: map[string]string{"X-Cordboard-Key": "a key of sixteen letters"}, status: 401, kind: "application/problem+json"}.do(t, url)
}

// The dialer of a tethered site.
func TestTetheredSitesDialer(t *testing.T) {
	url := serve(t, "connections: [{ name: acme, platform: connect-tethered, settings: { token: a token of a dialer } }]\n")
	await(t, "the connection is up", func() bool { return state(t, url) == "up" })
	for i, event := range []string{"CustAnswered", "ACW", "DROPPED"} {
		body := fmt.Sprintf(`{"channel":"Amazon","topic":"OutboundCall","subtopic":"OutboundCallStateChange","at":"2026-03-04T12:00:%02dZ",
			"message":{"source":"event","call":{"id":"c-1","event":%q,"CallType":"Regular-Call","CallVariables":{"CampaignType":"Progressive","Phone":"+12025550143"},"User":{"UserId":"ada"}}}}`, 10+i, event)
		request{method: http.MethodPost, path: "/in/acme/", body: body, header: map[string]string{"Authorization": "Bearer a token of a dialer"}, status: 200, holds: `"taken":1`}.do(t, url)
	}
	got := words(story(t, url, "acme:c-1", "ada"), "ada")
	if want := []string{"progressive Regular-Call ACW", "progressive Regular-Call CustAnswered", "progressive Regular-Call DROPPED"}; !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
}

// What is wrong with a connection to Amazon Connect is said with its place.
func TestConnectMistakes(t *testing.T) {
	const arn = "arn:aws:connect:eu-central-1:111122223333:instance/0a1b"
	for settings, want := range map[string]string{
		"{ instance: acme, browsers: true }":                                            "instance: wants the instance's ARN",
		"{ instance: " + arn + " }":                                                     "nothing could be heard",
		"{ instance: " + arn + ", browsers: true, receive_header: 'X Key' }":            "receive_header: is no name of a header",
		"{ instance: " + arn + ", receive_key: short }":                                 "receive_key: wants 16 characters or more",
		"{ instance: " + arn + ", browsers: true, campaigns: { c: preview } }":          "campaigns: c: wants direct-preview",
		"{ instance: " + arn + ", browsers: true, queue: 'ftp://sqs' }":                 "queue: wants an address",
		"{ instance: " + arn + ", browsers: true, access_key_id: AKIA }":                "belong together",
		"{ instance: " + arn + ", browsers: true, requests_per_second: -1, quee: 'x' }": "quee",
	} {
		for _, platform := range []string{"connect-hvoc", "connect-tethered"} {
			file := filepath.Join(t.TempDir(), "cordboard.yaml")
			if err := os.WriteFile(file, []byte("connections:\n  - name: acme\n    platform: "+platform+"\n    settings: "+settings+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			lines := strings.Join(server.CheckConfig(file), "\n")
			if !strings.Contains(lines, want) || !strings.Contains(lines, "cordboard.yaml:4:") {
				t.Errorf("%s %s: %q", platform, settings, lines)
			}
		}
	}
}
