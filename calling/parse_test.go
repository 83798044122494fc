package calling_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cordboard/calling"
)

// Every mistake has its place and, where something resembles it, a suggestion.
func TestBrokenPolicies(t *testing.T) {
	for src, want := range map[string]string{
		"rules: []\n": `p.yaml:1:6: "version" is missing`,
		"version: a\nrules:\n  - rule: x\n    contry: US\n":                                                  `p.yaml:4:5: unknown key "contry" (did you mean "country"?)`,
		"version: a\nrules:\n  - country: US\n":                                                              `p.yaml:3:12: "rule" is missing`,
		"version: a\nrules:\n  - rule: x\n    country: usa\n":                                                `p.yaml:4:14: "usa" is no country code of two capital letters such as US`,
		"version: a\nrules:\n  - rule: x\n    state: FL\n":                                                   `p.yaml:4:12: a state needs its country`,
		"version: a\nrules:\n  - rule: x\n    country: ES\n    purpose: sale\n":                              `p.yaml:5:14: "sale" is none of sales, service, debt (did you mean sales?)`,
		"version: a\nrules:\n  - rule: x\n    country: ES\n    hours: {mon-fry: 08:00-20:00}\n":              `"mon-fry" is no day or range of days such as mon or mon-fri (did you mean fri?)`,
		"version: a\nrules:\n  - rule: x\n    country: ES\n    hours: {mon: 8-20}\n":                         `mon: "8" is no time of the day such as 08:00`,
		"version: a\nrules:\n  - rule: x\n    country: ES\n    hours: {mon: 20:00-08:00}\n":                  `mon: 20:00-08:00 ends before it begins`,
		"version: a\nrules:\n  - rule: x\n    country: ES\n    hours: {mon: 08:00-12:00 11:00-13:00}\n":      `begins before the span in front of it ends`,
		"version: a\nrules:\n  - rule: x\n    country: ES\n    hours: {mon-fri: 08:00-12:00, fri: closed}\n": `the hours of fri are given twice`,
		"version: a\nrules:\n  - rule: x\n    country: ES\n    closed: [25-12]\n":                            `"25-12" is no day such as 2026-12-25, or 12-25 for every year`,
		"version: a\nrules:\n  - rule: x\n    country: ES\n    per_day: 0\n":                                 `p.yaml:5:14: 0 is less than 1`,
		"version: a\nrules:\n  - rule: x\n    country: ES\n    gap: soon\n":                                  `p.yaml:5:10: "soon" is not a span of time`,
		"version: a\nrules:\n  - rule: x\n    country: ES\n    broad_numbers: contacts\n":                    `"contacts" is none of all, contact (did you mean contact?)`,
		"version: a\nrules:\n  - rule: x\n    country: ES\n  - rule: x\n    country: PT\n":                   `a second rule "x"`,
		"version: a\nrules:\n  - rule: x\n    country: US\n":                                                 `"x" is for the same calls as the rule "us": give it that id to replace it`,
		"version: a\nrules:\n  - rule: x\n    country: ES\n  - rule: y\n    country: ES\n":                   `"x" is for the same calls as the rule "y"`,
	} {
		p, problems := calling.Read("p.yaml", []byte(src))
		if p != nil || !strings.Contains(problems.Error(), want) {
			t.Errorf("%s\nproblems %v\nwant     %s", src, problems, want)
		}
	}
}

// An administrator's rule replaces the shipped one of its name, others are added, and the version tells.
func TestOwnRules(t *testing.T) {
	read := func(src string) *calling.Policy {
		p, problems := calling.Read("own.yaml", []byte(src))
		if problems != nil {
			t.Fatal(problems)
		}
		return p
	}
	own := read("version: acme 3\nrules:\n  - {rule: us, country: US, hours: {mon-sun: 09:00-21:00}}\n  - {rule: acme, country: US, purpose: service, gap: 2h}\n")
	shipped := calling.Shipped()
	if len(own.Rules()) != len(shipped.Rules())+1 || !strings.Contains(own.Version(), "+acme 3.") || own.Version() == read("version: acme 3\n").Version() {
		t.Errorf("%d rules, version %s", len(own.Rules()), own.Version())
	}
	sunday := at(t, "2026-06-21T20:30:00-04:00")
	q := calling.Question{Number: number(t, "+12125550100"), Purpose: calling.Service, At: sunday}
	if v := own.Decide(q, calling.History{}); !v.Allowed || v.Rule != "acme" {
		t.Errorf("%+v", v)
	}
	h := calling.History{Attempts: []calling.Attempt{{Kind: calling.Placed, At: sunday.Add(-90 * time.Minute)}}}
	if v := own.Decide(q, h); v.Reason != calling.Spacing || v.Rule != "acme" {
		t.Errorf("%+v", v)
	}
	q.Purpose = calling.Debt
	if v := own.Decide(q, h); !v.Allowed {
		t.Errorf("another purpose: %+v", v)
	}
}

// No shipped rule is looser than the first, and each says where it comes from.
func TestShippedRulesOnlyTighten(t *testing.T) {
	shipped := calling.Shipped()
	rules := shipped.Rules()
	first := rules[0]
	if first.ID != "default" {
		t.Fatalf("the first rule is %s", first.ID)
	}
	got := []int{*first.PerDay, *first.PerWeek, *first.Retries, int(first.Gap.Std().Minutes()), int(first.AfterTalk.Std().Hours()), int(first.AfterAbandoned.Std().Hours())}
	if diff := cmp.Diff([]int{3, 7, 10, 60, 168, 72}, got); diff != "" {
		t.Error(diff)
	}
	for _, r := range rules {
		if r.Source == "" || r.Sure == "" {
			t.Errorf("%s has no source", r.ID)
		}
		for _, c := range [][2]*int{{r.PerDay, first.PerDay}, {r.PerWeek, first.PerWeek}, {r.Retries, first.Retries}} {
			if c[0] != nil && *c[0] > *c[1] {
				t.Errorf("%s has a looser cap", r.ID)
			}
		}
		if r.AfterTalk != nil && *r.AfterTalk < *first.AfterTalk || r.AfterAbandoned != nil && *r.AfterAbandoned < *first.AfterAbandoned || r.Gap != nil && *r.Gap < *first.Gap {
			t.Errorf("%s has a shorter rest", r.ID)
		}
		if r.BroadNumbers == "contact" {
			t.Errorf("%s trusts the contact's zone", r.ID)
		}
	}
	// Hours: whoever is allowed by all rules at a minute of a week is allowed by the default, which 21:00 and Sundays are not.
	for _, r := range rules {
		q := calling.Question{Number: calling.Number{E164: "+1", Country: r.Country, Zones: []string{"UTC"}}, State: r.State, Purpose: r.Purpose}
		for minute := range 7 * 24 * 60 {
			q.At = time.Date(2026, 6, 15, 0, minute, 0, 0, time.UTC)
			v := shipped.Decide(q, calling.History{Consent: calling.Given})
			if h := q.At.Hour(); v.Allowed && (h < 8 || h >= 20 || q.At.Weekday() == time.Sunday) {
				t.Fatalf("%s allows %s", r.ID, q.At)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("version: a\nrules:\n  - {rule: us, country: US, hours: {mon-sun: 09:00-21:00}, closed: [12-25]}\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		p, problems := calling.Read("f.yaml", src)
		if (p == nil) != (len(problems) > 0) {
			t.Fatal("a policy with problems, or neither")
		}
		if p != nil {
			p.Decide(calling.Question{Number: numberPool[0], At: time.Unix(1_800_000_000, 0)}, calling.History{})
		}
	})
}
