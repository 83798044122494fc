package console_test

import (
	"fmt"
	"testing"
	"time"

	"cordboard/engine"
)

// row is an expression for the row of a call.
func row(id string) string { return fmt.Sprintf(`document.querySelector('tr[data-call=%q]')`, id) }

func TestListLivesUnderThePersonsHands(t *testing.T) {
	o := newOffice(t)
	at := begun()
	o.accept(told("9001", "1001001", customer, at)[:1]...)
	o.accept(told("9002", "1001002", customer, at.Add(time.Second))[:1]...)
	o.settled()
	first, second := o.id("9001"), o.id("9002")
	page := o.open(t, "/calls")
	page.keys("jj")
	page.until(row(first) + `.classList.contains('at')`)
	page.do(row(second) + `.querySelector('a').focus(); window.before = ` + row(second))
	o.accept(told("9003", "1001003", customer, at.Add(2*time.Second))[:2]...)
	third := o.id("9003")
	page.until(row(third) + `?.textContent.includes('talking')`)
	page.wants("the marked row", row(first)+`.classList.contains('at')`)
	page.wants("the focus", `document.activeElement === `+row(second)+`.querySelector('a')`)
	page.wants("the row itself", `window.before === `+row(second))
	page.wants("the newest call is first", `document.querySelector('tbody tr') === `+row(third))
	page.wants("the newest call is marked as new", row(third)+`.classList.contains('fresh')`)
	o.accept(told("9001", "1001001", customer, at)[1:]...)
	page.until(row(first) + `.textContent.includes('done')`)
	page.wants("the marked row after it changed", row(first)+`.classList.contains('at')`)
	page.do(`document.querySelector('input[type=search]').focus()`)
	page.keys("90")
	o.accept(told("9002", "1001002", customer, at.Add(time.Second))[1:]...)
	page.until(row(second) + `.textContent.includes('done')`) // also while somebody writes
	page.wants("what was written", `document.activeElement.type === 'search' && document.activeElement.value === '90'`)
}

func TestStoryLivesWithItsDetailsOpen(t *testing.T) {
	o := newOffice(t)
	events := told("9001", "1001001", customer, begun())
	o.accept(events[:2]...)
	o.settled()
	page := o.open(t, "/calls/"+o.id("9001"))
	page.until(`document.querySelectorAll('.story > li').length === 2`)
	page.do(`window.kept = document.querySelector('.steps details'); kept.open = true; kept.querySelector('summary').focus()`)
	o.accept(events[2:]...)
	page.until(`document.querySelectorAll('.story > li').length === 5`)
	page.wants("the details are open", `kept.isConnected && kept.open`)
	page.wants("the focus", `document.activeElement === kept.querySelector('summary')`)
	page.wants("the others are closed", `document.querySelectorAll('details[open]').length === 1`)
}

func TestPauseCountsWhatItHoldsBack(t *testing.T) {
	o := newOffice(t)
	o.call("9001", "1001001", customer)
	page := o.open(t, "/calls")
	page.until(`performance.getEntriesByType('resource').some(r => r.name.includes('fragment'))`) // the stream is open
	page.keys("p")
	page.until(`document.querySelector('[data-do=pause]').textContent === 'Resume'`)
	o.accept(told("9002", "1001002", customer, begun())[:1]...)
	page.until(`/^Resume \(\d+ changes?\)$/.test(document.querySelector('[data-do=pause]').textContent)`)
	page.wants("one row", `document.querySelectorAll('tr[data-call]').length === 1`)
	page.keys("p")
	page.until(`document.querySelectorAll('tr[data-call]').length === 2 && document.querySelector('[data-do=pause]').textContent === 'Pause'`)
}

func TestStaleIsSaidAndRecovers(t *testing.T) {
	o := newOffice(t)
	o.call("9001", "1001001", customer)
	page := o.open(t, "/calls")
	page.until(`performance.getEntriesByType('resource').some(r => r.name.includes('fragment'))`)
	page.wants("no banner at first", `document.querySelector('.stale').hidden`)
	o.away.Store(true)
	o.server.CloseClientConnections()
	page.until(`!document.querySelector('.stale').hidden && document.querySelector('.stale').innerText.includes(':')`)
	page.wants("the data stays", `document.querySelectorAll('tr[data-call]').length === 1`)
	page.look(1280, 800, "light")
	page.shoot("calls-stale-1280x800-light")
	o.accept(told("9002", "1001002", customer, begun())[:1]...)
	o.away.Store(false)
	page.until(`document.querySelector('.stale').hidden && document.querySelectorAll('tr[data-call]').length === 2`)
}

func TestLoadingIsSaidOnlyWhenItIsSlow(t *testing.T) {
	o := newOffice(t)
	page := o.open(t, "/calls")
	page.until(`performance.getEntriesByType('resource').some(r => r.name.includes('fragment'))`)
	page.do(`window.shown = 0; new MutationObserver(() => { if (!document.querySelector('.loading').hidden) shown++; }).observe(document.querySelector('.loading'), { attributes: true })`)
	o.accept(told("9001", "1001001", customer, begun())[:1]...)
	page.until(`document.querySelectorAll('tr[data-call]').length === 1`)
	gate := make(chan struct{})
	o.gate.Store(&gate)
	o.accept(told("9002", "1001002", customer, begun())[:1]...)
	page.until(`!document.querySelector('.loading').hidden`)
	o.gate.Store(nil)
	close(gate)
	page.until(`document.querySelector('.loading').hidden && document.querySelectorAll('tr[data-call]').length === 2`)
}

func TestLinksToAStepOpenIt(t *testing.T) {
	o := newOffice(t)
	o.refuse("REQUIRED_FIELD_MISSING Subject: Required")
	o.call("9001", "1001001", customer)
	page := o.open(t, "/attention")
	page.do(`document.querySelector('.group details').open = true; document.querySelector('.group a[href*="#step-"]').click()`)
	page.until(`location.hash.startsWith('#step-') && document.getElementById(location.hash.slice(1))?.querySelector('details').open`)
	page.wants("it can be seen", `(() => { const b = document.querySelector('li:target').getBoundingClientRect(); return b.top < innerHeight && b.bottom > 0 })()`)
	page.do(`document.querySelector('.laneline.thin a').click()`)
	page.until(`document.querySelectorAll('.steps details[open]').length === 2`)
}

func TestRepairInTheBrowser(t *testing.T) {
	o := newOffice(t)
	o.refuse("REQUIRED_FIELD_MISSING Subject: Required")
	o.call("9001", "1001001", customer)
	got := make(chan string, 10)
	o.acts("create", func(in engine.Input) engine.Outcome { got <- string(in.Args); return engine.Did(nil) })
	page := o.open(t, "/attention")
	page.do(`document.querySelector('.group details').open = true; const a = document.querySelector('textarea'); a.value = a.value.replace('In Progress', 'Completed'); a.form.querySelector('button').click()`)
	page.until(`document.body.innerText.includes('Nothing needs you')`)
	if args := <-got; !containsAll(args, `"Call `+customer+`"`, `"Status":"Completed"`) {
		t.Errorf("performed with %s", args)
	}
}
