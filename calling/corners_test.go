package calling_test

import (
	"strings"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/calling"
)

// corner is one case that somebody thought of: who, when, and when it is allowed next.
type corner struct {
	name   string
	number string // +12125550100 (New York) by default
	zones  []string
	own    string // rules on top of the shipped ones
	at     string // with the offset that makes it easy to read
	next   string // empty: never; the same as at: allowed
	reason calling.Reason
	h      calling.History
	mode   call.Mode
}

// Places whose clocks are odd, days that are rare, hours that come twice or not at all, and numbers that may be anywhere.
func TestCorners(t *testing.T) {
	const (
		sundays = "version: t\nrules:\n  - {rule: us, country: US, hours: {mon-sun: 08:00-20:00}}\n"
		nights  = "version: t\nrules:\n  - {rule: us, country: US, hours: {mon-sun: 00:00-24:00}}\n"
		early   = "version: t\nrules:\n  - {rule: us, country: US, hours: {mon-sun: 01:30-02:30}}\n"
		phone   = "+12125550100"
	)
	talk := func(when string) calling.History {
		return calling.History{Attempts: []calling.Attempt{{Kind: calling.Talked, At: at(t, when)}}}
	}
	for _, c := range []corner{
		{name: "the first minute", at: "2026-06-17T08:00:00-04:00", next: "2026-06-17T08:00:00-04:00"},
		{name: "a second before it", at: "2026-06-17T07:59:59-04:00", next: "2026-06-17T08:00:00-04:00", reason: calling.OutsideHours},
		{name: "the last second", at: "2026-06-17T19:59:59-04:00", next: "2026-06-17T19:59:59-04:00"},
		{name: "the end is out", at: "2026-06-17T20:00:00-04:00", next: "2026-06-18T08:00:00-04:00", reason: calling.OutsideHours},
		{name: "midnight", at: "2026-06-17T00:00:00-04:00", next: "2026-06-17T08:00:00-04:00", reason: calling.OutsideHours},
		{name: "Saturday night waits for Monday", at: "2026-06-20T20:00:00-04:00", next: "2026-06-22T08:00:00-04:00", reason: calling.OutsideHours},
		{name: "Sunday", at: "2026-06-21T12:00:00-04:00", next: "2026-06-22T08:00:00-04:00", reason: calling.ClosedDay},
		{name: "Sunday, where it is allowed", own: sundays, at: "2026-06-21T12:00:00-04:00", next: "2026-06-21T12:00:00-04:00"},
		{name: "Sunday here, Monday there", number: "+81312345678", at: "2026-06-21T19:00:00-04:00", next: "2026-06-21T19:00:00-04:00"},
		{name: "Saturday here, Sunday there", number: "+81312345678", at: "2026-06-20T19:00:00-04:00", next: "2026-06-21T19:00:00-04:00", reason: calling.ClosedDay},

		{name: "Arizona keeps its clock in summer", number: "+16025550123", at: "2026-06-17T07:30:00-07:00", next: "2026-06-17T08:00:00-07:00", reason: calling.OutsideHours},
		{name: "and in winter", number: "+16025550123", at: "2026-12-16T19:59:00-07:00", next: "2026-12-16T19:59:00-07:00"},
		{name: "the Navajo Nation does not", number: "+16025550123", zones: []string{"America/Denver"}, at: "2026-06-17T19:30:00-07:00", next: "2026-06-18T08:00:00-07:00", reason: calling.OutsideHours},
		{name: "Indianapolis is an hour before Chicago", number: "+13175550123", at: "2026-06-17T19:30:00-05:00", next: "2026-06-18T08:00:00-04:00", reason: calling.OutsideHours},
		{name: "Indiana's other corner", number: "+13175550123", zones: []string{"America/Indiana/Tell_City"}, at: "2026-06-17T08:30:00-04:00", next: "2026-06-17T09:00:00-04:00", reason: calling.OutsideHours},
		{name: "Newfoundland is half an hour off", number: "+442071234567", zones: []string{"America/St_Johns"}, at: "2026-12-16T11:00:00+00:00", next: "2026-12-16T11:30:00+00:00", reason: calling.OutsideHours},
		{name: "Newfoundland shares its code with Puerto Rico", number: "+17095550123", at: "2026-12-16T19:30:00-03:30", next: "2026-12-16T19:30:00-03:30"},
		{name: "Lord Howe moves its clock by half an hour", number: "+80012345678", zones: []string{"Australia/Lord_Howe"}, at: "2026-10-03T20:00:00+10:30", next: "2026-10-05T08:00:00+11:00", reason: calling.OutsideHours},
		{name: "Kathmandu is three quarters off", number: "+97714123456", at: "2026-06-17T02:14:00Z", next: "2026-06-17T02:15:00Z", reason: calling.OutsideHours},
		{name: "Chatham, too", number: "+80012345678", zones: []string{"Pacific/Chatham"}, at: "2026-06-16T19:14:00Z", next: "2026-06-16T19:15:00Z", reason: calling.OutsideHours},
		{name: "Apia had no 30 December 2011", number: "+80012345678", zones: []string{"Pacific/Apia"}, at: "2011-12-29T20:00:00-10:00", next: "2011-12-31T08:00:00+14:00", reason: calling.OutsideHours},

		{name: "29 February", at: "2028-02-29T12:00:00-05:00", next: "2028-02-29T12:00:00-05:00"},
		{name: "29 February, closed each year", own: "version: t\nrules:\n  - {rule: us, country: US, closed: [02-29]}\n", at: "2028-02-29T12:00:00-05:00", next: "2028-03-01T08:00:00-05:00", reason: calling.ClosedDay},
		{name: "28 February is not it", own: "version: t\nrules:\n  - {rule: us, country: US, closed: [02-29]}\n", at: "2028-02-28T12:00:00-05:00", next: "2028-02-28T12:00:00-05:00"},
		{name: "seven days over 29 February", h: talk("2028-02-25T12:00:00-05:00"), at: "2028-03-03T11:59:30-05:00", next: "2028-03-03T12:00:00-05:00", reason: calling.AfterTalk},
		{name: "Christmas, closed each year", own: "version: t\nrules:\n  - {rule: us, country: US, closed: [12-25, 2026-11-26]}\n", at: "2026-12-24T21:00:00-05:00", next: "2026-12-26T08:00:00-05:00", reason: calling.OutsideHours},
		{name: "the day before the clock goes on", at: "2026-03-07T20:30:00-05:00", next: "2026-03-09T08:00:00-04:00", reason: calling.OutsideHours},
		{name: "the day before the clock goes back", own: sundays, at: "2026-10-31T20:30:00-04:00", next: "2026-11-01T08:00:00-05:00", reason: calling.OutsideHours},
		{name: "the hour that is missing", own: early, at: "2026-03-08T01:59:00-05:00", next: "2026-03-08T01:59:00-05:00"},
		{name: "after it", own: early, at: "2026-03-08T03:00:00-04:00", next: "2026-03-09T01:30:00-04:00", reason: calling.OutsideHours},
		{name: "the hour that comes twice", own: early, at: "2026-11-01T01:45:00-04:00", next: "2026-11-01T01:45:00-04:00"},
		{name: "between its two halves", own: early, at: "2026-11-01T01:00:00-05:00", next: "2026-11-01T01:30:00-05:00", reason: calling.OutsideHours},
		{name: "24 hours are 24 hours when the clock goes on", own: nights, at: "2026-03-08T12:30:00-04:00", next: "2026-03-08T13:00:00-04:00", reason: calling.CappedDay, h: calling.History{Attempts: []calling.Attempt{
			{Kind: calling.Placed, At: at(t, "2026-03-07T12:00:00-05:00")}, {Kind: calling.Placed, At: at(t, "2026-03-07T13:00:00-05:00")}, {Kind: calling.Placed, At: at(t, "2026-03-07T14:00:00-05:00")}}}},
		{name: "round the clock", own: nights, at: "2026-03-08T03:00:00-04:00", next: "2026-03-08T03:00:00-04:00"},

		{name: "several zones", number: "+17095550123", at: "2026-06-17T08:30:00-02:30", next: "2026-06-17T08:00:00-04:00", reason: calling.OutsideHours},
		{name: "toll-free: 42 zones have an hour and a half in common", number: "+18005550100", at: "2026-11-25T12:00:00-05:00", next: "2026-11-25T22:00:00Z", reason: calling.OutsideHours},
		{name: "toll-free, trusting the contact's zone", number: "+18005550100", zones: []string{"America/New_York"}, own: "version: t\nrules:\n  - {rule: us, country: US, broad_numbers: contact}\n", at: "2026-11-25T12:00:00-05:00", next: "2026-11-25T12:00:00-05:00"},
		{name: "an area code that nobody has", number: "+15555550100", at: "2026-11-25T12:00:00-05:00", next: "2026-11-25T22:00:00Z", reason: calling.OutsideHours},
		{name: "a freephone number of no country", number: "+80012345678", at: "2026-11-25T12:00:00-05:00", reason: calling.ZoneUnknown},
		{name: "a number that has moved to the other coast", zones: []string{"America/Los_Angeles"}, at: "2026-06-17T17:30:00-07:00", next: "2026-06-18T08:00:00-07:00", reason: calling.OutsideHours},
		{name: "zones on the two sides of the world", number: "+80012345678", zones: []string{"Asia/Tokyo", "America/Argentina/Buenos_Aires"}, at: "2026-06-17T12:00:00Z", reason: calling.NoCommonHour},
		{name: "a zone that is none", zones: []string{"Local"}, at: "2026-06-17T12:00:00-04:00", reason: calling.ZoneUnknown},
		{name: "an attempt in the future counts", h: talk("2026-06-18T12:00:00-04:00"), at: "2026-06-17T12:00:00-04:00", next: "2026-06-25T12:00:00-04:00", reason: calling.AfterTalk},
		{name: "a preview after an abandoned call", mode: call.Preview, h: calling.History{Attempts: []calling.Attempt{{Kind: calling.Abandoned, At: at(t, "2026-06-16T12:00:00-04:00")}}}, at: "2026-06-17T12:00:00-04:00", next: "2026-06-17T12:00:00-04:00"},
		{name: "an unknown mode after one", h: calling.History{Attempts: []calling.Attempt{{Kind: calling.Abandoned, At: at(t, "2026-06-16T12:00:00-04:00")}}}, at: "2026-06-17T12:00:00-04:00", next: "2026-06-19T12:00:00-04:00", reason: calling.AfterAbandoned},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.number == "" {
				c.number = phone
			}
			p, problems := calling.Read("own.yaml", []byte(c.own))
			if problems != nil {
				t.Fatal(problems)
			}
			v := p.Decide(calling.Question{Number: number(t, c.number), Zones: c.zones, Purpose: calling.Service, Mode: c.mode, At: at(t, c.at)}, c.h)
			var next time.Time
			if c.next != "" {
				next = at(t, c.next)
			}
			if !v.Next.Equal(next) || v.Reason != c.reason || v.Allowed != (c.next == c.at) {
				t.Errorf("%+v", v)
			}
		})
	}
}

// What is no number is refused, and the error does not repeat it.
func TestReadNumber(t *testing.T) {
	for _, text := range []string{"", "anonymous", "123", "+1212555010", "+121255501000000", "+999123456789", "sip:alice@example.com"} {
		if n, err := calling.ReadNumber(text, "US"); err == nil || n.E164 != "" {
			t.Errorf("%q is read as %+v", text, n)
		} else if text != "" && len(text) > 3 && strings.Contains(err.Error(), text) {
			t.Errorf("the error holds the text: %v", err)
		}
	}
	for text, want := range map[string]string{"(212) 555-0100": "+12125550100", "+44 20 7123 4567": "+442071234567", "tel:+12125550100": "+12125550100"} {
		if n, err := calling.ReadNumber(text, "us"); err != nil || n.E164 != want {
			t.Errorf("%q is read as %+v, %v", text, n, err)
		}
	}
}
