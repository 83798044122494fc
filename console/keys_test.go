package console_test

import (
	"strings"
	"testing"
)

func containsAll(s string, words ...string) bool {
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}

func TestKeys(t *testing.T) {
	o := newOffice(t)
	id := o.call("9001", "1001001", customer)
	page := o.open(t, "/calls")
	for key, place := range map[string]string{"w": "workflows", "a": "attention", "o": "connections", "c": "calls"} {
		page.keys("g" + key)
		page.until(`document.body.dataset.place === '` + place + `' && document.readyState === 'complete'`)
	}
	page.visit("/calls")
	page.keys("/")
	page.until(`document.activeElement.type === 'search'`)
	page.keys("gwpu?jk/")
	page.wants("single letters are text in a field", `location.pathname === '/calls' && document.activeElement.value.endsWith('gwpu?jk/') &&
		!document.querySelector('dialog').open && !document.querySelector('tr.at') && document.querySelector('[data-do=pause]').textContent === 'Pause'`)
	page.do(`document.activeElement.blur()`)
	page.keys("u")
	page.wants("the viewer's time", `document.querySelector('[data-zone]').textContent === 'yours'`)
	page.keys("u")
	page.wants("UTC", `document.querySelector('[data-zone]').textContent === 'UTC'`)
	page.keys("?")
	page.until(`document.querySelector('dialog').open`)
	page.keys("u")
	page.wants("nothing happens behind a dialog", `document.querySelector('[data-zone]').textContent === 'UTC'`)
	page.keys("\x1b")
	page.until(`!document.querySelector('dialog').open`)
	page.keys("jk\r")
	page.until(`location.pathname === '/calls/` + id + `' && document.readyState === 'complete'`)
}

// A browser moves the focus out of a closed dialog only with the next frame: keys of that moment count already.
func TestKeysRightBehindADialog(t *testing.T) {
	o := newOffice(t)
	page := o.open(t, "/calls")
	page.do(`const sheet = document.querySelector('#keys'), box = sheet.querySelector('[data-do=single]');
		sheet.showModal(); box.focus(); sheet.close();
		box.dispatchEvent(new KeyboardEvent('keydown', { key: 'u', bubbles: true }))`)
	page.wants("the viewer's time", `document.querySelector('[data-zone]').textContent === 'yours'`)
}

func TestSingleLettersCanBeSwitchedOff(t *testing.T) {
	o := newOffice(t)
	page := o.open(t, "/calls")
	page.keys("?")
	page.until(`document.querySelector('dialog').open`)
	page.do(`document.querySelector('[data-do=single]').click(); document.querySelector('dialog').close()`)
	page.keys("u?")
	page.wants("nothing happened", `document.querySelector('[data-zone]').textContent === 'UTC' && !document.querySelector('dialog').open`)
	page.visit("/workflows")
	page.keys("u")
	page.wants("it is remembered", `document.querySelector('[data-zone]').textContent === 'UTC'`)
	page.do(`document.querySelector('[data-do=keys]').click()`)
	page.wants("the box is empty", `!document.querySelector('[data-do=single]').checked`)
}

// Every control can be reached with Tab, in the order of the page, and shows that it has the focus.
func TestEveryControlIsReachedByKeyboard(t *testing.T) {
	o := newOffice(t)
	o.refuse("REQUIRED_FIELD_MISSING Subject: Required")
	id := o.call("9001", "1001001", customer)
	page := o.open(t, "/calls")
	for _, path := range []string{"/calls", "/calls/" + id, "/attention", "/workflows", "/workflows/Cisco%20manual%20calls", "/connections"} {
		page.visit(path)
		page.do(`document.querySelectorAll('#content details').forEach(d => { d.open = true }); window.reached = new Set(); window.dull = [];
			addEventListener('focusin', (e) => { reached.add(e.target); if (getComputedStyle(e.target).outlineStyle === 'none') dull.push(e.target.outerHTML.slice(0, 80)); })`)
		n := eval[int](page, `[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')].filter(e => !e.closest('dialog') && e.checkVisibility()).length`)
		page.keys(strings.Repeat("\t", n+20))
		left := eval[string](page, `[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
			.filter(e => !e.closest('dialog') && e.checkVisibility() && !reached.has(e)).map(e => e.outerHTML.slice(0, 80)).join('; ')`)
		dull := eval[string](page, `dull.join('; ')`)
		if left != "" || dull != "" {
			t.Errorf("%s: not reached: %s; without a ring: %s", path, left, dull)
		}
		nameless := eval[string](page, `[...document.querySelectorAll('button, input:not([type=hidden]), select, textarea, svg[role=img]')]
			.filter(e => !(e.textContent.trim() || e.ariaLabel || e.labels?.length)).map(e => e.outerHTML.slice(0, 80)).join('; ')`)
		if nameless != "" {
			t.Errorf("%s: without a name: %s", path, nameless)
		}
	}
}

func TestThemes(t *testing.T) {
	o := newOffice(t)
	page := o.open(t, "/calls")
	const background = `getComputedStyle(document.body).backgroundColor`
	page.look(1280, 800, "dark")
	page.wants("dark as the system", background+` === 'rgb(22, 24, 29)'`)
	page.look(1280, 800, "light")
	page.wants("light as the system", background+` === 'rgb(255, 255, 255)'`)
	page.do(`document.querySelector('[data-do=theme]').click()`)
	page.wants("dark as chosen", background+` === 'rgb(22, 24, 29)'`)
	page.visit("/workflows")
	page.wants("the choice stays", background+` === 'rgb(22, 24, 29)'`)
	page.do(`document.querySelector('[data-do=theme]').click()`)
	page.look(1280, 800, "dark")
	page.wants("light as chosen", background+` === 'rgb(255, 255, 255)'`)
}
