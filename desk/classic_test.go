package desk_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"cordboard/desk"
	"cordboard/screen"
)

func (w *world) classic() *tab {
	w.t.Helper()
	console := w.open(address(w.console) + "/classic")
	w.online(1)
	return console
}

func TestClassicPops(t *testing.T) {
	w := newWorld(t)
	console := w.classic()
	outcome(t, w.show(contactPop("k1")), screen.Shown)
	console.until(`host.front.record.id === '` + ines + `'`)
	w.panel(console).until(shows("Opened: Contact Ines Roth"))
	outcome(t, w.show(screen.Pop{Key: "p", Call: "call-1", Kind: screen.KindPage, URL: "/apex/CallScript?lcm=7"}), screen.Shown)
	console.until(`host.front.url === '/apex/CallScript?lcm=7'`)
	console.shoot("classic-popped")
	outcome(t, w.show(screen.Pop{Key: "n", Call: "call-1", Kind: screen.KindNew, New: "Lead", Fields: map[string]string{"LastName": "Roth", "Phone": "+1 5", "Odd__c": "x"}}), screen.Shown)
	console.until(`host.front.url === '/00Q/e?name_lastlea2=Roth&lea8=%2B1+5'`)
	if r := outcome(t, w.show(screen.Pop{Key: "n2", Kind: screen.KindNew, New: "Visit__c"}), screen.Declined); r.Detail != "Classic's page for a new Visit__c is not known" {
		t.Errorf("the receipt says %q", r.Detail)
	}
	console.do(`host.showPanel(false)`)
	outcome(t, w.show(severalPop("k2")), screen.Shown)
	console.until(`host.panelVisible && document.querySelector('.utility').innerText.includes('3 matches')`)
	gone := contactPop("k3")
	gone.Record.ID = "003Wy00000GoneGAAV"
	if r := outcome(t, w.show(gone), screen.Declined); r.Detail != "there is no record 003Wy00000GoneGAAV" {
		t.Errorf("the receipt says %q", r.Detail)
	}
	if tab := w.hub.Tabs()[0]; tab.Host != "classic" {
		t.Errorf("the tab's host is %s", tab.Host)
	}
}

// TestClassicCoversNothing has a record edited: what is popped is offered, whether the panel was told of the changes or only
// Salesforce knows of them.
func TestClassicCoversNothing(t *testing.T) {
	w := newWorld(t)
	console := w.classic()
	console.do(`host.dirty = true`)
	panel := w.panel(console)
	if r := outcome(t, w.show(contactPop("k1")), screen.Offered); r.Detail != "page has changes" {
		t.Errorf("the receipt says %q", r.Detail)
	}
	if n := eval[int](console, `host.calls.filter(c => c.method === 'screenPop').length`); n != 0 {
		t.Error("it was tried though the page is being edited")
	}
	panel.until(shows("Open Ines Roth"))
	console.shoot("classic-offered")
	panel.do(press("open"))
	console.until(`host.front?.record.id === '` + ines + `'`)
	panel.until(shows("Opened: Contact Ines Roth"))
	console.do(`document.querySelector('.dirty input').checked = false; host.tellPage(); document.querySelector('.dirty input').checked = true`)
	outcome(t, w.show(contactPop("k2")), screen.Offered)
	console.until(`host.calls.filter(c => c.method === 'screenPop').at(-1).args[1] === false`)
	console.wantNoBadCalls()
}

// TestClassicOutsideAConsole pops where each pop takes the page away and the panel with it: it is not opened again and again.
func TestClassicOutsideAConsole(t *testing.T) {
	w := newWorld(t)
	console := w.open(address(w.console) + "/classic?sidebar")
	w.online(1)
	outcome(t, w.show(contactPop("k1")), screen.Already)
	w.panel(console).until(shows("Opened before: Contact Ines Roth"))
	if n := eval[int](console, `host.calls.filter(c => c.method === 'screenPop').length`); n != 1 {
		t.Errorf("popped %d times", n)
	}
	outcome(t, w.show(severalPop("k2")), screen.Shown)
	console.wantNoBadCalls()
}

// TestNumbersAreClicked has a number clicked in both consoles.
func TestNumbersAreClicked(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/", "/classic"} {
		console := w.open(address(w.console) + path)
		panel := w.panel(console)
		panel.until(shows(anna))
		const navigations = `host.calls.filter(c => ['onNavigationChange', 'onFocus'].includes(c.method) && c.ok).length`
		before := eval[int](console, navigations)
		panel.do(`import(document.querySelector('script[type=module]').src.replace('main.js', '` + map[string]string{"/": "host-lightning.js", "/classic": "host-classic.js"}[path] + `')).then(({ Lightning, Classic }) => {
			const host = new (Lightning ?? Classic)(JSON.parse(document.querySelector('cordboard-panel').getAttribute('config')));
			host.onClickToDial((n) => { window.clicked = JSON.stringify(n); });
			host.onNavigate((p) => { window.navigated = p.recordId; });
		})`)
		console.until(fmt.Sprintf(`host.clickToDialOn && host.listeners.clickToDial.size > 0 && %s > %d`, navigations, before))
		console.do(`host.clickToDial('+15555550123', { recordId: '` + ines + `', recordName: 'Ines Roth', objectType: 'Contact' }); host.openRecord('` + ines + `')`)
		panel.until(`window.clicked === '{"number":"+15555550123","id":"` + ines + `","object":"Contact","name":"Ines Roth"}' && window.navigated === '` + ines + `'`)
	}
}

// TestClassicPagesHearAndAct has a console component hear of a call and act on it, by the names that the vendor's example page
// uses and by others.
func TestClassicPagesHearAndAct(t *testing.T) {
	orders := make(chan desk.Order, 16)
	w := newWorld(t, func(w *world, _ *http.ServeMux) {
		w.pages = &desk.Pages{Prefix: "PureCloud.", ConsolePrefix: "acme.", Types: []string{"UserAction"}}
		w.order = func(_ context.Context, _ string, o desk.Order) error { orders <- o; return nil }
	})
	console := w.classic()
	console.do(`window.told = []; for (const name of ['ACW_COMPLETED', 'ACW_REQUIRED', 'CLIENT_EVENT', 'INTERACTION_CONNECTED', 'INTERACTION_DISCONNECTED', 'INTERACTION_EVENT', 'LOGGED_OUT', 'UPDATE_STATUS', 'subscribe'])
		host.consoleListener('acme.pc.' + name, ({ message }) => { const m = JSON.parse(message); told.push([name, m.reason, m.interactionId ?? m.status ?? m.data?.category ?? ''].join(' ')); });
		window.fire = (name, message) => host.consoleEvent('acme.' + name, message)`)
	console.until(`host.consoleListeners.has('acme.changestate')`)
	w.state(map[string]any{"controls": []string{"Ready", "NotReady", "LogOut"}})
	panel := w.panel(console)
	for i, want := range []string{"Ready", "NotReady", "LogOut"} {
		panel.until(`document.querySelector('cordboard-panel').shadowRoot.querySelector('[data-key="do ` + want + `"]:enabled')`)
		panel.do(press("do " + want))
		if o := <-orders; o.Name != want {
			t.Errorf("pressed %d: ordered %+v", i, o)
		}
	}
	console.until(`['UPDATE_STATUS status_updated ON_QUEUE', 'UPDATE_STATUS status_updated BUSY', 'UPDATE_STATUS status_updated OFFLINE', 'LOGGED_OUT logged_out ', 'CLIENT_EVENT client routingStatus', 'subscribe client logout'].every((t) => told.includes(t))`)
	w.interaction("answered", nil)
	console.until(`told.includes('INTERACTION_CONNECTED connected 1234') && told.includes('INTERACTION_EVENT interaction add')`)
	for message, want := range map[string]string{
		`fire('changestatus', 'AVAILABLE')`:                                                                   "SetStatus",
		`fire('changestatus', '{"data":{"id":"44560c74-5e84-4062-94b6-5680cdeb54d5"}}')`:                      "SetStatus",
		`fire('changestate', '{"data":{"id":"1234","action":"securePause"}}')`:                                "PauseRecording",
		`fire('changeState', '{"id":"1234","action":"pickup"}')`:                                              "Accept",
		`fire('addCustomAttributes', '{"data":{"id":"1234","attributes":{"a":{"b":1}}}}')`:                    "SetData",
		`fire('addAssociation', '{"type":"PureCloud.addAssociation","data":{"type":"relation","id":"006"}}')`: "SetData",
		`fire('createConference', '{"data":{"interactionIds":["1234","5"]}}')`:                                "Conference",
	} {
		console.do(message)
		if o := <-orders; o.Name != want {
			t.Errorf("%s: ordered %+v", message, o)
		}
	}
	console.do(`fire('changestate', 'hold'); fire('changestate', '{"data":'); fire('subscribe', '{"data":{"type":"interaction","categories":["ACW","deallocate"]}}')`)
	await(t, "the hub has counted", func() bool {
		return w.hub.PageMessages()[desk.PageMalformed] == 2 && w.hub.PageMessages()[desk.PageTaken] == 8
	})
	w.interaction("wrapup", nil)
	console.until(`['ACW_REQUIRED acw_required 1234', 'INTERACTION_DISCONNECTED disconnected 1234', 'INTERACTION_EVENT interaction change', 'CLIENT_EVENT client acw'].every((t) => told.includes(t)) && !told.includes('CLIENT_EVENT client disconnect')`)
	w.state(map[string]any{})
	console.until(`['ACW_COMPLETED acw_completed 1234', 'CLIENT_EVENT client deallocate', 'subscribe client deallocate'].every((t) => told.includes(t))`)
	console.wantNoBadCalls()
}
