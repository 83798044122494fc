package workflow

import (
	"encoding/json"
	"path"
	"time"

	"github.com/goccy/go-yaml/ast"

	"cordboard/call"
	"cordboard/catalog"
)

// testFile is a file of unit tests of workflows.
type testFile struct {
	*parsing
	cat       *catalog.Catalog
	workflows []string
	tests     []*testCase
}

// testCase is a call's story and what the workflows should do about it.
type testCase struct {
	name   string
	at     spot
	base   call.Event
	start  time.Time
	events []*testEvent
	found  []popView
	// replies are what requests are answered, by the name of the step.
	replies map[string]json.RawMessage
	want    []effect
	// all is true when want says what all events together do; else every event says it for itself, if it does.
	all bool
}

// testEvent is one event of the story.
type testEvent struct {
	call.Event
	text  string
	at    spot
	after time.Duration
	want  []effect
	asked bool // want is to be compared
}

// effect is one thing that a workflow does: a kind of step with its arguments.
type effect struct {
	kind string
	args map[string]any
	err  string
}

func (f *testFile) read() {
	for _, e := range f.entries(f.body, "a file of tests") {
		switch e.key {
		case "workflows":
			for _, item := range f.items(e.value) {
				if name, ok := f.word(item, "the path of a workflow file"); ok {
					f.workflows = append(f.workflows, path.Join(path.Dir(f.file), name))
				}
			}
		case "tests":
			for _, item := range f.items(e.value) {
				f.tests = append(f.tests, f.test(item))
			}
		default:
			f.unknownKey(e, "a file of tests", []string{"workflows", "tests"})
		}
	}
	if len(f.workflows) == 0 {
		f.errorf(place(f.body), "a file of tests needs workflows: the files that it tests")
	}
	if len(f.tests) == 0 {
		f.errorf(place(f.body), "a file of tests needs tests")
	}
}

var testKeys = []string{"name", "call", "events", "found", "replies", "expect", "none"}

func (f *testFile) test(n ast.Node) *testCase {
	t := &testCase{at: place(f.deref(n)), start: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)}
	t.base = call.Event{Connection: "test", Call: "test", Agent: "1001", Role: call.CustomerLeg}
	var events ast.Node
	for _, e := range f.entries(n, "a test") {
		switch e.key {
		case "name":
			t.name, _ = f.word(e.value, "name")
		case "call":
			f.frame(t, e.value)
		case "events":
			events = e.value
		case "found":
			f.found(t, e.value)
		case "replies":
			f.replies(t, e.value)
		case "expect":
			t.want, t.all = f.effects(e.value), true
		case "none":
			t.all = f.yes(e.value, "none")
		default:
			f.unknownKey(e, "a test", testKeys)
		}
	}
	// Events come last: they build on what the test says of its call, wherever it says so.
	for _, item := range f.items(events) {
		if ev := f.event(t, item); ev != nil {
			t.events = append(t.events, ev)
		}
	}
	if t.name == "" {
		f.errorf(t.at, "a test needs a name")
	}
	if len(t.events) == 0 {
		f.errorf(t.at, "a test needs events")
	}
	return t
}

// frame reads what holds for the whole call.
func (f *testFile) frame(t *testCase, n ast.Node) {
	for _, e := range f.entries(n, "call") {
		switch e.key {
		case "platform":
			t.base.Platform = oneOf(f.parsing, e.value, "platform", call.Platforms())
		case "at":
			text, _ := f.word(e.value, "at")
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				f.errorf(place(e.value), "at must be a time such as 2026-01-05T09:00:00Z")
				continue
			}
			t.start = at
		default:
			if !f.detail(&t.base, e) {
				f.unknownKey(e, "call", append([]string{"platform", "at"}, detailKeys...))
			}
		}
	}
}

var detailKeys = []string{"mode", "customer", "campaign", "direction", "queue", "connection", "agent", "extension", "vars", "wrapup"}

// detail reads what both a call and an event may say.
func (f *testFile) detail(ev *call.Event, e entry) bool {
	texts := map[string]*string{
		"customer": &ev.Customer, "campaign": &ev.Campaign, "direction": &ev.Direction, "queue": &ev.Queue,
		"connection": &ev.Connection, "agent": &ev.Agent, "extension": &ev.Extension, "wrapup": &ev.Wrapup,
	}
	switch to, ok := texts[e.key]; {
	case ok:
		*to, _ = f.word(e.value, e.key)
	case e.key == "mode":
		ev.Mode = oneOf(f.parsing, e.value, "mode", call.Modes())
	case e.key == "vars":
		vars := map[string]string{}
		for _, v := range f.entries(e.value, "vars") {
			vars[v.key], _ = f.word(v.value, v.key)
		}
		ev.Vars = vars
	default:
		return false
	}
	return true
}

var eventKeys = append([]string{"on", "after", "leg", "id", "phase", "message", "rawType", "merged", "reconciled", "expect", "none"}, detailKeys...)

func (f *testFile) event(t *testCase, n ast.Node) *testEvent {
	ev := &testEvent{Event: t.base, at: place(f.deref(n)), after: time.Second}
	if text, ok := f.scalar(f.deref(n)); ok {
		ev.text = text
	} else {
		for _, e := range f.entries(n, "an event") {
			f.eventKey(ev, e)
		}
	}
	if ev.text == "" && ev.Phase == "" {
		f.errorf(ev.at, "an event needs on: its call type and name; or phase, when the platform has no word for it")
		return nil
	}
	f.complete(ev)
	return ev
}

func (f *testFile) eventKey(ev *testEvent, e entry) {
	switch e.key {
	case "on":
		ev.text, _ = f.word(e.value, "on")
	case "after":
		text, _ := f.word(e.value, "after")
		after, err := time.ParseDuration(text)
		if err != nil {
			f.errorf(place(e.value), "after must be a duration such as 5s, not %q", text)
		}
		ev.after = after
	case "leg":
		ev.Role = oneOf(f.parsing, e.value, "leg", call.Roles())
	case "id":
		ev.Leg, _ = f.word(e.value, "id")
	case "phase":
		ev.Phase = oneOf(f.parsing, e.value, "phase", call.Phases())
	case "message":
		ev.Raw, _ = json.Marshal(f.plain(e.value))
	case "rawType":
		ev.RawType, _ = f.word(e.value, "rawType")
	case "merged":
		ev.Merged = f.yes(e.value, "merged")
	case "reconciled":
		ev.Reconciled = f.yes(e.value, "reconciled")
	case "expect":
		ev.want, ev.asked = f.effects(e.value), true
	case "none":
		ev.asked = f.yes(e.value, "none")
	default:
		if !f.detail(&ev.Event, e) {
			f.unknownKey(e, "an event", eventKeys)
		}
	}
}
