package console_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/platform"
)

// written are ways to write the customer's number.
var written = []string{customer, "15550100123", "5550100123", "(555) 010-0123", "+1 (555) 010-0123", "555.010.0123", "0015550100123", "%2B15550100123", "%28555%29%20010-0123"}

// leak finds the customer's number however it is written.
var leak = regexp.MustCompile(`010[^0-9a-zA-Z]{0,3}(?:%20)?0123|5550100123`)

// everywhere is a call that has the customer's number in every place that a platform, a workflow, a CRM or a browser
// can put it.
func everywhere(o *office) string {
	all := strings.Join(written, " | ")
	o.acts("pop", func(in engine.Input) engine.Outcome {
		out := engine.Did(json.RawMessage(`{"id":"` + ines + `","type":"Contact","name":"Ines ` + customer + `","count":1}`))
		out.Detail, out.Request, out.Answer = "found "+all, "find by "+all, "Contact of "+all
		return out
	})
	o.acts("create", func(in engine.Input) engine.Outcome {
		out := engine.Kill("crm-refused", "STRING_TOO_LONG Subject: "+all)
		out.Request, out.Answer = string(in.Args), all
		return out
	})
	events := told("9001", "1001001", customer, begun())
	for i := range events {
		events[i].Vars = map[string]string{"callVariable1": all, "LCMKey": customer, "number " + customer: "x"}
		events[i].Campaign, events[i].Wrapup, events[i].Queue = "for "+customer, "called "+customer, "q "+customer
		events[i].Raw = []byte("<Update>" + all + "</Update>")
	}
	o.accept(events...)
	o.settled()
	o.accept(call.Event{ // a later message brings the number, too
		ID: "9001/data", Connection: "finesse", Platform: call.Cisco, Ref: "9001", Leg: "leg-9001", Role: call.CustomerLeg, Agent: "1001001",
		At: begun().Add(time.Hour), Vars: map[string]string{"again": all}, Raw: []byte(`{"number":15550100123}`),
	})
	if err := o.engine.Keep(context.Background(), platform.Message{Connection: "finesse", Source: "finesse-xmpp", At: time.Now(),
		Message: json.RawMessage(`"<Update>` + customer + ` 5550100123</Update>"`)}, errors.New("no dialog of "+customer)); err != nil {
		o.t.Fatal(err)
	}
	return o.id("9001")
}

func TestNumbersAreMaskedEverywhere(t *testing.T) {
	o := newOffice(t)
	id := everywhere(o)
	for _, path := range []string{"/calls", "/calls/" + id, "/calls/" + id + "?fragment=1", "/attention", "/workflows", "/connections",
		"/api/v1/calls", "/api/v1/calls/" + id, "/api/v1/connections", "/api/v1/counts"} {
		body := o.page(path)
		if at := leak.FindStringIndex(body); at != nil {
			t.Errorf("%s shows the number: …%s…", path, body[max(0, at[0]-80):min(len(body), at[1]+20)])
		}
	}
	for _, path := range []string{"/calls", "/calls/" + id, "/attention"} {
		o.wants(path, "··· ··· 23")
	}
	o.wants("/calls/"+id, "Ines", "STRING_TOO_LONG Subject", "Call &#43;··· ··· 23")
	o.wants("/attention", "no dialog of", "STRING_TOO_LONG Subject")
}

// What is no number of a person stays readable.
func TestMaskLeavesTheRest(t *testing.T) {
	o := newOffice(t)
	events := told("16804321", "1001001", customer, begun())
	events[0].Vars = map[string]string{"order": "4711-0815-99", "when": "2026-01-02 03:04:05"}
	events[0].Raw = []byte("<id>16804321</id><startTime>2026-01-02T03:04:05.678Z</startTime><extension>1001001</extension>")
	o.accept(events...)
	o.settled()
	o.wants("/calls/"+o.id("16804321"), "&lt;id&gt;16804321&lt;", "2026-01-02T03:04:05.678Z", "&lt;extension&gt;1001001&lt;", "agent 1001001", "00T")
	o.wants("/api/v1/calls", "4711-0815-99", "2026-01-02 03:04:05")
}

// A time may hold the digits of the customer's number by chance: no call's page may break on that.
func TestTimesAreNoNumbers(t *testing.T) {
	o := newOffice(t)
	events := told("9001", "1001001", customer, begun())
	events[0].At = events[0].At.Truncate(time.Second).Add(100123) // ….000100123Z, and the number ends with 010 0123
	o.accept(events...)
	o.settled()
	id := o.id("9001")
	o.wants("/api/v1/calls", ".000100123Z", "··· ··· 23")
	o.wants("/api/v1/calls/"+id, ".000100123Z", "··· ··· 23")
	o.page("/calls/" + id)
}

const evil = `<script>alert(1)</script><img src=x onerror=alert(2)>"'`

// Whatever a platform, a CRM or a person writes is text.
func TestForeignTextIsText(t *testing.T) {
	o := newOffice(t)
	o.acts("pop", func(in engine.Input) engine.Outcome {
		b, err := json.Marshal(map[string]any{"id": ines, "type": "Contact", "name": evil, "count": 1})
		if err != nil {
			t.Error(err)
		}
		out := engine.Did(b)
		out.Detail, out.Request, out.Answer = evil, evil, evil
		return out
	})
	o.acts("create", func(engine.Input) engine.Outcome { return engine.Kill("crm-refused", evil) })
	events := told("9001", "1001001", "", begun())
	for i := range events {
		events[i].Customer, events[i].Campaign, events[i].Wrapup, events[i].Queue = evil, evil, evil, evil
		events[i].Extension, events[i].Vars, events[i].Raw = evil, map[string]string{evil: evil}, []byte(evil)
	}
	o.accept(events...)
	o.settled()
	if err := o.engine.Keep(context.Background(), platform.Message{Connection: evil, Source: evil, At: time.Now(), Message: json.RawMessage(fmt.Sprintf("%q", evil))}, errors.New(evil)); err != nil {
		t.Fatal(err)
	}
	o.mu.Lock()
	o.connections = []platform.Status{{Connection: evil, Platform: evil, State: platform.Waiting, Detail: evil}}
	o.mu.Unlock()
	id := o.id("9001")
	for _, path := range []string{"/calls", "/calls/" + id, "/attention", "/connections", "/calls?q=" + "%3Cscript%3Ealert(1)%3C/script%3E"} {
		body := o.page(path)
		for _, bad := range []string{"<script>", "<img", "onerror=alert(2)>\""} {
			if strings.Contains(body, bad) {
				t.Errorf("%s holds %s", path, bad)
			}
		}
	}
	o.wants("/calls/"+id, "&lt;script&gt;alert(1)")
}
