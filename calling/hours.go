package calling

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cordboard/config"
)

// minute is a time of the day, in minutes since midnight by the clock on the wall.
type minute int

func (m minute) String() string { return fmt.Sprintf("%02d:%02d", m/60, m%60) }

// span is a part of a day: from is in it, to is not.
type span struct{ from, to minute }

func (s span) String() string { return s.from.String() + "-" + s.to.String() }

// week is when calls are allowed, for each [time.Weekday] in the order of the clock.
type week [7][]span

// opens returns from when on, at or after m, calls are allowed on a day; false when not on that day any more.
func (w *week) opens(day time.Weekday, m minute) (minute, bool) {
	for _, s := range w[day] {
		if m < s.to {
			return max(m, s.from), true
		}
	}
	return 0, false
}

// text is what a day's hours are called.
func (w *week) text(day time.Weekday) string {
	if len(w[day]) == 0 {
		return "closed"
	}
	parts := make([]string, len(w[day]))
	for i, s := range w[day] {
		parts[i] = s.String()
	}
	return strings.Join(parts, " and ")
}

var dayNames = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// readWeek reads hours such as {mon-fri: "10:00-13:00 14:00-20:00", sat: 09:00-17:00}. Days that are not named are closed.
func readWeek(written map[string]string) (*week, error) {
	var w week
	var seen [7]bool
	for days, text := range written {
		first, last, err := readDays(days)
		if err != nil {
			return nil, err
		}
		spans, err := readSpans(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", days, err)
		}
		for d := first; ; d = (d + 1) % 7 {
			if seen[d] {
				return nil, fmt.Errorf("the hours of %s are given twice", dayNames[d])
			}
			seen[d], w[d] = true, spans
			if d == last {
				break
			}
		}
	}
	return &w, nil
}

func readDays(text string) (first, last int, err error) {
	from, to, isRange := strings.Cut(text, "-")
	if !isRange {
		to = from
	}
	for _, day := range []struct {
		name string
		into *int
	}{{from, &first}, {to, &last}} {
		name := strings.ToLower(strings.TrimSpace(day.name))
		if *day.into = slices.Index(dayNames[:], name); *day.into < 0 {
			return 0, 0, fmt.Errorf("%q is no day or range of days such as mon or mon-fri%s", text, meant(name, dayNames[:]))
		}
	}
	return first, last, nil
}

// meant is a suggestion in brackets; empty when nothing resembles the word.
func meant(word string, words []string) string {
	if near := config.Nearest(word, words); near != "" {
		return fmt.Sprintf(" (did you mean %s?)", near)
	}
	return ""
}

// readSpans reads "10:00-13:00 14:00-20:00", or "closed".
func readSpans(text string) ([]span, error) {
	if text == "closed" {
		return nil, nil
	}
	var spans []span
	for _, part := range strings.Fields(text) {
		from, to, ok := strings.Cut(part, "-")
		if !ok {
			return nil, fmt.Errorf("%q is no span of hours such as 08:00-20:00", part)
		}
		s := span{}
		var err error
		if s.from, err = readMinute(from); err != nil {
			return nil, err
		}
		if s.to, err = readMinute(to); err != nil {
			return nil, err
		}
		if s.from >= s.to {
			return nil, fmt.Errorf("%s ends before it begins: hours over midnight are two spans, on two days", part)
		}
		if len(spans) > 0 && s.from < spans[len(spans)-1].to {
			return nil, fmt.Errorf("%s begins before the span in front of it ends", part)
		}
		spans = append(spans, s)
	}
	if len(spans) == 0 {
		return nil, fmt.Errorf("no hours: say closed, or hours such as 08:00-20:00")
	}
	return spans, nil
}

func readMinute(text string) (minute, error) {
	h, m, ok := strings.Cut(text, ":")
	hour, err1 := strconv.Atoi(h)
	min, err2 := strconv.Atoi(m)
	if !ok || err1 != nil || err2 != nil || len(h) != 2 || len(m) != 2 || hour < 0 || min < 0 || min > 59 || hour*60+min > 24*60 {
		return 0, fmt.Errorf("%q is no time of the day such as 08:00", text)
	}
	return minute(hour*60 + min), nil
}

// date is a day that is closed: of one year, or of every year when year is zero.
type date struct {
	year, day int
	month     time.Month
}

func (d date) is(t time.Time) bool {
	y, m, day := t.Date()
	return (d.year == 0 || d.year == y) && d.month == m && d.day == day
}

// readDate reads 2026-12-25, or 12-25 for every year.
func readDate(text string) (date, error) {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return date{t.Year(), t.Day(), t.Month()}, nil
	}
	t, err := time.Parse(time.DateOnly, "2024-"+text) // a leap year: 02-29 is a day
	if err != nil {
		return date{}, fmt.Errorf("%q is no day such as 2026-12-25, or 12-25 for every year", text)
	}
	return date{0, t.Day(), t.Month()}, nil
}
