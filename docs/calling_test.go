package docs_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cordboard/calling"
	"cordboard/config"
)

// callingRules lists the shipped rules about calling people, from general to special.
func callingRules(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| rule | for | hours | says | sure | source |\n|---|---|---|---|---|---|\n")
	for _, r := range calling.Shipped().Rules() {
		scope := cmp.Or(strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Country, r.State, r.Purpose)), "everybody")
		hours := make([]string, 0, len(r.Hours))
		for days, text := range r.Hours {
			hours = append(hours, days+" "+text)
		}
		slices.Sort(hours)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", r.ID, scope, cmp.Or(strings.Join(hours, "; "), "–"), cmp.Or(strings.Join(ruleSays(&r), ", "), "–"), r.Sure, r.Source)
	}
	return b.String()
}

func ruleSays(r *calling.Rule) (all []string) {
	for _, n := range []struct {
		key   string
		value *int
	}{{"per_day", r.PerDay}, {"per_week", r.PerWeek}, {"per_month", r.PerMonth}, {"retries", r.Retries}} {
		if n.value != nil {
			all = append(all, fmt.Sprintf("`%s: %d`", n.key, *n.value))
		}
	}
	for _, d := range []struct {
		key   string
		value *config.Duration
	}{{"gap", r.Gap}, {"after_talk", r.AfterTalk}, {"after_abandoned", r.AfterAbandoned}} {
		if d.value != nil {
			all = append(all, fmt.Sprintf("`%s: %dh`", d.key, int(d.value.Std().Hours())))
		}
	}
	if r.Consent != nil && *r.Consent {
		all = append(all, "`consent: true`")
	}
	return all
}
