package console_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cordboard/table"
)

const policyFile = `name: policy
description: After which wrap-up code a contact is tried again.
key: { name: wrapup, ignore_case: true }
columns: [{ name: wait, type: duration, required: true }, { name: tries, type: number }, { name: window, type: hours }, { name: on, type: bool }]
default: { wait: 24h }
rows:
- { wrapup: ININ-OUTBOUND-PREVIEW-SKIPPED, wait: 240m, tries: 3, window: 09:00-20:00, on: true }
- { wrapup: "Busy / no answer", wait: 30m }
`

// policy makes a table with two rows, as a person would.
func (o *office) policy() {
	o.t.Helper()
	if status, body := o.form("/tables", url.Values{"source": {policyFile}}); status != http.StatusOK || !strings.Contains(body, "<b>2</b> rows") {
		o.t.Fatalf("make a table: %d\n%s", status, body)
	}
}

// form posts a form and follows where it leads.
func (o *office) form(path string, fields url.Values) (status int, body string) {
	o.t.Helper()
	answer, err := http.PostForm(o.server.URL+path, fields)
	if err != nil {
		o.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// ask makes a request of the API; header is pairs of names and values.
func (o *office) ask(method, path, body string, header ...string) (status int, etag, answer string) {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), method, o.server.URL+"/api/v1/tables"+path, strings.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	if resp.StatusCode >= 400 {
		wantProblem(o.t, path, string(text), resp.StatusCode)
	}
	return resp.StatusCode, resp.Header.Get("ETag"), string(text)
}

func TestTableRowsByREST(t *testing.T) {
	o := newOffice(t)
	o.policy()
	row := "/policy/rows/" + url.PathEscape("Busy / no answer")
	status, first, body := o.ask("GET", row, "")
	var got struct {
		Key    string
		Values map[string]any
		By     string
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 || got.Values["wait"] != "30m" || got.By != "console" {
		t.Fatalf("%d %s %v", status, body, err)
	}
	for _, c := range []struct {
		method, body string
		header       []string
		status       int
	}{
		{"PUT", `{"wait":"1h"}`, []string{"If-None-Match", "*"}, 412},
		{"PUT", `{"wait":"1h"}`, []string{"If-Match", `"1"`}, 412},
		{"PUT", `{"wait":"1h"}`, []string{"If-Match", `W/"1"`}, 400},
		{"PUT", `{"wait":"1h"}`, []string{"If-Match", "*"}, 400},
		{"PUT", `{"tries":1}`, nil, 422},
		{"PUT", `{"wait":"soon"}`, nil, 422},
		{"PUT", `{"wait":"1h","none":1}`, nil, 422},
		{"PUT", `[1]`, nil, 400},
		{"PUT", `{"wait":"1h"} {}`, nil, 400},
		{"DELETE", "", []string{"If-Match", `"1"`}, 412},
		{"PUT", `{"wait":"1h","tries":2.50}`, []string{"If-Match", first}, 200},
		{"PUT", `{"wait":"1h"}`, []string{"If-Match", first}, 412},
		{"PATCH", `{"tries":null,"on":true}`, nil, 200},
	} {
		if status, _, body := o.ask(c.method, row, c.body, c.header...); status != c.status {
			t.Errorf("%s %s %v: %d %s, want %d", c.method, c.body, c.header, status, body, c.status)
		}
	}
	_, now, body := o.ask("GET", row, "")
	if err := json.Unmarshal([]byte(body), &got); err != nil || !cmp.Equal(got.Values, map[string]any{"wait": "1h", "on": true}) || now == first {
		t.Errorf("the row: %s %v", body, err)
	}
	if status, _, _ := o.ask("DELETE", row, "", "If-Match", now); status != 204 {
		t.Errorf("delete: %d", status)
	}
	if status, _, _ := o.ask("GET", row, ""); status != 404 {
		t.Errorf("deleted: %d", status)
	}
	if status, etag, _ := o.ask("PUT", row, `{"wait":"5m"}`, "If-None-Match", "*"); status != 200 || etag == first {
		t.Errorf("put anew: %d %s", status, etag)
	}
	var history struct{ Changes []table.Entry }
	_, _, body = o.ask("GET", "/policy/history?key=busy+/+NO+answer", "")
	if err := json.Unmarshal([]byte(body), &history); err != nil || len(history.Changes) != 5 || history.Changes[4].Old != nil || history.Changes[1].New != nil {
		t.Errorf("history: %s %v", body, err)
	}
}

func TestTablesByREST(t *testing.T) {
	o := newOffice(t)
	const def = `{"name":"limits","key":{"name":"campaign"},"columns":[{"name":"most","type":"number"}]}`
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"PUT", "/limits", def, 201},
		{"PUT", "/limits", def, 204},
		{"PUT", "/others", def, 400},
		{"PUT", "/limits", `{"key":{"name":"campaign"},"columns":[{"name":"most","type":"nmber"}]}`, 422},
		{"PUT", "/limits", `{"key":{"name":"campaign"},"columns":[{"name":"most","type":"number"}],"rows":[]}`, 400},
		{"PUT", "/limits/rows/a", `{"most":3}`, 200},
		{"PUT", "/limits", `{"key":{"name":"other"},"columns":[{"name":"most","type":"number"}]}`, 409},
		{"PUT", "/limits", `{"key":{"name":"campaign"},"columns":[{"name":"most","type":"duration"}]}`, 409},
		{"PUT", "/limits", `{"key":{"name":"campaign"},"columns":[{"name":"most","type":"text"},{"name":"n","type":"text","required":true}]}`, 409},
		{"PUT", "/limits", `{"key":{"name":"campaign"},"columns":[{"name":"most","type":"text"}],"default":{"most":"9"}}`, 204},
		{"DELETE", "/limits", "", 204},
		{"DELETE", "/limits", "", 404},
		{"PUT", "/limits/rows/a", `{"most":3}`, 404},
	} {
		if status, _, body := o.ask(c.method, c.path, c.body); status != c.status {
			t.Errorf("%s %s %s: %d %s, want %d", c.method, c.path, c.body, status, body, c.status)
		}
	}
	f := table.File{Definition: table.Definition{Name: "shipped", Key: table.Key{Name: "k"}, Columns: []table.Column{{Name: "n", Type: table.Number}}, File: "f.yaml"}}
	if err := table.New(o.store).Adopt(t.Context(), []table.File{f}); err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"PUT", "DELETE"} {
		if status, _, body := o.ask(method, "/shipped", `{"key":{"name":"k"},"columns":[{"name":"n","type":"text"}]}`); status != 409 {
			t.Errorf("%s of a file's table: %d %s", method, status, body)
		}
	}
}

func TestTableImport(t *testing.T) {
	o := newOffice(t)
	o.policy()
	status, _, body := o.ask("POST", "/policy/csv", "wrapup,wait\na,1h\nb,soon\nc\n")
	var p struct{ Lines []table.LineError }
	if err := json.Unmarshal([]byte(body), &p); err != nil || status != 422 || len(p.Lines) != 2 || p.Lines[0].Line != 3 || p.Lines[1].Line != 4 {
		t.Errorf("mistakes: %d %s", status, body)
	}
	if status, _, _ := o.ask("GET", "/policy/rows/a", ""); status != 404 {
		t.Error("a part of a file with mistakes was taken in")
	}
	if status, page := o.upload("/tables/policy/import", "wrapup,wait\nININ-OUTBOUND-PREVIEW-SKIPPED,5h\nnew,1h\n"); status != 200 || !strings.Contains(page, "2 rows were taken in") {
		t.Errorf("import: %d\n%s", status, page)
	}
	_, _, out := o.get("/api/v1/tables/policy/csv")
	want := "wrapup,wait,tries,window,on\r\nBusy / no answer,30m,,,\r\nININ-OUTBOUND-PREVIEW-SKIPPED,5h,3,09:00-20:00,true\r\nnew,1h,,,\r\n"
	if out != want {
		t.Errorf("export:\n%s\nwant\n%s", out, want)
	}
}

// Ensure that a row is edited in its place, that mistakes are told beside what was typed, and that nobody overwrites what
// somebody else has changed meanwhile.
func TestTableIsEditedInPlace(t *testing.T) {
	o := newOffice(t)
	o.policy()
	page := o.page("/tables/policy?edit=Busy+%2F+no+answer")
	_, rest, _ := strings.Cut(page, `name="version" value="`)
	version, _, _ := strings.Cut(rest, `"`)
	if at, first := strings.Index(page, `id="edit"`), strings.Index(page, `id="row-`); at < 0 || at > first || strings.Count(page, "Busy / no answer</b>") != 1 {
		t.Errorf("the row is not edited in its place:\n%s", page)
	}
	if strings.Contains(o.page("/tables/policy"), `#edit"`) {
		t.Error("a link to a part of the page keeps the focus from the row's first field")
	}
	fields := url.Values{"key": {"Busy / no answer"}, "version": {version}, "c.wait": {"soon"}, "c.tries": {"4"}}
	status, body := o.form("/tables/policy/row", fields)
	if status != 422 || !strings.Contains(body, "wait: it is not of the type duration, such as 240m") || !strings.Contains(body, `value="soon"`) {
		t.Errorf("a mistake: %d\n%s", status, body)
	}
	fields.Set("c.wait", "45m")
	if status, body = o.form("/tables/policy/row?q=busy", fields); status != 200 || !strings.Contains(body, "<td>45m</td>") || strings.Contains(body, "SKIPPED") {
		t.Errorf("saved: %d\n%s", status, body)
	}
	fields.Set("c.wait", "50m")
	status, body = o.form("/tables/policy/row", fields)
	if status != 412 || !strings.Contains(body, "Somebody changed this row meanwhile") || !strings.Contains(body, `value="50m"`) || !strings.Contains(body, "<td>45m</td>") {
		t.Errorf("an old version: %d\n%s", status, body)
	}
	add := url.Values{"key": {"BUSY / no answer"}, "version": {"0"}, "c.wait": {"1h"}}
	if status, body = o.form("/tables/policy/row", add); status != 412 || !strings.Contains(body, "There is a row with this key already") {
		t.Errorf("a key that is there: %d\n%s", status, body)
	}
	_, rest, _ = strings.Cut(body, `name="version" value="`)
	version, _, _ = strings.Cut(rest, `"`)
	if status, body = o.form("/tables/policy/row", url.Values{"key": {"Busy / no answer"}, "version": {version}, "do": {"delete"}}); status != 200 || strings.Contains(body, "Busy") {
		t.Errorf("delete: %d\n%s", status, body)
	}
	if history := o.page("/tables/policy/history"); !strings.Contains(history, "<del>30m</del>") || !strings.Contains(history, "<ins>45m</ins>") || !strings.Contains(history, "deleted") {
		t.Errorf("history:\n%s", history)
	}
}

// Ensure that a large table is paged through without a row twice or lost, and searched.
func TestLargeTable(t *testing.T) {
	o := newOffice(t)
	o.policy()
	var b strings.Builder
	b.WriteString("wrapup,wait,tries\n")
	for i := range 320 {
		fmt.Fprintf(&b, "code-%05d,%dm,%d\n", i, i+1, i%7)
	}
	if status, _, body := o.ask("POST", "/policy/csv", b.String()); status != 200 {
		t.Fatalf("import: %d %s", status, body)
	}
	seen, pages, next := map[string]bool{}, 0, "/tables/policy"
	for next != "" {
		page := o.page(next)
		pages++
		for _, part := range strings.Split(page, `<tr id="row-`)[1:] {
			key, _, _ := strings.Cut(part, `"`)
			if seen[key] {
				t.Errorf("%s is there twice", key)
			}
			seen[key] = true
		}
		_, rest, more := strings.Cut(page, `rel="next" href="`)
		if next, _, _ = strings.Cut(rest, `"`); !more {
			next = ""
		}
		next = strings.ReplaceAll(next, "&amp;", "&")
	}
	if len(seen) != 322 || pages != 7 {
		t.Errorf("%d rows on %d pages", len(seen), pages)
	}
	if page := o.page("/tables/policy?q=00317"); !strings.Contains(page, "code-00317") || strings.Count(page, `<tr id="row-`) != 1 || !strings.Contains(page, "<b>322</b> rows") {
		t.Errorf("search:\n%s", page)
	}
}

// Ensure that a row is found, edited, left and saved without a mouse.
func TestTableByKeyboard(t *testing.T) {
	o := newOffice(t)
	o.policy()
	page := o.open(t, "/calls")
	page.keys("gt")
	page.until(`location.pathname === '/tables' && document.readyState === 'complete'`)
	page.keys("j\r")
	page.until(`location.pathname === '/tables/policy' && document.readyState === 'complete'`)
	page.keys("j\r")
	page.until(`document.activeElement.name === 'c.wait' && document.readyState === 'complete'`)
	page.keys("\x1b")
	page.until(`!document.querySelector('#edit') && document.readyState === 'complete'`)
	page.keys("j\r")
	page.until(`document.activeElement.name === 'c.wait' && document.readyState === 'complete'`)
	page.do(`document.activeElement.select()`)
	page.keys("45m\r")
	page.until(`!document.querySelector('#edit') && document.querySelector('table.rows tbody tr td:nth-child(2)')?.textContent === '45m'`)
}
