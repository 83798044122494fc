package webex_test

import (
	"fmt"
	"testing"
	"time"

	"cordboard/sim/stage/stagetest"
	"cordboard/sim/webex"
)

func TestSearch(t *testing.T) {
	s := start(t, webex.Config{})
	adm := admin(t, s)
	before := time.Now().Add(-time.Hour).UnixMilli()
	done := play(t, s, "inbound", webex.Call{Timed: true, Customer: customer, Vars: map[string]string{"case": "17"}, Agents: []string{s.Ready()["agents"].([]webex.AgentToken)[0].ID}})
	script, _ := webex.Script("predictive")
	script.Steps = script.Steps[:3]
	live, err := s.Play(stagetest.Within(t), script, webex.Call{})
	if err != nil {
		t.Fatal(err)
	}
	search := func(query string, variables body) data {
		t.Helper()
		status, out := adm.do("POST", "/search", body{"query": query, "variables": variables})
		if status != 200 {
			t.Fatalf("%d %v", status, out)
		}
		return data(out)
	}
	window := body{"from": before, "to": time.Now().Add(time.Hour).UnixMilli()}
	all := search(`query($from: Long!, $to: Long!) { taskDetails(from: $from, to: $to) { tasks { id status isActive direction origin endedTime
		connectedDuration holdDuration wrapupDuration lastAgent { id } lastWrapupCodeName kase: stringGlobalVariables(name: "case") { name value } } pageInfo { hasNextPage endCursor } } }`, window)
	tasks, _ := all.at("data", "taskDetails", "tasks").([]any)
	if len(tasks) != 2 {
		t.Fatalf("%v", all)
	}
	one := data(tasks[0].(map[string]any))
	if one.text("id") != done.Main || one.text("status") != "ended" || one.is("isActive") || one.text("origin") != customer || one.text("direction") != "inbound" ||
		one.text("kase", "value") != "17" || one.text("lastWrapupCodeName") != "Resolved" || one.text("lastAgent", "id") == "" || one.at("endedTime") == nil {
		t.Errorf("%v", one)
	}
	if one.at("connectedDuration") != 35000.0 || one.at("holdDuration") != 5000.0 || one.at("wrapupDuration") != 5000.0 {
		t.Errorf("durations by the script's clock: %v", one)
	}
	if two := data(tasks[1].(map[string]any)); two.text("id") != live.Main || two.text("status") != "connected" || two.at("endedTime") != nil || two.at("kase") != nil {
		t.Errorf("%v", two)
	}
	for filter, want := range map[string]int{
		`{isActive: {equals: false}}`: 1,
		`{and: [{channelType: {equals: telephony}}, {direction: {equals: "outbound"}}]}`: 1,
		`{or: [{status: {equals: "ended"}} {status: {equals: "connected"}}]}`:            2,
		`{lastAgent: {equals: {id: "nobody"}}}`:                                          0,
		fmt.Sprintf(`{and: [{id: {equals: %q}}]}`, live.Main):                            1,
	} {
		out := search(fmt.Sprintf(`{ task(from: "%v", to: "%v", filter: %s, pagination: {cursor: "0"}) { tasks { id } } }`, window["from"], window["to"], filter), nil)
		if list, _ := out.at("data", "task", "tasks").([]any); len(list) != want {
			t.Errorf("filter %s: %v", filter, out)
		}
	}
	if out := search(fmt.Sprintf(`{ taskDetails(from: %v, to: %v, timeComparator: endedTime) { tasks { id } } }`, window["from"], window["to"]), nil); len(out.at("data", "taskDetails", "tasks").([]any)) != 1 {
		t.Errorf("by endedTime: %v", out)
	}
	for _, wrong := range []string{`{ taskDetails(from: 1, to: 2) { tasks { id } } }`, `{ taskDetails(to: 2) { tasks { id } } }`, `{ agentSession(from: 1, to: 2) { x } }`,
		fmt.Sprintf(`{ taskDetails(from: %v, to: %v) { tasks { nonsense } } }`, window["from"], window["to"])} {
		if out := search(wrong, nil); out["errors"] == nil {
			t.Errorf("%s: %v", wrong, out)
		}
	}
	if status, _ := adm.do("POST", "/search", body{"query": "{ taskDetails("}); status != 400 {
		t.Errorf("a query that cannot be parsed: %d", status)
	}
}

func TestReports(t *testing.T) {
	s := start(t, webex.Config{})
	e, adm := hear(t, s, 0), admin(t, s)
	from := time.Now().Add(-time.Minute).UnixMilli()
	ids := play(t, s, "progressive", webex.Call{Agents: []string{e.id}})
	if status, _ := e.do("PUT", "/v1/agents/session/state", body{"state": "Idle", "auxCodeId": "x"}); status != 202 {
		t.Fatal(status)
	}
	status, out := adm.do("GET", fmt.Sprintf("/v1/tasks?from=%d", from), nil)
	list, _ := out["data"].([]any)
	if status != 200 || len(list) != 1 {
		t.Fatalf("tasks: %d %v", status, out)
	}
	if d := data(list[0].(map[string]any)); d.text("id") != ids.Main || d.text("attributes", "status") != "completed" || d.text("attributes", "direction") != "outbound" || d.text("attributes", "owner", "id") != e.id {
		t.Errorf("%v", d)
	}
	status, out = adm.do("GET", fmt.Sprintf("/v1/agents/activities?from=%d&agentIds=%s", from, e.id), nil)
	var states []string
	for _, x := range out["data"].([]any) {
		states = append(states, data(x.(map[string]any)).text("currentState"))
	}
	if status != 200 || fmt.Sprint(states) != "[ringing connected wrapup wrapup-done available idle]" {
		t.Errorf("activities: %d %v", status, states)
	}
	for _, path := range []string{"/v1/tasks", "/v1/tasks?from=x", "/v1/tasks?from=5&to=4", "/v1/agents/activities?from=1"} {
		if status, _ := adm.do("GET", path, nil); status != 400 {
			t.Errorf("%s: %d", path, status)
		}
	}
}
