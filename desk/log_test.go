package desk_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"cordboard/desk"
)

const (
	acme = "001Wy00000AbCdEIAV"
	tomo = "00QWy00000AbCdEIAV"
)

// logWorld is a world whose orders a test answers.
func logWorld(t *testing.T) (*world, chan desk.Order, chan error) {
	t.Helper()
	orders, answers := make(chan desk.Order), make(chan error)
	w := newWorld(t, func(w *world, _ *http.ServeMux) {
		w.order = func(ctx context.Context, _ string, o desk.Order) error {
			select {
			case orders <- o:
			case <-ctx.Done():
				return ctx.Err()
			}
			select {
			case err := <-answers:
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	return w, orders, answers
}

// logged is an interaction with a log.
func logged(phase string, log map[string]any, more map[string]any) map[string]any {
	i := map[string]any{
		"id": "7", "call": "pure:7", "phase": phase, "name": "Ines Roth", "customer": "··· 0123", "since": "2026-11-26T10:00:00Z", "log": log,
		"candidates": []map[string]any{{"object": "Contact", "id": ines, "name": "Ines Roth"}, {"object": "Lead", "id": tomo, "name": "Tomo Roth"}},
	}
	for k, v := range more {
		i[k] = v
	}
	return i
}

func open(all ...map[string]any) map[string]any { return map[string]any{"interactions": all} }

// field is an expression for a field of the log.
func field(id string) string {
	return `document.querySelector('cordboard-panel').shadowRoot.querySelector('#` + id + `')`
}

func choose(id, value string) string {
	return `(() => { const menu = ` + field(id) + `; menu.value = '` + value + `'; menu.dispatchEvent(new Event('change', { bubbles: true })); })()`
}

func wantOrder(t *testing.T, orders <-chan desk.Order, name, call string, args map[string]string) {
	t.Helper()
	var got desk.Order
	select {
	case got = <-orders:
	case <-time.After(limit):
		t.Fatalf("nothing is ordered, want %s with %v", name, args)
	}
	if want := (desk.Order{Name: name, Call: call, Args: args}); encoded(t, got) != encoded(t, want) {
		t.Fatalf("ordered %+v, want %+v", got, want)
	}
}

// TestPanelLog chooses from both menus: who was found, and what was looked at meanwhile.
func TestPanelLog(t *testing.T) {
	w, orders, answers := logWorld(t)
	console := w.open(address(w.console))
	w.online(1)
	panel := w.panel(console)
	w.state(open(logged("answered", map[string]any{}, nil)))
	panel.until(field("name") + "?.options.length === 3")
	panel.do(choose("name", ines))
	wantOrder(t, orders, "SaveLog", "7", map[string]string{"record": ines, "label": "Ines Roth"})
	answers <- nil
	name := map[string]any{"object": "Contact", "id": ines, "name": "Ines Roth"}
	w.state(open(logged("answered", map[string]any{"name": name, "saved": map[string]any{"state": "saved", "url": "https://org.example/x"}}, nil)))
	panel.until(field("name") + ".value === '" + ines + "'")
	console.until(`host.listeners.navigation.size > 0`)
	console.do(`host.event('navigation', { url: '/x', recordId: '` + acme + `', recordName: 'Acme', objectType: 'Account' })`)
	panel.until(field("related") + ".options.length === 2")
	console.do(`document.querySelector('section.panel iframe').src += '&again'`) // what was looked at outlives a reload
	panel = w.panel(console)
	panel.until(field("related") + "?.options.length === 2 && " + field("related") + ".options[1].text === 'Acme · Account'")
	panel.do(choose("related", acme))
	wantOrder(t, orders, "SaveLog", "7", map[string]string{"record": acme, "label": "Acme"})
	answers <- &desk.Refusal{Reason: "refused", Detail: "the org says no"}
	panel.until(shows("the org says no"))
	panel.until(field("related") + ".value === ''") // it shows what is, not what was wanted
	w.state(open(logged("answered", map[string]any{"name": map[string]any{"object": "Lead", "id": tomo, "name": "Tomo Roth"}}, nil)))
	panel.until(field("related") + ".disabled && " + field("name") + ".value === '" + tomo + "'")
	panel.do(choose("name", ""))
	wantOrder(t, orders, "SaveLog", "7", map[string]string{"clear": "name"})
	answers <- nil
	w.state(map[string]any{"over": []map[string]any{logged("ended", map[string]any{"notes": "blue"}, map[string]any{"over": true})}})
	panel.until(shows("Log of the call with Ines Roth") + " && " + field("notes") + ".value === 'blue'")
}

// TestPanelNotes types notes: they are saved at a pause, stay where the typing is when the panel draws anew, and outlive a reload,
// a lost socket and a refusal until the server has them.
func TestPanelNotes(t *testing.T) {
	w, orders, answers := logWorld(t)
	console := w.open(address(w.console))
	w.online(1)
	panel := w.panel(console)
	codes := map[string]any{"codes": map[string]any{"list": []map[string]any{{"id": "c1", "name": "Sale"}, {"id": "c2", "name": "Call back"}}}}
	w.state(open(logged("answered", map[string]any{}, codes)))
	panel.until(field("notes"))
	w.wire.set(true)
	w.wire.cut()
	panel.until(shows("Reconnecting"))
	panel.do(field("notes") + `.focus()`)
	panel.run(chromedp.KeyEvent("wants the blue one"))
	panel.do(field("notes") + `.setSelectionRange(6, 9)`)
	w.state(open(logged("held", map[string]any{}, map[string]any{"codes": codes["codes"], "controls": []string{"Retrieve"}})))
	w.wire.set(false)
	panel.do(`dispatchEvent(new Event('online'))`)
	wantOrder(t, orders, "SaveLog", "7", map[string]string{"notes": "wants the blue one"})
	panel.until(shows("Retrieve"))
	if at := eval[string](panel, `[document.querySelector('cordboard-panel').shadowRoot.activeElement.id, `+field("notes")+`.selectionStart, `+field("notes")+`.selectionEnd].join()`); at != "notes,6,9" {
		t.Errorf("the typing is at %s", at)
	}
	console.do(`document.querySelector('section.panel iframe').src += '&again'`) // the answer never comes
	panel = w.panel(console)
	wantOrder(t, orders, "SaveLog", "7", map[string]string{"notes": "wants the blue one"})
	panel.until(shows("Not saved yet") + " && " + field("notes") + ".value === 'wants the blue one'")
	answers <- nil
	w.state(open(logged("wrapup", map[string]any{"notes": "wants the blue one"}, map[string]any{"codes": codes["codes"], "controls": []string{"WrapUp"}})))
	panel.until(shows("Finish"))
	panel.do(choose("code", "Call back"))
	panel.do(press("log go"))
	wantOrder(t, orders, "WrapUp", "7", map[string]string{"code": "c2", "reason": "Call back", "notes": "wants the blue one"})
	answers <- nil
	wantOrder(t, orders, "SaveLog", "7", map[string]string{"outcome": "Call back"})
	answers <- nil
	panel.until(`localStorage.getItem('cordboard.drafts') === '{}'`)
}

// TestPanelDials calls a number that was typed, and one that was clicked in the org's page: its record is the name of the call
// that comes of it. Where nothing can place a call neither is offered.
func TestPanelDials(t *testing.T) {
	w, orders, answers := logWorld(t)
	console := w.open(address(w.console))
	w.online(1)
	panel := w.panel(console)
	w.state(map[string]any{"controls": []string{"Ready"}})
	panel.until(shows("Ready"))
	if eval[bool](panel, `!!`+field("dial")) || eval[bool](console, `host.clickToDialOn`) {
		t.Error("a call is offered that cannot be placed")
	}
	w.state(map[string]any{"controls": []string{"Ready", "MakeCall"}})
	panel.until(field("dial"))
	panel.do(field("dial") + `.focus()`)
	panel.run(chromedp.KeyEvent("+1 (202) 555-0143\r"))
	if o := <-orders; o.Name != "MakeCall" || o.To != "+1 (202) 555-0143" {
		t.Errorf("ordered %+v", o)
	}
	answers <- &desk.Refusal{Reason: "refused", Detail: "the station is busy"}
	panel.until(shows("the station is busy"))
	console.until(`host.clickToDialOn && host.listeners.clickToDial.size > 0`)
	console.do(`host.clickToDial('+12025550199', { recordId: '` + tomo + `', recordName: 'Tomo Roth', objectType: 'Lead' })`)
	if o := <-orders; o.Name != "MakeCall" || o.To != "+12025550199" {
		t.Errorf("ordered %+v", o)
	}
	answers <- nil
	w.state(open(logged("dialing", map[string]any{}, map[string]any{"mode": "manual", "candidates": nil})))
	wantOrder(t, orders, "SaveLog", "7", map[string]string{"record": tomo, "label": "Tomo Roth"})
	answers <- nil
	panel.until(field("name") + `.options[1].text === 'Tomo Roth · Lead'`)
}
