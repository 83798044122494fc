package desk_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"cordboard/crm"
	"cordboard/desk"
	"cordboard/screen"
)

// shows is an expression that is true once the panel shows these words.
func shows(words string) string { return fmt.Sprintf("%s.includes(%q)", text, words) }

// press is an expression that presses the panel's button of that key.
func press(key string) string {
	return fmt.Sprintf(`document.querySelector('cordboard-panel').shadowRoot.querySelector('[data-key^=%q]').click()`, key)
}

func (tb *tab) do(js string) { tb.run(chromedp.Evaluate[chromedp.Void](js)) }

func TestPanelPopsInTheConsole(t *testing.T) {
	w := newWorld(t)
	console := w.open(address(w.console))
	w.online(1)
	receipt := outcome(t, w.show(contactPop("k1")), screen.Shown)
	if receipt.Detail != "Contact Ines Roth" {
		t.Errorf("the receipt says %q", receipt.Detail)
	}
	console.until(`host.tabs.length === 1 && host.front.record.id === '` + ines + `'`)
	w.panel(console).until(shows("Opened: Contact Ines Roth") + " && " + shows("by id in call data"))
	console.wantNoBadCalls()
}

// wantNoBadCalls checks that the panel asked Open CTI for nothing that it does not have.
func (tb *tab) wantNoBadCalls() {
	tb.t.Helper()
	if bad := eval[string](tb, `JSON.stringify(host.calls.filter(c => c.ok === false))`); bad != "[]" {
		tb.t.Errorf("the host refused calls: %s", bad)
	}
}

func TestPanelReloadedWhileItPops(t *testing.T) {
	w := newWorld(t)
	console := w.open(address(w.console))
	w.online(1)
	first := w.hub.Tabs()[0]
	console.do(`host.hold('screenPop')`)
	got := w.show(contactPop("k1"))
	console.until(`host.calls.some(c => c.method === 'screenPop')`)
	console.do(`document.querySelector('section.panel iframe').src += '&again'`)
	outcome(t, got, screen.Shown)
	w.panel(console).until(shows("Opened: Contact Ines Roth"))
	if n := eval[int](console, `host.tabs.length`); n != 1 {
		t.Errorf("%d record tabs, want 1", n)
	}
	if again := w.hub.Tabs()[0]; again.Tab != first.Tab {
		t.Errorf("the reloaded panel is tab %s, was %s", again.Tab, first.Tab)
	}
	// A page that is loaded anew shows what it showed.
	console.do(`document.querySelector('section.panel iframe').src += '&andagain'`)
	await(t, "the panel connects again", func() bool {
		tabs := w.hub.Tabs()
		return len(tabs) == 1 && tabs[0].Since.After(first.Since)
	})
	w.panel(console).until(shows("Opened: Contact Ines Roth"))
}

func TestPanelSocketCutWhileItPops(t *testing.T) {
	w := newWorld(t)
	console := w.open(address(w.console))
	w.online(1)
	console.do(`host.hold('screenPop')`)
	got := w.show(contactPop("k1"))
	console.until(`host.calls.some(c => c.method === 'screenPop')`)
	w.wire.set(true)
	w.wire.cut()
	panel := w.panel(console)
	panel.until(shows("Reconnecting"))
	console.do(`host.release()`)
	panel.until(shows("Opened: Contact Ines Roth")) // the host goes on without us
	console.shoot("host-offline")
	w.wire.set(false)
	outcome(t, got, screen.Shown) // the receipt was kept
	panel.until(shows("Connected"))
	if n := eval[int](console, `host.calls.filter(c => c.method === 'screenPop').length`); n != 1 {
		t.Errorf("popped %d times", n)
	}
}

func TestPanelRemembersWhatItShowed(t *testing.T) {
	w := newWorld(t)
	console := w.open(address(w.console))
	w.online(1)
	console.do(`host.hold('screenPop')`)
	got := w.show(contactPop("k1"))
	console.until(`host.calls.some(c => c.method === 'screenPop')`)
	w.wire.set(true)
	w.wire.cut()
	console.do(`host.release()`)
	w.panel(console).until(shows("Opened: Contact Ines Roth"))
	console.run(chromedp.Navigate(address(w.console))) // and with the page goes the receipt
	w.wire.set(false)
	outcome(t, got, screen.Already)
	if n := eval[int](console, `host.tabs.length`); n != 0 {
		t.Errorf("popped again")
	}
}

func TestPanelMovesToTheNextServer(t *testing.T) {
	w := newWorld(t)
	console := w.open(address(w.console))
	w.online(1)
	old := w.hub
	w.start()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := old.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	outcome(t, w.show(contactPop("k1")), screen.Shown) // it waits: the new server gives desks a while to come
	console.until(`host.tabs.length === 1`)
	w.panel(console).until(shows("Connected"))
}

func TestPanelWithoutATicket(t *testing.T) {
	w := newWorld(t)
	console := w.open(address(w.console) + "/?agent=" + stranger)
	panel := w.panel(console)
	panel.until(shows("this console knows no such agent") + " && " + shows("Try again"))
	if n := len(w.hub.Tabs()); n != 0 {
		t.Errorf("%d tabs at the hub", n)
	}
}

func TestPanelWhoseTicketsAreRefused(t *testing.T) {
	w := newWorld(t)
	w.serving.Store(desk.NewHub(desk.Config{Redeem: func(context.Context, string) (string, error) { return "", desk.ErrTicket }, Origins: []string{address(w.console)}}))
	console := w.open(address(w.console))
	panel := w.panel(console)
	panel.until(shows("The desk did not accept the sign-in"))
	w.serving.Store(w.hub)
	panel.do(press("retry"))
	panel.until(shows("Connected"))
}

func TestPanelDuplicatedTabIsATabOfItsOwn(t *testing.T) {
	w := newWorld(t)
	first := w.open(address(w.server) + "/desk/?org=sim&agent=" + anna)
	w.online(1)
	id := eval[string](first, `sessionStorage.getItem('cordboard.tab')`)
	// A duplicated tab begins with a copy of the first one's storage.
	second := w.open(address(w.server) + "/desk/v/any/page.css")
	second.do(`sessionStorage.setItem('cordboard.tab', '` + id + `')`)
	second.run(chromedp.Navigate(address(w.server) + "/desk/?org=sim&agent=" + anna))
	second.until(shows("Calls are handled in another tab"))
	w.online(2)
}

func TestPanelMemoryIsBounded(t *testing.T) {
	w := newWorld(t)
	page := w.open(address(w.server) + "/desk/?org=sim&agent=" + anna)
	page.until(shows("Connected"))
	page.do(`import(document.querySelector('script[type=module]').src.replace('main.js', 'memory.js')).then(({ Memory }) => {
		const memory = new Memory();
		for (let i = 0; i < 500; i++) memory.put('key ' + i, 'shown');
		window.kept = [JSON.parse(localStorage.getItem('cordboard.shown')).length, memory.get('key 0') ?? 'gone', memory.get('key 499')];
	})`)
	page.until(`window.kept`)
	if got := eval[string](page, `kept.join()`); got != "200,gone,shown" {
		t.Errorf("kept %s", got)
	}
}

func TestPanelKeys(t *testing.T) {
	w := newWorld(t)
	console := w.open(address(w.console))
	w.online(1)
	console.do(`host.dirty = true`)
	outcome(t, w.show(contactPop("k1")), screen.Offered)
	panel := w.panel(console)
	panel.until(shows("Open Ines Roth"))
	panel.do(`document.dispatchEvent(new KeyboardEvent('keydown', { code: 'KeyO', altKey: true, shiftKey: true }))`)
	console.until(`host.front?.record.id === '` + ines + `'`)
	panel.until(shows("Opened: Contact Ines Roth"))
}

func TestPanelTwoTabs(t *testing.T) {
	w := newWorld(t)
	first := w.open(address(w.console))
	w.online(1)
	w.panel(first)
	second := w.open(address(w.console))
	w.online(2)
	panel := w.panel(second)
	panel.until(shows("Calls are handled in another tab"))
	outcome(t, w.show(contactPop("k1")), screen.Shown)
	if a, b := eval[int](first, `host.tabs.length`), eval[int](second, `host.tabs.length`); a != 1 || b != 0 {
		t.Errorf("popped %d and %d times", a, b)
	}
	panel.do(press("takeover"))
	w.panel(first).until(shows("Calls are handled in another tab"))
	outcome(t, w.show(contactPop("k2")), screen.Shown)
	second.until(`host.tabs.length === 1`)
}

func TestPanelSeveralMatches(t *testing.T) {
	w := newWorld(t)
	console := w.open(address(w.console))
	w.online(1)
	console.do(`host.showPanel(false)`)
	outcome(t, w.show(severalPop("k1")), screen.Shown)
	console.until(`host.panelVisible && document.querySelector('.utility').innerText.includes('3 matches')`)
	panel := w.panel(console)
	panel.until(shows("3 records match"))
	panel.do(press("003Wy00000AbCdFIAV"))
	console.until(`host.front?.record.name === 'Ines Rothmann'`)
	panel.until(shows("Opened: Contact Ines Rothmann"))
	console.wantNoBadCalls()
}

func severalPop(key string) screen.Pop {
	p := screen.Pop{Key: key, Call: "call-1", Kind: screen.KindList, New: "Lead", Title: "+1 ··· ··· 0123", Why: "by phone ··0123"}
	for _, id := range []string{ines, "003Wy00000AbCdFIAV", "003Wy00000AbCdGIAV"} {
		p.Records = append(p.Records, crm.Record{Object: "Contact", ID: id, Name: people[id], By: "phone"})
	}
	return p
}

func TestPanelOffersWhenThePageHasChanges(t *testing.T) {
	w := newWorld(t)
	console := w.open(address(w.console))
	w.online(1)
	console.do(`host.dirty = true`)
	panel := w.panel(console)
	r := outcome(t, w.show(contactPop("k1")), screen.Offered)
	if r.Detail != "page has changes" {
		t.Errorf("the receipt says %q", r.Detail)
	}
	if n := eval[int](console, `host.tabs.length`); n != 0 {
		t.Error("it was opened over unsaved changes")
	}
	panel.until(shows("Open Ines Roth"))
	panel.do(press("open"))
	console.until(`host.front?.record.id === '` + ines + `'`)
	panel.until(shows("Opened: Contact Ines Roth"))
}

func TestPanelTellsWhyTheHostRefused(t *testing.T) {
	w := newWorld(t)
	console := w.open(address(w.console))
	w.online(1)
	p := contactPop("k1")
	p.Record.ID = "003Wy00000GoneGAAV"
	if r := outcome(t, w.show(p), screen.Declined); r.Detail != "there is no record 003Wy00000GoneGAAV" {
		t.Errorf("the receipt says %q", r.Detail)
	}
	w.panel(console).until(shows("was not opened"))
}

func TestPanelOpensPagesAndForms(t *testing.T) {
	w := newWorld(t)
	console := w.open(address(w.console))
	w.online(1)
	outcome(t, w.show(screen.Pop{Key: "p", Kind: screen.KindPage, URL: "/apex/CallScript?lcm=7"}), screen.Shown)
	console.until(`host.front.url === '/apex/CallScript?lcm=7'`)
	outcome(t, w.show(screen.Pop{Key: "p2", Kind: screen.KindPage, URL: "javascript:alert(1)"}), screen.Declined)
	outcome(t, w.show(screen.Pop{Key: "p3", Kind: screen.KindPage, URL: "//evil.example/x"}), screen.Declined)
	outcome(t, w.show(screen.Pop{Key: "n", Kind: screen.KindNote, Title: "Nobody has +1 ··· ··· 0123"}), screen.Shown)
	// A form lies over everything: not while the phone rings.
	form := screen.Pop{Key: "f", Call: "c1", Kind: screen.KindNew, New: "Lead", Fields: map[string]string{"Phone": "+15555550123"}}
	w.state(map[string]any{"call": map[string]any{"id": "c1", "phase": "ringing", "customer": "+1 ··· ··· 0123"}})
	w.panel(console).until(shows("Ringing"))
	outcome(t, w.show(form), screen.Offered)
	w.state(map[string]any{"call": map[string]any{"id": "c1", "phase": "answered", "customer": "+1 ··· ··· 0123"}})
	w.panel(console).until(shows("Talking"))
	form.Key = "f2"
	outcome(t, w.show(form), screen.Shown)
	console.until(`document.querySelector('dialog.form').open && document.querySelector('.fields input').value === '+15555550123'`)
	console.wantNoBadCalls()
}

func TestPanelShowsAllThatACallOpened(t *testing.T) {
	w := newWorld(t)
	console := w.open(address(w.console))
	w.online(1)
	w.state(map[string]any{"call": map[string]any{"id": "call-1", "phase": "answered"}})
	outcome(t, w.show(contactPop("k1")), screen.Shown)
	outcome(t, w.show(screen.Pop{Key: "k2", Call: "call-1", Kind: screen.KindPage, URL: "/apex/CallScript", Title: "Call script"}), screen.Shown)
	panel := w.panel(console)
	panel.until(shows("Opened: Contact Ines Roth") + " && " + shows("Opened: Call script"))
	w.state(map[string]any{"call": map[string]any{"id": "call-2", "phase": "ringing"}})
	panel.until("!" + shows("Opened:") + " && " + shows("Recent"))
}

func TestPanelLatePop(t *testing.T) {
	w := newWorld(t)
	console := w.open(address(w.console))
	w.online(1)
	p := contactPop("k1")
	p.Until = time.Now().Add(-14 * time.Second)
	outcome(t, w.show(p), screen.Late)
	panel := w.panel(console)
	panel.until(shows("s late, not opened"))
	if n := eval[int](console, `host.tabs.length`); n != 0 {
		t.Error("it was opened too late")
	}
	panel.do(press("open"))
	console.until(`host.front?.record.id === '` + ines + `'`)
}

func TestPanelMissedPop(t *testing.T) {
	w := newWorld(t)
	w.grace = time.Nanosecond
	w.start()
	outcome(t, w.show(contactPop("k1")), screen.NoDesk)
	console := w.open(address(w.console))
	panel := w.panel(console)
	panel.until(shows("Came while this desk was closed"))
	panel.do(press("open"))
	console.until(`host.front?.record.id === '` + ines + `'`)
}

func TestPanelSignsInAlone(t *testing.T) {
	w := newWorld(t)
	page := w.open(address(w.server) + "/desk/?host=plain&org=sim")
	page.until(shows("Your agent id"))
	page.run(chromedp.Evaluate[chromedp.Void](`document.querySelector('cordboard-panel').shadowRoot.querySelector('input').focus()`), chromedp.KeyEvent(anna+"\r"))
	page.until(shows("Connected"))
	page.run(chromedp.Reload())
	page.until(shows("Connected")) // and stays signed in over a reload
}

func TestPanelStandsAlone(t *testing.T) {
	w := newWorld(t)
	page := w.open(address(w.server) + "/desk/?host=plain&org=sim&agent=" + anna)
	page.until(shows("Connected"))
	// A browser opens windows after a click only; the one of this test lacks that, so it is told to.
	page.do(`{ const open = window.open; let pressed = false; addEventListener('keydown', () => { pressed = true; }, true);
		window.open = (...a) => pressed ? open(...a) : null; }`)
	r := outcome(t, w.show(contactPop("k1")), screen.Offered)
	if !strings.Contains(r.Detail, "click") {
		t.Errorf("the receipt says %q", r.Detail)
	}
	page.until(shows("Open Ines Roth"))
	opened := chromedp.WaitNewTarget(page.ctx, func(i *target.Info) bool { return strings.Contains(i.URL, "/lightning/r/Contact/"+ines) })
	page.run(chromedp.KeyEvent("\t\t")) // past the dots to the offer
	page.until(`document.querySelector('cordboard-panel').shadowRoot.activeElement?.dataset.key?.startsWith('open')`)
	page.run(chromedp.KeyEvent("\r"))
	page.until(shows("Opened: Contact Ines Roth"))
	<-opened
}

func TestPanelSpeaks(t *testing.T) {
	w := newWorld(t)
	console := w.open(address(w.console))
	w.online(1)
	panel := w.panel(console)
	spoken := func(role string) string {
		return fmt.Sprintf(`document.querySelector('cordboard-panel').shadowRoot.querySelector('[role=%s]').textContent`, role)
	}
	w.state(map[string]any{"call": map[string]any{"id": "c1", "phase": "ringing", "name": "Ines Roth", "campaign": "Winback"}})
	panel.until(spoken("alert") + ` === 'Ringing: Ines Roth, Winback'`)
	outcome(t, w.show(contactPop("k1")), screen.Shown)
	panel.until(spoken("status") + `.includes('Opened Contact Ines Roth, by id in call data')`)
	console.until(`document.querySelector('.utility').innerText === 'Ringing · Ines Roth'`)
	if focused := eval[bool](panel, `document.querySelector('cordboard-panel').shadowRoot.activeElement !== null`); focused {
		t.Error("the focus moved by itself")
	}
}

func TestPanelIsSmall(t *testing.T) {
	if n := packed(t, desk.Assets()); n > 50<<10 {
		t.Errorf("the panel is %d bytes gzipped, more than 50 KiB", n)
	}
}
