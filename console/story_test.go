package console_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"cordboard/engine"
)

func TestStoryTellsWhy(t *testing.T) {
	o := newOffice(t, ownRules)
	id := o.call("9001", "1001001", customer)
	body := o.page("/calls/" + id)
	inOrder := []string{ // what happened at OUT ACTIVE, in the order in which a person asks
		"OUT ACTIVE", "Cisco manual calls: <b>Create the call log</b>", "cisco.yaml, line ", "- name: Create the call log\n  on: OUT ACTIVE",
		"<b>create</b>", "Planned", "asked", "answer", "Open the record", "Result",
		"Nearly: Renewals: Open the offer", `call.campaign.startsWith(&#34;Renewal&#34;)</code> was false`, "<code>call.campaign</code>", "&#34;Winback&#34;",
		"considered", "Raw message",
	}
	for _, words := range inOrder {
		_, rest, ok := strings.Cut(body, words)
		if !ok {
			t.Fatalf("%q is missing, or out of order", words)
		}
		body = rest
	}
	o.wants("/calls/"+id, "It matched, but had fired for this leg before.", "◇", "only watches", "No rule is about this event.",
		`Its condition <code>call.campaign == &#34;Winback&#34;</code> was true.`)
	if lines := o.page("/calls/" + id); strings.Contains(lines, "The end of the leg, under whichever call type") {
		t.Error("the comment before the next rule is shown as part of a rule")
	}
}

// Rules change while their calls stay.
func TestStoryOfRulesThatHaveChanged(t *testing.T) {
	o := newOffice(t, ownRules)
	id := o.call("9001", "1001001", customer)
	o.rules = shipped(t, strings.Replace(ownRules, `call.campaign == "Winback"`, `call.campaign == "Spring"`, 1))
	o.wants("/calls/"+id, "changed since", "The rules in force now would not fire here.", "site.yaml, line 11")
	o.rules = shipped(t)
	o.wants("/calls/"+id, "Renewals: <b>Open the contract</b>", "The rule is no longer in the workflows.")
}

func TestWaitsAreDrawnThinAndWhatIsToComeDotted(t *testing.T) {
	o := newOffice(t)
	tries := 0
	o.acts("create", func(engine.Input) engine.Outcome {
		if tries++; tries == 1 {
			return engine.Again("crm-busy", "the CRM could not be asked")
		}
		return engine.Park("parked-limit", "the day's requests are used up", time.Now().Add(24*time.Hour))
	})
	o.accept(told("9001", "1001001", customer, begun())...)
	o.waits(engine.Parked, 1)
	body := o.page("/calls/" + o.id("9001"))
	for _, class := range []string{`class="wait s-waiting"`, `class="due s-waiting"`, `<rect class="s-waiting"`, `<rect class="s-done"`} {
		if !strings.Contains(body, class) {
			t.Errorf("the drawing lacks %s", class)
		}
	}
	for _, m := range regexp.MustCompile(`(?:x|x2|width)="(\d+)\.\d\d%"`).FindAllStringSubmatch(body, -1) {
		if len(m[1]) > 3 || len(m[1]) == 3 && m[1] != "100" {
			t.Errorf("the drawing sticks out: %s", m[0])
		}
	}
}
