package calling_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"cordboard/call"
	"cordboard/calling"
)

// drawnRule is a rule as the oracle understands it: plain data, with the hours as a table of minutes.
type drawnRule struct {
	country, state string
	purpose        calling.Purpose
	hours          *[7][1440]bool
	spans          map[int][][2]int // for writing the hours
	closed         []string
	day, week      int // caps; 0 does not say
	month, retries int
	gap, talk, aba time.Duration // -1 does not say
	consent, broad string
}

// oracle decides slowly: for one minute, from the rules as they were drawn, without any of the code under test.
type oracle struct{ rules []drawnRule }

// pick finds the value of the most special rule that says something.
func pick[T any](o *oracle, country, state string, purpose calling.Purpose, says func(*drawnRule) (T, bool)) (found T, ok bool) {
	best := -1
	for i := range o.rules {
		r := &o.rules[i]
		if r.country != "" && r.country != country || r.state != "" && r.state != state || r.purpose != "" && r.purpose != purpose {
			continue
		}
		rank := 0
		if r.purpose != "" {
			rank = 1
		}
		if r.country != "" {
			rank += 2
		}
		if r.state != "" {
			rank += 4
		}
		if v, yes := says(r); yes && rank > best {
			found, ok, best = v, true, rank
		}
	}
	return found, ok
}

// law is what the rules say about one country, state and purpose.
type law struct {
	hours            *[7][1440]bool
	closed           []string
	day, week, month int
	retries          int
	gap, talk, aba   time.Duration
	consent, broad   bool
}

func (o *oracle) law(country, state string, purpose calling.Purpose) (l law) {
	cap := func(of func(*drawnRule) int) int {
		n, ok := pick(o, country, state, purpose, func(r *drawnRule) (int, bool) { return of(r), of(r) != 0 })
		if !ok {
			return 1 << 30
		}
		return n
	}
	wait := func(of func(*drawnRule) time.Duration) time.Duration {
		d, _ := pick(o, country, state, purpose, func(r *drawnRule) (time.Duration, bool) { return of(r), of(r) >= 0 })
		return d
	}
	l.hours, _ = pick(o, country, state, purpose, func(r *drawnRule) (*[7][1440]bool, bool) { return r.hours, r.hours != nil })
	l.closed, _ = pick(o, country, state, purpose, func(r *drawnRule) ([]string, bool) { return r.closed, r.closed != nil })
	l.day, l.week = cap(func(r *drawnRule) int { return r.day }), cap(func(r *drawnRule) int { return r.week })
	l.month, l.retries = cap(func(r *drawnRule) int { return r.month }), cap(func(r *drawnRule) int { return r.retries })
	l.gap, l.talk = wait(func(r *drawnRule) time.Duration { return r.gap }), wait(func(r *drawnRule) time.Duration { return r.talk })
	l.aba = wait(func(r *drawnRule) time.Duration { return r.aba })
	consent, _ := pick(o, country, state, purpose, func(r *drawnRule) (string, bool) { return r.consent, r.consent != "" })
	broad, _ := pick(o, country, state, purpose, func(r *drawnRule) (string, bool) { return r.broad, r.broad != "" })
	l.consent, l.broad = consent == "true", broad == "contact"
	return l
}

func (o *oracle) laws(q *calling.Question) (all []law) {
	purposes := []calling.Purpose{q.Purpose}
	if q.Purpose == "" {
		purposes = []calling.Purpose{calling.Sales, calling.Service, calling.Debt}
	}
	for _, p := range purposes {
		switch own := q.Number.Country; {
		case q.Country == "" && own != "":
			all = append(all, o.law(own, q.State, p))
		case own != "" && own != q.Country:
			all = append(all, o.law(own, "", p), o.law(q.Country, q.State, p))
		default:
			all = append(all, o.law(q.Country, q.State, p))
		}
	}
	return all
}

// zones are those in which the hour must be allowed; none when it cannot be known.
func zonesOf(q *calling.Question, laws []law) (zones []*time.Location) {
	names := append(slices.Clone(q.Number.Zones), q.Zones...)
	trusting := !slices.ContainsFunc(laws, func(l law) bool { return !l.broad })
	if q.Number.Broad && trusting && len(q.Zones) > 0 {
		names = q.Zones
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		zone := located(name)
		if zone == nil {
			return nil
		}
		zones = append(zones, zone)
	}
	return zones
}

// hourly reports whether the minute is in the hours of all laws in all zones.
func hourly(t time.Time, laws []law, zones []*time.Location) bool {
	for _, zone := range zones {
		local := t.In(zone)
		y, m, d := local.Date()
		now := local.Hour()*60 + local.Minute()
		for i := range laws {
			if laws[i].hours == nil || !laws[i].hours[local.Weekday()][now] {
				return false
			}
			for _, c := range laws[i].closed {
				if c == fmt.Sprintf("%04d-%02d-%02d", y, m, d) || c == fmt.Sprintf("%02d-%02d", m, d) {
					return false
				}
			}
		}
	}
	return true
}

// rested reports whether the history allows a call at the time.
func rested(t time.Time, laws []law, h *calling.History, mode call.Mode) bool {
	for i := range laws {
		l := &laws[i]
		day, week, month := 0, 0, 0
		for _, a := range h.Attempts {
			ago := t.Sub(a.At)
			if ago < l.gap || a.Kind == calling.Talked && ago < l.talk {
				return false
			}
			if a.Kind == calling.Abandoned && ago < l.aba && mode != call.Preview && mode != call.DirectPreview {
				return false
			}
			if a.Kind == calling.Placed {
				day += one(ago < 24*time.Hour)
				week += one(ago < 7*24*time.Hour)
				month += one(ago < 30*24*time.Hour)
			}
		}
		if day >= l.day || week >= l.week || month >= l.month {
			return false
		}
	}
	return true
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// forbidden says which reason nothing but somebody's doing can remove.
func forbidden(q *calling.Question, h *calling.History, laws []law, zones []*time.Location) calling.Reason {
	switch {
	case h.DoNotCall != "":
		return calling.DoNotCall
	case h.Consent == calling.Withdrawn || h.Consent != calling.Given && slices.ContainsFunc(laws, func(l law) bool { return l.consent }):
		return calling.NoConsent
	case slices.ContainsFunc(laws, func(l law) bool { return len(h.Submitted) >= l.retries }):
		return calling.CappedLife
	case len(zones) == 0:
		return calling.ZoneUnknown
	}
	return ""
}

// draw makes rules up, and their text as somebody would write it.
func draw(r *rand.Rand) (*oracle, string) {
	o := &oracle{}
	var b strings.Builder
	b.WriteString("version: drawn\nrules:\n")
	add := func(id, country, state string, purpose calling.Purpose, odds float64) {
		rule := drawRule(r, odds)
		rule.country, rule.state, rule.purpose = country, state, purpose
		o.rules = append(o.rules, rule)
		rule.write(&b, id)
	}
	add("default", "", "", "", 1)
	for i, id := range shippedIDs { // they would count, too: replaced by rules that name nobody
		if id != "default" {
			fmt.Fprintf(&b, "  - rule: %s\n    country: ZZ\n    state: X%d\n", id, i)
		}
	}
	for _, country := range []string{"US", "CA", "AU", "DE", "GB"} {
		if r.IntN(2) == 0 {
			add(country, country, "", "", 0.4)
		}
		if r.IntN(3) == 0 {
			add(country+"-debt", country, "", calling.Debt, 0.4)
		}
		if r.IntN(3) == 0 {
			add(country+"-NY", country, "NY", "", 0.4)
		}
	}
	if r.IntN(2) == 0 {
		add("sales", "", "", calling.Sales, 0.4)
	}
	return o, b.String()
}

func drawRule(r *rand.Rand, odds float64) drawnRule {
	says := func() bool { return r.Float64() < odds }
	d := drawnRule{gap: -1, talk: -1, aba: -1}
	if says() {
		d.hours, d.spans = drawHours(r)
	}
	if r.IntN(3) == 0 {
		d.closed = []string{[]string{"12-25", "02-29", "2026-11-26", "03-29", "11-01"}[r.IntN(5)]}
	}
	for _, c := range []struct {
		into *int
		most int
	}{{&d.day, 5}, {&d.week, 9}, {&d.month, 12}, {&d.retries, 12}} {
		if says() {
			*c.into = 1 + r.IntN(c.most)
		}
	}
	for _, w := range []struct {
		into *time.Duration
		most int // minutes
	}{{&d.gap, 180}, {&d.talk, 7 * 1440}, {&d.aba, 4 * 1440}} {
		if says() {
			*w.into = time.Duration(r.IntN(w.most)) * time.Minute
		}
	}
	if r.Float64() < odds {
		d.consent = fmt.Sprint(r.IntN(4) == 0)
		d.broad = []string{"all", "contact"}[r.IntN(2)]
	}
	return d
}

func drawHours(r *rand.Rand) (*[7][1440]bool, map[int][][2]int) {
	var table [7][1440]bool
	spans := map[int][][2]int{}
	for day := range 7 {
		if r.IntN(6) == 0 {
			continue
		}
		from := r.IntN(14 * 60)
		to := from + 60 + r.IntN(1440-from-59)
		if r.IntN(10) == 0 {
			from, to = 0, 1440
		}
		all := [][2]int{{from, to}}
		if to-from > 180 && r.IntN(3) == 0 {
			middle := from + 60 + r.IntN(to-from-120)
			all = [][2]int{{from, middle}, {middle + r.IntN(59), to}}
		}
		spans[day] = all
		for _, s := range all {
			for m := s[0]; m < s[1]; m++ {
				table[day][m] = true
			}
		}
	}
	return &table, spans
}

func (d *drawnRule) write(b *strings.Builder, id string) {
	fmt.Fprintf(b, "  - rule: %q\n", id)
	for _, f := range [][2]string{{"country", d.country}, {"state", d.state}, {"purpose", string(d.purpose)}, {"consent", d.consent}, {"broad_numbers", d.broad}} {
		if f[1] != "" {
			fmt.Fprintf(b, "    %s: %s\n", f[0], f[1])
		}
	}
	if d.hours != nil {
		b.WriteString("    hours: {")
		for day, name := range []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} {
			text := "closed"
			if spans := d.spans[day]; spans != nil {
				text = ""
				for _, s := range spans {
					text += fmt.Sprintf("%02d:%02d-%02d:%02d ", s[0]/60, s[0]%60, s[1]/60, s[1]%60)
				}
			}
			fmt.Fprintf(b, "%s: %q, ", name, strings.TrimSpace(text))
		}
		b.WriteString("}\n")
	}
	if d.closed != nil {
		fmt.Fprintf(b, "    closed: [%q]\n", d.closed[0])
	}
	for _, c := range []struct {
		key string
		n   int
	}{{"per_day", d.day}, {"per_week", d.week}, {"per_month", d.month}, {"retries", d.retries}} {
		if c.n != 0 {
			fmt.Fprintf(b, "    %s: %d\n", c.key, c.n)
		}
	}
	for _, w := range []struct {
		key string
		d   time.Duration
	}{{"gap", d.gap}, {"after_talk", d.talk}, {"after_abandoned", d.aba}} {
		if w.d >= 0 {
			fmt.Fprintf(b, "    %s: %dm\n", w.key, int(w.d/time.Minute))
		}
	}
}
