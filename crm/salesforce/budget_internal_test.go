package salesforce

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestThingsAreGivenUpInOrder(t *testing.T) {
	type want struct {
		Enrich, Write, Look bool
		Window              time.Duration
	}
	const max = 1000 // of which 200 are ours
	for name, c := range map[string]struct {
		ours, all       int
		refused, thrift bool
		want            want
	}{
		"nothing used":                {0, 0, false, false, want{true, true, true, second}},
		"half of ours":                {100, 300, false, false, want{true, true, true, second}},
		"60 % of ours: no more index": {120, 300, false, false, want{false, true, true, second}},
		"75 % of ours":                {150, 300, false, false, want{false, true, true, second}},
		"85 % of ours: it stretches":  {170, 300, false, false, want{false, true, true, 15500 * time.Millisecond}},
		"95 % of ours: economy":       {190, 300, false, false, want{false, true, true, 30 * second}},
		"ours are used up: parked":    {200, 300, false, false, want{false, false, true, 30 * second}},
		"far over":                    {900, 900, false, false, want{false, false, true, 30 * second}},
		"others at 60 %":              {0, 600, false, false, want{false, true, true, second}},
		"others at the pause mark":    {0, 950, false, false, want{false, false, true, 30 * second}},
		"refused by the org":          {0, 100, true, false, want{false, false, false, second}},
		"economy by configuration":    {0, 0, false, true, want{true, true, true, 30 * second}},
	} {
		v := decide(situation{
			org: Usage{Used: c.all, Max: max}, ours: c.ours, share: 0.2, pauseAt: 0.95, refused: c.refused, economy: c.thrift,
			short: second, long: 30 * second,
		})
		got := want{v.enrich, v.write, v.look, v.window.Round(time.Millisecond)}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	v := decide(situation{ours: 1 << 30, share: 0.2, pauseAt: 0.95, short: second, long: 30 * second})
	if !v.enrich || !v.write || v.window != second {
		t.Errorf("an org that has not said its quota: %+v", v)
	}
}

func TestTallyForgetsAfterADay(t *testing.T) {
	var ours tally
	total := func(at time.Time) (n int) {
		for _, k := range ours.sum(at) {
			n += k
		}
		return n
	}
	for hour := range 48 {
		at := noon.Add(time.Duration(hour) * time.Hour)
		for range 10 {
			ours.count(purpose(hour%int(purposes)), at)
		}
		if got, want := total(at), min(hour+1, 24)*10; got != want {
			t.Errorf("after %d h: %d, want %d", hour, got, want)
		}
	}
	end := noon.Add(47 * time.Hour)
	if at := ours.below(101, end); total(at) != 100 || total(at.Add(-tallyStep)) != 110 {
		t.Errorf("below 101 at %v, where it is %d", at, total(at))
	}
	if at := ours.below(1000, end); !at.Equal(end) {
		t.Errorf("it is below 1000 already: %v", at)
	}
	if n := total(end.Add(25 * time.Hour)); n != 0 {
		t.Errorf("%d a day later", n)
	}
}
