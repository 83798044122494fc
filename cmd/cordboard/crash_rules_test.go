package main

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// story is one call as the server's API tells it.
type story struct {
	Call struct {
		ID   string `json:"id"`
		Legs []struct {
			ID      string `json:"id"`
			Agent   string `json:"agent"`
			Moments []struct {
				Event string `json:"event"`
			} `json:"moments"`
		} `json:"legs"`
	} `json:"call"`
	Timeline []moment `json:"timeline"`
}

// moment is one event of a call with what followed from it.
type moment struct {
	Event struct {
		ID         string    `json:"id"`
		At         time.Time `json:"at"`
		Ref        string    `json:"ref"`
		Leg        string    `json:"leg"`
		Role       string    `json:"role"`
		Agent      string    `json:"agent"`
		Mode       string    `json:"mode"`
		CallType   string    `json:"call_type"`
		RawType    string    `json:"raw_type"`
		Name       string    `json:"event"`
		Received   time.Time `json:"received"`
		Merged     bool      `json:"merged"`
		Reconciled bool      `json:"reconciled"`
	} `json:"event"`
	State struct {
		Mode string `json:"mode"`
	} `json:"state"`
	Steps []stepRow `json:"steps"`
}

type stepRow struct {
	ID     string    `json:"id"`
	Agent  string    `json:"agent"`
	Kind   string    `json:"kind"`
	State  string    `json:"state"`
	Reason string    `json:"reason"`
	Detail string    `json:"detail"`
	Heard  time.Time `json:"heard"`
}

// told is the call's story in short, for people who look for the cause of a failure.
func (s *story) told() string {
	var b strings.Builder
	for _, m := range s.Timeline {
		e := m.Event
		fmt.Fprintf(&b, "\n  %s: %s %s %s %s %s, leg %s, agent %s", e.ID, e.Received.Format("15:04:05.000"), e.Mode, e.CallType, e.Name, e.Role, e.Leg, e.Agent)
		if e.Merged {
			b.WriteString(", merged")
		}
		if e.Reconciled {
			b.WriteString(", reconciled")
		}
		for _, st := range m.Steps {
			fmt.Fprintf(&b, "; %s %s %s", st.Kind, st.State, st.Reason)
		}
	}
	return b.String()
}

// loggedFirst reports whether the call's log was made before its pop was planned: a snapshot that is read when a session begins
// told of the answer, and the notifications of the ringing came after it.
func (s *story) loggedFirst() bool {
	for _, m := range s.Timeline {
		for _, st := range m.Steps {
			if st.Kind == "pop" || st.Kind == "create" {
				return st.Kind == "create"
			}
		}
	}
	return false
}

// storyOf asks for a call; ok is false when the journal has none.
func (w *world) storyOf(id string) (s story, ok bool) {
	w.t.Helper()
	err := w.get("/api/v1/calls/"+url.PathEscape(id), &s)
	if err != nil && !strings.Contains(err.Error(), "404 Not Found") {
		w.t.Fatalf("the server cannot tell of call %s: %v\n%s", id, err, w.log())
	}
	return s, err == nil
}

// effect is what a recommended rule does on the agent's leg when it fires.
type effect struct {
	rule     string
	pop, log bool // a pop is a record and a page
}

// trigger is what a recommended rule waits for.
type trigger struct{ mode, callType, event, leg string }

// recommended is written down from the page's recommended tables (Acqueon's "Cisco" page, Recommended Workflow
// Configurations), not from what the server does. The updates at the end of a leg are judged by what they leave: no log
// that is not completed.
var recommended = map[trigger]effect{
	{"manual", "OUT", "INITIATED", "customer"}:                              {rule: "pop", pop: true},
	{"manual", "OUT", "ACTIVE", "customer"}:                                 {rule: "log", log: true},
	{"manual", "CONSULT", "ACTIVE", "consult"}:                              {rule: "consult", pop: true, log: true},
	{"preview", "OUTBOUND_PREVIEW", "ALERTING", ""}:                         {rule: "pop", pop: true},
	{"preview", "PREVIEW_OUTBOUND", "ALERTING", "customer"}:                 {rule: "log", log: true},
	{"preview", "CONSULT", "ALERTING", "consult"}:                           {rule: "consult", pop: true, log: true},
	{"direct-preview", "OUTBOUND_DIRECT_PREVIEW", "ALERTING", ""}:           {rule: "pop", pop: true},
	{"direct-preview", "DIRECT_PREVIEW_OUTBOUND", "INITIATING", "customer"}: {rule: "log", log: true},
	{"direct-preview", "CONSULT", "ALERTING", "consult"}:                    {rule: "consult", pop: true, log: true},
	{"predictive", "PREDICTIVE_OUTBOUND", "ALERTING", "customer"}:           {rule: "pop", pop: true},
	{"predictive", "PREDICTIVE_OUTBOUND", "ACTIVE", "customer"}:             {rule: "log", log: true},
	{"predictive", "OUT", "INITIATED", "consult"}:                           {rule: "pop consult", pop: true},
	{"predictive", "OUT", "ACTIVE", "consult"}:                              {rule: "log consult", log: true},
}

// effectOf is what one event of the journal has to lead to, unless the same rule has fired on its leg before.
func effectOf(m *moment) (effect, bool) {
	mode := m.Event.Mode
	if mode == "" {
		mode = m.State.Mode
	}
	for _, callType := range []string{m.Event.CallType, m.Event.RawType} {
		for _, leg := range []string{m.Event.Role, ""} {
			if e, ok := recommended[trigger{mode, callType, m.Event.Name, leg}]; ok && !m.Event.Merged {
				e.rule = mode + " " + e.rule // each mode has a workflow of its own
				return e, true
			}
		}
	}
	return effect{}, false
}

// whole is what a call leads to that the server heard from its first message to its last, by the agent's place.
type whole struct {
	pops map[int]int
	logs int
}

var wholes = map[string]whole{
	"predictive_plain":                   {pops: map[int]int{0: 1}, logs: 1},
	"predictive":                         {pops: map[int]int{0: 2}, logs: 2},
	"manual_outbound":                    {pops: map[int]int{0: 1}, logs: 1},
	"preview":                            {pops: map[int]int{0: 1}, logs: 1},
	"direct_preview":                     {pops: map[int]int{0: 1}, logs: 1},
	"preview_skip":                       {pops: map[int]int{0: 1}},
	"manual_outbound_consult_conference": {pops: map[int]int{1: 1}, logs: 2},
	"preview_consult_conference":         {pops: map[int]int{1: 1}, logs: 1},
	"inbound":                            {},
}
