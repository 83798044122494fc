package finesse

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// Ensure that an event does not keep its message in memory.
func TestEventsLetMessagesGo(t *testing.T) {
	const calls, size = 200, 100 << 10
	d := NewDecoder()
	kept := make([]call.Event, 0, calls)
	before := inUse()
	for i := range calls {
		padded := strings.Replace(string(usual("9001", fmt.Sprint(7000+i), "ACTIVE")), "<message ", "<message stamp='"+strings.Repeat("x", size)+"' ", 1)
		padded = strings.Replace(padded, escape("<DNIS>"), escape("<DNIS><!--"+strings.Repeat("y", size)+"-->"), 1)
		events, _, err := d.decode(platform.Message{At: time.Unix(1741100000, 0), Connection: "c", Source: "finesse-xmpp", Agent: "9001", Extension: "3001"}, []byte(padded))
		if err != nil || len(events) == 0 {
			t.Fatal(events, err)
		}
		events[0].Raw = nil
		kept = append(kept, events[0])
		events, _, err = d.decode(platform.Message{At: time.Unix(1741100001, 0), Connection: "c", Source: "finesse-xmpp", Agent: "9001", Extension: "3001"}, usual("9001", fmt.Sprint(7000+i), "DROPPED"))
		if err != nil || len(events) == 0 {
			t.Fatal(events, err)
		}
	}
	if each := (inUse() - before) / calls; each > size/4 {
		t.Errorf("an event keeps %d bytes of messages with %d", each, 2*size)
	}
	if kept[0].RawType != "OUTBOUND" || kept[0].Vars["field1"] != "value1" {
		t.Errorf("an event lost what it says: %+v", kept[0])
	}
	runtime.KeepAlive(d)
}

func inUse() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
