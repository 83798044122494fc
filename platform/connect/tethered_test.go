package connect_test

import (
	"testing"

	"cordboard/call"
	"cordboard/catalog"
	"cordboard/platform/connect"
)

// The calls of a tethered site that do not pass its dialer are told in the words of the tethered table: every named moment is a
// row of it.
func TestTethered(t *testing.T) {
	for _, name := range []string{"manual", "consult outlives", "inbound", "unanswered"} {
		s := stories[name]()
		got := hear(t, connect.NewDecoder(connect.Options{Platform: call.ConnectTethered}), s, s.messages)
		named := 0
		for _, ev := range got.events {
			if ev.DataOnly() || ev.Name == "" {
				continue
			}
			named++
			if _, ok := catalog.Default().Phase(ev.Platform, ev.Mode, ev.CallType, ev.Name, ev.Role); !ok || ev.Platform != call.ConnectTethered {
				t.Errorf("%s: %s %s %s %s is no row", name, ev.Mode, ev.CallType, ev.Name, ev.Role)
			}
		}
		if named < 3 {
			t.Errorf("%s: %d named moments", name, named)
		}
	}
}
