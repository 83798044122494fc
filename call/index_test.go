package call_test

import (
	"testing"

	"cordboard/call"
)

func event(ref, of string) *call.Event { return &call.Event{Connection: "c", Ref: ref, Of: of} }

// Ensure that the ids of one call lead to one call, in whatever order they are heard.
func TestIndexResolve(t *testing.T) {
	for name, order := range map[string][][2]string{
		"main first":           {{"1", ""}, {"2", "1"}, {"1", ""}, {"2", ""}},
		"consult first":        {{"2", "1"}, {"1", ""}, {"2", "1"}},
		"reservation re-keyed": {{"r", ""}, {"1", "r"}, {"1", ""}, {"r", ""}},
	} {
		x := call.NewIndex()
		var first call.ID
		for i, o := range order {
			ev := event(o[0], o[1])
			x.Resolve(ev)
			if i == 0 {
				first = ev.Call
			}
			if ev.Call != first || ev.Call == "" {
				t.Errorf("%s: event %d is call %q, want %q", name, i, ev.Call, first)
			}
		}
	}
}

// Ensure that calls which have nothing to do with each other stay apart, also over connections.
func TestIndexKeepsApart(t *testing.T) {
	x := call.NewIndex()
	a, b, c := event("1", ""), event("2", ""), event("1", "")
	c.Connection = "d"
	for _, ev := range []*call.Event{a, b, c} {
		x.Resolve(ev)
	}
	if a.Call == b.Call || a.Call == c.Call {
		t.Errorf("calls %q %q %q", a.Call, b.Call, c.Call)
	}
}

// Ensure that Resolve names every ref that became known, so that a store can keep it.
func TestIndexFresh(t *testing.T) {
	x := call.NewIndex()
	if fresh := x.Resolve(event("2", "1")); len(fresh) != 2 {
		t.Errorf("fresh = %v, want both refs", fresh)
	}
	if fresh := x.Resolve(event("2", "1")); len(fresh) != 0 {
		t.Errorf("fresh again = %v", fresh)
	}
}
