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

// softphone is a page that calls what the org's scripts have as it is told, and keeps the answers; its first call is there
// when the page is.
const softphone = `<!doctype html>%s<script>
const answers = [], heard = [];
const callback = (r) => answers.push(r);
const { opencti: cti, interaction, console: toolkit } = sforce;
%s
addEventListener('message', (e) => {
	if (e.data?.run) { try { eval(e.data.run); } catch (x) { answers.push({ thrown: x.message }); } }
	if (e.data?.say) parent.postMessage({ type: 'cordboard:said', said: [answers, heard] }, '*');
});
</script>`

// A lightning softphone, and a classic one.
var (
	lightning = [2]string{"/support/api/66.0/lightning/opencti_min.js", `cti.onNavigationChange({ listener: (p) => heard.push(p.recordName) });`}
	classic   = [2]string{"/support/api/66.0/interaction.js /support/console/66.0/integration.js", `interaction.onFocus((r) => heard.push(JSON.parse(r.result).objectName));`}
)

// newConsole opens the simulated console around such a softphone in a browser.
func newConsole(t *testing.T, path string, kind [2]string) context.Context {
	t.Helper()
	var console *httptest.Server
	phone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		scripts := ""
		for _, script := range strings.Fields(kind[0]) {
			scripts += `<script src="` + console.URL + script + `"></script>`
		}
		fmt.Fprintf(w, softphone, scripts, kind[1])
	}))
	t.Cleanup(phone.Close)
	console = httptest.NewServer(host.New(host.Config{
		Panel: phone.URL + "/phone", Classic: phone.URL + "/phone", Agent: "1001001",
		Search: func(_ context.Context, text string) []host.Found {
			if text == "0123" {
				return []host.Found{{ID: "003Wy00000AbCdEIAV", Object: "Contact", Name: "Ines Roth"}}
			}
			return nil
		},
	}))
	t.Cleanup(console.Close)
	ctx := stagetest.Chromium(t)
	if err := chromedp.Do(ctx, chromedp.Navigate(console.URL+path)); err != nil {
		t.Fatal(err)
	}
	until(t, ctx, `host.calls.length === 1`) // the softphone is there
	return ctx
}

// limit is how long the page may take.
const limit = 30 * time.Second

func until(t *testing.T, ctx context.Context, js string) {
	t.Helper()
	stagetest.Until(t, ctx, limit, js, `JSON.stringify(host.calls)`)
}

func eval[T any](t *testing.T, ctx context.Context, js string) T {
	t.Helper()
	return stagetest.Eval[T](t, ctx, limit, js)
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
	ctx := newConsole(t, "/", lightning)
	judged(t, ctx, map[string]string{
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
	})
	if bad := eval[int](t, ctx, `document.querySelectorAll('.calls .bad em').length`); bad == 0 {
		t.Error("the list shows no error")
	}
}

// judged lets the softphone make calls, each with the words that must be in the console's complaint; "" is none.
func judged(t *testing.T, ctx context.Context, calls map[string]string) {
	t.Helper()
	for js, want := range calls {
		eval[chromedp.Void](t, ctx, `document.querySelector('dialog').close()`) // of the call before
		ok, why := call(t, ctx, js)
		if ok != (want == "") || !strings.Contains(why, want) {
			t.Errorf("%s: %v %q, want %q", js, ok, why, want)
		}
	}
}

// said are the answers and what listeners heard, as the softphone has them.
func said(t *testing.T, ctx context.Context) (answers []json.RawMessage, heard string) {
	t.Helper()
	eval[chromedp.Void](t, ctx, `addEventListener('message', (e) => { if (e.data?.said) window.said = e.data.said; });
		document.querySelector('section.panel iframe').contentWindow.postMessage({ say: true }, '*')`)
	until(t, ctx, `window.said`)
	if err := json.Unmarshal([]byte(eval[string](t, ctx, `JSON.stringify(said[0])`)), &answers); err != nil {
		t.Fatal(err)
	}
	return answers, eval[string](t, ctx, `said[1].join()`)
}

// TestAnswers checks what reaches the softphone.
func TestAnswers(t *testing.T) {
	ctx := newConsole(t, "/", lightning)
	call(t, ctx, `cti.screenPop({ type: cti.SCREENPOP_TYPE.SOBJECT, params: { recordId: '003Wy00000AbCdEIAV' }, callback })`)
	call(t, ctx, `cti.searchAndScreenPop({ searchParams: '0123', callType: 'outbound', deferred: true, callback })`)
	call(t, ctx, `cti.saveLog({ value: { entityApiName: 'Task' }, callback })`)
	eval[chromedp.Void](t, ctx, `host.fail('refreshView', 'not today')`)
	call(t, ctx, `cti.refreshView({ callback })`)
	answers, heard := said(t, ctx)
	if len(answers) != 4 {
		t.Fatalf("%d answers, want 4", len(answers))
	}
	for i, want := range []string{`"returnValue":null`, `SCREEN_POP_DATA`, `"recordId":"00T`, `"success":false,"returnValue":null,"errors":[{"code":"INVALID","description":"not today"}]`} {
		if !strings.Contains(string(answers[i]), want) {
			t.Errorf("answer %d is %s, want %s in it", i, answers[i], want)
		}
	}
	if heard != "003Wy00000AbCdEIAV" {
		t.Errorf("navigation heard: %q", heard)
	}
}

func TestClassicIsStrict(t *testing.T) {
	judged(t, newConsole(t, "/classic", classic), map[string]string{
		`interaction.screenPop('/003Wy00000AbCdEIAV', true, callback)`:                 "",
		`interaction.screenPop('/apex/Page?x=1', false, callback)`:                     "",
		`interaction.screenPop('https://elsewhere.example/', true, callback)`:          `"url" may not be`,
		`interaction.screenPop('/003Wy00000AbCdEIAV', callback)`:                       `"force" may not be "a function"`,
		`interaction.screenPop('/003Wy00000AbCdEIAV', true)`:                           `needs "callback"`,
		`interaction.screenPop({ url: '/003Wy00000AbCdEIAV', force: true, callback })`: `"url" may not be`,
		`interaction.getAppViewInfo(callback)`:                                         "no method getAppViewInfo",
		`interaction.getPageInfo(callback)`:                                            "",
		`interaction.isInConsole(callback)`:                                            "",
		`interaction.isVisible()`:                                                      `needs "callback"`,
		`interaction.setVisible(true, callback)`:                                       "",
		`interaction.setVisible('yes', callback)`:                                      `"value" may not be "yes"`,
		`interaction.runApex('C', 'm', 'a=1', callback)`:                               "",
		`interaction.saveLog('Task', 'Subject=Call&WhoId=003', callback)`:              "",
		`interaction.saveLog('Task', { Subject: 'Call' }, callback)`:                   `"saveParams" may not be`,
		`interaction.searchAndScreenPop('0123', '', 'inbound', callback)`:              "",
		`interaction.searchAndGetScreenPopUrl('0123', '', 'sideways', callback)`:       `"callType" may not be`,
		`interaction.refreshPage(callback)`:                                            "",
		`interaction.notifyInitializationComplete()`:                                   "",
		`interaction.cti.enableClickToDial(callback)`:                                  "",
		`interaction.cti.onClickToDial(callback)`:                                      "",
		`interaction.onClickToDial(callback)`:                                          "no method onClickToDial",
		`interaction.cti.setSoftphoneHeight(100, callback)`:                            `"height" may not be 100`,
		`interaction.cti.getCallCenterSettings(callback)`:                              "",
		`interaction.cti.getDirectoryNumbers(true, null, callback)`:                    "",
		`toolkit.fireEvent('SampleEvent', 'text', callback)`:                           "",
		`toolkit.fireEvent('SampleEvent', 'text')`:                                     "",
		`toolkit.fireEvent('SampleEvent', { an: 'object' }, callback)`:                 `"message" may not be {"an":"object"}`,
		`toolkit.addEventListener('SampleEvent', callback)`:                            "",
		`toolkit.addEventListener('SampleEvent', callback, { tab: 1 })`:                `"additionalParams" may not be`,
		`toolkit.addEventListener('SampleEvent')`:                                      `needs "eventListener"`,
		`toolkit.openPrimaryTab(null, '/apex/Page', true, 'Page', callback)`:           "",
		`toolkit.openPrimaryTab(null, '/apex/Page', 'Page', callback)`:                 `"active" may not be "Page"`,
		`toolkit.setCustomConsoleComponentButtonText('Phone', callback)`:               "",
		`toolkit.setTabUnsavedChanges(false)`:                                          `needs "callback"`,
		`toolkit.publish('SampleEvent', 'text')`:                                       "no method publish",
	})
}

func TestClassicAnswers(t *testing.T) {
	ctx := newConsole(t, "/classic", classic)
	call(t, ctx, `interaction.screenPop('/003Wy00000AbCdEIAV', false, callback)`)
	eval[chromedp.Void](t, ctx, `host.dirty = true`)
	call(t, ctx, `interaction.screenPop('/003Wy00000AbCdFIAV', false, callback)`)
	call(t, ctx, `interaction.screenPop('/003Wy00000AbCdFIAV', true, callback)`)
	call(t, ctx, `interaction.getPageInfo(callback)`)
	call(t, ctx, `toolkit.addEventListener('SampleEvent', (e) => heard.push(e.message))`)
	call(t, ctx, `toolkit.fireEvent('SampleEvent', 'hello', callback)`)
	eval[chromedp.Void](t, ctx, `host.fail('refreshPage', 'not today')`)
	call(t, ctx, `interaction.refreshPage(callback)`)
	answers, heard := said(t, ctx)
	want := []string{`{"result":true}`, `{"result":false}`, `{"result":true}`, `"objectId\":\"003Wy00000AbCdFIAV`, `{"success":true}`, `{"result":false,"error":"not today"}`}
	if len(answers) != len(want) {
		t.Fatalf("%d answers, want %d: %s", len(answers), len(want), answers)
	}
	for i, want := range want {
		if !strings.Contains(string(answers[i]), want) {
			t.Errorf("answer %d is %s, want %s in it", i, answers[i], want)
		}
	}
	if heard != "003Wy00000AbCdEIAV,003Wy00000AbCdFIAV,hello" {
		t.Errorf("heard %q", heard)
	}
}

// TestWhatPagesAreTold has the softphone tell pages what is not as the vendor's page has it.
func TestWhatPagesAreTold(t *testing.T) {
	ctx := newConsole(t, "/", lightning)
	say := func(message string) string {
		return `parent.postMessage(` + message + `, '*'); cti.getAppViewInfo({ callback })`
	}
	for message, want := range map[string]string{
		`{ type: 'Handshake' }`: "", `{ type: 'InitialSetup' }`: "no event has the type", `'Handshake'`: "an event is an object",
		`{ type: 'Interaction', category: 'add', data: { id: '7' } }`:                               "",
		`{ type: 'Interaction', category: 'add' }`:                                                  "needs an interaction",
		`{ type: 'interaction', category: 'add', data: { id: '7' } }`:                               "no event has the type",
		`{ type: 'Interaction', category: 'added', data: { id: '7' } }`:                             "has no category",
		`{ type: 'Interaction', category: 'change', data: { id: '7' } }`:                            "needs {old, new}",
		`{ type: 'Interaction', category: 'change', data: { old: { id: '8' }, new: { id: '7' } } }`: "of another interaction",
		`{ type: 'Interaction', category: 'blindTransfer', data: '7' }`:                             "",
		`{ type: 'UserAction', category: 'routingStatus', data: 'IDLE' }`:                           "",
		`{ type: 'UserAction', category: 'login', data: { id: '7' }, agent: 'me' }`:                 `no "agent"`,
		`{ type: 'Notification', category: 'interactionSelection', data: { interactionId: '7' } }`:  "",
	} {
		n := eval[int](t, ctx, `host.calls.filter((c) => c.ok === false).length`)
		call(t, ctx, say(message))
		until(t, ctx, `host.calls.at(-1).method === 'getAppViewInfo' && host.calls.at(-1).ok`)
		bad := eval[string](t, ctx, fmt.Sprintf(`host.calls.filter((c) => c.ok === false)[%d]?.error ?? ''`, n))
		if (bad == "") != (want == "") || !strings.Contains(bad, want) {
			t.Errorf("%s: %q, want %q", message, bad, want)
		}
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

// TestWhatClassicPagesAreTold has the softphone fire events that are not as the vendor's page has them.
func TestWhatClassicPagesAreTold(t *testing.T) {
	ctx := newConsole(t, "/classic", classic)
	for event, want := range map[string]string{
		`'pc.LOGGED_OUT', { reason: 'logged_out' }`:                                                                                    "",
		`'pc.LOGGED_OUT', { reason: 'gone' }`:                                                                                          `the reason of LOGGED_OUT is "gone"`,
		`'pc.ACW_REQUIRED', { reason: 'acw_required', interactionId: '7' }`:                                                            "",
		`'pc.ACW_REQUIRED', { reason: 'acw_required', id: '7' }`:                                                                       `no "id"`,
		`'pc.UPDATE_STATUS', { reason: 'status_updated', status: 'AVAILABLE' }`:                                                        `"id" may not be`,
		`'pc.INTERACTION_EVENT', { reason: 'interaction', data: { category: 'connect', data: { id: '7' } } }`:                          `no category "connect"`,
		`'pc.INTERACTION_EVENT', { reason: 'interaction', data: { category: 'add', data: { id: '7' } } }`:                              "",
		`'pc.CLIENT_EVENT', { reason: 'client', data: { type: 'Notification', category: 'interactionSelection', data: { id: '7' } } }`: "",
		`'pc.CLIENT_EVENT', { reason: 'client', data: { type: 'Weather', category: 'rain', data: {} } }`:                               `no event has the type "Weather"`,
		`'pc.STATUS', { reason: 'status' }`:                                                                                            "the client fires no STATUS",
	} {
		n := eval[int](t, ctx, `host.calls.filter((c) => c.ok === false).length`)
		name, message, _ := strings.Cut(event, ", ")
		call(t, ctx, `toolkit.fireEvent('inin.salesforce.constants.consoleevent.' + `+name+`, JSON.stringify(`+message+`), callback)`)
		bad := eval[string](t, ctx, fmt.Sprintf(`host.calls.filter((c) => c.ok === false)[%d]?.error ?? ''`, n))
		if (bad == "") != (want == "") || !strings.Contains(bad, want) {
			t.Errorf("%s: %q, want %q", event, bad, want)
		}
	}
}

// TestMessageServiceIsStrict uses it as a component may, and as it may not.
func TestMessageServiceIsStrict(t *testing.T) {
	ctx := newConsole(t, "/", lightning)
	eval[chromedp.Void](t, ctx, `import('/message-service.js').then((s) => {
		const context = s.createMessageContext(), channel = { name: 'Sample__c' }, heard = [];
		const subscription = s.subscribe(context, channel, (m) => heard.push(m.type), { scope: s.APPLICATION_SCOPE });
		s.subscribe(context, { name: 'Other__c' }, (m) => heard.push('other'));
		const wrong = [];
		const tries = (f) => { try { f(); wrong.push(''); } catch (e) { wrong.push(e.message); } };
		s.publish(context, channel, { type: 'InitialSetup' });
		s.publish(context, channel, { type: 'PureCloud.subscribe', data: { type: 'Interaction' } });
		s.publish(context, channel, { type: 'Handshake' });
		tries(() => s.publish({ id: 77 }, channel, {}));
		tries(() => s.publish(context, 'Sample__c', {}));
		tries(() => s.publish(context, channel, 'text'));
		tries(() => s.subscribe(context, channel, 'listener'));
		tries(() => s.subscribe(context, channel, () => {}, { scope: 'APPLICATION' }));
		s.unsubscribe(subscription);
		s.publish(context, channel, { type: 'InitialSetup' });
		tries(() => s.unsubscribe(subscription));
		window.was = [heard.join(' '), wrong.join('; '), window.problems[0]].join(' | ');
	})`)
	until(t, ctx, `window.was`)
	want := `InitialSetup PureCloud.subscribe Handshake | there is no such message context; that is no message channel; a message is an object; ` +
		`subscribe needs a listener; the scope is APPLICATION_SCOPE, or none; there is no such subscription | no event has the type "Handshake"`
	if got := eval[string](t, ctx, `was`); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
