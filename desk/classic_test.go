package desk_test

import (
	"testing"

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

// TestNumbersAreClicked has a number clicked in both consoles.
func TestNumbersAreClicked(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/", "/classic"} {
		console := w.open(address(w.console) + path)
		panel := w.panel(console)
		panel.until(shows(anna))
		panel.do(`import(document.querySelector('script[type=module]').src.replace('main.js', '` + map[string]string{"/": "host-lightning.js", "/classic": "host-classic.js"}[path] + `')).then(({ Lightning, Classic }) => {
			const host = new (Lightning ?? Classic)(JSON.parse(document.querySelector('cordboard-panel').getAttribute('config')));
			host.onClickToDial((n) => { window.clicked = JSON.stringify(n); });
			host.onNavigate((p) => { window.navigated = p.recordId; });
		})`)
		console.until(`host.clickToDialOn && host.listeners.clickToDial.size === 1 && host.listeners.navigation.size === 1`)
		console.do(`host.clickToDial('+15555550123', { recordId: '` + ines + `', recordName: 'Ines Roth', objectType: 'Contact' }); host.openRecord('` + ines + `')`)
		panel.until(`window.clicked === '{"number":"+15555550123","id":"` + ines + `","object":"Contact","name":"Ines Roth"}' && window.navigated === '` + ines + `'`)
	}
}
