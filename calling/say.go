package calling

import (
	"fmt"
	"strings"
	"time"
)

// clock writes a time as it is on the person's wall.
func clock(local time.Time) string {
	return local.Format("15:04 on Monday 2 January") + " in " + local.Location().String()
}

// sayAfter tells how long ago something was and how long to wait after it.
func (d *decision) sayAfter(what string, at time.Time, wait time.Duration) func() string {
	return func() string {
		return fmt.Sprintf("%s at %s; after that %s have to pass.", what, clock(at.In(d.zones[0])), lasting(wait))
	}
}

// sayCapped tells how many calls were placed.
func (d *decision) sayCapped(calls []time.Time, allowed int, window time.Duration) func() string {
	return func() string {
		return fmt.Sprintf("%d calls were placed in %s before %s; %d are allowed.", within(calls, d.q.At, window), lasting(window), clock(d.q.At.In(d.zones[0])), allowed)
	}
}

func within(calls []time.Time, at time.Time, window time.Duration) (n int) {
	for _, c := range calls {
		if c.After(at.Add(-window)) {
			n++
		}
	}
	return n
}

func (d *decision) sayNext(next time.Time) string {
	return fmt.Sprintf(" The next allowed time is %s.", clock(next.In(d.zones[0])))
}

func (d *decision) sayNoHour() string {
	if len(d.zones) == 1 {
		return fmt.Sprintf("The rules allow no hour in %s in the next %s.", d.zones[0], lasting(sight))
	}
	return fmt.Sprintf("The person may be in any of %d time zones, and no allowed hour is common to them in the next %s.", len(d.zones), lasting(sight))
}

// sayAllowed tells the local times and how many calls there were.
func (d *decision) sayAllowed() string {
	var b strings.Builder
	fmt.Fprintf(&b, "It is %s", clock(d.q.At.In(d.zones[0])))
	if more := len(d.zones) - 1; more > 0 {
		fmt.Fprintf(&b, " (and allowed in %d more zones)", more)
	}
	u, calls := &d.duties[0], d.calls()
	for _, c := range []struct {
		cap    setting[int]
		window time.Duration
	}{{u.perDay, day}, {u.perWeek, 7 * day}, {u.perMonth, 30 * day}} {
		if c.cap.by != "" {
			fmt.Fprintf(&b, "; %d of %d calls in %s", within(calls, d.q.At, c.window), c.cap.value, lasting(c.window))
		}
	}
	return b.String() + "."
}

// lasting writes a time span in the largest unit that fits.
func lasting(d time.Duration) string {
	switch {
	case d%day == 0 && d > day:
		return fmt.Sprintf("%d days", d/day)
	case d%time.Hour == 0 && d > time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	default:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
}
