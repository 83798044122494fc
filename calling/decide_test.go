package calling_test

import (
	"strings"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/calling"
)

func number(t *testing.T, text string) calling.Number {
	t.Helper()
	n, err := calling.ReadNumber(text, "US")
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// Each reason comes with its next time, its rule and a sentence.
func TestEachReason(t *testing.T) {
	const noon = "2026-11-25T17:00:00Z" // a Wednesday, noon in New York
	ago := func(kind calling.Kind, d ...time.Duration) (all []calling.Attempt) {
		for _, d := range d {
			all = append(all, calling.Attempt{Kind: kind, At: at(t, noon).Add(-d)})
		}
		return all
	}
	const hour = time.Hour
	for _, c := range []struct {
		reason calling.Reason
		number string
		at     string
		purp   calling.Purpose
		mode   call.Mode
		zones  []string
		h      calling.History
		next   string
		rule   string
		text   string
	}{
		{reason: "", next: noon, rule: "us", text: "It is 12:00 on Wednesday 25 November in America/New_York; 0 of 3 calls in 24 hours; 0 of 7 calls in 7 days."},
		{reason: calling.DoNotCall, h: calling.History{DoNotCall: "own list"}, rule: "us", text: "(own list)"},
		{reason: calling.NoConsent, h: calling.History{Consent: calling.Withdrawn}, rule: "us"},
		{reason: calling.NoConsent, number: "+4915112345678", purp: calling.Sales, rule: "de-sales"},
		{reason: calling.CappedLife, h: calling.History{Submitted: make([]time.Time, 10)}, rule: "default", text: "10 times"},
		{reason: calling.ZoneUnknown, number: "+80012345678", rule: "default"},
		{reason: calling.ZoneUnknown, zones: []string{"America/Gotham"}, rule: "us", text: "America/Gotham"},
		{reason: calling.OutsideHours, number: "+18005550100", next: "2026-11-25T22:00:00Z", rule: "us", text: "America/Adak"}, // 08:00 in Guam, 18:30 in St. John's
		{reason: calling.NoCommonHour, number: "+18005550100", zones: []string{"Asia/Kolkata"}, rule: "us", text: "43 time zones"},
		{reason: calling.AfterTalk, h: calling.History{Attempts: ago(calling.Talked, 30*hour)}, next: "2026-12-01T13:00:00Z", rule: "us-debt", purp: calling.Debt, text: "7 days have to pass"},
		{reason: calling.AfterAbandoned, h: calling.History{Attempts: ago(calling.Abandoned, 30*hour)}, next: "2026-11-27T13:00:00Z", rule: "default"},
		{reason: "", mode: call.Preview, h: calling.History{Attempts: ago(calling.Abandoned, 30*hour)}, next: noon, rule: "us"},
		{reason: calling.CappedWeek, h: calling.History{Attempts: ago(calling.Placed, 30*hour, 31*hour, 50*hour, 51*hour, 52*hour, 80*hour, 100*hour)}, next: "2026-11-28T13:00:00Z", rule: "default", text: "7 calls"},
		{reason: calling.CappedDay, h: calling.History{Attempts: ago(calling.Placed, 2*hour, 4*hour, 21*hour-90*time.Second)}, next: "2026-11-25T20:02:00Z", rule: "default", text: "3 calls were placed in 24 hours"},
		{reason: "", h: calling.History{Attempts: ago(calling.Placed, 2*hour, 4*hour, 24*hour)}, next: noon, rule: "us"},
		{reason: "", h: calling.History{Attempts: ago(calling.Offered, 2*hour, 4*hour, 6*hour, 8*hour)}, next: noon, rule: "us", text: "0 of 3"},
		{reason: calling.Spacing, h: calling.History{Attempts: ago(calling.Offered, 59*time.Minute)}, next: "2026-11-25T17:01:00Z", rule: "default"},
		{reason: calling.ClosedDay, at: "2026-11-29T17:00:00Z", next: "2026-11-30T13:00:00Z", rule: "us", text: "Sunday"},
		{reason: calling.OutsideHours, at: "2026-11-26T01:00:00Z", next: "2026-11-26T13:00:00Z", rule: "us", text: "It is 20:00 on Wednesday 25 November in America/New_York; calls are allowed 08:00-20:00. The next allowed time is 08:00 on Thursday 26 November"},
		{reason: calling.OutsideHours, zones: []string{"America/Los_Angeles"}, at: "2026-11-25T14:00:00Z", next: "2026-11-25T16:00:00Z", rule: "us", text: "06:00"},
	} {
		q := calling.Question{Number: number(t, "+12125550100"), Purpose: calling.Service, Mode: c.mode, Zones: c.zones, At: at(t, noon)}
		if c.number != "" {
			q.Number = number(t, c.number)
		}
		if c.purp != "" {
			q.Purpose = c.purp
		}
		if c.at != "" {
			q.At = at(t, c.at)
		}
		v := calling.Shipped().Decide(q, c.h)
		var next time.Time
		if c.next != "" {
			next = at(t, c.next)
		}
		if v.Reason != c.reason || v.Allowed != (c.reason == "") || !v.Next.Equal(next) || v.Rule != c.rule || !strings.Contains(v.Text, c.text) {
			t.Errorf("%s %s: %+v", c.reason, c.at, v)
		}
		if v.Version != calling.Shipped().Version() || strings.Contains(v.Text, "5550100") {
			t.Errorf("%s: %+v", c.reason, v)
		}
	}
	if v := calling.Shipped().Decide(calling.Question{At: at(t, noon)}, calling.History{}); v.Reason != calling.InvalidNumber {
		t.Errorf("no number: %+v", v)
	}
}

// A verdict about the history names the reason that comes first, and a time that satisfies all of them.
func TestNextKeepsEveryRule(t *testing.T) {
	now := at(t, "2026-11-27T23:00:00Z") // Friday, 18:00 in New York
	h := calling.History{Attempts: []calling.Attempt{{calling.Placed, now.Add(-time.Hour)}, {calling.Placed, now.Add(-2 * time.Hour)}, {calling.Placed, now.Add(-3 * time.Hour)}}}
	v := calling.Shipped().Decide(calling.Question{Number: number(t, "+12125550100"), Purpose: calling.Sales, At: now}, h)
	// The day's cap ends on Saturday at 15:00; from then on it is allowed.
	if v.Reason != calling.CappedDay || !v.Next.Equal(at(t, "2026-11-28T20:00:00Z")) {
		t.Errorf("%+v", v)
	}
}

// Where number and address are of two countries, and where nobody says what the call is for, all rules hold.
func TestWhatIsNotKnownNeverHelps(t *testing.T) {
	q := calling.Question{Number: number(t, "+12125550100"), Country: "DE", Zones: []string{"Europe/Berlin"}, At: at(t, "2026-11-25T17:00:00Z")}
	if v := calling.Shipped().Decide(q, calling.History{}); v.Reason != calling.NoConsent || v.Rule != "de-sales" {
		t.Errorf("an unknown purpose: %+v", v)
	}
	q.Purpose = calling.Service
	if v := calling.Shipped().Decide(q, calling.History{}); !v.Allowed {
		t.Errorf("service: %+v", v)
	}
	q.Purpose = "servce"
	if v := calling.Shipped().Decide(q, calling.History{}); v.Allowed {
		t.Errorf("a purpose that is none: %+v", v)
	}
}
