package console_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/console"
	"cordboard/engine"
	"cordboard/platform"
)

// ownRules nearly fire: a page is opened for another campaign only.
const ownRules = `name: Renewals
platform: cisco
mode: manual
state: shadow
rules:
  - name: Open the offer
    on: OUT ACTIVE
    when: call.campaign.startsWith("Renewal") && call.mode == "manual"
    do:
      - page: /apex/Offer
  - name: Open the contract
    on: OUT DROPPED
    when: call.campaign == "Winback"
    do:
      - page: /apex/Contract
`

// consulted are events of a call with a second agent's consult leg and a transfer.
func consulted(ref string, at time.Time) []call.Event {
	events := told(ref, "1001004", "+4930555777", at)[:3]
	other := func(n int, after time.Duration, typ, name string, phase call.Phase) call.Event {
		ev := told(ref, "1001007", "+4930555777", at)[0]
		ev.ID, ev.At, ev.CallType, ev.Name, ev.Phase = fmt.Sprint(ref, "/b", n), at.Add(after), typ, name, phase
		ev.Leg, ev.Role = "leg-b-"+ref, call.ConsultLeg
		return ev
	}
	return append(events,
		other(1, 55*time.Second, "CONSULT", "ALERTING", call.Ringing),
		other(2, 60*time.Second, "CONSULT", "ACTIVE", call.Answered),
		other(3, 140*time.Second, "TRANSFER", "DROPPED", call.Ended),
		told(ref, "1001004", "+4930555777", at.Add(20*time.Second))[4])
}

// busyOffice is a journal as a day leaves it.
func busyOffice(t *testing.T) (o *office, story, failed, waiting string) {
	o = newOffice(t, ownRules)
	at := begun()
	for i := range 9 {
		number := fmt.Sprintf("+15550100%03d", 200+i)
		o.accept(told(fmt.Sprint(9100+i), fmt.Sprint(1001001+i%4), number, at.Add(-time.Duration(i*7)*time.Minute))...)
	}
	o.accept(consulted("9200", at.Add(time.Minute))...)
	o.settled()
	story = o.id("9200")
	o.acts("pop", func(engine.Input) engine.Outcome { return engine.Skip("no-desk", "the agent has no desk open") })
	o.accept(told("9201", "1001005", "", at.Add(-30*time.Second))...)
	o.settled()
	o.acts("pop", nil)
	o.refuse("REQUIRED_FIELD_MISSING Subject: Required fields are missing: [Subject]")
	o.accept(told("9301", "1001001", customer, at)...)
	o.accept(told("9302", "1001002", "+4930555888", at.Add(time.Second))...)
	o.settled()
	o.refuse("STRING_TOO_LONG Description: data value too large")
	failed = o.call("9303", "1001003", customer)
	retries := 0
	o.acts("create", func(engine.Input) engine.Outcome {
		if retries++; retries < 3 {
			out := engine.Again("crm-busy", "the CRM could not be asked")
			out.Request, out.Answer = "upsert by key Task {Subject: ‹19 characters›}", "busy SERVER_UNAVAILABLE"
			return out
		}
		return engine.Park("parked-limit", "REQUEST_LIMIT_EXCEEDED: the day's requests are used up", time.Now().Add(40*time.Minute))
	})
	o.accept(told("9401", "1001006", "+33155501777", at.Add(2*time.Second))...)
	o.waits(engine.Parked, 1)
	waiting = o.id("9401")
	o.acts("create", nil)
	open := told("9501", "1001008", "+15550100777", time.Now().UTC().Add(-40*time.Second))
	o.accept(open[:2]...)
	ringing := told("9502", "1001009", "+15550100778", time.Now().UTC().Add(-3*time.Second))
	o.accept(ringing[:1]...)
	return o, story, failed, waiting
}

// tooWide names what sticks out of the page or is cut off; "" when all is well.
const tooWide = `(() => {
	const bad = [];
	if (document.documentElement.scrollWidth > innerWidth) bad.push('the page is ' + document.documentElement.scrollWidth + ' wide');
	for (const el of document.querySelectorAll('main *')) {
		if (el.closest('pre, svg, .matrix')) continue;
		const box = el.getBoundingClientRect();
		if (box.width && el.checkVisibility() && box.right > innerWidth + 0.5) bad.push(el.tagName + '.' + el.className + ' ends at ' + box.right);
	}
	return bad.slice(0, 5).join('; ');
})()`

// picture looks at a page in all sizes and schemes; open opens its details.
func (tb *tab) picture(name, path, open string, widths ...int64) {
	tb.t.Helper()
	tb.visit(path)
	if open != "" {
		tb.do(open)
	}
	for _, width := range append([]int64{1280}, widths...) {
		for _, scheme := range []string{"light", "dark"} {
			tb.look(width, 800, scheme)
			tb.shoot(fmt.Sprintf("%s-%dx800-%s", name, width, scheme))
			if out := eval[string](tb, tooWide); out != "" {
				tb.t.Errorf("%s at %d: %s", name, width, out)
			}
		}
	}
}

// TestConsoleLooks walks through every page in light and dark: nothing may stick out. With CORDBOARD_SHOTS=folder it
// leaves pictures.
func TestConsoleLooks(t *testing.T) {
	empty := newOffice(t)
	page := empty.open(t, "/calls")
	page.picture("calls-empty", "/calls", "")
	page.picture("attention-nothing", "/attention", "")
	page.picture("connections-none", "/connections", "")

	o, story, failed, waiting := busyOffice(t)
	if err := o.engine.Keep(t.Context(), platform.Message{Connection: "finesse", Source: "finesse-xmpp", At: time.Now().UTC(),
		Message: json.RawMessage(`"<Update><data><dialog><id>9001</id><mediaProperties></dialog></Update>"`)}, errors.New("XML: mediaProperties is not closed")); err != nil {
		t.Fatal(err)
	}
	o.mu.Lock()
	o.connections = connections()
	o.desks = []console.Desk{{Agent: "1001001", Host: "lightning", Leader: true}, {Agent: "1001001", Host: "lightning"}, {Agent: "1001002", Host: "plain", Leader: true}}
	o.mu.Unlock()
	page = o.open(t, "/calls")
	page.picture("calls", "/calls", "", 1024)
	page.picture("calls-nothing", "/calls?q=777777", "")
	page.picture("story", "/calls/"+story, "", 768)
	page.picture("story-waiting", "/calls/"+waiting, `document.querySelector('.laneline.thin .waiting').parentElement.querySelector('a').click()`, 768)
	page.picture("story-failed", "/calls/"+failed, `document.querySelectorAll('.fired, .near').forEach(d => { d.open = true }); document.querySelectorAll('.steps details')[2].open = true;
		document.querySelector('.near').scrollIntoView({ block: 'center' })`, 768)
	page.picture("story-why", "/calls/"+failed, `document.querySelectorAll('.why:not(.near)')[0].open = true; document.querySelector('#event-1 .why').scrollIntoView()`)
	page.picture("attention", "/attention", "", 1024)
	page.picture("attention-open", "/attention", `document.querySelector('.group details').open = true`, 1024)
	page.picture("connections", "/connections", "", 1024)
	page.picture("workflows", "/workflows", "")
	page.picture("workflow", "/workflows/Cisco%20manual%20calls", "", 1024)
	o.policy()
	page.picture("tables", "/tables", "", 1024)
	page.picture("table", "/tables/policy", "", 1024, 768)
	page.picture("table-edit", "/tables/policy?edit=ININ-OUTBOUND-PREVIEW-SKIPPED", "", 1024)
	page.picture("table-nothing", "/tables/policy?q=zzz", "")
	page.picture("table-history", "/tables/policy/history", "", 1024)
	page.picture("table-change", "/tables/policy?change=1", "")
	page.picture("error", "/calls/finesse:none", "")
	page.picture("keys", "/calls", `document.querySelector('[data-do=keys]').click()`)
}
