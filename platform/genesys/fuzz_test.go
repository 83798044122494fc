package genesys_test

import (
	"testing"
	"time"

	"cordboard/platform"
	"cordboard/platform/genesys"
)

// FuzzDecode wants that no message makes the decoder panic, and that whatever it tells is complete.
func FuzzDecode(f *testing.F) {
	for _, c := range stories() {
		for _, m := range c.sent {
			f.Add("genesys-ws", "", string(m.Message))
		}
	}
	for _, c := range busStories() {
		for _, m := range c.sent {
			f.Add("genesys-eventbridge", "user.end", string(m.Message))
		}
	}
	f.Add("genesys-rest", "/api/v2/conversations/k", `{"id":"k","participants":[{"id":"p","purpose":"agent","userId":"u","calls":[{"state":"terminated"}]}]}`)
	f.Add("genesys-rest", "/api/v2/conversations/k", `{"status":404}`)
	f.Add("genesys-ws", "", `{"topicName":"v2.users.u.conversations","eventBody":{"id":"k","participants":[{"id":"c","purpose":"customer"},{"purpose":"user","userId":"u","calls":[{"state":"disconnected"}]}]}}`)
	f.Fuzz(func(t *testing.T, source, node, text string) {
		d := genesys.NewDecoder()
		c := newCast("inbound")
		inboundCall(c)
		for i, known := range c.sent {
			if i == 4 { // in the middle of a call
				m := platform.Message{At: opening, Connection: "lab", Source: source, Node: node}
				m.SetText([]byte(text))
				events, err := d.Decode(m)
				if err != nil && len(events) > 0 {
					t.Errorf("events and %v", err)
				}
				for _, ev := range events {
					if ev.ID == "" || ev.Ref == "" || ev.Leg == "" || ev.Agent == "" || ev.At.IsZero() {
						t.Errorf("incomplete: %q of %q, leg %q of %q at %s", ev.ID, ev.Ref, ev.Leg, ev.Agent, ev.At)
					}
				}
			}
			if _, err := d.Decode(known); err != nil {
				t.Fatal(err)
			}
		}
		d.Flush(time.Time{})
	})
}
