package dialer

import (
	"encoding/json"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cordboard/platform"
)

// FuzzDecode feeds two messages to one decoder: whatever they are, it does not panic, and what it tells is complete.
func FuzzDecode(f *testing.F) {
	call := `{"at":"2026-03-04T12:00:00Z","id":"n1","topic":"OutboundCall","message":{"call":{"id":"c1","event":"CustAnswered","CallType":"Regular-Call","CallVariables":{"CampaignType":"Predictive","Phone":1202},"User":{"UserId":"one"}}}}`
	f.Add(call, `{"topic":"OutboundCall","message":{"call":{"id":"c2","event":"Consult","CallType":"Consult","User":"one"}}}`)
	f.Add(`{"topic":"t","message":{"call":{"id":"c1","event":"connecting","CallType":"Inbound","User":"two","ResponseFields":{"initialContactId":"c1"}}}}`, `{"message":null}`)
	f.Add(`[`, `{"at":1e3,"message":{"call":{"id":[],"event":{}}}}`)
	f.Fuzz(func(t *testing.T, a, b string) {
		d := NewDecoder()
		at := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
		for _, raw := range []string{a, b, a, call} {
			at = at.Add(time.Second)
			events, err := d.Decode(platform.Message{At: at, Connection: "c", Message: json.RawMessage(raw)})
			if err != nil && len(events) > 0 {
				t.Errorf("events beside an error: %v", err)
			}
			for _, ev := range events {
				if ev.ID == "" || ev.Ref == "" || ev.Leg == "" || ev.Agent == "" || ev.At.IsZero() {
					t.Errorf("not complete: %+v", ev)
				}
			}
		}
		d.Flush(at.Add(24 * time.Hour))
	})
}

// FuzzFields compares the reader of fields with the one of the standard library.
func FuzzFields(f *testing.F) {
	f.Add(`{"a":"b","c" : 1.5e3,"d":{"x":[1,"}"]},"e":"\"\\","":null , "g":[]}`)
	f.Add(`{ }`)
	f.Add(`[1]`)
	f.Fuzz(func(t *testing.T, raw string) {
		var got fields
		if json.Unmarshal([]byte(raw), &got) != nil {
			return
		}
		var all map[string]json.RawMessage
		if json.Unmarshal([]byte(raw), &all) != nil {
			all = nil // not an object
		}
		want, have := map[string]string{}, map[string]string{}
		for name, value := range all {
			want[name] = plain(value)
		}
		for _, x := range got {
			have[x.name] = x.value
		}
		if !maps.Equal(want, have) {
			t.Errorf("%q: %q, want %q", raw, have, want)
		}
	})
}

// FuzzQuick compares the quick reader with the slow one: what both take they read alike.
func FuzzQuick(f *testing.F) {
	for _, seed := range []string{
		`{"at":"2026-03-04T12:00:00Z","ID":7,"topic":"OutboundCall","message":{"call":{"id":"c1","event":"CustAnswered","CallType":"Regular-Call","CallVariables":{"Phone":1202,"N":"\"q\""},"User":{"UserId":4,"extension":null},"responsefields":{"a":"b"}}}}`,
		`{"message":{"call":{"id":1,"id":"2","User":"u","USER":{"userid":"v"},"CallVariables":null,"CALLVARIABLES":{"a":1}}},"at":0}`,
		`{"message":{"call":{"id":null,"event":{"x":[1]},"CallVariables":[1],"User":[1]}},"m\u0065ssage":{}}`,
		`{"message":null}`, `{"message":{"call":null}}`, `{"message":{"call":5}}`, `[]`, `{"at":"never"}`, `{"topic":"\ud800"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, usual := quick([]byte(raw))
		if !usual {
			return
		}
		want, err := slow([]byte(raw))
		if err != nil {
			t.Fatalf("%q: the slow reader refuses it: %v", raw, err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(body{}, field{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q (-slow +quick)\n%s", raw, diff)
		}
	})
}
