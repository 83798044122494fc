package calling

import (
	"fmt"
	"slices"
	"time"

	"cordboard/call"
)

const (
	day = 24 * time.Hour
	// sight is how far ahead an allowed hour is looked for, from when history allows a call. Beyond it somebody should look
	// at the rules instead.
	sight = 60 * day
)

// Decide answers the question. It takes some microseconds.
func (p *Policy) Decide(q Question, h History) Verdict {
	d := decision{policy: p, q: &q, h: &h, duties: p.duties(&q)}
	if q.Hours != "" {
		d.duties = append(d.duties, asked(q.Hours))
	}
	v := d.decide()
	v.Version = p.version
	return v
}

// asked is the duty that comes from the question itself. Hours that cannot be read are none.
func asked(hours string) duty {
	const by = "question"
	w := &week{}
	if spans, err := readSpans(hours); err == nil {
		for i := range w {
			w[i] = spans
		}
	}
	return duty{rule: by, week: setting[*week]{w, by}, broad: setting[string]{"contact", by}}
}

// decision is one question on its way to a verdict.
type decision struct {
	policy *Policy
	q      *Question
	h      *History
	duties []duty
	zones  []*time.Location
}

func (d *decision) decide() Verdict {
	if v := d.never(); v.Reason != "" {
		return v
	}
	if v := d.findZones(); v.Reason != "" {
		return v
	}
	v, rested := d.rest()
	next := d.open(rested)
	if next.IsZero() {
		return Verdict{Reason: NoCommonHour, Rule: d.duties[0].week.by, Text: d.sayNoHour()}
	}
	if v.Reason == "" {
		v = d.hours()
	}
	v.Next = next
	if v.Reason == "" {
		return Verdict{Allowed: true, Next: next, Rule: d.duties[0].rule, Text: d.sayAllowed()}
	}
	v.Text += d.sayNext(next)
	return v
}

// never finds what only somebody's doing can change.
func (d *decision) never() Verdict {
	switch {
	case d.q.Number.E164 == "":
		return Verdict{Reason: InvalidNumber, Rule: d.duties[0].rule, Text: "This is no telephone number."}
	case d.h.DoNotCall != "":
		return Verdict{Reason: DoNotCall, Rule: d.duties[0].rule, Text: fmt.Sprintf("The person is not to be called (%s).", d.h.DoNotCall)}
	case d.q.Forbidden != "":
		return Verdict{Reason: DoNotCall, Rule: d.duties[0].rule, Text: fmt.Sprintf("The person is not to be called (%s).", d.q.Forbidden)}
	case d.h.Consent == Withdrawn:
		return Verdict{Reason: NoConsent, Rule: d.duties[0].rule, Text: "The person has withdrawn the consent to be called."}
	}
	for i := range d.duties {
		u := &d.duties[i]
		if u.consent.value && d.h.Consent != Given {
			return Verdict{Reason: NoConsent, Rule: u.consent.by, Text: "The person has not agreed to be called, and here that is needed."}
		}
	}
	for i := range d.duties {
		u := &d.duties[i]
		if u.retries.by != "" && len(d.h.Submitted) >= u.retries.value {
			return Verdict{Reason: CappedLife, Rule: u.retries.by, Text: fmt.Sprintf("The contact was submitted again %d times; %d are allowed in its life.", len(d.h.Submitted), u.retries.value)}
		}
	}
	return Verdict{}
}

// findZones collects every zone that the person may be in.
func (d *decision) findZones() Verdict {
	names := d.q.Zones
	if !d.ignoresNumber() {
		names = append(slices.Clip(d.q.Number.Zones), names...)
	}
	if len(names) == 0 {
		return Verdict{Reason: ZoneUnknown, Rule: d.duties[0].rule, Text: "Nobody knows in which time zone the person is."}
	}
	for _, name := range names {
		zone, err := d.policy.places.find(name)
		if err != nil {
			return Verdict{Reason: ZoneUnknown, Rule: d.duties[0].rule, Text: fmt.Sprintf("The time zone of the person is not known: %v.", err)}
		}
		if !slices.Contains(d.zones, zone) {
			d.zones = append(d.zones, zone)
		}
	}
	return Verdict{}
}

// ignoresNumber reports whether the contact's own zones are enough for a number that may be anywhere.
func (d *decision) ignoresNumber() bool {
	return d.q.Number.Broad && len(d.q.Zones) > 0 && !slices.ContainsFunc(d.duties, func(u duty) bool { return u.broad.value != "contact" })
}

// rest finds until when history forbids a call, at least until the question's time, and the first reason if it is later.
// Once a rule about history is kept it stays kept, as long as nobody calls.
func (d *decision) rest() (Verdict, time.Time) {
	var first Verdict
	until := d.q.At
	for _, limit := range d.limits() {
		if !limit.free.After(d.q.At) {
			continue
		}
		if first.Reason == "" {
			first = Verdict{Reason: limit.reason, Rule: limit.by, Text: limit.say()}
		}
		if free := ceil(limit.free); free.After(until) {
			until = free
		}
	}
	return first, until
}

func ceil(t time.Time) time.Time {
	if whole := t.Truncate(time.Minute); !whole.Equal(t) {
		return whole.Add(time.Minute)
	}
	return t
}

// limit is a rule about history: it is kept from a time on.
type limit struct {
	reason Reason
	by     string
	free   time.Time
	say    func() string
}

// limits are all that concern the question, in the order of [Reasons].
func (d *decision) limits() []limit {
	var all []limit
	talked, abandoned, last := d.last(Talked), d.last(Abandoned), d.last(Kinds()...)
	calls := d.calls()
	for i := range d.duties {
		u := &d.duties[i]
		if u.afterTalk.by != "" && !talked.IsZero() {
			all = append(all, limit{AfterTalk, u.afterTalk.by, talked.Add(u.afterTalk.value), d.sayAfter("There was a conversation", talked, u.afterTalk.value)})
		}
		if u.afterAbandoned.by != "" && !abandoned.IsZero() && !certain(d.q.Mode) {
			all = append(all, limit{AfterAbandoned, u.afterAbandoned.by, abandoned.Add(u.afterAbandoned.value), d.sayAfter("A call was answered and had no agent", abandoned, u.afterAbandoned.value)})
		}
		for _, c := range []struct {
			reason Reason
			cap    setting[int]
			window time.Duration
		}{{CappedMonth, u.perMonth, 30 * day}, {CappedWeek, u.perWeek, 7 * day}, {CappedDay, u.perDay, day}} {
			if n := len(calls) - c.cap.value; c.cap.by != "" && n >= 0 {
				all = append(all, limit{c.reason, c.cap.by, calls[n].Add(c.window), d.sayCapped(calls, c.cap.value, c.window)})
			}
		}
		if u.gap.by != "" && !last.IsZero() {
			all = append(all, limit{Spacing, u.gap.by, last.Add(u.gap.value), d.sayAfter("The last attempt was", last, u.gap.value)})
		}
	}
	slices.SortStableFunc(all, func(a, b limit) int { return slices.Index(reasonOrder, a.reason) - slices.Index(reasonOrder, b.reason) })
	return all
}

var reasonOrder = Reasons()

// certain reports whether an agent is there before the customer is called.
func certain(m call.Mode) bool { return m == call.Preview || m == call.DirectPreview }

// last is the time of the newest attempt of the kinds; zero when there is none.
func (d *decision) last(kinds ...Kind) (newest time.Time) {
	for _, a := range d.h.Attempts {
		if a.At.After(newest) && slices.Contains(kinds, a.Kind) {
			newest = a.At
		}
	}
	return newest
}

// calls are the times of the calls that were placed, the oldest first.
func (d *decision) calls() []time.Time {
	var times []time.Time
	for _, a := range d.h.Attempts {
		if a.Kind == Placed {
			times = append(times, a.At)
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	return times
}

// hours finds which zone and rule forbid the question's hour.
func (d *decision) hours() Verdict {
	for i := range d.duties {
		u := &d.duties[i]
		for _, zone := range d.zones {
			local := d.q.At.In(zone)
			if u.closedOn(local) {
				return Verdict{Reason: ClosedDay, Rule: u.closed.by, Text: fmt.Sprintf("It is %s, a day without calls.", clock(local))}
			}
			if len(u.week.value[local.Weekday()]) == 0 {
				return Verdict{Reason: ClosedDay, Rule: u.week.by, Text: fmt.Sprintf("It is %s; on that day of the week nobody is called.", clock(local))}
			}
			if u.opens(d.q.At, zone).After(d.q.At) {
				return Verdict{Reason: OutsideHours, Rule: u.week.by, Text: fmt.Sprintf("It is %s; calls are allowed %s.", clock(local), u.week.value.text(local.Weekday()))}
			}
		}
	}
	return Verdict{}
}

// open is the first time at or after t whose hour all rules allow in all zones; zero when none is in sight.
func (d *decision) open(t time.Time) time.Time {
	end := t.Add(sight)
	for moved := true; moved; {
		moved = false
		for i := range d.duties {
			for _, zone := range d.zones {
				next := d.duties[i].opens(t, zone)
				if next.After(end) {
					return time.Time{}
				}
				moved = moved || next.After(t)
				t = next
			}
		}
	}
	return t
}

// opens is the first time at or after t that is in the hours, by the clock of one zone. It goes from one change of the clock to
// the next: between them the clock runs evenly.
func (u *duty) opens(t time.Time, zone *time.Location) time.Time {
	for end := t.Add(2 * sight); !t.After(end); {
		local := t.In(zone)
		now := minute(local.Hour()*60 + local.Minute())
		opens, ok := u.week.value.opens(local.Weekday(), now)
		if u.closedOn(local) || !ok {
			opens = 24 * 60
		} else if opens == now {
			return t
		}
		next := t.Truncate(time.Minute).Add(time.Duration(opens-now) * time.Minute)
		if _, change := local.ZoneBounds(); !change.IsZero() && next.After(change) {
			next = change
		}
		t = next
	}
	return t
}

func (u *duty) closedOn(local time.Time) bool {
	return slices.ContainsFunc(u.closed.value, func(d date) bool { return d.is(local) })
}
