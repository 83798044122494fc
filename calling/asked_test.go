package calling

import (
	"testing"
	"time"

	"cordboard/call"
)

// The hours of the question count beside those of the rules.
func TestHoursOfTheQuestion(t *testing.T) {
	number, err := ReadNumber("+12125550123", "")
	if err != nil {
		t.Fatal(err)
	}
	at := func(hour int) time.Time { return time.Date(2026, 12, 11, hour, 30, 0, 0, time.UTC) } // New York is five hours behind
	for _, c := range []struct {
		hours  string
		at     int
		reason Reason
		next   time.Time
	}{
		{"", 13, "", at(13)},
		{"09:00-20:00", 13, OutsideHours, time.Date(2026, 12, 11, 14, 0, 0, 0, time.UTC)},
		{"09:00-20:00", 15, "", at(15)},
		{"06:00-23:00", 12, OutsideHours, time.Date(2026, 12, 11, 13, 0, 0, 0, time.UTC)}, // the rules open at 8
		{"06:00-07:00", 15, NoCommonHour, time.Time{}},
		{"morning", 15, NoCommonHour, time.Time{}},
	} {
		v := Shipped().Decide(Question{Number: number, Mode: call.Preview, Hours: c.hours, At: at(c.at)}, History{})
		if v.Reason != c.reason || !v.Next.Equal(c.next) || v.Allowed != (c.reason == "") {
			t.Errorf("%q at %d:30 UTC: %+v", c.hours, c.at, v)
		}
	}
}
