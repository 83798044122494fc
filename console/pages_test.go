package console_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/engine"
)

func TestEveryRouteAnswers(t *testing.T) {
	o := newOffice(t)
	id := o.call("9001", "1001001", customer)
	o.policy()
	for _, c := range []struct {
		path   string
		status int
		kind   string
	}{
		{"/", 200, "text/html"}, // by a redirect
		{"/calls", 200, "text/html"},
		{"/calls?q=0123&state=ended&agent=1001001&limit=5", 200, "text/html"},
		{"/calls/" + id, 200, "text/html"},
		{"/workflows", 200, "text/html"},
		{"/workflows/" + url.PathEscape("Cisco manual calls"), 200, "text/html"},
		{"/attention", 200, "text/html"},
		{"/connections", 200, "text/html"},
		{"/tables", 200, "text/html"},
		{"/tables/policy", 200, "text/html"},
		{"/tables/policy?q=skip&edit=ININ-OUTBOUND-PREVIEW-SKIPPED", 200, "text/html"},
		{"/tables/policy?add=1&change=1", 200, "text/html"},
		{"/tables/policy/history", 200, "text/html"},
		{"/api/v1/tables", 200, "application/json"},
		{"/api/v1/tables/policy", 200, "application/json"},
		{"/api/v1/tables/policy/rows", 200, "application/json"},
		{"/api/v1/tables/policy/csv", 200, "text/csv"},
		{"/api/v1/tables/policy/history", 200, "application/json"},
		{"/tables/none", 404, "text/html"},
		{"/tables/policy?after=a&before=b", 400, "text/html"},
		{"/tables/policy/history?before=x", 400, "text/html"},
		{"/api/v1/tables/none/rows", 404, "application/problem+json"},
		{"/api/v1/tables/policy/rows/none", 404, "application/problem+json"},
		{"/api/v1/tables/policy/rows?limit=0", 400, "application/problem+json"},
		{"/calling", 200, "text/html"},
		{"/api/v1/calling/policy", 200, "application/json"},
		{"/api/v1/do-not-call/csv", 200, "text/csv"},
		{"/static/console.css", 200, "text/css"},
		{"/static/console.js", 200, "text/javascript"},
		{"/static/cord.svg", 200, "image/svg+xml"},
		{"/static/calls.html", 404, "text/plain"},
		{"/static/", 404, "text/plain"},
		{"/api/v1/calls", 200, "application/json"},
		{"/api/v1/calls/" + id, 200, "application/json"},
		{"/api/v1/connections", 200, "application/json"},
		{"/api/v1/counts", 200, "application/json"},
		{"/calls/finesse:none", 404, "text/html"},
		{"/workflows/none", 404, "text/html"},
		{"/nowhere", 404, "text/html"},
		{"/api/v1/calls/none", 404, "application/problem+json"},
		{"/api/v1/nowhere", 404, "application/problem+json"},
		{"/calls?state=odd", 400, "text/html"},
		{"/calls?before=yesterday", 400, "text/html"},
		{"/calls?limit=0", 400, "text/html"},
		{"/api/v1/calls?limit=1001", 400, "application/problem+json"},
		{"/api/v1/calls?state=odd", 400, "application/problem+json"},
	} {
		status, header, body := o.get(c.path)
		if status != c.status || !strings.HasPrefix(header.Get("Content-Type"), c.kind) {
			t.Errorf("%s: %d %s, want %d %s\n%s", c.path, status, header.Get("Content-Type"), c.status, c.kind, body)
		}
		csp := header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: the policy is %q", c.path, csp)
		}
		if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s: headers %v", c.path, header)
		}
		if c.kind == "text/html" && (strings.Contains(body, "<style") || strings.Contains(body, " style=") || strings.Contains(body, "onclick")) {
			t.Errorf("%s holds what its own policy forbids", c.path)
		}
		if c.kind == "application/problem+json" {
			wantProblem(t, c.path, body, c.status)
		}
	}
	if answer, err := http.Post(o.server.URL+"/calls", "text/plain", nil); err != nil || answer.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST /calls: %v, %v", answer, err)
	} else {
		answer.Body.Close()
	}
}

func wantProblem(t testing.TB, path, body string, status int) {
	t.Helper()
	var p struct {
		Type, Title, Detail string
		Status              int
	}
	if err := json.Unmarshal([]byte(body), &p); err != nil || p.Status != status || p.Type == "" || p.Title == "" || !strings.HasSuffix(p.Detail, ".") {
		t.Errorf("%s: %v, %s", path, err, body)
	}
}

func TestFragmentsAreThePagesWithoutTheirFrame(t *testing.T) {
	o := newOffice(t)
	id := o.call("9001", "1001001", customer)
	for _, path := range []string{"/calls", "/calls/" + id, "/workflows", "/attention", "/connections", "/calling"} {
		whole, part := o.page(path), o.page(path+"?fragment=1")
		if strings.Contains(part, "<html") || strings.Contains(part, `class="rail"`) || !strings.Contains(whole, strings.TrimSpace(part)) {
			t.Errorf("%s: the fragment is not the page's part:\n%s", path, part)
		}
	}
}

// refs are the platform ids of the calls that a list names.
func (o *office) refs(path string) string {
	o.t.Helper()
	var list struct {
		Calls []engine.CallRow `json:"calls"`
	}
	if err := json.Unmarshal([]byte(o.page("/api/v1"+path)), &list); err != nil {
		o.t.Fatal(err)
	}
	html := o.page(path)
	var refs []string
	for _, c := range list.Calls {
		refs = append(refs, c.State.Legs[0].Ref)
		if !strings.Contains(html, `data-call="`+string(c.State.ID)+`"`) {
			o.t.Errorf("%s: the page lacks call %s, which the API has", path, c.State.ID)
		}
	}
	if n := strings.Count(html, "data-call="); n != len(refs) {
		o.t.Errorf("%s: %d calls on the page, %d of the API", path, n, len(refs))
	}
	return strings.Join(refs, " ")
}

func TestListIsSearchedAndFiltered(t *testing.T) {
	o := newOffice(t)
	at := begun()
	first := told("9001", "1001001", customer, at)
	o.accept(first...)
	o.accept(told("9002", "1001002", "+4930555777", at.Add(time.Second))[:2]...) // still open
	o.settled()
	o.acts("create", func(in engine.Input) engine.Outcome {
		return engine.Kill("crm-refused", "REQUIRED_FIELD_MISSING Subject: Required")
	})
	o.accept(told("9003", "1001003", "+4930555999", at.Add(2*time.Second))...)
	o.settled()
	o.acts("create", func(in engine.Input) engine.Outcome {
		return engine.Park("parked-limit", "the day's requests are used up", time.Now().Add(time.Hour))
	})
	o.accept(told("9004", "1001004", "", at.Add(3*time.Second))...)
	o.waits(engine.Parked, 1)
	row, err := o.store.Calls(t.Context(), engine.Filter{Text: "9001"})
	if err != nil || len(row) != 1 || len(row[0].Records) != 1 {
		t.Fatalf("%v %+v", err, row)
	}
	for query, want := range map[string]string{
		"":                                    "9004 9003 9002 9001",
		"?q=0123":                             "9001",
		"?q=%2B1+555+010-0123":                "9001",
		"?q=1001002":                          "9002",
		"?q=9003":                             "9003",
		"?q=" + url.QueryEscape(o.id("9001")): "9001",
		"?q=" + row[0].Records[0].ID:          "9001",
		"?q=nobody":                           "",
		"?agent=1001003":                      "9003",
		"?agent=100100":                       "",
		"?state=open":                         "9002",
		"?state=ended":                        "9004 9003 9001",
		"?state=failed":                       "9003",
		"?state=waiting":                      "9004",
		"?state=waiting&q=9003":               "",
		"?limit=2":                            "9004 9003",
	} {
		if got := o.refs("/calls" + query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	for _, words := range []string{"needs you", "waiting", "done", "talking"} {
		o.wants("/calls", words)
	}
	o.wants("/calls?agent=nobody", "No call matches")
	o.wants("/calls?agent=1001003", `name="agent" value="1001003"`)
}

func TestListIsPaged(t *testing.T) {
	o := newOffice(t)
	at := begun()
	for i := range 5 {
		o.accept(told(fmt.Sprint(9000+i), "1001001", customer, at.Add(time.Duration(i)*time.Second))[:1]...)
	}
	o.settled()
	var seen []string
	path := "/calls?limit=2&agent=1001001"
	for range 3 {
		seen = append(seen, o.refs(path))
		body := o.page(path)
		_, next, more := strings.Cut(body, `class="more" href="`)
		if !more {
			break
		}
		next, _, _ = strings.Cut(next, `"`)
		path = "/calls" + strings.ReplaceAll(next, "&amp;", "&")
	}
	if got := fmt.Sprint(seen); got != "[9004 9003 9002 9001 9000]" {
		t.Errorf("pages: %s", got)
	}
}

func TestEmptyStatesSayWhatToDo(t *testing.T) {
	o := newOffice(t)
	o.wants("/calls", "No calls yet", "cordboard demo")
	o.wants("/calls?q=77", "No call matches", "all calls")
	o.wants("/attention", "Nothing needs you")
	o.wants("/connections", "No connections", "No agent has a desk open")
	if got := strings.TrimSpace(o.page("/api/v1/calls")); got != `{"calls":[]}` {
		t.Errorf("the empty list is %s", got)
	}
	if got := strings.TrimSpace(o.page("/api/v1/connections")); got != `{"connections":[],"desks":[]}` {
		t.Errorf("no connections are %s", got)
	}
}

// A very full list is no heavier than a full one.
func TestFullListIsBounded(t *testing.T) {
	o := newOffice(t)
	at := begun().Add(-time.Hour)
	var g engine.Group
	g.Refs = map[call.Ref]call.ID{}
	for i := range 2000 {
		ev := told(fmt.Sprint("f", i), "1001001", fmt.Sprintf("+1555%07d", i), at.Add(time.Duration(i)*time.Millisecond))[0]
		ev.Call = call.ID(fmt.Sprint("finesse:f", i))
		g.Events = append(g.Events, ev)
		g.Refs[call.Ref{Connection: "finesse", Ref: ev.Ref}] = ev.Call
		g.Calls = append(g.Calls, engine.Call{State: call.Apply(call.State{}, &ev)})
	}
	if err := o.store.Commit(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	body := o.page("/calls")
	took := time.Since(began)
	if n := strings.Count(body, "<tr data-call="); n != 100 || len(body) > 200<<10 || !strings.Contains(body, "Older calls") {
		t.Errorf("%d rows in %d bytes", n, len(body))
	}
	if took > 5*time.Second { // a hundredth of it is usual
		t.Errorf("the list took %v", took)
	}
	t.Logf("100 of 2000 calls: %d bytes in %v", len(body), took)
}
