package calling

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cordboard/config"
)

// Rule is one rule of a policy file, as somebody wrote it. It holds for the calls that its country, state and purpose name,
// or for all when they are empty, and says what it says on top of the more general rules: what it leaves out comes from them.
type Rule struct {
	ID      string  `yaml:"rule" json:"rule,omitempty" config:"required"`
	Country string  `yaml:"country" json:"country,omitempty"` // ISO 3166, such as US
	State   string  `yaml:"state" json:"state,omitempty"`     // such as FL; only together with a country
	Purpose Purpose `yaml:"purpose" json:"purpose,omitempty"`

	// Hours are spans of the day by days of the week, by the clock on the person's wall; days that are not named are closed.
	Hours map[string]string `yaml:"hours" json:"hours,omitempty"`
	// Closed are days on which nobody is called: 2026-12-25, or 12-25 for every year.
	Closed []string `yaml:"closed" json:"closed,omitempty"`
	// PerDay, PerWeek and PerMonth are how many calls may be placed to a person in 24 hours, in 7 and in 30 days, whenever
	// those begin.
	PerDay   *int `yaml:"per_day" json:"per_day,omitempty"`
	PerWeek  *int `yaml:"per_week" json:"per_week,omitempty"`
	PerMonth *int `yaml:"per_month" json:"per_month,omitempty"`
	// Retries is how often a contact may be submitted again in its life.
	Retries *int `yaml:"retries" json:"retries,omitempty"`
	// Gap is the least time between two attempts, offers included.
	Gap *config.Duration `yaml:"gap" json:"gap,omitempty"`
	// AfterTalk is how long nobody calls after a conversation, whoever called.
	AfterTalk *config.Duration `yaml:"after_talk" json:"after_talk,omitempty"`
	// AfterAbandoned is how long nobody calls after a call that was answered and had no agent; previews aside, because there an
	// agent is certain.
	AfterAbandoned *config.Duration `yaml:"after_abandoned" json:"after_abandoned,omitempty"`
	// Consent says whether the person must have agreed first.
	Consent *bool `yaml:"consent" json:"consent,omitempty"`
	// BroadNumbers says what to do about numbers that tell nothing about the zone ([Number.Broad]): "all", all zones of the
	// country code must allow the hour; "contact", the zones of the address and the list are enough where there are some.
	BroadNumbers string `yaml:"broad_numbers" json:"broad_numbers,omitempty"`

	// Sure is "read", the numbers were read in the source, or "unsure", they are general knowledge: have them looked up.
	Sure   string `yaml:"sure" json:"sure,omitempty"`
	Source string `yaml:"source" json:"source,omitempty"`

	week   *week
	closed []date
}

// Check implements config's checking of what was read.
func (r *Rule) Check() error {
	for _, check := range []func() error{r.checkScope, r.checkDays, r.checkCaps, r.checkWords} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (r *Rule) checkScope() error {
	if r.Country != "" && !isCode(r.Country, 2, 2) {
		return config.At("country", fmt.Errorf("%q is no country code of two capital letters such as US", r.Country))
	}
	if r.State != "" && !isCode(r.State, 1, 3) {
		return config.At("state", fmt.Errorf("%q is no code of a state such as FL", r.State))
	}
	if r.State != "" && r.Country == "" {
		return config.At("state", errors.New("a state needs its country"))
	}
	return nil
}

func isCode(text string, least, most int) bool {
	return len(text) >= least && len(text) <= most && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

func (r *Rule) checkDays() (err error) {
	if r.Hours != nil {
		if r.week, err = readWeek(r.Hours); err != nil {
			return config.At("hours", err)
		}
	}
	r.closed = make([]date, len(r.Closed))
	for i, text := range r.Closed {
		if r.closed[i], err = readDate(text); err != nil {
			return config.At("closed", err)
		}
	}
	return nil
}

func (r *Rule) checkCaps() error {
	for _, c := range []struct {
		key   string
		value *int
	}{{"per_day", r.PerDay}, {"per_week", r.PerWeek}, {"per_month", r.PerMonth}} {
		if c.value != nil && *c.value < 1 {
			return config.At(c.key, fmt.Errorf("%d is less than 1: to call nobody, say hours: {mon-sun: closed}", *c.value))
		}
	}
	if r.Retries != nil && *r.Retries < 0 {
		return config.At("retries", errors.New("less than none"))
	}
	return nil
}

func (r *Rule) checkWords() error {
	var purposes []string
	for _, p := range Purposes() {
		purposes = append(purposes, string(p))
	}
	for _, w := range []struct {
		key, value string
		words      []string
	}{
		{"purpose", string(r.Purpose), purposes}, {"broad_numbers", r.BroadNumbers, []string{"all", "contact"}}, {"sure", r.Sure, []string{"read", "unsure"}},
	} {
		if w.value != "" && !slices.Contains(w.words, w.value) {
			return config.At(w.key, fmt.Errorf("%q is none of %s%s", w.value, strings.Join(w.words, ", "), meant(w.value, w.words)))
		}
	}
	return nil
}

// scope is for which calls the rule is, for telling whether two are for the same.
func (r *Rule) scope() [3]string { return [3]string{r.Country, r.State, string(r.Purpose)} }

// weight orders rules from general to special: a country counts more than a purpose, a state more than both.
func (r *Rule) weight() int {
	w := 0
	for i, part := range []string{string(r.Purpose), r.Country, r.State} {
		if part != "" {
			w |= 1 << i
		}
	}
	return w
}

// covers reports whether the rule is for such calls.
func (r *Rule) covers(country, state string, purpose Purpose) bool {
	return (r.Country == "" || r.Country == country) && (r.State == "" || r.State == state) && (r.Purpose == "" || r.Purpose == purpose)
}
