package console_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"cordboard/calling"
)

// answers sends JSON and wants a part of the answer.
func (o *office) answers(path, body string, status int, part string) {
	o.t.Helper()
	got, header, answer := o.post(path, "application/json", body)
	if got != status || !strings.Contains(answer, part) {
		o.t.Errorf("%s %s: %d %s, want %d %s", path, body, got, answer, status, part)
	}
	if status >= 400 && !strings.HasPrefix(header.Get("Content-Type"), "application/problem+json") {
		o.t.Errorf("%s: %s", path, header.Get("Content-Type"))
	}
}

func TestDoNotCallByProgram(t *testing.T) {
	o := newOffice(t)
	o.answers("/api/v1/do-not-call", `{"numbers": ["+12125550100", "(212) 555-0101"], "why": "asked"}`, 200, `{"changed":2}`)
	o.answers("/api/v1/do-not-call", `{"numbers": ["+12125550100"]}`, 200, `{"changed":0}`)
	o.answers("/api/v1/do-not-call", `{"numbers": ["+12125550102", "nobody"]}`, 400, "Number 2 is no telephone number")
	o.answers("/api/v1/do-not-call", `{"numbers": []}`, 400, "no number")
	o.answers("/api/v1/do-not-call", `{"number": "+12125550100"}`, 400, "one JSON object")
	o.answers("/api/v1/do-not-call", ``, 400, "no number")
	o.answers("/api/v1/do-not-call/find", `{"number": "212 555 0101"}`, 200, `"listed":true`)
	o.answers("/api/v1/do-not-call/find", `{"number": "+12125550102"}`, 200, `"listed":false`)
	o.answers("/api/v1/do-not-call/remove", `{"numbers": ["+12125550101"], "why": "mistake"}`, 200, `{"changed":1}`)
	o.answers("/api/v1/do-not-call/find", `{"number": "+12125550101"}`, 200, `"listed":false`)
	o.answers("/api/v1/consent", `{"numbers": ["+12125550101"], "given": false}`, 200, `{"changed":1}`)
	o.answers("/api/v1/consent", `{"numbers": ["+12125550101"]}`, 400, "given")
	o.answers("/api/v1/calling/ask", `{"number": "+12125550100", "purpose": "sales", "at": "2026-11-25T17:00:00Z"}`, 200, `"reason":"do-not-call"`)
	o.answers("/api/v1/calling/ask", `{"number": "+12125550102", "purpose": "sales", "at": "2026-11-25T17:00:00Z"}`, 200, `"allowed":true`)
	o.answers("/api/v1/calling/ask", `{"number": "nobody"}`, 200, `"reason":"invalid-number"`)
	if status, _, answer := o.post("/api/v1/do-not-call/csv", "text/csv", "\ufeffphone,why\n+12125550110,=cmd()\n\n2125550111\n'+12125550100,again\nx123\n"); status != 200 ||
		strings.TrimSpace(answer) != `{"read":4,"added":2,"bad":1,"lines":[{"line":6,"why":"no telephone number with its country code"}]}` {
		t.Errorf("%d %s", status, answer)
	}
	list := o.page("/api/v1/do-not-call/csv")
	lines := strings.Split(strings.TrimSpace(list), "\n")
	if len(lines) != 4 || lines[0] != "number,why,since,who" || !strings.HasPrefix(lines[1], "+12125550100,asked,") || !strings.HasPrefix(lines[2], "+12125550110,'=cmd(),") {
		t.Errorf("the export is\n%s", list)
	}
}

func TestDecisionsAreShownMasked(t *testing.T) {
	o := newOffice(t)
	number, err := calling.ReadNumber("+12125550123", "")
	if err != nil {
		t.Fatal(err)
	}
	gate := calling.NewGate(calling.Shipped(), o.store, nil)
	q := calling.Question{Number: number, Purpose: calling.Sales, Connection: "north", List: "l", Contact: "c", At: time.Date(2026, 11, 29, 17, 0, 0, 0, time.UTC)}
	if _, err := gate.Ask(t.Context(), calling.Binding, q); err != nil {
		t.Fatal(err)
	}
	for path, body := range map[string]string{
		"/api/v1/calling/decisions": `{"number": "+12125550123"}`,
		"/calling/ask":              url.Values{"number": {"(212) 555-0123"}}.Encode(),
	} {
		kind := "application/json"
		if path == "/calling/ask" {
			kind = "application/x-www-form-urlencoded"
		}
		status, _, answer := o.post(path, kind, body)
		if status != 200 || !strings.Contains(answer, "closed-day") || !strings.Contains(answer, "08:00 on Monday 30 November") || strings.Contains(answer, "+12125550123") {
			t.Errorf("%s: %d %s", path, status, answer)
		}
	}
	var got struct{ Decisions []calling.Decision }
	_, _, answer := o.post("/api/v1/calling/decisions", "application/json", `{"connection": "north", "list": "l", "contact": "c", "limit": 5}`)
	if err := json.Unmarshal([]byte(answer), &got); err != nil || len(got.Decisions) != 1 || got.Decisions[0].Verdict.Rule != "us" {
		t.Errorf("%v %s", err, answer)
	}
	if page := o.page("/calling"); !strings.Contains(page, "closed-day") || strings.Contains(page, "5550123") {
		t.Errorf("the page lacks the decision, or shows the number:\n%s", page)
	}
}

func TestDoNotCallByHand(t *testing.T) {
	o := newOffice(t)
	form := func(v url.Values) string {
		_, _, answer := o.post("/calling/wish", "application/x-www-form-urlencoded", v.Encode())
		return answer
	}
	if page := form(url.Values{"numbers": {"+12125550100\r\n+12125550101"}, "what": {"no-calls"}, "why": {"asked on +12125550100"}}); !strings.Contains(page, "2 numbers changed") || strings.Contains(page, "5550100") {
		t.Errorf("%s", page)
	}
	if page := form(url.Values{"numbers": {"+12125550100"}, "what": {"calls-again"}}); !strings.Contains(page, "1 number changed: may be called again") {
		t.Errorf("%s", page)
	}
	if page := form(url.Values{"numbers": {"+12125550100"}, "what": {"odd"}}); !strings.Contains(page, "does not say what to do") {
		t.Errorf("%s", page)
	}
	if _, page := o.upload("/calling/import", "number\n+12125550177\nnobody 1\n"); !strings.Contains(page, "1 number of 2 lines new") || !strings.Contains(page, "Line 3: no telephone number") {
		t.Errorf("%s", page)
	}
	if rows, err := o.store.Listed(t.Context(), "", 10); err != nil || len(rows) != 2 {
		t.Errorf("%+v, %v", rows, err)
	}
}
