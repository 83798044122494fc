package connect_test

import (
	"testing"
	"time"

	"cordboard/platform"
	"cordboard/platform/connect"
)

var kinds = []string{connect.SourceStreams, connect.SourceAgentStream, connect.SourceEventBridge, connect.SourceREST}

var nodes = []string{"DescribeContact/c-in", "DescribeCampaign/campaign-predictive", "GetCurrentUserData/" + ada, "ListUsers", "DescribeUser/" + ada}

func FuzzDecode(f *testing.F) {
	for _, story := range stories {
		s := story()
		for i, m := range s.messages {
			for kind, source := range kinds {
				if m.Source == source {
					f.Add([]byte(m.Message), kind, i)
				}
			}
		}
	}
	f.Add([]byte(answer("DescribeContact/c-in", inboundCall().contacts)), 3, 0)
	f.Add([]byte(answer("DescribeCampaign/campaign-predictive", nil)), 3, 1)
	f.Add([]byte(`{"UserDataList":[{"User":{"Id":"`+ada+`"},"Contacts":[{"ContactId":"c-in","Channel":"VOICE","AgentContactState":"CONNECTED","StateStartTimestamp":1797000008.5}]}]}`), 3, 2)
	f.Fuzz(func(t *testing.T, raw []byte, kind, node int) {
		s := inboundCall()
		d := connect.NewDecoder(connect.Options{})
		for _, m := range s.messages[:4] {
			if _, err := d.Decode(m); err != nil {
				t.Fatal(err)
			}
		}
		m := platform.Message{At: began.Add(time.Minute), Source: kinds[uint(kind)%4], Node: nodes[uint(node)%5], Message: raw}
		for range 2 {
			events, _ := d.Decode(m)
			for _, ev := range append(events, d.Flush(time.Time{})...) {
				if ev.ID == "" || ev.Ref == "" || ev.Leg == "" || ev.At.IsZero() || ev.Phase == "" && !ev.DataOnly() {
					t.Errorf("an event without what every event has: %+v", ev)
				}
			}
			d.Wanted()
		}
	})
}
