package host_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"go.uber.org/goleak"

	"cordboard/sim/host"
	"cordboard/sim/stage/stagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// softphone is a page that calls Open CTI as it is told and keeps the answers.
const softphone = `<!doctype html><script src="%s/support/api/66.0/lightning/opencti_min.js"></script><script>
const cti = sforce.opencti, answers = [], heard = [];
const callback = (r) => answers.push(r);
cti.onNavigationChange({ listener: (p) => heard.push(p.recordName) });
parent.postMessage('loaded', '*');
addEventListener('message', (e) => {
	if (e.data?.run) { try { eval(e.data.run); } catch (x) { answers.push({ thrown: x.message }); } }
	if (e.data?.say) parent.postMessage({ said: [answers, heard] }, '*');
});
</script>`

// newConsole opens the simulated console around the softphone in a browser.
func newConsole(t *testing.T) context.Context {
	t.Helper()
	var console *httptest.Server
	phone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, softphone, console.URL)
	}))
	t.Cleanup(phone.Close)
	console = httptest.NewServer(host.New(host.Config{
		Panel: phone.URL + "/phone", Agent: "1001001",
		Search: func(_ context.Context, text string) []host.Found {
			if text == "0123" {
				return []host.Found{{ID: "003Wy00000AbCdEIAV", Object: "Contact", Name: "Ines Roth"}}
			}
			return nil
		},
	}))
	t.Cleanup(console.Close)
	ctx := stagetest.Chromium(t)
	if err := chromedp.Do(ctx, chromedp.Navigate(console.URL)); err != nil {
		t.Fatal(err)
	}
	until(t, ctx, `host.calls.length === 1`) // onNavigationChange: the softphone is there
	return ctx
}

func until(t *testing.T, ctx context.Context, js string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[chromedp.Void](js, chromedp.WithPollingInterval(20*time.Millisecond))); err != nil {
		t.Fatalf("%s: %v", js, err)
	}
}

func eval[T any](t *testing.T, ctx context.Context, js string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js))
	if err != nil {
		t.Fatalf("%s: %v", js, err)
	}
	return v
}

// call lets the softphone run js and returns what the console recorded of it.
func call(t *testing.T, ctx context.Context, js string) (ok bool, why string) {
	t.Helper()
	n := eval[int](t, ctx, `host.calls.length`)
	quoted, err := json.Marshal(js)
	if err != nil {
		t.Fatal(err)
	}
	eval[chromedp.Void](t, ctx, `document.querySelector('section.panel iframe').contentWindow.postMessage({ run: `+string(quoted)+` }, '*')`)
	until(t, ctx, fmt.Sprintf(`host.calls.length > %d && host.calls[%d].ok !== null`, n, n))
	return eval[bool](t, ctx, fmt.Sprintf(`host.calls[%d].ok`, n)), eval[string](t, ctx, fmt.Sprintf(`host.calls[%d].error`, n))
}

func TestStrict(t *testing.T) {
	ctx := newConsole(t)
	for js, want := range map[string]string{
		`cti.screenPop({ type: cti.SCREENPOP_TYPE.SOBJECT, params: { recordId: '003Wy00000AbCdEIAV' }, callback })`:                                  "",
		`cti.screenPop({ type: cti.SCREENPOP_TYPE.SOBJECT, params: { recordId: '003Wy00000AbCdEIAV' } })`:                                            `needs a function "callback"`,
		`cti.screenPop({ type: 'record', params: { recordId: '003Wy00000AbCdEIAV' }, callback })`:                                                    `"type" may not be "record"`,
		`cti.screenPop({ type: cti.SCREENPOP_TYPE.SOBJECT, params: { id: '003Wy00000AbCdEIAV' }, callback })`:                                        `needs "recordId"`,
		`cti.screenPop({ type: cti.SCREENPOP_TYPE.URL, params: { url: '/apex/Page?x=1' }, callback })`:                                               "",
		`cti.screenPop({ type: cti.SCREENPOP_TYPE.URL, params: { url: 'https://elsewhere.example/' }, callback })`:                                   `"url" may not be`,
		`cti.screenPop({ type: cti.SCREENPOP_TYPE.OBJECTHOME, params: { scope: 'Account' }, callback })`:                                             "",
		`cti.screenPop({ type: cti.SCREENPOP_TYPE.LIST, params: { listViewId: '00B', scope: 'Account' }, callback })`:                                "",
		`cti.screenPop({ type: cti.SCREENPOP_TYPE.SEARCH, params: { searchString: 'ab' }, callback })`:                                               `"searchString" may not be "ab"`,
		`cti.screenPop({ type: cti.SCREENPOP_TYPE.SEARCH, params: { searchString: 'abc' }, callback })`:                                              "",
		`cti.screenPop({ type: cti.SCREENPOP_TYPE.FLOW, params: { flowDevName: 'Intake', flowArgs: [] }, callback })`:                                "",
		`cti.screenPop({ type: cti.SCREENPOP_TYPE.NEW_RECORD_MODAL, params: { entityName: 'Lead', fields: {} }, callback })`:                         `no argument "fields"`,
		`cti.screenPop({ type: cti.SCREENPOP_TYPE.NEW_RECORD_MODAL, params: { entityName: 'Lead', defaultFieldValues: { Phone: '1' } }, callback })`: "",
		`cti.notifyInitialPageLoad()`:                                                                                  "no method notifyInitialPageLoad",
		`cti.notifyInitializationComplete()`:                                                                           "",
		`cti.setSoftphonePanelHeight({ height: 400, callback })`:                                                       `needs "heightPX"`,
		`cti.setSoftphonePanelHeight({ heightPX: 400, callback })`:                                                     "",
		`cti.setSoftphonePanelWidth({ widthPX: 100, callback })`:                                                       `"widthPX" may not be 100`,
		`cti.setSoftphonePanelVisibility({ visible: 'yes', callback })`:                                                `"visible" may not be "yes"`,
		`cti.setSoftphonePanelVisibility({ visible: true, callback })`:                                                 "",
		`cti.setSoftphonePanelLabel({ label: 'Phone', callback })`:                                                     "",
		`cti.setSoftphonePanelIcon({ key: 'call', callback })`:                                                         "",
		`cti.enableClickToDial({ callback })`:                                                                          "",
		`cti.onClickToDial({ callback })`:                                                                              `needs a function "listener"`,
		`cti.onClickToDial({ listener: callback })`:                                                                    "",
		`cti.getAppViewInfo({ callback })`:                                                                             "",
		`cti.getSoftphoneLayout({ callback })`:                                                                         "",
		`cti.getCallCenterSettings(callback)`:                                                                          "takes one object",
		`cti.isSoftphonePanelVisible({ callback })`:                                                                    "",
		`cti.refreshView({ callback })`:                                                                                "",
		`cti.runApex({ apexClass: 'C', methodName: 'm', methodParams: 'a=1', callback })`:                              "",
		`cti.saveLog({ value: { Subject: 'Call' }, callback })`:                                                        `"value" may not be`,
		`cti.saveLog({ value: { entityApiName: 'Task', Subject: 'Call' }, callback })`:                                 "",
		`cti.searchAndScreenPop({ searchParams: '0123', callType: cti.CALL_TYPE.OUTBOUND, deferred: true, callback })`: "",
		`cti.searchAndScreenPop({ searchParams: '0123', callback })`:                                                   `needs "callType"`,
	} {
		if strings.Contains(js, "SCREENPOP_TYPE.NEW_RECORD_MODAL") {
			eval[chromedp.Void](t, ctx, `document.querySelector('dialog').close()`)
		}
		ok, why := call(t, ctx, js)
		if ok != (want == "") || !strings.Contains(why, want) {
			t.Errorf("%s: %v %q, want %q", js, ok, why, want)
		}
	}
	if bad := eval[int](t, ctx, `document.querySelectorAll('.calls .bad em').length`); bad == 0 {
		t.Error("the list shows no error")
	}
}

// TestAnswers checks what reaches the softphone.
func TestAnswers(t *testing.T) {
	ctx := newConsole(t)
	call(t, ctx, `cti.screenPop({ type: cti.SCREENPOP_TYPE.SOBJECT, params: { recordId: '003Wy00000AbCdEIAV' }, callback })`)
	call(t, ctx, `cti.searchAndScreenPop({ searchParams: '0123', callType: 'outbound', deferred: true, callback })`)
	call(t, ctx, `cti.saveLog({ value: { entityApiName: 'Task' }, callback })`)
	eval[chromedp.Void](t, ctx, `host.fail('refreshView', 'not today')`)
	call(t, ctx, `cti.refreshView({ callback })`)
	eval[chromedp.Void](t, ctx, `addEventListener('message', (e) => { if (e.data?.said) window.said = e.data.said; });
		document.querySelector('section.panel iframe').contentWindow.postMessage({ say: true }, '*')`)
	until(t, ctx, `window.said`)
	type answer struct {
		Success     bool
		ReturnValue json.RawMessage
		Errors      []struct{ Code, Description string }
	}
	var answers []answer
	if err := json.Unmarshal([]byte(eval[string](t, ctx, `JSON.stringify(said[0])`)), &answers); err != nil {
		t.Fatal(err)
	}
	if len(answers) != 4 {
		t.Fatalf("%d answers, want 4", len(answers))
	}
	for i, want := range []string{`null`, `SCREEN_POP_DATA`, `"recordId":"00T`, `null`} {
		if !strings.Contains(string(answers[i].ReturnValue), want) {
			t.Errorf("answer %d is %s, want %s in it", i, answers[i].ReturnValue, want)
		}
	}
	if last := answers[3]; last.Success || len(last.Errors) != 1 || last.Errors[0].Description != "not today" {
		t.Errorf("the failure is %+v", last)
	}
	if heard := eval[string](t, ctx, `said[1].join()`); heard != "003Wy00000AbCdEIAV" {
		t.Errorf("navigation heard: %q", heard)
	}
}

func TestTicketIsForTheConsolesOwnPage(t *testing.T) {
	h := host.New(host.Config{Ticket: func(_ context.Context, agent string) (string, error) { return "ticket of " + agent, nil }})
	ask := func(origin string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "http://console.example/host/ticket", strings.NewReader(`{"agent":"1"}`))
		r.Header.Set("Origin", origin)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	if w := ask("http://console.example"); w.Code != 200 || !strings.Contains(w.Body.String(), "ticket of 1") {
		t.Errorf("its own page is answered %d %s", w.Code, w.Body)
	}
	if w := ask("http://evil.example"); w.Code != 403 {
		t.Errorf("a foreign page is answered %d %s", w.Code, w.Body)
	}
}
